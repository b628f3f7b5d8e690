// Trials: a user's own code runs as a client, and is judged like any.
#include "scenarios/trial.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "broker/client/shell/consumer.h"
#include "broker/client/shell/producer.h"

namespace weir {
namespace {

namespace fs = std::filesystem;

// Turns orders into shipments, one at a time and in order: partition n into partition n. It takes
// up behind the input of the last output that it finds.
template <bool careful>
class Relay final : public App {
 public:
  explicit Relay(ClientContext context)
      : context_(std::move(context)),
        consumer_(context_.machine, context_.consumer_options(), &context_.slot.recorder),
        producer_(context_.machine, context_.producer_options(), &context_.slot.recorder) {}

  Task<> run() override {
    co_await consumer_.start();
    co_await producer_.start();
    co_await take_up();
    while (!stopping_) {
      auto polled = co_await consumer_.poll(std::chrono::milliseconds(100));
      if (!polled) continue;
      for (const ConsumerRecord& order : *polled) co_await ship(order);
    }
    co_await consumer_.close();
  }

  Task<> stop() override {
    stopping_ = true;
    co_await producer_.close(std::chrono::seconds(1));
  }

 private:
  static constexpr std::int32_t kPartitions = 2;

  Task<> take_up() {
    std::vector<TopicPartition> outputs;
    std::vector<TopicPartition> inputs;
    for (std::int32_t p = 0; p < kPartitions; ++p) {
      outputs.push_back({"shipments", p});
      inputs.push_back({"orders", p});
    }
    consumer_.assign(outputs);
    consumer_.seek_to_beginning();
    std::map<TopicPartition, Offset> ends;
    while (!stopping_ && ends.empty()) {
      auto got = co_await consumer_.end_offsets(outputs);
      if (got) ends = std::move(*got);
    }
    std::vector<std::int64_t> next(kPartitions, 0);
    while (!stopping_ && !reached(ends)) {
      auto polled = co_await consumer_.poll(std::chrono::milliseconds(100));
      if (!polled) continue;
      for (const ConsumerRecord& shipment : *polled) {
        const std::string input(shipment.value->text());
        const auto of = static_cast<std::size_t>(shipment.partition);
        next[of] = std::max(next[of], static_cast<std::int64_t>(std::stoll(input)) + 1);
      }
    }
    consumer_.assign(inputs);
    for (std::size_t p = 0; p < inputs.size(); ++p) {
      // The careless one believes that whatever it had read was shipped as well.
      const std::int64_t skipped = careful || next[p] == 0 ? 0 : 3;
      consumer_.seek(inputs[p], Offset{next[p] + skipped});
    }
  }

  [[nodiscard]] bool reached(const std::map<TopicPartition, Offset>& ends) const {
    for (const auto& [tp, end] : ends) {
      const auto position = consumer_.known_position(tp);
      if (!position || *position < end) return false;
    }
    return true;
  }

  Task<> ship(ConsumerRecord order) {
    for (;;) {
      ProducerRecord shipment;
      shipment.topic = "shipments";
      shipment.partition = order.partition;
      shipment.value = Slice::copy_of(std::to_string(order.offset.value()));
      shipment.derived_from = RecordOrigin{{order.topic, order.partition}, order.offset};
      const SendResult sent = co_await producer_.send_and_wait(std::move(shipment));
      if (stopping_ || sent.outcome == SendOutcome::acknowledged) co_return;
    }
  }

  ClientContext context_;
  Consumer consumer_;
  Producer producer_;
  bool stopping_ = false;
};

constexpr const char* kScenario = R"({
  "format": "weir-scenario/1", "name": "relay", "until": "4s",
  "cluster": { "brokers": 1 },
  "topics": [ { "name": "orders", "partitions": 2 }, { "name": "shipments", "partitions": 2 } ],
  "clients": [
    { "id": "P1", "kind": "producer",
      "workload": { "topic": "orders", "records": 100, "per_second": 50 } },
    { "id": "R1", "kind": "app", "producer": { "linger.ms": 0 },
      "consumer": { "fetch.max.wait.ms": 50 } }
  ],
  "faults": { "scripted": [
    { "at": "700ms", "do": "kill", "node": "R1", "for": "100ms" },
    { "at": "1500ms", "do": "kill", "node": "b1", "for": "100ms" } ] },
  "check": { "pipeline": { "in": ["orders"], "out": ["shipments"], "positions_in_output": true } }
})";

class Trials : public ::testing::Test {
 protected:
  Trials() : folder_(fs::temp_directory_path() / ("weir-trial-" + std::to_string(::getpid()))) {
    fs::create_directories(folder_);
    file_ = (folder_ / "relay.json").string();
    std::ofstream(file_) << kScenario;
  }
  ~Trials() override { fs::remove_all(folder_); }

  Trial relay(MakeApp make) {
    Trial trial(file_);
    trial.app("R1", std::move(make)).keep_in((folder_ / "runs").string());
    return trial;
  }

  fs::path folder_;
  std::string file_;
};

TEST_F(Trials, OwnCodeRunsAsAClientAndHolds) {
  const TrialResult result = relay(app_of<Relay<true>>()).explore({1, 6});
  EXPECT_TRUE(result.holds) << result.text;
  EXPECT_EQ(result.seeds, 6U);
}

TEST_F(Trials, AnInputWithoutOutputIsPassedOver) {
  const TrialResult result = relay(app_of<Relay<false>>()).explore({1, 6});
  EXPECT_FALSE(result.holds);
  EXPECT_NE(result.text.find("VIOLATED delivery.at-least-once"), std::string::npos) << result.text;
  EXPECT_NE(result.text.find("WEIR_SEED=0x1"), std::string::npos) << result.text;
  EXPECT_TRUE(fs::exists(folder_ / "runs" / "latest"));
}

TEST_F(Trials, AFailureIsShrunkWithItsAppsAndChecksAndCanBeHadAgain) {
  int runs = 0;
  const Trial trial =
      relay(app_of<Relay<false>>()).check({"mine", [&runs](const RunView& run) {
                                             ++runs;
                                             EXPECT_TRUE(run.clients.contains("R1"));
                                             // Not in a smaller one: such an attempt counts as
                                             // none.
                                             static_cast<void>(run.clients.at("P1"));
                                             return std::vector<std::string>{};
                                           }});
  const TrialResult result = trial.explore({1, 2});
  EXPECT_FALSE(result.holds);
  EXPECT_EQ(result.guarantee, "delivery.at-least-once");
  EXPECT_EQ(result.faults, 1U) << result.text;
  EXPECT_LE(result.operations, 6U) << result.text;
  EXPECT_GT(runs, 10);
  EXPECT_NE(result.text.find("shrunk to 1 fault and "), std::string::npos) << result.text;
  EXPECT_NE(result.text.find("kill R1"), std::string::npos) << result.text;
  EXPECT_NE(result.text.find("WEIR_SCENARIO=" + result.shrunk), std::string::npos) << result.text;

  ::setenv("WEIR_SCENARIO", result.shrunk.c_str(), 1);
  const TrialResult again = trial.explore({1, 100});
  const TrialResult mended = relay(app_of<Relay<true>>()).explore({1, 100});
  ::unsetenv("WEIR_SCENARIO");
  EXPECT_EQ(again.guarantee, result.guarantee);
  EXPECT_EQ(again.seeds, 1U);
  EXPECT_TRUE(again.shrunk.empty());
  EXPECT_TRUE(mended.holds) << mended.text;
}

TEST_F(Trials, ShrinkingTakesNoMoreTimeThanItMay) {
  const TrialResult result =
      relay(app_of<Relay<false>>()).shrink_within(Duration(1)).explore({1, 1});
  EXPECT_NE(result.text.find("not the smallest, for lack of time"), std::string::npos);
  const TrialResult whole =
      relay(app_of<Relay<false>>()).shrink_within(Duration(0)).explore({1, 1});
  EXPECT_TRUE(whole.shrunk.empty());
  EXPECT_EQ(whole.text.find("shrunk"), std::string::npos);
}

TEST_F(Trials, OwnChecksAreVerdicts) {
  Trial trial = relay(app_of<Relay<true>>());
  trial.check({"mine", [](const RunView& run) {
                 EXPECT_TRUE(run.clients.contains("R1"));
                 return std::vector<std::string>{"nothing is ever right"};
               }});
  const TrialResult result = trial.explore({7, 1});
  EXPECT_FALSE(result.holds);
  EXPECT_EQ(result.seed, 7U);
  EXPECT_NE(result.text.find("VIOLATED mine"), std::string::npos) << result.text;
}

TEST_F(Trials, AnAppThatNobodyBringsIsAMistake) {
  const TrialResult result = Trial(file_).explore({1, 1});
  EXPECT_FALSE(result.holds);
  EXPECT_NE(result.text.find("$.clients[R1]: an app is code"), std::string::npos) << result.text;
}

TEST_F(Trials, WhatTheProgramChangedIsCheckedToo) {
  Trial trial = relay(app_of<Relay<true>>());
  trial.change([](Scenario& scenario) { scenario.topics[0].replication = 9; });
  EXPECT_NE(trial.explore({1, 1}).text.find("replication 9 is more than"), std::string::npos);
}

TEST_F(Trials, RunsUnderNoOtherFaultsThanThoseGiven) {
  Trial trial = relay(app_of<Relay<false>>());
  EXPECT_FALSE(trial.run(1, trial.faults_of(1)).holds);
  EXPECT_TRUE(trial.run(1, {}).holds);
}

TEST_F(Trials, TheEnvironmentNamesASeed) {
  ::setenv("WEIR_SEED", "0x2a", 1);
  const TrialResult result = relay(app_of<Relay<true>>()).explore({1, 100});
  ::setenv("WEIR_SEED", "many", 1);
  const TrialResult wrong = relay(app_of<Relay<true>>()).explore({1, 100});
  ::unsetenv("WEIR_SEED");
  EXPECT_EQ(result.seeds, 1U);
  EXPECT_NE(result.text.find("0x2a"), std::string::npos);
  EXPECT_NE(wrong.text.find("WEIR_SEED=many: expected"), std::string::npos);
}

}  // namespace
}  // namespace weir
