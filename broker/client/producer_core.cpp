// The sending half of ProducerCore: answers, retries, expiry, and the outcome of every record.
#include "broker/client/producer_core.h"

#include <algorithm>

#include "broker/base/assertion.h"
#include "broker/client/backoff.h"

namespace weir {
void ProducerCore::step(const MetadataCache& metadata, Instant now, ProducerEffects& effects) {
  expire(now, effects);
  if (options_.idempotence) {
    sequences_.settle();
    give_up_what_is_open(effects);
    const bool wanted = sequences_.needs_identity() && unfinished_ > 0;
    if (wanted && !identity_under_way_ && identity_not_before_ <= now) {
      identity_under_way_ = true;
      effects.init_producer_id = true;
    }
  }
  while (drain_ready_nodes(metadata, now, effects)) {
  }
  find_next_deadline(metadata, now);
}

void ProducerCore::expire(Instant now, ProducerEffects& effects) {
  for (auto& [tp, q] : queues_) {
    // In order of age, but for those that are to be retried: without idempotence they change
    // places.
    for (auto it = q.waiting.begin(); it != q.waiting.end();) {
      if (expiry(**it) > now) {
        if ((*it)->failed_attempts == 0) break;
        ++it;
        continue;
      }
      const BatchPtr batch = *it;
      it = q.waiting.erase(it);
      fail(batch, "delivery.timeout.ms passed", effects);
    }
    const auto is_late = [&](const BatchPtr& batch) { return expiry(*batch) <= now; };
    if (std::ranges::none_of(q.in_flight, is_late)) continue;
    const std::vector<BatchPtr> in_flight = q.in_flight;
    for (const BatchPtr& batch : in_flight) {
      if (!is_late(batch)) continue;
      batch->maybe_appended = true;
      fail(batch, "delivery.timeout.ms passed", effects);
    }
  }
}

ProducerCore::Request ProducerCore::take_request(std::uint64_t request) {
  const auto it = requests_.find(request);
  WEIR_ASSERT(it != requests_.end());
  Request taken = std::move(it->second);
  requests_.erase(it);
  --in_flight_[taken.node];
  for (const BatchPtr& batch : taken.batches) {
    Queue& q = queues_[batch->tp];
    q.muted = false;
    std::erase(q.in_flight, batch);
  }
  return taken;
}

void ProducerCore::produce_answered(std::uint64_t request, std::span<const PartitionAnswer> answers,
                                    Instant now, Random& random, ProducerEffects& effects) {
  const Request taken = take_request(request);
  for (const BatchPtr& batch : taken.batches) {
    const auto answer = std::ranges::find(answers, batch->tp, &PartitionAnswer::tp);
    if (answer != answers.end()) {
      settle_answer(batch, *answer, now, random, effects);
    } else {
      // A broker that leaves a partition out has said nothing about it.
      settle_answer(batch, {batch->tp, ErrorCode::unknown_server_error, "left out of the response"},
                    now, random, effects);
    }
  }
}

void ProducerCore::produce_lost(std::uint64_t request, bool sent, Instant now, Random& random,
                                ProducerEffects& effects) {
  const Request taken = take_request(request);
  for (const BatchPtr& batch : taken.batches) {
    if (batch->done) continue;
    batch->maybe_appended |= sent;
    effects.refresh_metadata = true;
    // Renumbered while it was on its way: its next attempt would be another batch to the broker.
    const bool other_number = sent && batch->sequence_reset;
    if (!other_number && batch->failed_attempts < options_.retries && expiry(*batch) > now) {
      reenqueue(batch, now, random);
    } else {
      fail(batch, "disconnected before the response", effects);
    }
  }
}

void ProducerCore::settle_answer(const BatchPtr& batch, const PartitionAnswer& answer, Instant now,
                                 Random& random, ProducerEffects& effects) {
  if (batch->done) return;
  if (answer.code == ErrorCode::none) return acknowledge(batch, answer.base_offset, effects);
  effects.refresh_metadata |= wants_new_metadata(answer.code);
  if (answer.code == ErrorCode::message_too_large && batch->records.size() > 1) return split(batch);
  // The sequences went on without this batch: it is in the log, at an offset nobody remembers.
  if (answer.code == ErrorCode::duplicate_sequence_number) return acknowledge(batch, -1, effects);
  batch->maybe_appended |= may_be_in_log(answer.code);
  const bool retriable = batch->has_sequence()
                             ? sequences_.may_retry(*batch, {answer.code, answer.log_start_offset})
                             : is_retriable(answer.code);
  if (retriable && batch->failed_attempts < options_.retries && expiry(*batch) > now) {
    return reenqueue(batch, now, random);
  }
  fail(batch, answer.error, effects);
}

void ProducerCore::reenqueue(const BatchPtr& batch, Instant now, Random& random) {
  batch->not_before = now + exponential_backoff(options_.connection.retry_backoff,
                                                options_.connection.retry_backoff_max,
                                                batch->failed_attempts, random);
  ++batch->failed_attempts;
  std::deque<BatchPtr>& waiting = queues_[batch->tp].waiting;
  auto at = waiting.begin();
  if (batch->has_sequence()) {
    while (at != waiting.end() && (*at)->has_sequence() && sequences_.precedes(**at, *batch)) ++at;
  }
  waiting.insert(at, batch);
}

void ProducerCore::split(const BatchPtr& batch) {
  const std::size_t half = batch->records.size() / 2;
  std::deque<BatchPtr> parts;
  for (const auto& [from, to] :
       {std::pair(std::size_t{0}, half), std::pair(half, batch->records.size())}) {
    auto part = std::make_shared<ProducerBatch>();
    part->tp = batch->tp;
    part->created = batch->created;
    part->not_before = batch->not_before;
    part->failed_attempts = batch->failed_attempts;
    part->closed = true;
    part->maybe_appended = batch->maybe_appended;
    for (std::size_t i = from; i < to; ++i) {
      part->size += record_size_bound(batch->records[i]);
      part->records.push_back(std::move(batch->records[i]));
    }
    parts.push_back(std::move(part));
  }
  parts.front()->reserved = batch->reserved;
  if (options_.idempotence) sequences_.split(batch, parts);
  batch->records.clear();
  batch->done = true;
  std::deque<BatchPtr>& waiting = queues_[batch->tp].waiting;
  auto at = waiting.begin();
  if (options_.idempotence) {
    while (at != waiting.end() && (*at)->has_sequence() &&
           sequences_.precedes(**at, *parts.front())) {
      ++at;
    }
  }
  waiting.insert(at, parts.begin(), parts.end());
}

void ProducerCore::acknowledge(const BatchPtr& batch, std::int64_t base_offset,
                               ProducerEffects& effects) {
  if (batch->has_sequence()) {
    const auto count = static_cast<std::int64_t>(batch->records.size());
    sequences_.acknowledged(batch, base_offset < 0 ? -1 : base_offset + count - 1);
  }
  finish(batch, SendOutcome::acknowledged, base_offset, {}, effects);
}

void ProducerCore::give_up_what_is_open(ProducerEffects& effects) {
  for (const BatchPtr& batch : sequences_.take_given_up()) {
    if (batch->done) continue;
    std::erase(queues_[batch->tp].waiting, batch);
    finish(batch, SendOutcome::unknown, -1, "it may be stored, under an epoch that is over",
           effects);
  }
}

void ProducerCore::fail(const BatchPtr& batch, const std::string& why, ProducerEffects& effects) {
  if (options_.idempotence) sequences_.failed(batch);
  finish(batch, batch->maybe_appended ? SendOutcome::unknown : SendOutcome::failed, -1, why,
         effects);
}

void ProducerCore::finish(const BatchPtr& batch, SendOutcome outcome, std::int64_t base_offset,
                          const std::string& why, ProducerEffects& effects) {
  WEIR_ASSERT(!batch->done);
  batch->done = true;
  std::int64_t offset = base_offset;
  effects.complete.reserve(effects.complete.size() + batch->records.size());
  for (const BufferedRecord& record : batch->records) {
    effects.complete.push_back({record.token, {outcome, batch->tp.partition, offset, why}});
    if (offset >= 0) ++offset;
  }
  unfinished_ -= batch->records.size();
  memory_free_ += batch->reserved;
  std::erase(queues_[batch->tp].in_flight, batch);
}

void ProducerCore::producer_id_assigned(ProducerId id, ProducerEpoch epoch) {
  identity_under_way_ = false;
  identity_failures_ = 0;
  sequences_.assign_identity({id, epoch});
}

void ProducerCore::producer_id_failed(bool retriable, const std::string& why, Instant now,
                                      Random& random, ProducerEffects& effects) {
  identity_under_way_ = false;
  identity_not_before_ = now + exponential_backoff(options_.connection.retry_backoff,
                                                   options_.connection.retry_backoff_max,
                                                   identity_failures_++, random);
  if (!retriable) abandon("no producer id: " + why, effects);
}

void ProducerCore::abandon(const std::string& why, ProducerEffects& effects) {
  for (auto& [tp, q] : queues_) {
    const std::deque<BatchPtr> waiting = std::exchange(q.waiting, {});
    const std::vector<BatchPtr> in_flight = q.in_flight;
    for (const BatchPtr& batch : in_flight) {
      batch->maybe_appended = true;
      fail(batch, why, effects);
    }
    for (const BatchPtr& batch : waiting) fail(batch, why, effects);
  }
}

}  // namespace weir
