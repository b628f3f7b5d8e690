// The accumulating half of ProducerCore: records into batches, batches into requests.
#include <algorithm>

#include "broker/base/assertion.h"
#include "broker/client/producer_core.h"

namespace weir {
namespace {

constexpr std::size_t kUsualRecords = 8;  // of a batch; more make it grow

std::int64_t size_of(const std::optional<Slice>& bytes) {
  return bytes ? static_cast<std::int64_t>(bytes->size()) : 0;
}

}  // namespace

std::int64_t record_size_bound(const BufferedRecord& record) {
  constexpr std::int64_t kVarint = 5;
  constexpr std::int64_t kFixed = 1 + 2 * kVarint + 10;  // attributes, length, offset, time
  std::int64_t size = kFixed + kVarint + size_of(record.key) + kVarint + size_of(record.value);
  for (const ClientHeader& h : record.headers) {
    size += 2 * kVarint + static_cast<std::int64_t>(h.key.size()) + size_of(h.value);
  }
  return size;
}

ProducerCore::ProducerCore(const ProducerOptions& options)
    : options_(options), memory_free_(options.buffer_memory) {}

std::string ProducerCore::refusal(const BufferedRecord& record) const {
  const std::int64_t size = kBatchOverhead + record_size_bound(record);
  const auto larger_than = [&](std::string_view option, std::int64_t limit) {
    return "the record takes " + std::to_string(size) + " bytes, more than " + std::string(option) +
           " = " + std::to_string(limit);
  };
  if (size > options_.max_request_size) {
    return larger_than("max.request.size", options_.max_request_size);
  }
  if (size > options_.buffer_memory) return larger_than("buffer.memory", options_.buffer_memory);
  return {};
}

// Records come in runs of one partition, so the queue that was found last is remembered.
ProducerCore::Queue& ProducerCore::queue_of(const TopicPartition& tp) {
  if (last_queue_ == nullptr || last_queue_->first != tp) {
    last_queue_ = &*queues_.try_emplace(tp).first;
  }
  return last_queue_->second;
}

ProducerCore::Appended ProducerCore::append(const TopicPartition& tp, BufferedRecord&& record,
                                            Instant now) {
  const std::int64_t size = record_size_bound(record);
  Queue& q = queue_of(tp);
  const bool fits = !q.waiting.empty() && !q.waiting.back()->closed &&
                    q.waiting.back()->size + size <= options_.batch_size;
  if (fits) {
    ProducerBatch& batch = *q.waiting.back();
    batch.records.push_back(std::move(record));
    batch.size += size;
    ++unfinished_;
    return batch.size >= options_.batch_size ? Appended::wake : Appended::quietly;
  }
  const std::int64_t reserve = std::max(options_.batch_size, kBatchOverhead + size);
  // A batch of its own must be possible even where buffer.memory is below batch.size.
  const std::int64_t needed = std::min(reserve, options_.buffer_memory);
  if (needed > memory_free_) return Appended::no_memory;
  memory_free_ -= needed;
  if (!q.waiting.empty()) q.waiting.back()->closed = true;
  auto batch = std::make_shared<ProducerBatch>();
  batch->tp = tp;
  batch->size += size;
  batch->reserved = needed;
  batch->created = now;
  batch->records.reserve(kUsualRecords);
  batch->records.push_back(std::move(record));
  q.waiting.push_back(std::move(batch));
  ++unfinished_;
  return Appended::wake;
}

bool ProducerCore::sendable(const Queue& q, Instant now) const {
  const ProducerBatch& first = *q.waiting.front();
  return first.failed_attempts > 0 || q.waiting.size() > 1 || first.closed ||
         first.size >= options_.batch_size || first.created + options_.linger <= now ||
         memory_waiters_ > 0 || flushes_ > 0;
}

Instant ProducerCore::ready_at(const Queue& q, const MetadataCache& metadata, Instant now) const {
  const ProducerBatch& first = *q.waiting.front();
  if (first.failed_attempts > 0) {
    // A new leader need not be spared (KIP-951).
    const PartitionMetadata* p = metadata.partition(first.tp);
    if (p != nullptr && first.leader_epoch >= 0 && p->leader_epoch > first.leader_epoch) return now;
    return first.not_before;
  }
  return sendable(q, now) ? now : first.created + options_.linger;
}

bool ProducerCore::drain_ready_nodes(const MetadataCache& metadata, Instant now,
                                     ProducerEffects& effects) {
  std::set<std::int32_t> nodes;
  for (const auto& [tp, q] : queues_) {
    if (q.waiting.empty() || q.muted || ready_at(q, metadata, now) > now) continue;
    const std::int32_t leader = metadata.leader(tp);
    if (leader < 0 || !metadata.brokers().contains(leader)) {
      effects.refresh_metadata = true;
    } else if (!ready_.contains(leader)) {
      effects.connect.insert(leader);
    } else if (in_flight_[leader] < options_.max_in_flight) {
      nodes.insert(leader);
    }
  }
  bool drained = false;
  for (const std::int32_t node : nodes) drained |= drain_node(node, metadata, now, effects);
  return drained;
}

// As in Kafka, a node that is due takes the first batch of each of its partitions along, whether
// its linger has passed or not.
bool ProducerCore::drain_node(std::int32_t node, const MetadataCache& metadata, Instant now,
                              ProducerEffects& effects) {
  ProducerEffects::Produce produce{++last_request_, node, {}};
  std::int64_t size = 0;
  for (auto& [tp, q] : queues_) {
    if (q.waiting.empty() || q.muted || metadata.leader(tp) != node) continue;
    const BatchPtr batch = q.waiting.front();
    if (batch->failed_attempts > 0 && ready_at(q, metadata, now) > now) continue;
    const std::int32_t epoch = metadata.partition(tp)->leader_epoch;
    if (options_.idempotence && !sequences_.may_drain(*batch, epoch)) continue;
    if (!produce.batches.empty() && size + batch->size > options_.max_request_size) continue;
    q.waiting.pop_front();
    batch->closed = true;
    if (options_.idempotence) sequences_.drained(batch);
    batch->leader_epoch = epoch;
    q.in_flight.push_back(batch);
    q.muted = options_.max_in_flight == 1;
    size += batch->size;
    produce.batches.push_back(batch);
  }
  if (produce.batches.empty()) return false;
  ++in_flight_[node];
  requests_.emplace(produce.request, Request{node, produce.batches});
  effects.send.push_back(std::move(produce));
  return true;
}

void ProducerCore::find_next_deadline(const MetadataCache& metadata, Instant now) {
  next_deadline_ = Instant::never();
  const auto consider = [&](Instant at) { next_deadline_ = std::min(next_deadline_, at); };
  const bool anonymous = options_.idempotence && sequences_.needs_identity();
  if (anonymous && !identity_under_way_ && unfinished_ > 0) consider(identity_not_before_);
  for (const auto& [tp, q] : queues_) {
    for (const BatchPtr& batch : q.in_flight) consider(expiry(*batch));
    if (q.waiting.empty()) continue;
    consider(expiry(*q.waiting.front()));
    // What is due already waits for an event, not for a moment.
    const Instant ready = ready_at(q, metadata, now);
    if (ready > now && !q.muted) consider(ready);
  }
}

}  // namespace weir
