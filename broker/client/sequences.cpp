// Numbering, gaps, and the epoch that a producer raises by itself.
#include "broker/client/sequences.h"

#include <algorithm>
#include <iterator>

#include "broker/base/assertion.h"

namespace weir {

const Sequences::Partition* Sequences::find(const TopicPartition& tp) const {
  const auto it = partitions_.find(tp);
  return it == partitions_.end() ? nullptr : &it->second;
}

bool Sequences::is_next(const Partition& p, std::int32_t sequence) {
  if (p.last_acked == kNoSequence) return sequence == 0;
  return sequence == sequence_after(p.last_acked, 1);
}

void Sequences::assign_identity(Identity identity) {
  identity_ = identity;
  // Partitions that waited for a fresh producer id start again under it.
  for (const TopicPartition& tp : to_restart_) restart(partitions_[tp]);
  to_restart_.clear();
}

// A number tells the broker a retry, and a new epoch takes it away: so a batch that may have been
// stored under the old one is not sent again. (The Java client numbers it anew, and a request that
// was held up in the network makes a duplicate of it.)
void Sequences::restart(Partition& p) {
  std::ranges::copy_if(p.in_flight, std::back_inserter(given_up_), &ProducerBatch::maybe_appended,
                       [](const BatchPtr& batch) -> const ProducerBatch& { return *batch; });
  std::erase_if(p.in_flight, [](const BatchPtr& batch) { return batch->maybe_appended; });
  std::int32_t sequence = 0;
  for (const BatchPtr& batch : p.in_flight) {
    batch->producer_id = identity_.id;
    batch->producer_epoch = identity_.epoch;
    batch->base_sequence = sequence;
    batch->sequence_reset = true;
    sequence = batch->next_sequence();
  }
  p.identity = identity_;
  p.next = sequence;
  p.last_acked = kNoSequence;
  p.last_acked_offset = -1;
  p.unresolved_next.reset();
}

void Sequences::settle() {
  for (auto& [tp, p] : partitions_) {
    if (!p.unresolved_next || !p.in_flight.empty()) continue;
    // Later batches succeeded: then the expired one was stored. Otherwise nobody knows, and the
    // sequence may neither be used again nor skipped.
    if (!is_next(p, p.next)) to_restart_.insert(tp);
    p.unresolved_next.reset();
  }
  if (to_restart_.empty() || needs_identity()) return;
  if (identity_.epoch.value() >= kLastEpoch) {
    identity_ = {};
    return;
  }
  assign_identity({identity_.id, identity_.epoch + 1});
}

bool Sequences::may_drain(const ProducerBatch& first, std::int32_t leader_epoch) const {
  if (needs_identity()) return false;
  const Partition* p = find(first.tp);
  if (p == nullptr) return true;
  if (!first.has_sequence()) {
    // A batch of a new epoch must not overtake those of the old one.
    if (!p->in_flight.empty() && p->identity != identity_) return false;
    // A leader that knows nothing of a producer takes any sequence from it. So until one batch is
    // acknowledged none follows it: the first might be refused (by a leader that does not yet know
    // of its office, or has not enough replicas), and the second be taken in its place. (The Java
    // client sends on.)
    if (p->last_acked == kNoSequence && !p->in_flight.empty()) return false;
    // A leader knows the last five batches of a producer. While an older one is being retried no
    // new one follows, or it would push that one out, and a duplicate would look like a gap. (The
    // Java client lets one follow, and then repeats OUT_OF_ORDER_SEQUENCE_NUMBER until the delivery
    // timeout.) Nor does one follow to a new leader while those sent to the old one are open.
    const bool open = std::ranges::any_of(p->in_flight, [&](const BatchPtr& batch) {
      return batch->failed_attempts > 0 || batch->leader_epoch != leader_epoch;
    });
    return !open && !p->unresolved_next;
  }
  // A retry waits until it is the next in line: one at a time until the gap is closed.
  return !p->in_flight.empty() && p->in_flight.front().get() == &first;
}

void Sequences::drained(const BatchPtr& batch) {
  batch->sequence_reset = false;
  if (batch->has_sequence()) return;
  Partition& p = partitions_[batch->tp];
  if (p.identity != identity_) {
    WEIR_ASSERT(p.in_flight.empty());
    restart(p);
  }
  batch->producer_id = identity_.id;
  batch->producer_epoch = identity_.epoch;
  batch->base_sequence = p.next;
  p.next = batch->next_sequence();
  p.in_flight.push_back(batch);
}

bool Sequences::is_in_flight(const Partition& p, const BatchPtr& batch) {
  return std::ranges::find(p.in_flight, batch) != p.in_flight.end();
}

void Sequences::remove(Partition& p, const BatchPtr& batch) { std::erase(p.in_flight, batch); }

void Sequences::acknowledged(const BatchPtr& batch, std::int64_t last_offset) {
  Partition& p = partitions_[batch->tp];
  if (!is_in_flight(p, batch)) return;  // given up
  const std::int32_t last = sequence_after(batch->base_sequence, batch->records.size() - 1);
  // Duplicates may be acknowledged late, after newer ones; half the number space decides on wraps.
  constexpr std::uint32_t kHalf = 0x40000000;
  const std::uint32_t ahead =
      (static_cast<std::uint32_t>(last) - static_cast<std::uint32_t>(p.last_acked)) & 0x7fffffff;
  if (p.last_acked == kNoSequence || (ahead > 0 && ahead < kHalf)) p.last_acked = last;
  p.last_acked_offset = std::max(p.last_acked_offset, last_offset);
  remove(p, batch);
}

bool Sequences::may_retry(const ProducerBatch& batch, const SequenceError& error) {
  const Partition& p = partitions_[batch.tp];
  if (error.code == ErrorCode::unknown_producer_id) {
    // Without the log's start nothing is known; a renumbered batch answers for its old number.
    if (error.log_start_offset != -1 && !batch.sequence_reset) to_restart_.insert(batch.tp);
    return true;
  }
  if (error.code == ErrorCode::out_of_order_sequence_number) {
    if (!p.unresolved_next) {
      // Not the next expected one: an earlier batch is still to be retried.
      if (batch.sequence_reset || !is_next(p, batch.base_sequence)) return true;
      to_restart_.insert(batch.tp);
    } else if (batch.base_sequence == *p.unresolved_next) {
      to_restart_.insert(batch.tp);
    }
    return true;
  }
  // The answer to a request of the old epoch, for a batch that has a new number by now.
  if (error.code == ErrorCode::invalid_producer_epoch && batch.sequence_reset) return true;
  return is_retriable(error.code);
}

void Sequences::failed(const BatchPtr& batch) {
  if (!batch->has_sequence()) return;
  Partition& p = partitions_[batch->tp];
  if (!is_in_flight(p, batch)) return;  // given up
  remove(p, batch);
  if (!batch->maybe_appended) {
    to_restart_.insert(batch->tp);
    return;
  }
  const std::int32_t next = batch->next_sequence();
  p.unresolved_next = p.unresolved_next ? std::max(*p.unresolved_next, next) : next;
}

void Sequences::split(const BatchPtr& whole, const std::deque<BatchPtr>& parts) {
  if (!whole->has_sequence()) return;
  Partition& p = partitions_[whole->tp];
  std::int32_t sequence = whole->base_sequence;
  for (const BatchPtr& part : parts) {
    part->producer_id = whole->producer_id;
    part->producer_epoch = whole->producer_epoch;
    part->base_sequence = sequence;
    sequence = part->next_sequence();
  }
  const auto at = std::ranges::find(p.in_flight, whole);
  WEIR_ASSERT(at != p.in_flight.end());
  p.in_flight.insert(p.in_flight.erase(at), parts.begin(), parts.end());
}

bool Sequences::precedes(const ProducerBatch& a, const ProducerBatch& b) const {
  const Partition* p = find(a.tp);
  WEIR_ASSERT(p != nullptr);
  for (const BatchPtr& batch : p->in_flight) {
    if (batch.get() == &a) return true;
    if (batch.get() == &b) return false;
  }
  return false;
}

}  // namespace weir
