// Merging of metadata by leader epoch, and the times of refreshes.
#include "broker/client/metadata_cache.h"

#include <algorithm>

#include "broker/client/backoff.h"

namespace weir {

void MetadataCache::want(const std::string& topic) {
  if (!wanted_.insert(topic).second) return;
  refresh_needed_ = true;
  wanted_anew_ = true;
}

void MetadataCache::unwant(const std::string& topic) {
  wanted_.erase(topic);
  topics_.erase(topic);
  std::erase_if(seen_, [&](const auto& entry) { return entry.first.topic == topic; });
}

void MetadataCache::refresh_failed(Instant now, Random& random) {
  refreshing_ = false;
  refresh_needed_ = true;
  if (!failing_since_) failing_since_ = now;
  not_before_ = now + exponential_backoff(options_.retry_backoff, options_.retry_backoff_max,
                                          failures_++, random);
}

bool MetadataCache::rebootstrap(Instant now) const {
  if (options_.metadata_recovery == MetadataRecovery::none) return false;
  if (rebootstrap_required_) return true;
  return failing_since_ && *failing_since_ + options_.rebootstrap_trigger <= now;
}

void MetadataCache::update(const MetadataUpdate& update, Instant now, Random& random) {
  refreshing_ = false;
  rebootstrap_required_ = false;
  failing_since_.reset();
  updated_ = now;
  ++version_;
  ++updates_;
  if (!update.brokers.empty()) brokers_ = update.brokers;
  controller_ = update.controller;
  bool complete = true;
  for (const TopicMetadata& fresh : update.topics) {
    const bool leaderless = std::ranges::any_of(
        fresh.partitions, [](const PartitionMetadata& p) { return p.leader < 0; });
    complete = complete && fresh.code == ErrorCode::none && !leaderless;
    merge(fresh);
  }
  // What is not settled yet is asked again, ever more slowly; also a second refresh right after a
  // useful one waits, as brokers may not have heard of the change themselves.
  failures_ = complete ? 0 : failures_ + 1;
  refresh_needed_ = !complete || wanted_anew_;
  not_before_ = now + exponential_backoff(options_.retry_backoff, options_.retry_backoff_max,
                                          std::max(0, failures_ - 1), random);
}

void MetadataCache::merge(TopicMetadata fresh) {
  std::ranges::sort(fresh.partitions, {}, &PartitionMetadata::partition);
  const auto known = topics_.find(fresh.name);
  if (fresh.code != ErrorCode::none && known != topics_.end() &&
      known->second.code == ErrorCode::none) {
    // A passing error of one broker does not make us forget; deletion shows by the requests'
    // errors.
    if (fresh.code != ErrorCode::unknown_topic_or_partition) return;
  }
  for (PartitionMetadata& p : fresh.partitions) {
    if (p.leader_epoch < 0) continue;
    Seen& seen = seen_[{fresh.name, p.partition}];
    if (seen.topic != fresh.id || p.leader_epoch >= seen.leader_epoch) {
      seen = {fresh.id, p.leader_epoch};
      continue;
    }
    const PartitionMetadata* newer = partition({fresh.name, p.partition});
    p = newer != nullptr ? *newer
                         : PartitionMetadata{ErrorCode::leader_not_available, p.partition, -1,
                                             seen.leader_epoch};
  }
  topics_.insert_or_assign(fresh.name, std::move(fresh));
}

Instant MetadataCache::refresh_at() const {
  if (refreshing_) return Instant::never();
  if (refresh_needed_) return not_before_;
  if (wanted_.empty() || !updated_) return Instant::never();
  return *updated_ + options_.metadata_max_age;
}

void MetadataCache::learn_leader(const TopicPartition& tp, std::int32_t leader,
                                 std::int32_t epoch) {
  const auto topic = topics_.find(tp.topic);
  if (topic == topics_.end()) return;
  for (PartitionMetadata& p : topic->second.partitions) {
    if (p.partition != tp.partition || epoch <= p.leader_epoch) continue;
    p = {ErrorCode::none, tp.partition, leader, epoch};
    seen_[tp] = {topic->second.id, epoch};
    ++version_;
  }
}

void MetadataCache::learn_broker(std::int32_t id, const HostPort& address) {
  HostPort& known = brokers_[id];
  if (known == address) return;
  known = address;
  ++version_;
}

const TopicMetadata* MetadataCache::topic(std::string_view name) const {
  const auto it = topics_.find(name);
  return it == topics_.end() ? nullptr : &it->second;
}

const TopicMetadata* MetadataCache::topic(const Uuid& id) const {
  for (const auto& [name, topic] : topics_) {
    if (topic.id == id) return &topic;
  }
  return nullptr;
}

const PartitionMetadata* MetadataCache::partition(const TopicPartition& tp) const {
  const TopicMetadata* found = topic(tp.topic);
  if (found == nullptr || tp.partition < 0) return nullptr;
  const auto index = static_cast<std::size_t>(tp.partition);
  if (index < found->partitions.size() && found->partitions[index].partition == tp.partition) {
    return &found->partitions[index];
  }
  const auto it = std::ranges::find(found->partitions, tp.partition, &PartitionMetadata::partition);
  return it == found->partitions.end() ? nullptr : &*it;
}

std::int32_t MetadataCache::leader(const TopicPartition& tp) const {
  const PartitionMetadata* found = partition(tp);
  return found == nullptr ? -1 : found->leader;
}

}  // namespace weir
