// A fixture for sentences about one log: bodies are coroutines without captures that get the
// fixture; facts come out as lines.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "broker/ports/task_group.h"
#include "broker/storage/log/partition_log.h"
#include "sim/world.h"
#include "tests/unit/storage/batches.h"

namespace weir {

class LogTest : public testing::Test, public FactReader {
 public:
  using Body = Task<> (*)(Machine&, LogTest&);

  // Runs the body in a new life, which is killed after it; the log is closed by that.
  void run(Body body) {
    if (world == nullptr) build();
    body_ = body;
    ended = false;
    world->start(node);
    world->run_until(world->now() + std::chrono::seconds(60));
    EXPECT_TRUE(ended) << "the body did not come to its end";
    world->kill(node);
  }
  void build() {
    world = std::make_unique<World>(options);
    world->add_reader(*this);
    NodeOptions node_options;
    node_options.name = "n";
    node_options.launch = [this](Machine& machine) {
      return std::unique_ptr<Program>(new Life(machine, *this));
    };
    node = world->add_node(std::move(node_options));
  }
  DiskModel& disk() { return world->disk(node); }

  void on(const Observed& o) override {
    const std::string_view name = name_of(o.fact.kind);
    const bool of_log = name.starts_with("log") || name.starts_with("append");
    if (!of_log) return;
    std::string line(name);
    line += " " + std::to_string(o.fact.old) + " " + std::to_string(o.fact.value);
    if (!o.fact.why.empty()) line += " " + std::string(o.fact.why);
    facts.push_back(std::move(line));
    if (o.fact.kind == FactKind::log_appended) digests.push_back(o.fact.digest);
  }
  [[nodiscard]] bool saw(std::string_view line) const {
    for (const std::string& fact : facts) {
      if (fact == line) return true;
    }
    return false;
  }

  static Task<> open(Machine& machine, LogTest& t) {
    LogOptions log_options{
        .topic = "orders", .partition = 3, .directory = "orders-3", .config = t.config};
    log_options.recovery_point = t.recovery_point;
    log_options.verify_reads = t.verify_reads;
    Result<std::unique_ptr<PartitionLog>> opened =
        co_await PartitionLog::open(machine, std::move(log_options));
    EXPECT_TRUE(opened.has_value());
    if (opened) t.log = std::move(*opened);
  }
  // Appends as a client, in leader epoch 0.
  static Task<AppendOutcome> append(LogTest& t, TestBatch batch) {
    const Slice bytes = make_batch(batch);
    AppendOutcome outcome =
        co_await t.log->append(bytes, AppendOrigin::client, LeaderEpoch{t.leader_epoch});
    co_return outcome;
  }
  static Task<> append_many(LogTest& t, int batches) {
    for (int i = 0; i < batches; ++i) {
      TestBatch batch;
      batch.timestamp = t.next_timestamp++;
      const AppendOutcome outcome = co_await append(t, std::move(batch));
      EXPECT_EQ(outcome.error, ErrorCode::none) << outcome.error_message;
    }
  }

  WorldOptions options;
  LogConfig config;
  std::optional<Offset> recovery_point;
  bool verify_reads = true;
  std::int32_t leader_epoch = 0;
  std::int64_t microseconds = 0;                    // for a body
  std::int64_t next_timestamp = 1'704'067'200'000;  // the world's beginning
  std::unique_ptr<PartitionLog> log;                // of the present life
  std::vector<std::string> facts;                   // "kind old value why"
  std::vector<std::uint64_t> digests;
  bool ended = false;
  std::unique_ptr<World> world;
  NodeId node;

 private:
  class Life final : public Program {
   public:
    Life(Machine& machine, LogTest& test) : machine_(machine), test_(test) {}
    ~Life() override { test_.log.reset(); }
    Task<> run() override {
      co_await open(machine_, test_);
      co_await test_.body_(machine_, test_);
      test_.ended = true;
    }
    Task<> stop() override { co_return; }

   private:
    Machine& machine_;
    LogTest& test_;
  };

  Body body_ = nullptr;
};

}  // namespace weir
