// Random schedules: whatever the network, the crashes and the administrator do, nothing committed
// is lost and no rule of the quorum is broken (B1 to B10); once they rest, it works again (B11),
// and whoever comes back does not disturb it (B12).
//
// WEIR_RAFT_SEEDS=first-last runs other seeds than the usual.
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "broker/base/text.h"
#include "tests/support/sanitized.h"
#include "tests/unit/raft/cluster.h"

namespace weir::raft::test {
namespace {

struct Seeds {
  std::uint64_t first;
  std::uint64_t last;
};

Seeds seeds(std::uint64_t usual) {
  const char* wanted = std::getenv("WEIR_RAFT_SEEDS");
  if (wanted == nullptr) return {1, kSanitized ? usual / 8 : usual};
  const std::string_view text = wanted;
  const std::size_t dash = text.find('-');
  const auto first = parse_unsigned(text.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : parse_unsigned(text.substr(dash + 1));
  return {first.value_or(1), last.value_or(usual)};
}

struct Schedule {
  ClusterOptions cluster;
  Duration faults = 20s;
  bool changes_voters = true;
};

void partition(Cluster& c) {
  c.blocked.clear();
  if (c.random.chance({1, 3})) {  // some directions
    for (int i = 0; i < c.size(); ++i) {
      for (int k = 0; k < c.size(); ++k) {
        if (i != k && c.random.chance({1, 5})) c.cut(i, k);
      }
    }
    return;
  }
  const auto side = c.random.next();  // two sides, or one way between them
  const bool both_ways = c.random.chance({2, 3});
  for (int i = 0; i < c.size(); ++i) {
    for (int k = 0; k < c.size(); ++k) {
      const bool is_apart = ((side >> i) & 1) != ((side >> k) & 1);
      if (is_apart && (both_ways || ((side >> i) & 1) != 0)) c.cut(i, k);
    }
  }
}

void one_fault(Cluster& c, bool changes_voters) {
  const int node = static_cast<int>(c.random.below(static_cast<std::uint64_t>(c.size())));
  switch (c.random.below(20)) {
    case 0:
    case 1: return partition(c);
    case 2:
    case 3: return c.blocked.clear();
    case 4:
    case 5: return c.kill(node);
    case 6:
    case 7:
    case 8: return c.restart(node);
    case 9: c.loss = {static_cast<std::uint32_t>(c.random.below(4)), 10}; return;
    case 10: c.duplication = {static_cast<std::uint32_t>(c.random.below(3)), 10}; return;
    case 11: c.max_delay_us = c.random.chance({1, 3}) ? 100'000 : 3000; return;
    case 12: c.crash_at_effect = {static_cast<std::uint32_t>(c.random.below(3)), 2000}; return;
    case 13:
      if (changes_voters && c.random.chance({1, 3}) && c.may_wipe(node)) c.wipe(node);
      return;
    case 14:
      if (const int leader = c.leader(); leader >= 0) c.kill(leader);
      return;
    case 15:
      if (c.random.chance({1, 8})) {  // the lights go out
        for (int i = 0; i < c.size(); ++i) c.kill(i);
        for (int i = 0; i < c.size(); ++i) c.restart(i);
      }
      return;
    default:
      if (changes_voters) c.change_voters();
      return;
  }
}

void run_faults(Cluster& c, const Schedule& schedule) {
  const Instant end = c.now + schedule.faults;
  while (c.now < end && c.ok()) {
    c.run_for(Duration(c.random.between(1'000'000, 200'000'000)));
    for (std::uint64_t i = c.random.below(4); i > 0; --i) c.append_somewhere();
    const int node = static_cast<int>(c.random.below(static_cast<std::uint64_t>(c.size())));
    if (c.random.chance({1, 10})) c.take_snapshot(node);
    if (c.random.chance({1, 20})) c.trim(node);
    if (c.random.chance({1, 3})) one_fault(c, schedule.changes_voters);
  }
}

bool everybody_has_everything(const Cluster& c) {
  const int leader = c.leader();
  if (leader < 0) return false;
  for (int i = 0; i < c.size(); ++i) {
    const Quorum& q = c.quorum(i);
    if (q.leader() != BrokerId{leader} || q.high_watermark() != c.judge.committed_end() ||
        c.nodes[static_cast<std::size_t>(i)]->log.end() != c.judge.committed_end()) {
      return false;
    }
  }
  return true;
}

// B11: within the time, a leader, and a record of a client on every node.
void expect_progress(Cluster& c) {
  c.heal();
  const std::int64_t before = c.acknowledged;
  const Instant end = c.now + Duration(20s);
  while (c.now < end && c.ok() && (c.acknowledged == before || !everybody_has_everything(c))) {
    c.run_for(100ms);
    if (c.acknowledged == before) c.append_somewhere();
  }
  if (!c.ok()) return;
  if (c.acknowledged == before) return c.judge.find("B11: nothing is acknowledged after healing");
  if (!everybody_has_everything(c)) c.judge.find("B11: not all nodes have caught up");
}

// B11: a voter can be taken out and put back in.
void expect_reconfiguration(Cluster& c) {
  for (int i = 0; i < 60 && c.ok(); ++i) {
    const int leader = c.leader();
    if (leader >= 0) {
      const Quorum& q = c.quorum(leader);
      const bool is_settled = q.voter_history().latest_offset() < q.high_watermark();
      if (is_settled && c.living(q.voters()) == q.voters().size() && i > 20) return;
    }
    c.change_voters();
    c.run_for(500ms);
  }
  if (c.ok()) c.judge.find("B11: a change of the voters is stuck");
}

// B12: cut off one follower for long; when it is back, the epoch is what it was.
void expect_no_disruption(Cluster& c) {
  c.run_for(3s);
  const int leader = c.leader();
  if (leader < 0) return c.judge.find("B11: no leader in peace");
  const LeaderEpoch epoch = c.quorum(leader).epoch();
  const VoterSet& voters = c.quorum(leader).voters();
  if (voters.size() < 3) return;
  const int victim = (leader + 1) % c.size();
  const bool both_ways = c.random.chance({1, 2});
  for (int i = 0; i < c.size(); ++i) {
    if (i != victim) c.cut(i, victim);
    if (i != victim && both_ways) c.cut(victim, i);
  }
  c.run_for(15s);
  c.heal();
  c.run_for(10s);
  const int now = c.leader();
  if (c.ok() && (now != leader || c.quorum(now).epoch() != epoch)) {
    c.judge.find("B12: a node that came back disturbed the leader");
  }
}

struct Totals {
  std::int64_t steps = 0;
  std::int64_t acknowledged = 0;
  std::int64_t epochs = 0;
  std::int64_t loaded_snapshots = 0;
};

void run_seeds(Schedule schedule, Seeds range) {
  Totals totals;
  for (std::uint64_t seed = range.first; seed <= range.last; ++seed) {
    schedule.cluster.seed = seed;
    Cluster c(schedule.cluster);
    run_faults(c, schedule);
    if (c.ok()) expect_progress(c);
    if (c.ok() && schedule.changes_voters) expect_reconfiguration(c);
    if (c.ok()) expect_no_disruption(c);
    ASSERT_TRUE(c.ok()) << "seed " << seed << ": " << c.judge.finding() << "\n" << c.show();
    totals.steps += c.steps;
    totals.acknowledged += c.acknowledged;
    totals.epochs += static_cast<std::int64_t>(c.judge.leaders().size());
  }
  std::printf("%lld seeds: %lld steps, %lld batches acknowledged, %lld leaders\n",
              static_cast<long long>(range.last - range.first + 1),
              static_cast<long long>(totals.steps), static_cast<long long>(totals.acknowledged),
              static_cast<long long>(totals.epochs));
}

TEST(QuorumSimulation, ThreeVotersKeepTheRules) {
  run_seeds({{.voters = 3, .spares = 0, .brokers = 1}, 20s, false}, seeds(150));
}

TEST(QuorumSimulation, FiveVotersKeepTheRules) {
  run_seeds({{.voters = 5, .spares = 0, .brokers = 1}, 20s, false}, seeds(80));
}

TEST(QuorumSimulation, VotersThatComeAndGoKeepTheRules) {
  run_seeds({{.voters = 3, .spares = 2, .brokers = 1}, 25s, true}, seeds(150));
}

TEST(QuorumSimulation, OneVoterGrowsToManyAndKeepsTheRules) {
  run_seeds({{.voters = 1, .spares = 3, .brokers = 1}, 25s, true}, seeds(60));
}

TEST(QuorumSimulation, TheSameSeedGivesTheSameRun) {
  const auto run = [] {
    Schedule schedule{{.seed = 7, .voters = 3, .spares = 2, .brokers = 1}, 10s, true};
    Cluster c(schedule.cluster);
    run_faults(c, schedule);
    return std::pair(c.steps, c.show());
  };
  EXPECT_EQ(run(), run());
}

}  // namespace
}  // namespace weir::raft::test
