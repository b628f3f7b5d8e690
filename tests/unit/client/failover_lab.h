// A fake cluster in a simulated world, and clients that run scripts on the client API and note what
// they got.
#pragma once

#include "broker/client/client_types.h"
#include "broker/client/option_reader.h"
#include "broker/client/shell/recorder.h"
#include "fake_cluster.h"

namespace weir::test {

struct Seen {
  FactKind kind;
  std::int32_t epoch;
  std::int64_t old;
  std::int64_t value;
};

class Failover : public ::testing::Test, public FactReader {
 public:
  using Script = Task<> (*)(Machine&, Failover&);

  Failover() : world(WorldOptions{}), cluster(world, 2) { world.add_reader(*this); }

  void run(Script script) {
    NodeOptions node;
    node.name = "C" + std::to_string(++clients);
    node.launch = [this, script](Machine& machine) -> std::unique_ptr<Program> {
      return std::make_unique<Scripted>(machine, *this, script);
    };
    client = world.add_node(std::move(node));
    world.start(client);
  }
  void run_for(Duration time) {
    const RunEnd end = world.run_until(world.now() + time);
    ASSERT_NE(end.why, RunEnd::Why::limit) << end.text;
  }
  void run_until_done(Duration patience = std::chrono::minutes(5)) {
    const Instant deadline = world.now() + patience;
    while (ended < clients && world.now() < deadline) run_for(std::chrono::milliseconds(10));
    EXPECT_EQ(ended, clients) << "a script did not come to its end";
  }
  void on(const Observed& observed) override {
    const Fact& f = observed.fact;
    if (f.kind == FactKind::assertion_failed) ADD_FAILURE() << f.why;
    seen.push_back({f.kind, f.epoch, f.old, f.value});
  }
  [[nodiscard]] std::vector<Seen> facts(FactKind kind) const {
    std::vector<Seen> out;
    for (const Seen& s : seen) {
      if (s.kind == kind) out.push_back(s);
    }
    return out;
  }
  [[nodiscard]] OptionMap options(OptionMap extra = {}) const {
    OptionMap all = settings;
    all.merge(extra);
    all.emplace("bootstrap.servers", "b1:9092,b2:9092,b3:9092");
    return all;
  }
  [[nodiscard]] std::int64_t stored(std::int32_t p = 0) {
    return cluster.partitions[p].end().value();
  }

  World world;
  FakeCluster cluster;
  NodeId client = kNoNode;
  Recorder recorder{"C1"};
  OptionMap settings;
  int clients = 0;
  int ended = 0;
  std::vector<SendResult> results;
  std::vector<std::int64_t> offsets;
  std::vector<std::string> notes;
  std::vector<ClientError> errors;
  std::vector<Seen> seen;

 private:
  class Scripted final : public Program {
   public:
    Scripted(Machine& machine, Failover& lab, Script script)
        : machine_(machine), lab_(lab), script_(script) {}
    Task<> run() override {
      co_await script_(machine_, lab_);
      ++lab_.ended;
    }
    Task<> stop() override { co_return; }

   private:
    Machine& machine_;
    Failover& lab_;
    Script script_;
  };
};

}  // namespace weir::test
