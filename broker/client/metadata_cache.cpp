// Merging of metadata by leader epoch, and the times of refreshes.
#include "broker/client/metadata_cache.h"

#include <algorithm>

#include "broker/client/backoff.h"

namespace weir {

void MetadataCache::want(const std::string& topic) {
  if (wanted_.insert(topic).second) refresh_needed_ = true;
}

void MetadataCache::unwant(const std::string& topic) {
  wanted_.erase(topic);
  topics_.erase(topic);
}

void MetadataCache::refresh_failed(Instant now, Random& random) {
  refreshing_ = false;
  refresh_needed_ = true;
  not_before_ = now + exponential_backoff(options_.retry_backoff, options_.retry_backoff_max,
                                          failures_++, random);
}

void MetadataCache::update(const MetadataUpdate& update, Instant now, Random& random) {
  refreshing_ = false;
  refresh_needed_ = false;
  updated_ = now;
  ++version_;
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
  refresh_needed_ = !complete;
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
  if (known != topics_.end() && known->second.id == fresh.id) {
    for (PartitionMetadata& p : fresh.partitions) {
      for (const PartitionMetadata& old : known->second.partitions) {
        if (old.partition == p.partition && p.leader_epoch >= 0 &&
            old.leader_epoch > p.leader_epoch) {
          p = old;
        }
      }
    }
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
    p.leader = leader;
    p.leader_epoch = epoch;
    ++version_;
  }
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
