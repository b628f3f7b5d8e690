// The order of a snapshot's batches, and the rules for taking one.
#include "broker/raft/snapshot_format.h"

#include <utility>
#include <vector>

#include "broker/base/assertion.h"
#include "broker/raft/quorum_records.h"

namespace weir::raft {

Result<void> SnapshotCheck::fail(Errc error, std::string why) {
  part_ = Part::broken;
  problem_ = "snapshot, offset " + std::to_string(next_.value()) + ": " + std::move(why);
  return error;
}

Result<void> SnapshotCheck::see(const RecordBatch& batch, Codecs& codecs) {
  if (part_ == Part::broken) return Errc::malformed;
  if (part_ == Part::done) return fail(Errc::malformed, "a batch after the footer");
  if (!crc_is_right(batch)) return fail(Errc::corrupt, "wrong checksum");
  if (batch.header.base_offset != next_ || batch.header.next_offset() <= next_) {
    return fail(Errc::malformed, "the batch says it begins at offset " +
                                     std::to_string(batch.header.base_offset.value()));
  }
  if (batch.header.is_control()) {
    if (const Result<void> seen = see_control(batch, codecs); !seen) return seen;
  } else if (part_ == Part::header) {
    return fail(Errc::malformed, "expected a control batch with the snapshot's header");
  } else {
    data_records_ += batch.header.record_count;
  }
  next_ = batch.header.next_offset();
  return {};
}

Result<void> SnapshotCheck::see_control(const RecordBatch& batch, Codecs& codecs) {
  std::string why;
  const Result<std::vector<ControlRecord>> records = read_control_batch(batch, codecs, &why);
  if (!records) return fail(static_cast<Errc>(records.error().value()), why);
  if (records->empty()) return fail(Errc::malformed, "a control batch without records");
  if (part_ == Part::data) {
    const bool is_footer =
        records->size() == 1 && std::holds_alternative<SnapshotFooterRecord>(records->front());
    if (!is_footer) return fail(Errc::malformed, "expected data, or the footer alone");
    part_ = Part::done;
    return {};
  }
  bool is_first = true;
  for (const ControlRecord& record : *records) {
    if (is_first != std::holds_alternative<SnapshotHeaderRecord>(record)) {
      return fail(Errc::malformed, "expected SnapshotHeaderRecord as the first record, once");
    }
    is_first = false;
    if (std::holds_alternative<SnapshotFooterRecord>(record) ||
        std::holds_alternative<LeaderChangeMessage>(record)) {
      return fail(Errc::malformed, std::string(name_of(record)) + " does not belong there");
    }
    if (const auto* voters = std::get_if<VotersRecord>(&record)) {
      voters_ = to_voter_set(*voters);
      if (!voters_) return fail(Errc::malformed, "KRaftVoters: no voters, or an id twice");
    }
  }
  part_ = Part::data;
  return {};
}

Result<void> SnapshotCheck::finish() {
  switch (part_) {
    case Part::header: return fail(Errc::truncated, "there is no header");
    case Part::data:
      return fail(Errc::truncated, "there is no footer: it was not written to its end");
    case Part::done: return {};
    case Part::broken: return Errc::malformed;
  }
  WEIR_ASSERT(false);
}

std::string_view name_of(SnapshotRefusal refusal) {
  switch (refusal) {
    case SnapshotRefusal::none: return "none";
    case SnapshotRefusal::beyond_high_watermark: return "beyond the high watermark";
    case SnapshotRefusal::before_log_start: return "before the log start";
    case SnapshotRefusal::not_newer: return "not newer than the latest snapshot";
    case SnapshotRefusal::inside_batch: return "inside of a batch";
    case SnapshotRefusal::wrong_epoch: return "not the epoch of the last record";
  }
  WEIR_ASSERT(false);
}

SnapshotRefusal may_take_snapshot(const LogView& log, Offset high_watermark, SnapshotId id,
                                  bool at_batch_boundary) {
  if (id.end_offset > high_watermark || id.end_offset > log.end) {
    return SnapshotRefusal::beyond_high_watermark;
  }
  if (id.end_offset < log.start) return SnapshotRefusal::before_log_start;
  if (log.latest_snapshot && id.end_offset <= log.latest_snapshot->end_offset) {
    return SnapshotRefusal::not_newer;
  }
  if (!at_batch_boundary) return SnapshotRefusal::inside_batch;
  return id.epoch == epoch_before(log, id.end_offset) ? SnapshotRefusal::none
                                                      : SnapshotRefusal::wrong_epoch;
}

bool may_start_log_at(const LogView& log, Offset high_watermark, SnapshotId id) {
  return id.end_offset >= log.start && id.end_offset <= log.end &&
         id.end_offset <= high_watermark && log.latest_snapshot.has_value() &&
         id.end_offset <= log.latest_snapshot->end_offset &&
         id.epoch == epoch_before(log, id.end_offset);
}

}  // namespace weir::raft
