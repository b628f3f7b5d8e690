// A quorum in one thread, without machine: replicas, observers, a faulty network, crashes.
//
// A small driver of Quorum for each node carries out its effects as effects.h demands; the judge
// (judge.h) looks at every effect and after every step. All is drawn from one seed.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "broker/raft/quorum.h"
#include "tests/unit/raft/judge.h"
#include "tests/unit/raft/simulated_log.h"

namespace weir::raft::test {

struct ClusterOptions {
  std::uint64_t seed = 0;
  int voters = 3;   // nodes 0..voters-1
  int spares = 1;   // controllers that may be added
  int brokers = 1;  // observers for ever
};

class Cluster {
 public:
  explicit Cluster(ClusterOptions options);

  // Runs events up to then; stops at the first finding.
  void run_until(Instant end);
  void run_for(Duration d) { run_until(now + d); }
  [[nodiscard]] bool ok() const { return judge.finding().empty(); }

  // -- faults, each at once
  void kill(int node);
  void restart(int node);
  void wipe(int node);  // kill, and come back in an empty directory
  [[nodiscard]] bool may_wipe(int node) const;
  void cut(int from, int to) { blocked.insert({from, to}); }
  void heal();

  // -- work
  void append_somewhere();
  void change_voters();  // one sensible change, by the leader of the highest epoch
  void take_snapshot(int node);
  void trim(int node);

  [[nodiscard]] int size() const { return static_cast<int>(nodes.size()); }
  [[nodiscard]] bool is_up(int node) const { return nodes[index(node)]->quorum != nullptr; }
  [[nodiscard]] Quorum& quorum(int node) const { return *nodes[index(node)]->quorum; }
  // The leader of the highest epoch; -1: none.
  [[nodiscard]] int leader() const;
  // Which voters of this set exist still (others were wiped).
  [[nodiscard]] std::size_t living(const VoterSet& voters) const;
  [[nodiscard]] std::string show() const;

  struct Node {
    int id = 0;
    ReplicaKey key;
    bool is_controller = false;
    VoterSet bootstrap;
    std::optional<QuorumStateData> state;  // the file
    SimLog log;
    std::unique_ptr<Quorum> quorum;
    Random random;
    int life = 0;
    int deadline_number = 0;
    struct Incoming {
      Offset base{0};
      std::vector<SimRecord> records;
      std::optional<SimSnapshot> snapshot;
    } incoming;
    std::vector<std::pair<Offset, LeaderEpoch>> waiting;  // appends without a commit: next offset
  };

  // What the random schedule sets.
  Ratio loss;
  Ratio duplication;
  Ratio crash_at_effect;
  std::int64_t max_delay_us = 3000;

  Instant now;
  Random random;
  Judge judge;
  std::vector<std::unique_ptr<Node>> nodes;
  std::set<std::pair<int, int>> blocked;
  std::map<ReplyToken, RaftVoterResponse> admin_answers;
  std::int64_t acknowledged = 0;
  std::int64_t last_value = 0;
  std::int64_t steps = 0;

 private:
  using Incoming = Node::Incoming;
  struct Asker {
    int node = -1;  // -1: an administrator
    int life = 0;
    RequestId id = 0;
  };

  static std::size_t index(int node) { return static_cast<std::size_t>(node); }
  void at(Duration delay, std::function<void()> what);
  // Carries `what` over the network, maybe not, maybe twice; `lost` if it is certain that not.
  void transmit(int from, int to, const std::function<void()>& what);
  void step(Node& node, const std::function<Effects(const LogView&)>& input);
  void carry_out(Node& node, Effects effects);
  void carry_out(Node& node, const Effect& effect);
  void schedule_deadline(Node& node);
  void deliver(int to, Asker asker, const Request& request);
  void answer(Node& node, ReplyToken token, Response response, Incoming incoming);
  void commit(Node& node, Offset offset);
  [[nodiscard]] int node_of(BrokerId id) const;
  void administer(int node, const Request& request);

  std::map<std::pair<Instant, std::int64_t>, std::function<void()>> events_;
  std::int64_t event_number_ = 0;
  std::map<ReplyToken, Asker> askers_;
  ReplyToken last_token_ = 0;
  ClusterOptions options_;
};

}  // namespace weir::raft::test
