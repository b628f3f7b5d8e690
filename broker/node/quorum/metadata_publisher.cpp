// Reading, replaying, publishing.
#include "broker/node/quorum/metadata_publisher.h"

namespace weir {

MetadataPublisher::MetadataPublisher(Machine& machine, MetadataLog& log)
    : machine_(machine), log_(log), tasks_(machine) {}

void MetadataPublisher::start() { tasks_.spawn("metadata publisher", run()); }

Task<> MetadataPublisher::stop() {
  stopping_ = true;
  log_.progress().notify_all();
  progress_.notify_all();
  co_await tasks_.join();
}

Task<> MetadataPublisher::run() {
  const WaitingLine::Place place = log_.progress().join(machine_.timers);
  while (!stopping_) {
    const bool moved = co_await step();
    if (!moved && !stopping_) {
      co_await place->wait_until(Instant::never());
    }
  }
  log_.progress().leave(place);
}

// True: there may be more at once.
Task<bool> MetadataPublisher::step() {
  MetadataLog::Committed committed = co_await log_.read(next_);
  if (committed.snapshot) {
    const bool loaded = co_await load(*committed.snapshot);
    co_return loaded;
  }
  if (committed.error != ErrorCode::none) {
    halt("cannot read the metadata log: " + std::string(name_of(committed.error)));
    co_return false;
  }
  if (committed.batches.empty()) co_return false;
  for (const RecordBatch& batch : committed.batches) {
    if (!apply(batch)) co_return false;
  }
  co_await hand_out();
  co_return true;
}

Task<bool> MetadataPublisher::load(SnapshotId id) {
  auto records = co_await log_.read_snapshot(id);
  if (!records) {
    halt("cannot read the metadata snapshot: " + records.error().message());
    co_return false;
  }
  MetadataReplay fresh;
  std::string why;
  const Result<void> applied = fresh.apply(*records, {id.end_offset, id.epoch}, &why);
  if (!applied) {
    halt("cannot replay the metadata snapshot: " + why);
    co_return false;
  }
  replay_ = std::move(fresh);
  next_ = id.end_offset;
  co_await hand_out();
  co_return true;
}

bool MetadataPublisher::apply(const RecordBatch& batch) {
  std::string why;
  std::vector<MetadataRecord> records;
  if (!batch.header.is_control()) {
    auto read = read_metadata_batch(batch, codecs_, &why);
    if (!read) {
      halt("cannot read a record of the metadata log: " + why);
      return false;
    }
    records = std::move(*read);
  }
  const AppliedLog after{batch.header.next_offset(), batch.header.partition_leader_epoch};
  if (!replay_.apply(records, after, &why)) {
    halt("cannot replay the metadata log at offset " +
         std::to_string(batch.header.base_offset.value()) + ": " + why);
    return false;
  }
  next_ = after.end;
  replayed_bytes_ += batch.size();
  return true;
}

Task<> MetadataPublisher::hand_out() {
  if (!replay_.in_transaction()) {
    const auto before = image_;
    MetadataImage fresh = replay_.published();
    fresh.tell_as_controller(log_.leader());
    const auto after = std::make_shared<const MetadataImage>(std::move(fresh));
    for (ImageSubscriber* subscriber : subscribers_) {
      co_await subscriber->publish(before, after);
    }
    image_ = after;
    machine_.facts.emit({.kind = FactKind::metadata_applied,
                         .epoch = after->applied().epoch.value(),
                         .value = after->applied().end.value(),
                         .digest = after->digest()});
  }
  progress_.notify_all();
}

void MetadataPublisher::halt(const std::string& why) {
  stopping_ = true;
  machine_.tasks.halt(why);
}

}  // namespace weir
