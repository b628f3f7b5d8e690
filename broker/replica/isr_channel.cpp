// One AlterPartition at a time, and when a verdict is final.
#include "broker/replica/isr_channel.h"

#include <algorithm>
#include <utility>

#include "broker/base/assertion.h"

namespace weir {
namespace {

// The leader takes its proposal back on these, so no earlier attempt may still take effect.
bool lets_leader_roll_back(ErrorCode error) {
  return error == ErrorCode::ineligible_replica || error == ErrorCode::operation_not_attempted ||
         error == ErrorCode::invalid_request;
}

// The controller has looked at the proposal and decided. All else (NOT_CONTROLLER, time-outs, codes
// that are not expected here) says nothing about it.
bool is_verdict(ErrorCode error) {
  return error == ErrorCode::none || lets_leader_roll_back(error) ||
         error == ErrorCode::fenced_leader_epoch || error == ErrorCode::invalid_update_version ||
         error == ErrorCode::new_leader_elected || error == ErrorCode::unknown_topic_or_partition ||
         error == ErrorCode::unknown_topic_id;
}

}  // namespace

void IsrChannel::on_registered(BrokerEpoch epoch, Instant now) {
  epoch_ = epoch;
  not_before_ = now;
}

void IsrChannel::submit(IsrProposal proposal) {
  const PartitionKey key = proposal.partition;
  entries_[key] = Entry{.proposal = std::move(proposal), .unanswered = {}};
}

void IsrChannel::withdraw(const PartitionKey& key) {
  entries_.erase(key);
  std::erase_if(sent_, [&key](const Sent& sent) { return sent.key == key; });
}

std::optional<IsrRequest> IsrChannel::next_request(Instant now) {
  if (next_deadline() > now) return std::nullopt;
  IsrRequest request{.broker = config_.self, .broker_epoch = epoch_, .proposals = {}};
  const std::size_t count = std::min(entries_.size(), config_.max_proposals);
  auto at = entries_.upper_bound(cursor_);
  while (request.proposals.size() < count) {
    if (at == entries_.end()) at = entries_.begin();
    IsrProposal proposal = at->second.proposal;
    for (IsrMember& member : proposal.isr) {
      if (member.id == config_.self) member.epoch = epoch_;
    }
    sent_.push_back({at->first, proposal.number});
    cursor_ = at->first;
    request.proposals.push_back(std::move(proposal));
    ++at;
  }
  under_way_ = true;
  return request;
}

Instant IsrChannel::next_deadline() const {
  const bool idle = under_way_ || entries_.empty() || epoch_ == kUnknownBrokerEpoch;
  return idle ? Instant::never() : not_before_;
}

IsrChannel::Entry* IsrChannel::find_sent(const Sent& sent) {
  const auto at = entries_.find(sent.key);
  const bool same = at != entries_.end() && at->second.proposal.number == sent.number;
  return same ? &at->second : nullptr;
}

bool IsrChannel::must_try_again(const Entry& entry, ErrorCode error, Instant now) const {
  if (!is_verdict(error)) return true;
  return lets_leader_roll_back(error) && entry.unanswered &&
         now - *entry.unanswered < config_.attempt_lifetime;
}

std::vector<IsrOutcome> IsrChannel::on_response(ErrorCode error, std::span<const IsrOutcome> parts,
                                                Instant now) {
  WEIR_ASSERT(under_way_);
  under_way_ = false;
  const std::vector<Sent> sent = std::exchange(sent_, {});
  std::vector<IsrOutcome> outcomes;
  if (error != ErrorCode::none) {
    not_before_ = now + config_.retry_backoff;
    return outcomes;
  }
  std::map<PartitionKey, const IsrOutcome*> answered;
  for (const IsrOutcome& part : parts) answered.emplace(part.partition, &part);
  for (const Sent& one : sent) {
    const Entry* entry = find_sent(one);
    if (entry == nullptr) continue;  // a newer proposal took its place
    const auto answer = answered.find(one.key);
    const bool settled =
        answer != answered.end() && !must_try_again(*entry, answer->second->error, now);
    if (!settled) {
      not_before_ = now + config_.retry_backoff;
      continue;
    }
    outcomes.push_back(*answer->second);
    outcomes.back().number = one.number;
    entries_.erase(one.key);
  }
  return outcomes;
}

void IsrChannel::on_failure(Instant now) {
  WEIR_ASSERT(under_way_);
  under_way_ = false;
  for (const Sent& one : sent_) {
    if (Entry* entry = find_sent(one)) entry->unanswered = now;
  }
  sent_.clear();
  not_before_ = now + config_.retry_backoff;
}

}  // namespace weir
