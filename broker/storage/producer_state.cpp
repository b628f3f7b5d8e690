// The decision about a producer's batch, in Kafka's order of rules, and the record of it.
#include "broker/storage/producer_state.h"

#include <algorithm>
#include <limits>

namespace weir {
namespace {

ProducerVerdict refuse(ErrorCode error, std::string why) {
  return {.kind = ProducerVerdict::Kind::refuse, .error = error, .why = std::move(why)};
}

std::int32_t sequence_after(std::int32_t last) {
  return last == std::numeric_limits<std::int32_t>::max() ? 0 : last + 1;
}

ProducerVerdict out_of_order(const BatchHeader& batch, std::int32_t expected) {
  return refuse(ErrorCode::out_of_order_sequence_number,
                "producer " + std::to_string(batch.producer_id.value()) + " epoch " +
                    std::to_string(batch.producer_epoch.value()) + " sent sequence " +
                    std::to_string(batch.base_sequence) + " where " + std::to_string(expected) +
                    " was expected");
}

const ProducerStates::StoredBatch* find_duplicate(const ProducerStates::Entry& entry,
                                                  const BatchHeader& batch) {
  if (entry.epoch != batch.producer_epoch) return nullptr;
  for (const ProducerStates::StoredBatch& stored : entry.batches) {
    if (stored.first_sequence == batch.base_sequence &&
        stored.last_sequence == batch.last_sequence()) {
      return &stored;
    }
  }
  return nullptr;
}

}  // namespace

ProducerVerdict ProducerStates::check(const BatchHeader& batch) const {
  if (!batch.has_producer()) return {};
  if (batch.base_sequence < 0 || batch.producer_epoch < ProducerEpoch{0}) {
    return refuse(ErrorCode::invalid_record, "a batch with a producer id has no sequence or epoch");
  }
  const auto found = entries_.find(batch.producer_id);
  const Entry unknown;
  const Entry& entry = found == entries_.end() ? unknown : found->second;

  if (const StoredBatch* stored = find_duplicate(entry, batch)) {
    return {.kind = ProducerVerdict::Kind::duplicate,
            .base_offset = stored->base_offset(),
            .last_offset = stored->last_offset,
            .timestamp = stored->timestamp};
  }
  if (batch.producer_epoch < entry.epoch) {
    return refuse(ErrorCode::invalid_producer_epoch,
                  "producer " + std::to_string(batch.producer_id.value()) + " has epoch " +
                      std::to_string(entry.epoch.value()) + " by now");
  }
  const bool same_epoch = batch.producer_epoch == entry.epoch;
  const bool in_transaction = entry.transaction_first_offset.has_value() && same_epoch;
  if (batch.is_transactional() && !in_transaction) {
    return refuse(ErrorCode::invalid_txn_state, "no transaction of this producer is open here");
  }
  if (!batch.is_transactional() && entry.transaction_first_offset.has_value()) {
    return refuse(ErrorCode::invalid_txn_state, "a transaction of this producer is open here");
  }
  const bool nothing_known = entry.epoch == kNoProducerEpoch;
  if (nothing_known) return {};
  const std::int32_t last = same_epoch && !entry.batches.empty()
                                ? entry.batches.back().last_sequence
                                : -1;  // a new epoch begins with sequence 0
  const std::int32_t expected = sequence_after(last);
  if (batch.base_sequence != expected) return out_of_order(batch, expected);
  return {};
}

void ProducerStates::apply(const BatchHeader& batch, WallTime seen) {
  if (!batch.has_producer()) return;
  Entry& entry = entries_[batch.producer_id];
  if (entry.epoch != batch.producer_epoch) {
    entry.batches.clear();
    entry.epoch = batch.producer_epoch;
    entry.transaction_first_offset.reset();
  }
  entry.last_seen = std::max(entry.last_seen, seen);
  if (batch.is_control()) {  // the end of a transaction counts as a sign of life (KAFKA-9144)
    entry.transaction_first_offset.reset();
    return;
  }
  if (batch.is_transactional() && !entry.transaction_first_offset) {
    entry.transaction_first_offset = batch.base_offset;
  }
  if (batch.base_sequence < 0) return;
  entry.batches.push_back({.first_sequence = batch.base_sequence,
                           .last_sequence = batch.last_sequence(),
                           .last_offset = batch.last_offset(),
                           .offset_delta = batch.last_offset_delta,
                           .timestamp = WallTime{batch.max_timestamp}});
  if (entry.batches.size() > kBatchesKept) entry.batches.erase(entry.batches.begin());
}

void ProducerStates::expire(WallTime now, std::int64_t expiration_ms) {
  std::erase_if(entries_, [now, expiration_ms](const auto& item) {
    const Entry& entry = item.second;
    return !entry.transaction_first_offset && now.ms - entry.last_seen.ms >= expiration_ms;
  });
}

}  // namespace weir
