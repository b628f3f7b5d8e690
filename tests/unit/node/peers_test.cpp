// Peers: a question ends by its deadline, whatever became of the connection it waited for.
#include "broker/node/quorum/peers.h"

#include "broker_world.h"

namespace weir::test {
namespace {

constexpr Duration kPatience = std::chrono::milliseconds(100);

class Asker final : public Program {
 public:
  explicit Asker(Machine& machine) : machine_(machine), peers_(machine, "asker", kPatience) {}
  Task<> run() override { co_return; }
  Task<> stop() override { co_return; }

  void ask() { machine_.tasks.spawn("ask", ask_once()); }
  int answered = 0;
  int ended = 0;

 private:
  Task<> ask_once() {
    HostPort address{"b1", 9092};
    MetadataRequest question;
    Result<MetadataResponse> answer =
        co_await peers_.ask(BrokerId{1}, std::move(address), std::move(question));
    ++ended;
    if (answer) ++answered;
  }

  Machine& machine_;
  Peers peers_;
};

class PeersTest : public ::testing::Test {
 protected:
  PeersTest() {
    NodeOptions node;
    node.name = "A1";
    node.launch = [this](Machine& machine) -> std::unique_ptr<Program> {
      auto program = std::make_unique<Asker>(machine);
      asker = program.get();
      return program;
    };
    asking = w.world().add_node(std::move(node));
    w.world().start(asking);
    w.run_for(std::chrono::milliseconds(10));
  }
  void ask() {
    w.world().at(w.world().now(), [this] { asker->ask(); });
    w.run_for(2 * kPatience);
  }

  BrokerWorld w;
  NodeId asking{};
  Asker* asker = nullptr;
};

TEST_F(PeersTest, AreAnswered) {
  ask();
  EXPECT_EQ(asker->answered, 1);
}

// The peer took the connection and forgot it (it was paused meanwhile): nobody will ever answer the
// handshake, and nothing more is written that could be answered by a reset.
TEST_F(PeersTest, DoNotWaitForEverForAHandshakeWhoseConnectionThePeerForgot) {
  w.world().pause(w.broker());
  ask();
  EXPECT_EQ(asker->ended, 1);
  EXPECT_EQ(asker->answered, 0);
  w.world().network().half_open(w.broker(), asking);
  w.world().resume(w.broker());
  for (int n = 0; n < 3; ++n) ask();
  EXPECT_EQ(asker->ended, 4);
  EXPECT_GE(asker->answered, 1);
}

}  // namespace
}  // namespace weir::test
