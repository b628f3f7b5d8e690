// Sequences of an idempotent producer, per partition (KIP-98, KIP-360): the part of Kafka's
// TransactionManager that a producer without transactions needs.
//
// A batch gets its producer id, epoch and sequence when it is first drained, and keeps them over
// retries. After a gap that nothing can close (a batch failed for good, or expired unanswered), the
// producer raises its epoch by itself: the partition starts again from sequence 0 and the batches
// in flight there are renumbered, but those that may be stored already are given up; other
// partitions finish what they have under the old epoch first.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "broker/client/producer_batch.h"
#include "broker/wire/error_code.h"

namespace weir {

// Where the broker reached, as a produce error response tells it.
struct SequenceError {
  ErrorCode code = ErrorCode::none;
  std::int64_t log_start_offset = -1;
};

class Sequences {
 public:
  struct Identity {
    ProducerId id = kNoProducerId;
    ProducerEpoch epoch = kNoProducerEpoch;
    friend bool operator==(const Identity&, const Identity&) = default;
  };

  // Epochs end below the greatest one; then a new producer id is needed.
  static constexpr std::int16_t kLastEpoch = 32766;

  [[nodiscard]] bool needs_identity() const { return identity_.id == kNoProducerId; }
  [[nodiscard]] const Identity& identity() const { return identity_; }
  void assign_identity(Identity identity);

  // To be called before draining: settles what expired batches left open, and raises the epoch
  // where a partition asked for it.
  void settle();
  // Batches that a new epoch would store twice, perhaps: an attempt of each may have been stored,
  // or may be still on its way. Nothing of them is in flight any more; their outcome is unknown.
  [[nodiscard]] std::vector<BatchPtr> take_given_up() { return std::exchange(given_up_, {}); }

  // May this batch, the first in its partition's queue, be sent now to the leader of this epoch?
  [[nodiscard]] bool may_drain(const ProducerBatch& first, std::int32_t leader_epoch) const;
  // Gives a batch its sequence where it has none.
  void drained(const BatchPtr&);

  void acknowledged(const BatchPtr&, std::int64_t last_offset);
  // May the error be retried? Asks for a new epoch where that is what helps.
  [[nodiscard]] bool may_retry(const ProducerBatch&, const SequenceError&);
  // The batch is given up. Where it certainly was not appended, nothing after it was either, and
  // the partition starts again under a new epoch; otherwise whether its sequence was used is open,
  // until those after it have their answers.
  void failed(const BatchPtr&);
  // The batch was too large and is replaced by its parts, which carry its sequences on.
  void split(const BatchPtr& whole, const std::deque<BatchPtr>& parts);
  // Does `a` come before `b` in the partition's order? Both are in flight.
  [[nodiscard]] bool precedes(const ProducerBatch& a, const ProducerBatch& b) const;

 private:
  struct Partition {
    Identity identity;
    std::int32_t next = 0;
    std::int32_t last_acked = kNoSequence;
    std::int64_t last_acked_offset = -1;
    std::deque<BatchPtr> in_flight;  // numbered and without outcome, in order of sequence
    std::optional<std::int32_t> unresolved_next;
  };

  [[nodiscard]] const Partition* find(const TopicPartition&) const;
  [[nodiscard]] static bool is_next(const Partition& p, std::int32_t sequence);
  [[nodiscard]] static bool is_in_flight(const Partition& p, const BatchPtr&);
  void remove(Partition& p, const BatchPtr&);
  void restart(Partition& p);

  Identity identity_;
  std::map<TopicPartition, Partition> partitions_;
  std::set<TopicPartition> to_restart_;
  std::vector<BatchPtr> given_up_;
};

}  // namespace weir
