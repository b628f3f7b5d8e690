// Walking batches and records, and leaving out what the application must not see.
#include "broker/client/fetched_records.h"

#include <algorithm>

namespace weir {

FetchedRecords::FetchedRecords(FetchedPartition fetched, IsolationLevel isolation, bool check_crcs)
    : tp_(std::move(fetched.tp)),
      position_(fetched.position),
      walker_(fetched.records),
      committed_only_(isolation == IsolationLevel::read_committed),
      check_crcs_(check_crcs),
      empty_(fetched.records.empty()),
      aborted_(fetched.aborted.begin(), fetched.aborted.end()) {
  std::ranges::sort(aborted_, [](const AbortedTransaction& a, const AbortedTransaction& b) {
    return std::pair(a.first_offset, a.producer) < std::pair(b.first_offset, b.producer);
  });
}

ClientError FetchedRecords::error(std::string what) const {
  return {-1, to_text(tp_) + " at offset " + std::to_string(position_.value()) + ": " + what +
                  "; seek past it to go on"};
}

ClientResult<bool> FetchedRecords::next(Codecs& codecs, ConsumerRecord& out) {
  for (;;) {
    if (!reader_) {
      ClientResult<bool> opened = open_next_batch(codecs);
      if (opened.has_error() || !*opened) return opened;
    }
    const Result<bool> more = reader_->next(record_);
    if (!more) return error("broken record batch: " + more.error().message());
    if (!*more) {
      reader_.reset();
      // Compaction may have taken the last records; the batch still says where it ends.
      position_ = std::max(position_, batch_.next_offset());
      continue;
    }
    if (record_.offset < position_) continue;
    out.topic = tp_.topic;
    out.partition = tp_.partition;
    out.offset = record_.offset;
    out.timestamp = {record_.timestamp};
    out.leader_epoch = batch_.partition_leader_epoch;
    if (record_.key) out.key = reader_->share(*record_.key);
    if (record_.value) out.value = reader_->share(*record_.value);
    out.headers.reserve(record_.headers.size());
    for (const RecordHeader& h : record_.headers) {
      ClientHeader& header = out.headers.emplace_back();
      header.key = h.key;
      if (h.value) header.value = reader_->share(*h.value);
    }
    position_ = record_.offset + 1;
    return true;
  }
}

ClientResult<bool> FetchedRecords::open_next_batch(Codecs& codecs) {
  for (;;) {
    if (walker_.at_end()) return false;
    const Result<RecordBatch> batch = walker_.next();
    if (!batch) {
      if (batch.error() != make_error_code(Errc::truncated)) {
        return error("not a record batch: " + batch.error().message());
      }
      // Brokers send at least one whole batch, whatever the limits.
      if (!whole_batch_seen_ && !empty_) return error("the fetched batch is incomplete");
      return false;
    }
    whole_batch_seen_ = true;
    batch_ = batch->header;
    if (batch_.last_offset() < position_) continue;
    if (check_crcs_ && !crc_is_right(*batch)) return error("the checksum of the batch is wrong");
    leader_epoch_ = batch_.partition_leader_epoch;
    if ((committed_only_ && is_aborted(*batch, codecs)) || batch_.is_control()) {
      position_ = batch_.next_offset();
      continue;
    }
    Result<RecordReader> opened = RecordReader::open(*batch, codecs);
    if (!opened) return error("cannot open the batch: " + opened.error().message());
    reader_.emplace(std::move(*opened));
    return true;
  }
}

bool FetchedRecords::is_aborted(const RecordBatch& batch, Codecs& codecs) {
  if (!batch_.has_producer()) return false;
  while (!aborted_.empty() && aborted_.front().first_offset <= batch_.last_offset()) {
    aborted_now_.insert(aborted_.front().producer);
    aborted_.pop_front();
  }
  if (batch_.is_control()) {
    // The key of a control record: version i16, type i16; type 0 is ABORT.
    Result<RecordReader> marker = RecordReader::open(batch, codecs);
    Record record;
    if (marker) {
      const Result<bool> read = marker->next(record);
      const bool abort = read && *read && record.key && record.key->size() >= 4 &&
                         (*record.key)[2] == std::byte{0} && (*record.key)[3] == std::byte{0};
      if (abort) aborted_now_.erase(batch_.producer_id);
    }
    return false;
  }
  return batch_.is_transactional() && aborted_now_.contains(batch_.producer_id);
}

}  // namespace weir
