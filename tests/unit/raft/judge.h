// The invariants of the quorum, B1 to B10, looked at with every effect and after every step.
//
// The judge keeps ghosts: what was ever committed, who led which epoch, who voted for whom. It
// shares no rule with the machine that it judges: tables and majorities are written anew.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "broker/raft/effects.h"
#include "tests/unit/raft/simulated_log.h"

namespace weir::raft {
class Quorum;
}

namespace weir::raft::test {

// What the judge may see of a node.
struct NodeView {
  ReplicaKey key;
  bool is_controller = false;
  const SimLog* log = nullptr;
  const std::optional<QuorumStateData>* file = nullptr;
  const Quorum* quorum = nullptr;  // nothing: down
};

class Judge {
 public:
  [[nodiscard]] const std::string& finding() const { return finding_; }
  void find(const std::string& what);

  void asked(ReplyToken token, const Request& request);
  void before_effect(const NodeView& node, const Effect& effect);
  // After a Persist: what stood in the file before.
  void persisted(const NodeView& node, const std::optional<QuorumStateData>& before);
  void committed(const NodeView& node, Offset offset, const std::vector<NodeView>& all);
  void after_step(const NodeView& node);
  void started(const ReplicaKey& key);
  void wiped(const ReplicaKey& key) { wiped_.insert(key); }
  void snapshot_taken(const NodeView& node, SnapshotId id, std::uint64_t state);
  // B5: after a crash or a wipe.
  void durability(const std::vector<NodeView>& all);

  [[nodiscard]] Offset committed_end() const {
    return Offset{static_cast<std::int64_t>(committed_.size())};
  }
  // The fold over everything committed below that offset.
  [[nodiscard]] std::uint64_t state_at(Offset end) const {
    return states_[static_cast<std::size_t>(end.value())];
  }
  [[nodiscard]] const std::map<LeaderEpoch, ReplicaKey>& leaders() const { return leaders_; }

 private:
  void check_role(const NodeView& node, const RoleChanged& change);
  void check_reply(const NodeView& node, const Reply& reply);
  void check_sent(const NodeView& node, const Send& send);
  void check_change(const NodeView& node, const AppendControl& append);
  void check_majority(const NodeView& node, Offset offset, const std::vector<NodeView>& all);
  void check_completeness(const NodeView& leader);
  void led_by(LeaderEpoch epoch, const ReplicaKey& key);

  std::string finding_;
  std::vector<SimRecord> committed_;
  std::vector<std::uint64_t> states_{0};
  std::map<LeaderEpoch, ReplicaKey> leaders_;
  std::map<LeaderEpoch, BrokerId> named_;
  std::map<std::pair<ReplicaKey, LeaderEpoch>, ReplicaKey> votes_;
  std::map<ReplicaKey, RoleChanged> roles_;
  std::map<ReplicaKey, Offset> watermarks_;  // in this life
  std::map<LeaderEpoch, Offset> epoch_starts_;
  std::map<ReplyToken, VoteRequest> asked_;
  std::set<ReplicaKey> wiped_;
};

}  // namespace weir::raft::test
