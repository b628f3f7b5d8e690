// Lines of partitions, one a leader, and the rounds cut from them.
#include "broker/replica/fetch_plan.h"

#include <algorithm>
#include <utility>

#include "broker/base/assertion.h"

namespace weir {

void FetchPlan::add(const PartitionKey& key, ReplicaFollower& follower) {
  remove(key);
  followed_[key].follower = &follower;
  refresh(key);
}

void FetchPlan::refresh(const PartitionKey& key) {
  const auto at = followed_.find(key);
  if (at == followed_.end()) return;
  Followed& followed = at->second;
  const BrokerId leader = followed.follower->leader();
  if (leader == followed.leader) return;
  leave_line(key, followed.leader);
  followed.leader = leader;
  if (leader != kNoLeaderId) fetchers_[leader].line.push_back(key);
}

void FetchPlan::remove(const PartitionKey& key) {
  const auto at = followed_.find(key);
  if (at == followed_.end()) return;
  leave_line(key, at->second.leader);
  followed_.erase(at);
}

void FetchPlan::leave_line(const PartitionKey& key, BrokerId leader) {
  const auto at = fetchers_.find(leader);
  if (at == fetchers_.end()) return;
  std::erase(at->second.line, key);
  const bool idle = at->second.line.empty() && at->second.under_way == 0;
  if (idle) fetchers_.erase(at);
}

std::vector<BrokerId> FetchPlan::leaders() const {
  std::vector<BrokerId> leaders;
  for (const auto& [leader, fetcher] : fetchers_) {
    if (!fetcher.line.empty()) leaders.push_back(leader);
  }
  return leaders;
}

std::optional<ReplicaFetchRound> FetchPlan::next(BrokerId leader, Instant now) {
  const auto at = fetchers_.find(leader);
  if (at == fetchers_.end()) return std::nullopt;
  Fetcher& fetcher = at->second;
  if (fetcher.under_way != 0 || now < fetcher.not_before) return std::nullopt;
  ReplicaFetchRound round{.leader = leader, .number = 0, .parts = {}};
  round.parts.reserve(std::min(fetcher.line.size(), limits_.max_partitions));
  for (const PartitionKey& key : fetcher.line) {
    if (round.parts.size() == limits_.max_partitions) break;
    ReplicaFollower& follower = *followed_.at(key).follower;
    if (follower.ready(now)) round.parts.push_back({key, follower.begin_fetch()});
  }
  if (round.parts.empty()) return std::nullopt;
  round.number = ++rounds_;
  fetcher.under_way = round.number;
  return round;
}

Instant FetchPlan::next_deadline(BrokerId leader) const {
  const auto at = fetchers_.find(leader);
  if (at == fetchers_.end() || at->second.under_way != 0) return Instant::never();
  Instant next = Instant::never();
  for (const PartitionKey& key : at->second.line) {
    next = std::min(next, followed_.at(key).follower->ready_at());
  }
  return std::max(next, at->second.not_before);
}

// Parts that still wait for their answer now will never get one. A follower that has moved on since
// does not recognise the position.
void FetchPlan::end_round(const ReplicaFetchRound& round, Instant now) {
  const auto at = fetchers_.find(round.leader);
  WEIR_ASSERT(at != fetchers_.end() && at->second.under_way == round.number);
  at->second.under_way = 0;
  for (const ReplicaFetchRound::Part& part : round.parts) {
    const auto followed = followed_.find(part.key);
    if (followed != followed_.end()) followed->second.follower->on_fetch_failed(part.position, now);
  }
}

void FetchPlan::finish(const ReplicaFetchRound& round, std::span<const PartitionKey> with_records,
                       Instant now) {
  end_round(round, now);
  const auto at = fetchers_.find(round.leader);
  std::vector<PartitionKey> busy(with_records.begin(), with_records.end());
  // Rounds that were cut short: those that were asked stand behind those that were not.
  const bool cut_short = round.parts.size() == limits_.max_partitions;
  if (cut_short) {
    for (const ReplicaFetchRound::Part& part : round.parts) busy.push_back(part.key);
  }
  std::ranges::sort(busy);
  std::vector<PartitionKey>& line = at->second.line;
  std::vector<PartitionKey> back;
  std::erase_if(line, [&](const PartitionKey& key) {
    const bool goes_back = std::ranges::binary_search(busy, key);
    if (goes_back) back.push_back(key);
    return goes_back;
  });
  line.insert(line.end(), back.begin(), back.end());
  if (line.empty()) fetchers_.erase(at);
}

void FetchPlan::fail(const ReplicaFetchRound& round, Instant now) {
  end_round(round, now);
  const auto at = fetchers_.find(round.leader);
  at->second.not_before = now + limits_.backoff;
  if (at->second.line.empty()) fetchers_.erase(at);
}

std::size_t FetchPlan::fetchers_of(const PartitionKey& key) const {
  std::size_t count = 0;
  for (const auto& [leader, fetcher] : fetchers_) {
    count += static_cast<std::size_t>(std::ranges::count(fetcher.line, key));
  }
  return count;
}

BrokerId FetchPlan::fetched_from(const PartitionKey& key) const {
  const auto at = followed_.find(key);
  return at == followed_.end() ? kNoLeaderId : at->second.leader;
}

}  // namespace weir
