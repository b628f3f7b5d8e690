// The producer's core against a model broker, under any order of answers, losses and delays: no
// record is lost or told twice, outcomes are sound, and idempotence keeps order and uniqueness.
//
// The model appends as a Kafka leader does: at most one batch a partition in a request, duplicates
// and gaps found by producer id, epoch and sequence; without any state of a producer it takes
// whatever comes. Requests and responses may vanish.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <deque>
#include <map>
#include <set>

#include "broker/client/producer_core.h"

namespace weir {
namespace {

using std::chrono::milliseconds;

struct ModelPartition {
  std::vector<std::uint64_t> log;  // tokens
  std::int16_t epoch = -1;
  std::int32_t last_sequence = -1;
  struct Cached {
    std::int32_t first;
    std::int32_t last;
    std::int64_t offset;
  };
  std::deque<Cached> cache;

  PartitionAnswer append(const ProducerBatch& batch) {
    PartitionAnswer answer{.tp = batch.tp, .base_offset = static_cast<std::int64_t>(log.size())};
    if (batch.has_sequence()) {
      const std::int32_t last = sequence_after(batch.base_sequence, batch.records.size() - 1);
      const std::int16_t its = batch.producer_epoch.value();
      if (its == epoch) {
        for (const Cached& c : cache) {
          if (c.first != batch.base_sequence || c.last != last) continue;
          answer.base_offset = c.offset;
          return answer;
        }
      }
      if (its < epoch) return refused(answer, ErrorCode::invalid_producer_epoch);
      const bool fits = epoch < 0     ? true
                        : its > epoch ? batch.base_sequence == 0
                                      : batch.base_sequence == sequence_after(last_sequence, 1);
      if (!fits) return refused(answer, ErrorCode::out_of_order_sequence_number);
      if (its > epoch) cache.clear();
      epoch = its;
      last_sequence = last;
      cache.push_back({batch.base_sequence, last, answer.base_offset});
      if (cache.size() > 5) cache.pop_front();
    }
    for (const BufferedRecord& r : batch.records) log.push_back(r.token);
    return answer;
  }
  static PartitionAnswer refused(PartitionAnswer answer, ErrorCode code) {
    answer.code = code;
    answer.error = name_of(code);
    return answer;
  }
};

// A request on its way, with the batches as they were when it left.
struct Flight {
  std::uint64_t request;
  std::vector<ProducerBatch> batches;
};

class Model {
 public:
  explicit Model(const ProducerOptions& options)
      : options_(options), core_(options), metadata_(options.connection) {
    MetadataUpdate update;
    update.brokers = {{1, {"b1", 9092}}};
    update.topics = {{.name = "t",
                      .partitions = {{.partition = 0, .leader = 1, .leader_epoch = 0},
                                     {.partition = 1, .leader = 1, .leader_epoch = 0}}}};
    metadata_.update(update, now_, random_);
    core_.node_ready(1);
    if (options.idempotence) core_.producer_id_assigned(ProducerId{1}, ProducerEpoch{0});
  }

  void send() {
    const TopicPartition tp{"t", static_cast<std::int32_t>(next_ % 2)};
    BufferedRecord record;
    record.value = Slice::copy_of("0123456789");
    record.token = next_;
    if (core_.append(tp, std::move(record), now_) == ProducerCore::Appended::no_memory) return;
    ++next_;
    step();
  }
  void wait(int ms) {
    now_ = now_ + milliseconds(ms);
    step();
  }
  // The broker handles the oldest request that it has not handled; what then happens to the
  // response is `fate`: 0-5 it arrives, 6 an error in its place before the append, 7 after it.
  void serve(int fate) {
    if (flights_.empty()) return;
    const Flight flight = std::move(flights_.front());
    flights_.pop_front();
    std::vector<PartitionAnswer> answers;
    for (const ProducerBatch& batch : flight.batches) {
      PartitionAnswer answer{.tp = batch.tp, .code = ErrorCode::not_enough_replicas};
      if (fate != 6) answer = partitions_[batch.tp].append(batch);
      if (fate == 7 && answer.code == ErrorCode::none) {
        answer = {.tp = batch.tp, .code = ErrorCode::not_enough_replicas_after_append};
      }
      answers.push_back(answer);
    }
    ProducerEffects effects;
    core_.produce_answered(flight.request, answers, now_, random_, effects);
    take(effects);
    step();
  }
  // The connection breaks: the broker still handles the first `arrived` requests, and no response
  // comes back.
  void disconnect(std::size_t arrived) {
    std::size_t i = 0;
    std::deque<Flight> lost = std::exchange(flights_, {});
    for (const Flight& flight : lost) {
      if (i++ >= arrived) break;
      // A connection's requests are handled in order, each in full.
      for (const ProducerBatch& batch : flight.batches) partitions_[batch.tp].append(batch);
    }
    core_.node_lost(1);
    for (const Flight& flight : lost) {
      ProducerEffects effects;
      core_.produce_lost(flight.request, true, now_, random_, effects);
      take(effects);
    }
    step();
    core_.node_ready(1);
    step();
  }
  // Everything works from now on.
  void heal() {
    for (int i = 0; i < 4000 && core_.unfinished() > 0; ++i) {
      if (flights_.empty()) {
        wait(10);
      } else {
        serve(0);
      }
    }
  }

  void check() const {
    RC_ASSERT(outcomes_.size() == next_);
    for (const auto& [tp, p] : partitions_) {
      std::map<std::uint64_t, int> copies;
      for (const std::uint64_t token : p.log) ++copies[token];
      if (options_.idempotence) {
        for (const auto& [token, n] : copies) RC_ASSERT(n == 1);
        RC_ASSERT(std::ranges::is_sorted(p.log));
      } else if (options_.max_in_flight == 1) {
        // First appearances keep the order of sending.
        std::uint64_t highest = 0;
        std::set<std::uint64_t> seen;
        for (const std::uint64_t token : p.log) {
          if (!seen.insert(token).second) continue;
          RC_ASSERT(token >= highest);
          highest = token;
        }
      }
    }
    for (const auto& [token, result] : outcomes_) {
      const TopicPartition tp{"t", static_cast<std::int32_t>(token % 2)};
      const auto it = partitions_.find(tp);
      const bool stored = it != partitions_.end() &&
                          std::ranges::find(it->second.log, token) != it->second.log.end();
      if (result.outcome == SendOutcome::acknowledged) {
        RC_ASSERT(stored);
        RC_ASSERT(result.offset < 0 ||
                  it->second.log.at(static_cast<std::size_t>(result.offset)) == token);
      }
      if (result.outcome == SendOutcome::failed) RC_ASSERT(!stored);
    }
  }

 private:
  void step() {
    ProducerEffects effects;
    core_.step(metadata_, now_, effects);
    RC_ASSERT(core_.next_deadline() > now_);
    for (const ProducerEffects::Produce& produce : effects.send) {
      std::set<TopicPartition> once;
      Flight flight{produce.request, {}};
      for (const BatchPtr& batch : produce.batches) {
        RC_ASSERT(once.insert(batch->tp).second);
        flight.batches.push_back(*batch);
      }
      flights_.push_back(std::move(flight));
    }
    RC_ASSERT(static_cast<std::int64_t>(flights_.size()) <= options_.max_in_flight);
    take(effects);
  }
  void take(const ProducerEffects& effects) {
    for (const RecordCompletion& c : effects.complete) {
      RC_ASSERT(outcomes_.emplace(c.token, c.result).second);
    }
  }

  ProducerOptions options_;
  ProducerCore core_;
  MetadataCache metadata_;
  Random random_{1};
  Instant now_{1'000'000'000};
  std::uint64_t next_ = 0;
  std::deque<Flight> flights_;
  std::map<TopicPartition, ModelPartition> partitions_;
  std::map<std::uint64_t, SendResult> outcomes_;
};

void hold_under_any_history(OptionMap given) {
  given.emplace("bootstrap.servers", "b1:9092");
  given.emplace("linger.ms", "2");
  given.emplace("request.timeout.ms", "100");
  const ProducerOptions options = ProducerOptions::from(given).value();
  const bool held = rc::check([&](const std::vector<std::uint8_t>& moves) {
    Model model(options);
    for (const std::uint8_t move : moves) {
      const int detail = move / 8;
      switch (move % 8) {
        case 0:
        case 1:
        case 2: model.send(); break;
        case 3: model.wait(detail * 8); break;
        case 4: model.disconnect(static_cast<std::size_t>(detail % 6)); break;
        default: model.serve(detail % 8); break;
      }
    }
    model.heal();
    model.check();
  });
  EXPECT_TRUE(held);
}

TEST(ClientProducerProperty, IdempotentNothingIsLostDoubledOrOutOfOrder) {
  hold_under_any_history({{"batch.size", "80"}});
}
TEST(ClientProducerProperty, IdempotentWithShortPatience) {
  hold_under_any_history({{"batch.size", "80"}, {"delivery.timeout.ms", "300"}});
}
TEST(ClientProducerProperty, IdempotentWithFewRetries) {
  hold_under_any_history({{"batch.size", "130"}, {"retries", "1"}});
}
TEST(ClientProducerProperty, OneInFlightKeepsOrderWithoutIdempotence) {
  hold_under_any_history({{"batch.size", "80"},
                          {"enable.idempotence", "false"},
                          {"max.in.flight.requests.per.connection", "1"}});
}
TEST(ClientProducerProperty, WithoutIdempotenceOutcomesAreStillHonest) {
  hold_under_any_history(
      {{"batch.size", "80"}, {"enable.idempotence", "false"}, {"delivery.timeout.ms", "300"}});
}
TEST(ClientProducerProperty, LittleMemoryLosesNothing) {
  hold_under_any_history({{"batch.size", "80"}, {"buffer.memory", "250"}});
}

}  // namespace
}  // namespace weir
