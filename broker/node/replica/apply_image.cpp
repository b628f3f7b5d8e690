// From one image to the next: what has to be removed goes first, then everything else at once.
#include <algorithm>
#include <utility>

#include "broker/node/replica/replicas.h"

namespace weir {
namespace {

PartitionState state_of(const PartitionImage& image) {
  PartitionState state;
  state.leader = image.leader;
  state.leader_epoch = image.leader_epoch;
  state.partition_epoch = image.partition_epoch;
  state.replicas = image.replicas;
  state.isr = image.isr;
  state.recovering = image.recovery == LeaderRecovery::recovering;
  return state;
}

}  // namespace

// Kafka's rule is that a fenced broker serves nobody until it has seen its own registration; here
// it does not even take roles.
bool Replicas::may_act() const {
  if (closing_ || halted_ || newest_ == nullptr) return false;
  if (acted_ != nullptr) return true;
  const BrokerImage* self = newest_->broker(self_);
  return epoch_ != kUnknownBrokerEpoch && self != nullptr && self->epoch >= epoch_;
}

Task<> Replicas::act() {
  if (!may_act() || newest_ == acted_) co_return;
  const std::shared_ptr<const MetadataImage> after = newest_;
  if (acted_ == nullptr) {
    const bool begun = co_await begin(*after);
    if (!begun) co_return;
  }
  const MetadataImage nothing;
  const ImageDiff difference = diff(acted_ == nullptr ? nothing : *acted_, *after);
  take_brokers(difference.brokers);
  acted_ = after;
  std::vector<Change> changes = changes_of(difference);
  take_configs(difference.topic_configs);
  if (!changes.empty()) {
    co_await carry_out(std::move(changes));
  }
  for (const auto& [key, replica] : replicas_) {
    if (difference.brokers.empty()) break;
    replica.partition->on_brokers_changed();
  }
  fetchers_.wake();
}

// The directories that the image does not assign to this broker are those of deleted topics, of
// partitions that moved elsewhere, or were never finished.
Task<bool> Replicas::begin(const MetadataImage& image) {
  for (const LogDirectory& directory : std::exchange(found_, {})) {
    const PartitionImage* assigned =
        directory.topic_id ? image.partition(*directory.topic_id, directory.index) : nullptr;
    if (assigned != nullptr && contains(assigned->replicas, self_)) continue;
    checkpoints_.forget({directory.topic, directory.index});
    const Result<void> removed = co_await remove_log_directory(machine_.disk, directory.name);
    if (!removed) {
      disk_failed("the log of a deleted topic, " + directory.name, removed.error());
      if (halted_) co_return false;
    }
  }
  const PartitionOffsets stored = checkpoints_.high_watermarks();
  for (const auto& [name, offset] : stored) {
    const auto topic = image.topic(name.first);
    const PartitionImage* assigned = topic == nullptr ? nullptr : topic->partition(name.second);
    const bool ours = assigned != nullptr && contains(assigned->replicas, self_);
    if (!ours) checkpoints_.forget(name);
  }
  const Result<void> written = co_await checkpoints_.write_forgotten();
  if (!written) disk_failed("the checkpoints", written.error());
  co_return !halted_;
}

void Replicas::take_brokers(const std::vector<ChangedBroker>& brokers) {
  for (const ChangedBroker& changed : brokers) {
    if (changed.after) {
      brokers_.put({changed.id, changed.after->epoch, changed.after->fenced,
                    changed.after->in_controlled_shutdown});
    } else {
      brokers_.remove(changed.id);
    }
  }
}

// A topic whose settings cannot be read lives on with those of the broker: the controller has
// checked them, so these are of a later version.
TopicSettings Replicas::settings_of(const TopicImage& topic) const {
  const Checked<TopicSettings> settings = parse_topic_settings(settings_.topic, topic.configs);
  return settings ? *settings : settings_.topic;
}

void Replicas::take_configs(const std::vector<std::shared_ptr<const TopicImage>>& topics) {
  for (const std::shared_ptr<const TopicImage>& topic : topics) {
    const auto partitions = by_name_.find(topic->name);
    if (partitions == by_name_.end()) continue;
    const TopicSettings settings = settings_of(*topic);
    for (const auto& [index, partition] : partitions->second) {
      if (partition->key().topic == topic->id) partition->configure(settings);
    }
  }
}

std::vector<Replicas::Change> Replicas::changes_of(const ImageDiff& difference) {
  std::vector<Change> changes;
  for (const ChangedPartition& changed : difference.partitions) {
    const TopicImage& topic = changed.topic();
    Change change;
    change.key = {topic.id, changed.index};
    const auto here = replicas_.find(change.key);
    const PartitionState* before =
        here == replicas_.end() ? nullptr : &here->second.partition->state();
    const PartitionImage* image = changed.new_state();
    if (image != nullptr) change.state = state_of(*image);
    change.role = role_change(before, image == nullptr ? nullptr : &change.state, self_);
    if (change.role == RoleChange::unchanged) continue;
    change.topic = topic.name;
    change.settings = settings_of(topic);
    changes.push_back(std::move(change));
  }
  return changes;
}

Task<> Replicas::carry_out(std::vector<Change> changes) {
  bool removed = false;
  for (const Change& change : changes) {
    if (change.role != RoleChange::remove) continue;
    changes_.spawn("remove-replica", remove(change.key));
    removed = true;
  }
  co_await changes_.join();
  if (removed) {
    const Result<void> written = co_await checkpoints_.write_forgotten();
    if (!written) disk_failed("the checkpoints", written.error());
  }
  for (Change& change : changes) {
    if (change.role == RoleChange::remove || halted_) continue;
    changes_.spawn("apply-replica", apply(std::move(change)));
  }
  co_await changes_.join();
}

Task<> Replicas::remove(PartitionKey key) {
  fetchers_.remove(key);
  isr_sender_.withdraw(key);
  const std::shared_ptr<Partition> partition = replicas_.at(key).partition;
  const std::string topic = partition->topic();
  co_await partition->retire();
  replicas_.erase(key);
  const auto named = by_name_.find(topic);
  named->second.erase(key.index);
  if (named->second.empty()) by_name_.erase(named);
  checkpoints_.forget({topic, key.index});
  const Result<void> removed =
      co_await remove_log_directory(machine_.disk, log_directory_name(topic, key.index));
  if (!removed) disk_failed("the log of a deleted topic", removed.error());
}

Task<> Replicas::apply(Change change) {
  std::shared_ptr<Partition> partition = partition_of(change.key);
  if (partition == nullptr) {
    partition = co_await open_partition(change);
  }
  if (partition == nullptr) co_return;
  // A role that could not be taken is taken now.
  const bool leads = change.state.leader == self_;
  const bool renews = change.role == RoleChange::lead_new_epoch;
  if (leads && (partition->leader() == nullptr || renews)) {
    co_await lead(partition, std::move(change.state));
  } else if (!leads && partition->follower() == nullptr) {
    co_await follow(partition, std::move(change.state));
  } else {
    partition->update(change.state);
    if (!leads) fetchers_.refresh(*partition);
  }
}

Task<std::shared_ptr<Partition>> Replicas::open_partition(const Change& change) {
  const ReplicaCheckpoints::Name name(change.topic, change.key.index);
  LogOptions log;
  log.topic = change.topic;
  log.partition = change.key.index;
  log.directory = log_directory_name(change.topic, change.key.index);
  log.config = change.settings.log;
  log.recovery_point = checkpoints_.recovery_point(name);
  const Result<void> made =
      co_await make_log_directory(machine_.disk, log.directory, change.key.topic);
  if (!made) {
    disk_failed("the directory of a log", made.error());
    co_return nullptr;
  }
  Result<std::unique_ptr<PartitionLog>> opened =
      co_await PartitionLog::open(machine_, std::move(log));
  if (!opened) {
    disk_failed("the log of " + log_directory_name(change.topic, change.key.index), opened.error());
    co_return nullptr;
  }
  PartitionOptions options;
  options.self = self_;
  options.key = change.key;
  options.topic = change.topic;
  options.settings = change.settings;
  options.lag_max = std::chrono::milliseconds(settings_.replica_lag_time_max_ms);
  options.fetch_backoff = std::chrono::milliseconds(settings_.replica_fetch_backoff_ms);
  options.high_watermark = checkpoints_.high_watermark(name).value_or(Offset{0});
  PartitionOwner* const owner = this;
  const auto partition = std::make_shared<Partition>(machine_, std::move(options), brokers_, owner,
                                                     std::move(*opened));
  replicas_[change.key].partition = partition;
  by_name_[change.topic][change.key.index] = partition;
  co_return partition;
}

// Where that fails for lack of space, or since the log is ahead of the metadata, restore_roles or a
// newer image tries again.
Task<> Replicas::lead(std::shared_ptr<Partition> partition, PartitionState state) {
  fetchers_.remove(partition->key());
  isr_sender_.withdraw(partition->key());
  const ErrorCode error = co_await partition->lead(std::move(state));
  if (error != ErrorCode::none) role_failed(*partition);
}

Task<> Replicas::follow(std::shared_ptr<Partition> partition, PartitionState state) {
  fetchers_.remove(partition->key());
  isr_sender_.withdraw(partition->key());
  const ErrorCode error = co_await partition->follow(std::move(state));
  if (error == ErrorCode::none) {
    fetchers_.add(*partition);
  } else {
    role_failed(*partition);
  }
}

void Replicas::role_failed(Partition& partition) {
  check_log(partition);
  restore_soon();
}

}  // namespace weir
