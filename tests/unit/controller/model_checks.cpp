// What must hold after every step of the model: A3, A11, A12, A14, A15, A19, snapshots.
#include <algorithm>

#include "broker/controller/decisions.h"
#include "broker/controller/image_diff.h"
#include "broker/controller/image_snapshot.h"
#include "cluster_model.h"

namespace weir {
namespace {

bool is_subset(const std::vector<BrokerId>& part, const std::vector<BrokerId>& whole) {
  std::set<BrokerId> seen;
  return std::all_of(part.begin(), part.end(), [&](BrokerId id) {
    return contains_broker(whole, id) && seen.insert(id).second;  // and nobody twice
  });
}

std::string ids_of(const std::vector<BrokerId>& ids) {
  std::string text;
  for (const BrokerId id : ids) text += (text.empty() ? "" : ",") + std::to_string(id.value());
  return text;
}

std::string describe(const PartitionImage& p) {
  return "leader=" + std::to_string(p.leader.value()) + "/" +
         std::to_string(p.leader_epoch.value()) + " replicas=" + ids_of(p.replicas) +
         " isr=" + ids_of(p.isr) + " elr=" + ids_of(p.elr) + " last=" + ids_of(p.last_known_elr) +
         " adding=" + ids_of(p.adding) + " removing=" + ids_of(p.removing);
}

void demand(bool holds, const char* what, const TopicImage& topic, std::int32_t index) {
  if (holds) return;
  const PartitionImage* p = topic.partition(index);
  throw Broken{std::string(what) + ": " + topic.name + "-" + std::to_string(index) + " " +
               (p == nullptr ? std::string() : describe(*p))};
}

}  // namespace

void ClusterModel::check_partition(const TopicImage& topic, std::int32_t index) const {
  const PartitionImage& p = *topic.partition(index);
  const auto active = [&](BrokerId id) {
    const BrokerImage* broker = image().broker(id);
    return broker != nullptr && broker->is_active();
  };
  demand(!p.replicas.empty() && is_subset(p.replicas, p.replicas), "replicas", topic, index);
  demand(is_subset(p.isr, p.replicas), "A12: isr within the replicas", topic, index);
  demand(is_subset(p.elr, p.replicas), "A12: elr within the replicas", topic, index);
  demand(is_subset(p.adding, p.replicas) && is_subset(p.removing, p.replicas),
         "reassigned ones within the replicas", topic, index);
  demand(p.directories.size() == p.replicas.size(), "a directory each", topic, index);
  if (p.leader != kNoBroker) {
    demand(contains_broker(p.isr, p.leader), "A3: the leader is in the isr", topic, index);
    demand(active(p.leader), "A3: the leader is active", topic, index);
  }
  if (!choices_.elr) {
    demand(!p.isr.empty(), "A3: without elr the isr is never empty", topic, index);
    demand(p.elr.empty() && p.last_known_elr.empty(), "no elr", topic, index);
    const bool all_active = std::all_of(p.isr.begin(), p.isr.end(), active);
    demand(all_active || p.leader == kNoBroker, "A12: inactive in the isr", topic, index);
    return;
  }
  demand(std::all_of(p.isr.begin(), p.isr.end(), active), "A12: inactive in the isr", topic, index);
  demand(p.isr.empty() == (p.leader == kNoBroker), "A3: no leader means no isr", topic, index);
  for (const BrokerId id : p.elr) {
    demand(!contains_broker(p.isr, id), "A12: isr and elr are disjoint", topic, index);
  }
  const auto needed = static_cast<std::size_t>(
      deciding::min_insync_replicas(image(), topic, controller_.options()));
  if (p.isr.size() >= std::min(needed, p.replicas.size())) {
    demand(p.elr.empty(), "A12: enough in sync, nobody eligible beside", topic, index);
  }
  if (p.isr.empty() && p.elr.empty()) {
    demand(p.last_known_elr.size() == 1, "A11: somebody is known to have led last", topic, index);
    demand(is_subset(p.last_known_elr, p.replicas), "A11: and is a replica", topic, index);
  }
  for (const BrokerId id : p.replicas) {
    if (!dirty_.contains({{topic.id, index}, id.value()})) continue;
    demand(!contains_broker(p.isr, id) && !contains_broker(p.elr, id) && p.leader != id,
           "A14: an unclean replica", topic, index);
  }
}

void ClusterModel::check_all() {
  bool leaderless = false;
  for (const auto& [name, topic] : image().topics()) {
    for (std::size_t index = 0; index < topic->partitions.size(); ++index) {
      check_partition(*topic, static_cast<std::int32_t>(index));
      leaderless = leaderless || topic->partitions[index].leader == kNoBroker;
    }
  }
  if (leaderless) ++counts_.leaderless;
  if (random_.chance({1, 16})) check_snapshot();
}

void ClusterModel::check_snapshot() const {
  MetadataImage copy;
  for (const VersionedRecord& r : snapshot_records(image())) {
    std::string why;
    if (!replay(copy, r.record, &why)) throw Broken{"snapshot: " + why};
    if (!encode_metadata_record(r.record, r.version, &why)) throw Broken{"snapshot: " + why};
  }
  if (!copy.same_content(image())) throw Broken{"a snapshot gives another image"};
  if (copy.digest() != image().digest()) throw Broken{"equal images with unequal digests"};
  if (!diff(copy, image()).empty()) throw Broken{"a difference between equal images"};
}

// One committed record: epochs ascend, and name one leader each.
void ClusterModel::check_committed_step(const MetadataImage& before, const MetadataImage& after) {
  const ImageDiff changes = diff(before, after);
  for (const ChangedBroker& broker : changes.brokers) {
    if (!broker.after || (broker.before && broker.before->epoch == broker.after->epoch)) continue;
    if (broker.after->epoch.value() <= last_broker_epoch_) throw Broken{"broker epochs ascend"};
    if (broker.after->epoch.value() != after.applied().end.value() - 1)
      throw Broken{"a broker epoch's offset"};
    last_broker_epoch_ = broker.after->epoch.value();
  }
  for (const ChangedPartition& change : changes.partitions) {
    const PartitionImage* was = change.old_state();
    const PartitionImage* is = change.new_state();
    if (was == nullptr || is == nullptr) continue;
    demand(is->partition_epoch.value() == was->partition_epoch.value() + 1,
           "A15: every change has its partition epoch", change.topic(), change.index);
    demand(is->leader_epoch >= was->leader_epoch, "A15: leader epochs ascend", change.topic(),
           change.index);
    demand(is->leader == was->leader || is->leader_epoch > was->leader_epoch,
           "A15: another leader has another epoch", change.topic(), change.index);
    const bool removed = !is_subset(was->replicas, is->replicas);
    demand(!removed || is->leader_epoch > was->leader_epoch,
           "a removed replica ends the leader epoch", change.topic(), change.index);
  }
}

void ClusterModel::mark_dirty(BrokerId id) {
  if (!choices_.elr) return;  // nothing is promised of unclean stops then
  for (const auto& [name, topic] : image().topics()) {
    for (std::size_t index = 0; index < topic->partitions.size(); ++index) {
      if (!contains_broker(topic->partitions[index].replicas, id)) continue;
      const Key key{topic->id, static_cast<std::int32_t>(index)};
      dirty_[{key, id.value()}] = image().broker(id)->epoch;
    }
  }
}

// Who was dirty is clean again where a leader that knew this very life took it into the ISR, or
// where nobody better was left and it leads alone, recovering.
void ClusterModel::note_change(const MetadataImage& before, const MetadataImage& after,
                               const AlterPartitionRequest* by_leader) {
  for (const ChangedPartition& change : diff(before, after).partitions) {
    const PartitionImage* is = change.new_state();
    if (is == nullptr) continue;
    for (const BrokerId id : is->isr) {
      const auto found = dirty_.find({{change.topic().id, change.index}, id.value()});
      if (found == dirty_.end()) continue;
      bool clean = is->isr.size() == 1 && is->recovery == LeaderRecovery::recovering;
      if (by_leader != nullptr) {
        for (const auto& state : by_leader->topics.at(0).partitions.at(0).new_isr_with_epochs) {
          clean = clean || (state.broker_id == id.value() &&
                            BrokerEpoch{state.broker_epoch} == after.broker(id)->epoch);
        }
      }
      demand(clean, "A14: an unclean replica came into the isr", change.topic(), change.index);
      dirty_.erase(found);
    }
  }
}

void ClusterModel::note_changes(MetadataImage before, const Appends& appends,
                                const AlterPartitionRequest* by_leader) {
  for (const auto& batch : appends.batches) {
    for (const VersionedRecord& r : batch) {
      MetadataImage after = before;
      std::string why;
      if (!replay(after, r.record, &why)) throw Broken{why};
      note_change(before, after, by_leader);
      before = after;
    }
  }
  if (!before.same_content(image())) throw Broken{"A19: the records do not give the image"};
}

}  // namespace weir
