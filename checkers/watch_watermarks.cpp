// Watermarks, log starts and new leaders against the logs and against what was shown.
#include "checkers/watch_watermarks.h"

#include <algorithm>

#include "broker/base/text.h"
#include "checkers/watch_partitions.h"

namespace weir {

using namespace watching;

namespace {

// QuorumRole of broker/raft.
constexpr std::int64_t kLeader = 3;
constexpr std::int64_t kFollower = 4;
constexpr std::int64_t kUnattached = 0;
// Kafka's keys of the requests that change the set of voters (KIP-853).
constexpr std::int16_t kAddRaftVoter = 80;
constexpr std::int16_t kUpdateRaftVoter = 82;

}  // namespace

std::int64_t WatermarkWatch::ghost(std::string_view topic, std::int32_t partition) const {
  const Partition* found = partitions_.find(topic, partition);
  return found == nullptr ? 0 : found->ghost;
}

const ReplicaMarks* WatermarkWatch::replica(std::string_view topic, std::int32_t partition,
                                            std::string_view node) const {
  const Partition* found = partitions_.find(topic, partition);
  if (found == nullptr) return nullptr;
  const auto replica = found->replicas.find(node);
  return replica == found->replicas.end() ? nullptr : &replica->second;
}

bool WatermarkWatch::has_roles(std::string_view topic, std::int32_t partition) const {
  const Partition* found = partitions_.find(topic, partition);
  return found != nullptr && found->newest_epoch >= 0;
}

void WatermarkWatch::on(const Seen& seen, const PartitionWatch& told) {
  const Fact& fact = seen.fact;
  switch (fact.kind) {
    case FactKind::log_opened:
    case FactKind::log_appended:
    case FactKind::log_truncated:
    case FactKind::log_start_advanced: on_log(seen); return;
    case FactKind::hw_advanced: on_moved(seen, told); return;
    case FactKind::snapshot_taken: on_committed_use(seen, "took a snapshot"); return;
    case FactKind::metadata_applied: on_committed_use(seen, "applied the metadata"); return;
    case FactKind::log_compacted: on_committed_use(seen, "compacted its log"); return;
    case FactKind::replica_leads: on_leads(seen); return;
    case FactKind::replica_follows:
    case FactKind::replica_offline: {
      Replica& replica = at_node(at_partition(partitions_, fact).replicas, seen.node);
      replica.leads = -1;
      replica.shown = -1;
      if (fact.kind == FactKind::replica_follows) {
        replica.follows = std::max(replica.follows, fact.epoch);
      }
      return;
    }
    case FactKind::partition_changed: {
      Partition& partition = at_partition(partitions_, fact);
      if (partition.creations.is_another(fact)) {
        const Creations creations = partition.creations;
        partition = Partition{};
        partition.creations = creations;
      }
      const std::size_t replicas = ids_in(fact.record, "replicas").size();
      if (partition.replica_count == 0 || replicas < partition.replica_count) {
        partition.replica_count = replicas;
      }
      return;
    }
    case FactKind::topic_deleted: partitions_.erase_topic(fact.topic); return;
    case FactKind::request_received:
      if (fact.api >= kAddRaftVoter && fact.api <= kUpdateRaftVoter) voters_change_ = true;
      return;
    case FactKind::broker_registered: at_node(brokers_, broker_node(fact.sequence)) = true; return;
    case FactKind::quorum_voted: voters_[std::string(seen.node)] = true; return;
    case FactKind::quorum_state: on_quorum_role(seen); return;
    case FactKind::node_started:
      at_node(epoch_starts_, seen.node) = -1;
      for (auto& [key, partition] : partitions_) {
        const auto replica = partition.replicas.find(seen.node);
        if (replica == partition.replicas.end()) continue;
        replica->second.leads = replica->second.shown = replica->second.end = -1;
      }
      return;
    default: return;  // moves nothing
  }
}

void WatermarkWatch::on_log(const Seen& seen) {
  const Fact& fact = seen.fact;
  Replica& replica = at_node(at_partition(partitions_, fact).replicas, seen.node);
  switch (fact.kind) {
    case FactKind::log_opened:
      replica.start = fact.old;
      replica.furthest_start = std::max(replica.furthest_start, fact.old);
      replica.end = fact.value;
      replica.shown = -1;
      // A leader may still count what a former life of the replica had fetched.
      replica.reach = std::max(replica.reach, fact.value);
      return;
    case FactKind::log_appended:
      replica.end = fact.value + 1;
      replica.reach = std::max(replica.reach, replica.end);
      return;
    case FactKind::log_truncated: on_cut(replica, seen); return;
    default: on_start_moved(replica, seen); return;
  }
}

void WatermarkWatch::on_cut(Replica& replica, const Seen& seen) {
  const Fact& fact = seen.fact;
  // What recovery cuts comes before the log is opened: then nobody is in office, and `end` is that
  // of another life.
  if (replica.end >= 0 && replica.leads >= 0 && fact.value < replica.end) {
    steps.add({place_of(fact, fact.value), -1, seen.sequence,
               std::string(seen.node) + " leads in epoch " + std::to_string(replica.leads) +
                   " and cut its own log from " + std::to_string(replica.end) + " to " +
                   std::to_string(fact.value)},
              fact.topic);
  }
  if (replica.end >= 0) replica.reach = fact.value;
  replica.end = fact.value;
  if (replica.shown > fact.value) replica.shown = -1;
}

void WatermarkWatch::on_start_moved(Replica& replica, const Seen& seen) {
  const Fact& fact = seen.fact;
  ++steps.looked_at;
  if (fact.value < replica.start) {
    steps.add({place_of(fact, fact.value), -1, seen.sequence,
               "the log start of " + std::string(seen.node) + " went back from " +
                   std::to_string(replica.start) + " to " + std::to_string(fact.value)},
              fact.topic);
  }
  if (replica.leads >= 0 && replica.shown >= 0 && fact.value > replica.shown) {
    steps.add(
        {place_of(fact, fact.value), -1, seen.sequence,
         "the log start of " + std::string(seen.node) + " went to " + std::to_string(fact.value) +
             ", beyond its high watermark " + std::to_string(replica.shown)},
        fact.topic);
  }
  replica.start = std::max(replica.start, fact.value);
  replica.furthest_start = std::max(replica.furthest_start, fact.value);
  // A follower that begins anew behind the end that it had.
  if (replica.end >= 0) replica.end = std::max(replica.end, fact.value);
  replica.reach = std::max(replica.reach, fact.value);
}

void WatermarkWatch::on_moved(const Seen& seen, const PartitionWatch& told) {
  const Fact& fact = seen.fact;
  Partition& partition = at_partition(partitions_, fact);
  Replica& replica = at_node(partition.replicas, seen.node);
  ++steps.looked_at;
  const std::string node(seen.node);
  if (replica.end >= 0 && fact.value > replica.end) {
    steps.add({place_of(fact, fact.value), -1, seen.sequence,
               "the high watermark of " + node + " went to " + std::to_string(fact.value) +
                   ", beyond its log end " + std::to_string(replica.end)},
              fact.topic);
  }
  const bool in_term = replica.shown >= 0 && (replica.leads < 0 || replica.leads == fact.epoch);
  if (in_term && fact.value < replica.shown && fact.topic != kMetadataTopic) {
    steps.add({place_of(fact, fact.value), -1, seen.sequence,
               "the high watermark of " + node + " went back from " +
                   std::to_string(replica.shown) + " to " + std::to_string(fact.value)},
              fact.topic);
  }
  replica.shown = fact.value;
  const bool is_metadata = fact.topic == kMetadataTopic;
  const bool leads = replica.leads >= 0 && replica.leads == fact.epoch;
  // A follower repeats what its leader has shown. In a broker that stands alone nobody has roles.
  const bool shows = leads || is_metadata || partition.newest_epoch < 0;
  if (leads || is_metadata) count_copies(partition, seen);
  if (leads) find_isr_member_behind(partition, seen, told);
  if (is_metadata) {
    const std::int64_t epoch_start = at_node(epoch_starts_, seen.node);
    if (epoch_start >= 0 && fact.value <= epoch_start) {
      steps.add({place_of(fact, fact.value), -1, seen.sequence,
                 node + " leads the quorum and committed up to " + std::to_string(fact.value) +
                     ", no further than its epoch's beginning at " + std::to_string(epoch_start)},
                fact.topic);
    }
  }
  if (!shows || fact.value <= partition.ghost) return;
  partition.ghost = fact.value;
  partition.ghost_event = seen.sequence;
  partition.ghost_by = node;
  partition.ghost_epoch = fact.epoch;
}

// A leader waits for every member of the ISR that it knows of. The controller's may be smaller by
// those whom it fenced since, or by those whom the leader wants out; larger it is only by what the
// leader itself proposed, or in another epoch. It counts only who says that it has heard of the
// leader's office: before, a replica may still have to cut off records (KIP-320, second design).
void WatermarkWatch::find_isr_member_behind(const Partition& partition, const Seen& seen,
                                            const PartitionWatch& told) {
  const Fact& fact = seen.fact;
  const PartitionWatch::Newest newest = told.newest(fact.topic, fact.partition);
  if (!newest.is_newest || newest.state->leader_epoch != fact.epoch) return;
  const auto leader = partition.replicas.find(seen.node);
  const std::int32_t office = leader->second.in_office_since;
  for (const std::int64_t broker : newest.state->isr) {
    const auto replica = partition.replicas.find(BrokerName(broker));
    if (replica == partition.replicas.end()) continue;
    if (replica != leader && replica->second.follows < office) {
      steps.add({place_of(fact, fact.value), newest.state->event, seen.sequence,
                 "the high watermark of " + std::string(seen.node) + " went to " +
                     std::to_string(fact.value) + ", but " + broker_node(broker) +
                     ", a member of the ISR, has not followed it since it leads (epoch " +
                     std::to_string(office) + "), and may cut off what it has"},
                fact.topic);
      continue;
    }
    if (replica->second.reach >= fact.value) continue;
    steps.add({place_of(fact, fact.value), newest.state->event, seen.sequence,
               "the high watermark of " + std::string(seen.node) + " went to " +
                   std::to_string(fact.value) + ", but the log of " + broker_node(broker) +
                   ", a member of the ISR, never reached beyond " +
                   std::to_string(replica->second.reach)},
              fact.topic);
  }
}

// What rests on committed records: they were shown to be committed by somebody.
void WatermarkWatch::on_committed_use(const Seen& seen, const std::string& deed) {
  const Fact& fact = seen.fact;
  const bool is_log = fact.kind == FactKind::log_compacted;
  const std::string topic(is_log ? fact.topic : kMetadataTopic);
  const std::int32_t index = is_log ? fact.partition : 0;
  const Partition* found = partitions_.find(topic, index);
  if (found == nullptr || fact.value <= found->ghost) return;
  // The quorum may have committed it and be about to tell.
  if (!is_log && copies_of_metadata(*found, fact.value) >= majority()) return;
  steps.add(
      {topic + "-" + std::to_string(index) + "@" + std::to_string(fact.value), found->ghost_event,
       seen.sequence,
       std::string(seen.node) + " " + deed + " up to " + std::to_string(fact.value) +
           ", beyond every high watermark that was shown (" + std::to_string(found->ghost) + ")"},
      topic);
}

// A majority of the voters that showed themselves is at most one of all voters, while nobody joins
// or leaves them.
std::size_t WatermarkWatch::majority() const { return voters_change_ ? 0 : voters_.size() / 2 + 1; }

// Where a broker is a voter, any other may be one that has not shown it yet: it only followed.
std::size_t WatermarkWatch::copies_of_metadata(const Partition& partition,
                                               std::int64_t below) const {
  const bool combined =
      std::ranges::any_of(voters_, [](const auto& v) { return is_broker_node(v.first); });
  return static_cast<std::size_t>(std::ranges::count_if(partition.replicas, [&](const auto& r) {
    const bool counts = combined || voters_.contains(r.first) || !brokers_.contains(r.first);
    return counts && r.second.reach >= below;
  }));
}

void WatermarkWatch::count_copies(const Partition& partition, const Seen& seen) {
  const Fact& fact = seen.fact;
  const bool is_metadata = fact.topic == kMetadataTopic;
  const std::size_t most = is_metadata ? majority() : partition.replica_count;
  const auto copies =
      is_metadata
          ? copies_of_metadata(partition, fact.value)
          : static_cast<std::size_t>(std::ranges::count_if(
                partition.replicas, [&](const auto& r) { return r.second.reach >= fact.value; }));
  if (copies >= most) return;
  std::string about = "the high watermark of " + place_of(fact) + " went to " +
                      std::to_string(fact.value) + " on " + std::string(seen.node) + " while " +
                      std::to_string(copies) + (copies == 1 ? " log" : " logs") +
                      " reached that far";
  if (is_metadata) {
    steps.add({place_of(fact, fact.value), -1, seen.sequence, about}, fact.topic);
  } else {
    at_node(moved_with_copies, fact.topic).note(copies, seen.sequence, std::move(about));
  }
}

void WatermarkWatch::on_leads(const Seen& seen) {
  const Fact& fact = seen.fact;
  Partition& partition = at_partition(partitions_, fact);
  Replica& replica = at_node(partition.replicas, seen.node);
  if (replica.leads < 0) replica.in_office_since = fact.epoch;
  replica.leads = fact.epoch;
  replica.epoch_start = fact.value;
  replica.shown = -1;
  // One that comes back with old news, or late, shows nothing that counts.
  if (fact.epoch <= partition.newest_epoch) return;
  partition.newest_epoch = fact.epoch;
  ++elections.looked_at;
  if (fact.value >= partition.ghost) return;
  elections.add({place_of(fact, fact.value), partition.ghost_event, seen.sequence,
                 std::string(seen.node) + " leads from epoch " + std::to_string(fact.epoch) +
                     " on with a log that ends at " + std::to_string(fact.value) + ", but " +
                     partition.ghost_by + " had shown a high watermark of " +
                     std::to_string(partition.ghost)},
                fact.topic);
  partition.ghost = fact.value;  // told once
}

void WatermarkWatch::on_quorum_role(const Seen& seen) {
  const std::int64_t role = seen.fact.value;
  if (role != kFollower && role != kUnattached) voters_[std::string(seen.node)] = true;
  at_node(epoch_starts_, seen.node) = -1;
  if (role == kLeader) on_quorum_leader(seen);
}

void WatermarkWatch::on_quorum_leader(const Seen& seen) {
  const Partition* found = partitions_.find(kMetadataTopic, 0);
  if (found == nullptr) return;
  const Partition& partition = *found;
  // Elected by votes that came late: a later leader may have committed more meanwhile.
  if (seen.fact.epoch < partition.ghost_epoch) return;
  ++elections.looked_at;
  const auto replica = partition.replicas.find(seen.node);
  if (replica == partition.replicas.end() || replica->second.end < 0) return;
  at_node(epoch_starts_, seen.node) = replica->second.end;
  if (replica->second.end >= partition.ghost) return;
  elections.add({"__cluster_metadata-0@" + std::to_string(replica->second.end),
                 partition.ghost_event, seen.sequence,
                 std::string(seen.node) + " leads the quorum from epoch " +
                     std::to_string(seen.fact.epoch) + " on with a log that ends at " +
                     std::to_string(replica->second.end) + ", but " + partition.ghost_by +
                     " had shown a high watermark of " + std::to_string(partition.ghost)},
                kMetadataTopic);
}

}  // namespace weir
