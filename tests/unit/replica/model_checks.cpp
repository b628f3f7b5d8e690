// The invariants of partition replication, checked after every step of the simulation.
//
// The ghost `committed` is what any leader ever exposed below its high watermark, record by record;
// most laws compare with it.
#include <algorithm>
#include <sstream>

#include "tests/unit/replica/model_cluster.h"

namespace weir {

void ModelCluster::fail(const std::string& what) {
  if (!violation_.empty()) return;
  std::ostringstream text;
  text << "step " << step_ << ": " << what;
  violation_ = text.str();
}

void ModelCluster::on_appended(const ModelBroker& b, const PartitionKey& key, Offset at,
                               const ModelRecord& record) {
  Ghost& ghost = ghosts_[key];
  const auto [appender, first] = ghost.appender.emplace(record.epoch, std::make_pair(b.id, b.life));
  if (!first && appender->second != std::make_pair(b.id, b.life)) {
    fail("A15: two leaders append in one epoch");
  }
  const auto [known, fresh] = ghost.appended.emplace(std::make_pair(record.epoch, at), record);
  if (!fresh && known->second != record) fail("A15: one epoch and offset, two records");
}

// A8 and A9: what is exposed at an offset never differs from what was exposed there before.
void ModelCluster::on_watermark(const ModelBroker& b, const PartitionKey& key,
                                const ModelReplica& r, const WatermarkStep& step) {
  Ghost& ghost = ghosts_[key];
  const auto in_sync = static_cast<std::int32_t>(r.leader->committed().isr.size());
  if (in_sync < r.leader->effective_min_isr()) fail("A18: moves below the minimal ISR");
  if (step.after <= step.before) fail("A13: the high watermark of a leader falls");
  for (Offset at{static_cast<std::int64_t>(ghost.committed.size())}; at < step.after; at = at + 1) {
    if (at < r.log.start) return fail("A13: exposes what it does not hold");
    ghost.committed.push_back(r.log.at(at));
  }
  static_cast<void>(b);
}

void ModelCluster::check() {
  for (const auto& [key, p] : controller_->partitions()) {
    Ghost& ghost = ghosts_[key];
    if (p.state.leader_epoch < ghost.leader_epoch) fail("A15: the leader epoch falls");
    if (p.state.partition_epoch < ghost.partition_epoch) fail("A15: the partition epoch falls");
    ghost.leader_epoch = p.state.leader_epoch;
    ghost.partition_epoch = p.state.partition_epoch;
    const Offset committed{static_cast<std::int64_t>(ghost.committed.size())};
    for (const BrokerId id : p.state.isr) check_member(key, id, committed, "A6: an ISR member");
    for (const BrokerId id : p.elr) check_member(key, id, committed, "A6: an ELR member");
    if (p.state.leader != kNoLeaderId) {
      check_member(key, p.state.leader, committed, "A5: the leader");
    }
  }
  for (const ModelBroker& b : brokers_) {
    for (const auto& [key, r] : b.replicas) {
      if (!r.applied) continue;
      check_replica(b, key, r);
      if (r.leader && b.running) check_leader(b, key, r);
    }
  }
  if (step_ % 16 == 0) check_acked();
}

// Whoever may be elected holds all that was committed; brokers that are down, or whose new life the
// controller does not know yet, cannot be elected as they are.
void ModelCluster::check_member(const PartitionKey& key, BrokerId id, Offset up_to,
                                const char* who) {
  const ModelBroker& b = broker(id);
  const bool counts = b.running && b.registered;
  const auto at = b.replicas.find(key);
  if (!counts || at == b.replicas.end()) return;
  const ModelLog& log = at->second.log;
  if (log.end() < up_to) return fail(std::string(who) + " lacks committed records");
  const Ghost& ghost = ghosts_[key];
  for (Offset o = log.start; o < up_to; o = o + 1) {
    if (log.at(o) != ghost.committed[static_cast<std::size_t>(o.value())]) {
      return fail(std::string(who) + " holds another record than was committed");
    }
  }
}

void ModelCluster::check_replica(const ModelBroker& b, const PartitionKey& key,
                                 const ModelReplica& r) {
  const Ghost& ghost = ghosts_[key];
  const ModelLog& log = r.log;
  const Offset watermark = b.running ? r.high_watermark : log.start;
  if (watermark < log.start || watermark > log.end()) fail("A17: start <= HW <= LEO");
  for (Offset o = log.start; o < log.end(); o = o + 1) {
    const ModelRecord& record = log.at(o);
    const auto known = ghost.appended.find({record.epoch, o});
    if (known == ghost.appended.end() || known->second != record) fail("A15: nobody wrote that");
    if (log.cache.epoch_at(o) != record.epoch) fail("A16: the epoch cache disagrees with the log");
    const bool exposed = o < watermark;
    if (!exposed) continue;
    const auto index = static_cast<std::size_t>(o.value());
    if (index >= ghost.committed.size() || ghost.committed[index] != record) {
      fail("A8: replicas differ below their high watermarks");
    }
  }
  LeaderEpoch last_epoch{-1};
  for (const EpochStart& entry : log.cache.entries()) {
    if (entry.epoch <= last_epoch) fail("A16: epochs do not ascend");
    last_epoch = entry.epoch;
  }
  if (!b.running) return;
  const bool followed = r.follower && r.follower->leader() != kNoLeaderId;
  const std::size_t fetchers = b.plan.fetchers_of(key);
  if (fetchers != (followed ? 1u : 0u)) fail("A20: a wrong number of fetchers");
  if (followed && b.plan.fetched_from(key) != r.applied->leader) fail("A20: the wrong leader");
  if (r.follower && r.follower->leader_epoch() != r.applied->leader_epoch) {
    fail("A20: a fetcher of another epoch");
  }
}

void ModelCluster::check_leader(const ModelBroker& b, const PartitionKey& key,
                                const ModelReplica& r) {
  const ModelPartition& truth = controller_->partition(key);
  Ghost& ghost = ghosts_[key];
  const bool stale =
      truth.state.leader != b.id || truth.state.leader_epoch != r.leader->leader_epoch();
  for (const BrokerId id : truth.state.isr) {
    check_member(key, id, r.high_watermark, "A1, A4: an ISR member");
  }
  const std::vector<EpochStart>& epochs = r.log.cache.entries();
  const bool noted = !epochs.empty() && epochs.back().epoch == r.leader->leader_epoch() &&
                     epochs.back().start == std::max(r.leader->epoch_start(), r.log.start);
  if (!noted) fail("A16: the start of the leader's epoch is not the one that it noted");
  const LatestOffset latest = r.leader->latest_offset();
  if (!stale && latest.error == ErrorCode::none && latest.offset < ghost.latest_shown) {
    fail("A13: the latest offset falls from one leader to the next");
  }
  ghost.latest_shown = std::max(ghost.latest_shown, latest.offset);
  if (stale) return;
  const std::vector<BrokerId> maximal = r.leader->maximal_isr();
  for (const BrokerId id : truth.state.isr) {
    if (!contains(maximal, id)) fail("A7: the ISR is not within the leader's maximal ISR");
  }
  for (const BrokerId id : r.leader->committed().isr) {
    const BrokerStanding* seen = b.live.find(id);
    const bool same_life = seen->epoch == controller_->broker(id).epoch;
    if (same_life) check_member(key, id, r.high_watermark, "A2: a member of the local ISR");
  }
}

// A10: every acknowledged record is on some disk, be its broker up or down.
void ModelCluster::check_acked() {
  for (const auto& [key, ghost] : ghosts_) {
    for (const auto& [offset, id] : ghost.acked) {
      if (offset < ghost.deleted) continue;
      const bool somewhere = std::ranges::any_of(brokers_, [&](const ModelBroker& b) {
        const auto at = b.replicas.find(key);
        if (at == b.replicas.end()) return false;
        const ModelLog& log = at->second.log;
        return offset >= log.start && offset < log.end() && log.at(offset).id == id;
      });
      if (!somewhere) return fail("A10: an acknowledged record is on no disk");
    }
  }
}

}  // namespace weir
