// The producer's core against three brokers that change leadership, answer from stale knowledge,
// lose responses and fail at random: no record is lost or told twice; with idempotence each is in
// the log once and in the order of sending; what was acknowledged is durable, what failed is not
// there.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <optional>
#include <set>
#include <stdexcept>

#include "replica_model.h"

namespace weir::test {
namespace {

using std::chrono::milliseconds;

void require(bool holds, const char* what) {
  if (!holds) throw std::logic_error(what);
}

// A request on its way or being handled, with the batches as they were when it left.
struct Flight {
  std::uint64_t request = 0;
  std::vector<ProducerBatch> batches = {};
  std::vector<ReplicaModel::Verdict> verdicts = {};
  std::vector<std::int32_t> leader_epochs = {};  // when it was handled
};

class Cluster {
 public:
  explicit Cluster(const ProducerOptions& options)
      : options_(options), core_(options), metadata_(options.connection) {
    refresh(1);
    if (options.idempotence) core_.producer_id_assigned(ProducerId{1}, ProducerEpoch{0});
  }

  void move(std::uint64_t choice) {
    const auto detail = choice / 16;
    const auto node = static_cast<std::int32_t>(1 + detail % kBrokers);
    const auto p = static_cast<std::int32_t>(detail / kBrokers % kPartitions);
    switch (choice % 16) {
      case 0:
      case 1:
      case 2: return send();
      case 3: return wait(static_cast<int>(detail % 40) * 8);
      case 4: return disconnect(node, detail / 3 % 6);
      case 5: return brokers_.elect(p, node);
      case 6: return learn(node);
      case 7: return brokers_.fetch(p, node, detail / 6 % 3);
      case 8: return refresh_if_wanted(node);
      case 9: return give_up(node, detail / 3 % 2 == 0);
      case 10: return serve_lost(node, detail / 3);
      case 11:
      case 12: brokers_.commit(p); return settle_all();
      case 13: return serve(node, detail / 3 % 4 == 0);
      default: return serve(node, false);
    }
  }
  // Everything works from now on.
  void heal() {
    for (int i = 0; i < 4000 && core_.unfinished() > 0; ++i) {
      for (std::int32_t n = 1; n <= kBrokers; ++n) {
        learn(n);
        refresh_if_wanted(n);
        serve(n, false);
      }
      for (std::int32_t p = 0; p < kPartitions; ++p) brokers_.commit(p);
      settle_all();
      wait(10);
    }
    require(core_.unfinished() == 0, "every record has an outcome in a healed cluster");
  }
  void check(bool all_acknowledged) const {
    require(outcomes_.size() == next_, "one outcome a record");
    for (std::int32_t p = 0; p < kPartitions; ++p) {
      const std::vector<std::uint64_t> log = brokers_.records(p);
      std::map<std::uint64_t, int> copies;
      std::vector<std::uint64_t> firsts;
      for (const std::uint64_t token : log) {
        if (copies[token]++ > 0) continue;
        const bool sure = outcomes_.at(token).outcome == SendOutcome::acknowledged;
        if (options_.idempotence || sure) firsts.push_back(token);
      }
      const bool ordered = options_.idempotence || options_.max_in_flight == 1;
      require(!ordered || std::ranges::is_sorted(firsts), "records keep the order of sending");
      if (options_.idempotence) require(copies.size() == log.size(), "no record is there twice");
    }
    for (const auto& [token, result] : outcomes_) {
      const std::vector<std::uint64_t> log =
          brokers_.records(static_cast<std::int32_t>(token % kPartitions));
      const bool stored = std::ranges::find(log, token) != log.end();
      if (result.outcome == SendOutcome::acknowledged) {
        require(stored, "what was acknowledged is durable");
        require(result.offset < 0 || log.at(static_cast<std::size_t>(result.offset)) == token,
                "it is where the producer was told");
      }
      if (result.outcome == SendOutcome::failed) require(!stored, "what failed is not there");
      require(!all_acknowledged || result.outcome == SendOutcome::acknowledged,
              "nothing gives up while patience lasts");
    }
  }

 private:
  void send() {
    BufferedRecord record;
    record.value = Slice::copy_of("0123456789");
    record.token = next_;
    const TopicPartition tp{"t", static_cast<std::int32_t>(next_ % kPartitions)};
    if (core_.append(tp, std::move(record), now_) == ProducerCore::Appended::no_memory) return;
    ++next_;
    step();
  }
  void wait(int ms) {
    now_ = now_ + milliseconds(ms);
    step();
  }
  void learn(std::int32_t node) {
    brokers_.learn(node);
    settle_all();
  }

  // The oldest request of the live connection; a broker handles one at a time, until it is
  // answered.
  void serve(std::int32_t node, bool refuse) {
    if (busy_.contains(node) || flights_[node].empty()) return;
    busy_.emplace(node, std::move(flights_[node].front()));
    flights_[node].pop_front();
    handle(node, busy_.at(node), refuse);
    settle(node);
  }
  // A request of a broken connection: handled all the same, whenever.
  void serve_lost(std::int32_t node, std::uint64_t which) {
    std::vector<Flight>& lost = lost_[node];
    if (lost.empty()) return;
    const auto it = lost.begin() + static_cast<std::ptrdiff_t>(which % lost.size());
    handle(node, *it, false);
    lost.erase(it);
  }
  void handle(std::int32_t node, Flight& flight, bool refuse) {
    for (const ProducerBatch& batch : flight.batches) {
      ReplicaModel::Verdict verdict{
          {.tp = batch.tp, .code = ErrorCode::not_enough_replicas, .error = "too few"}};
      if (!refuse) verdict = brokers_.append(node, batch);
      flight.verdicts.push_back(std::move(verdict));
      flight.leader_epochs.push_back(brokers_.believed(node, batch.tp.partition).epoch);
    }
  }
  // Has the broker an answer for every partition of the request it handles?
  void settle(std::int32_t node) {
    const auto it = busy_.find(node);
    if (it == busy_.end()) return;
    Flight& flight = it->second;
    for (std::size_t i = 0; i < flight.verdicts.size(); ++i) {
      ReplicaModel::Verdict& verdict = flight.verdicts[i];
      const std::int32_t p = verdict.answer.tp.partition;
      if (verdict.when_committed == 0) continue;
      // It waits in the office in which it appended; whoever loses that tells so.
      if (brokers_.believed(node, p).epoch != flight.leader_epochs[i]) {
        verdict = {{.tp = verdict.answer.tp, .code = ErrorCode::not_leader_or_follower}};
      } else if (!brokers_.leads(node, p) || brokers_.committed(p) < verdict.when_committed) {
        return;
      } else {
        verdict.when_committed = 0;
      }
    }
    answer(node);
  }
  void settle_all() {
    for (std::int32_t n = 1; n <= kBrokers; ++n) settle(n);
  }
  // Patience or followers are at their end: what was appended is not known to be committed.
  void give_up(std::int32_t node, bool time) {
    const auto it = busy_.find(node);
    if (it == busy_.end()) return;
    for (ReplicaModel::Verdict& verdict : it->second.verdicts) {
      if (verdict.when_committed == 0) continue;
      verdict = {{.tp = verdict.answer.tp,
                  .code = time ? ErrorCode::request_timed_out
                               : ErrorCode::not_enough_replicas_after_append}};
    }
    answer(node);
  }
  void answer(std::int32_t node) {
    const Flight flight = std::move(busy_.at(node));
    busy_.erase(node);
    std::vector<PartitionAnswer> answers;
    for (const ReplicaModel::Verdict& verdict : flight.verdicts) {
      answers.push_back(verdict.answer);
      if (verdict.answer.code != ErrorCode::not_leader_or_follower) continue;
      const auto& hint = brokers_.believed(node, verdict.answer.tp.partition);
      metadata_.learn_leader(verdict.answer.tp, hint.leader, hint.epoch);
    }
    ProducerEffects effects;
    core_.produce_answered(flight.request, answers, now_, random_, effects);
    take(effects);
    step();
  }
  // No response comes back; the broker has received the first `arrived` of what waits.
  void disconnect(std::int32_t node, std::uint64_t arrived) {
    std::vector<std::uint64_t> requests;
    if (const auto it = busy_.find(node); it != busy_.end()) {
      requests.push_back(it->second.request);
      busy_.erase(it);
    }
    for (Flight& flight : flights_[node]) {
      requests.push_back(flight.request);
      if (arrived == 0) continue;
      --arrived;
      lost_[node].push_back(std::move(flight));
    }
    flights_[node].clear();
    core_.node_lost(node);
    for (const std::uint64_t request : requests) {
      ProducerEffects effects;
      core_.produce_lost(request, true, now_, random_, effects);
      take(effects);
    }
    step();
  }
  void refresh_if_wanted(std::int32_t node) {
    if (!refresh_wanted_) return;
    refresh(node);
    step();
  }
  void refresh(std::int32_t node) {
    refresh_wanted_ = false;
    MetadataUpdate update;
    for (std::int32_t n = 1; n <= kBrokers; ++n) {
      update.brokers[n] = {"b" + std::to_string(n), 9092};
    }
    update.topics = {{.name = "t", .id = {0, 7}}};
    for (std::int32_t p = 0; p < kPartitions; ++p) {
      const auto& known = brokers_.believed(node, p);
      update.topics[0].partitions.push_back(
          {.partition = p, .leader = known.leader, .leader_epoch = known.epoch});
    }
    metadata_.update(update, now_, random_);
  }

  void step() {
    ProducerEffects effects;
    core_.step(metadata_, now_, effects);
    require(core_.next_deadline() > now_, "deadlines lie ahead");
    for (const ProducerEffects::Produce& produce : effects.send) {
      Flight flight{.request = produce.request};
      for (const BatchPtr& batch : produce.batches) flight.batches.push_back(*batch);
      flights_[produce.node].push_back(std::move(flight));
      const std::size_t open = flights_[produce.node].size() + busy_.count(produce.node);
      require(static_cast<std::int64_t>(open) <= options_.max_in_flight,
              "in flight at most so many");
    }
    take(effects);
    const std::set<std::int32_t> connect = effects.connect;
    for (const std::int32_t node : connect) core_.node_ready(node);
    if (!connect.empty()) step();
  }
  void take(const ProducerEffects& effects) {
    refresh_wanted_ |= effects.refresh_metadata;
    for (const RecordCompletion& c : effects.complete) {
      require(outcomes_.emplace(c.token, c.result).second, "an outcome is told once");
    }
  }

  const ProducerOptions options_;
  ReplicaModel brokers_;
  ProducerCore core_;
  MetadataCache metadata_;
  Random random_{1};
  Instant now_{1'000'000'000};
  std::uint64_t next_ = 0;
  bool refresh_wanted_ = false;
  std::map<std::int32_t, std::deque<Flight>> flights_;
  std::map<std::int32_t, Flight> busy_;
  std::map<std::int32_t, std::vector<Flight>> lost_;
  std::map<std::uint64_t, SendResult> outcomes_;
};

void hold(const ProducerOptions& options, const std::vector<std::uint16_t>& moves, bool all) {
  Cluster cluster(options);
  for (const std::uint16_t move : moves) cluster.move(move);
  cluster.heal();
  cluster.check(all);
}

// Short histories that shrink, and long ones.
void hold_under_any_history(OptionMap given, bool all_acknowledged) {
  given.emplace("bootstrap.servers", "b1:9092");
  given.emplace("linger.ms", "2");
  given.emplace("request.timeout.ms", "100");
  given.emplace("batch.size", "80");
  const ProducerOptions options = ProducerOptions::from(given).value();
  EXPECT_TRUE(rc::check(
      [&](const std::vector<std::uint16_t>& moves) { hold(options, moves, all_acknowledged); }));
  constexpr int kHistories = 200;
  constexpr int kMoves = 600;
  for (int seed = 0; seed < kHistories; ++seed) {
    Random random(static_cast<std::uint64_t>(seed));
    std::vector<std::uint16_t> moves;
    for (int i = 0; i < kMoves; ++i) moves.push_back(static_cast<std::uint16_t>(random.next()));
    try {
      hold(options, moves, all_acknowledged);
    } catch (const std::logic_error& broken) {
      FAIL() << "seed " << seed << ": " << broken.what();
    }
  }
}

TEST(ProducerCluster, IdempotentEverythingIsThereOnceInOrder) { hold_under_any_history({}, true); }
TEST(ProducerCluster, IdempotentWithShortPatience) {
  hold_under_any_history({{"delivery.timeout.ms", "400"}}, false);
}
TEST(ProducerCluster, IdempotentWithFewRetries) {
  hold_under_any_history({{"retries", "2"}}, false);
}
TEST(ProducerCluster, OneInFlightKeepsOrderWithoutIdempotence) {
  hold_under_any_history(
      {{"enable.idempotence", "false"}, {"max.in.flight.requests.per.connection", "1"}}, true);
}
TEST(ProducerCluster, WithoutIdempotenceOutcomesAreStillHonest) {
  hold_under_any_history({{"enable.idempotence", "false"}, {"delivery.timeout.ms", "400"}}, false);
}

}  // namespace
}  // namespace weir::test
