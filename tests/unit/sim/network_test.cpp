// The network's faults, each as two programs see it: one that sends, one that receives.
#include <gtest/gtest.h>

#include "tests/unit/sim/programs.h"

namespace weir {
namespace {

constexpr std::uint16_t kNetworkPort = 9092;

// What the two programs of a test do and see.
struct Talk {
  int messages = 5;
  Duration pause = ms(100);  // between messages
  Duration connect_within = ms(1000);
  std::size_t message_bytes = 4;
  bool reply = false;                 // the receiver answers each message
  bool slow_reader = false;           // reads nothing in the first second
  std::vector<std::string> sent;      // "3 ok", "3 connection reset"
  std::vector<std::string> received;  // texts, last the error
  std::vector<std::string> replies;
  std::size_t bytes = 0;
  std::int64_t all_sent_at = -1;
};

std::string text_of(const Result<void>& result) {
  return result ? std::string("ok") : result.error().message();
}

Task<> receive_all(Machine& m, Talk& talk, std::unique_ptr<Stream> stream) {
  if (talk.slow_reader) {
    std::unique_ptr<Alarm> alarm = m.timers.alarm();
    static_cast<void>(co_await alarm->wait_until(m.clock.now() + ms(1000)));
  }
  for (;;) {
    Result<Slice> got = co_await stream->read();
    if (!got) {
      talk.received.push_back(got.error().message());
      co_return;
    }
    talk.bytes += got->size();
    if (got->size() < 100) talk.received.emplace_back(got->text());
    if (talk.reply) {
      const Slice answer = Slice::copy_of("re " + std::string(got->text()));
      Result<void> sent = co_await stream->write(answer);
      if (!sent) talk.received.push_back("reply: " + sent.error().message());
    }
  }
}

Task<> receiver(Machine& m, Talk& talk) {
  const Endpoint at{"", kNetworkPort};
  Result<std::unique_ptr<Listener>> listener = m.network.listen(at);
  if (!listener) co_return;
  for (;;) {
    Result<std::unique_ptr<Stream>> stream = co_await (*listener)->accept();
    if (!stream) co_return;
    m.tasks.spawn("receive", receive_all(m, talk, std::move(*stream)));
  }
}

Task<> read_replies(Talk& talk, std::shared_ptr<Stream> stream) {
  for (;;) {
    Result<Slice> got = co_await stream->read();
    if (!got) {
      talk.replies.push_back(got.error().message());
      co_return;
    }
    talk.replies.emplace_back(got->text());
  }
}

Task<> sender(Machine& m, Talk& talk, std::string to) {
  const Endpoint at{to, kNetworkPort};
  const Instant until = m.clock.now() + talk.connect_within;
  Result<std::unique_ptr<Stream>> connected = co_await m.network.connect(at, until);
  if (!connected) {
    talk.sent.push_back("connect " + connected.error().message());
    co_return;
  }
  std::shared_ptr<Stream> stream = std::move(*connected);
  m.tasks.spawn("replies", read_replies(talk, stream));
  std::unique_ptr<Alarm> alarm = m.timers.alarm();
  for (int i = 1; i <= talk.messages; ++i) {
    std::string text = "m" + std::to_string(i);
    if (talk.message_bytes > text.size()) text.resize(talk.message_bytes, '.');
    const Slice message = Slice::copy_of(text);
    Result<void> written = co_await stream->write(message);
    talk.sent.push_back(std::to_string(i) + " " + text_of(written));
    if (talk.pause.count() > 0) {
      static_cast<void>(co_await alarm->wait_until(m.clock.now() + talk.pause));
    }
  }
  talk.all_sent_at = m.clock.now().ns;
  stream->close();
}

class NetworkTest : public testing::Test {
 protected:
  void SetUp() override { build(WorldOptions{.seed = 3}); }

  void build(WorldOptions options) {
    lines_.reset();
    world_ = std::make_unique<World>(options);
    lines_ = std::make_unique<Lines>(*world_);
    b_ = add(*world_, "b", [this](Machine& m) { return receiver(m, talk_); });
    a_ = add(*world_, "a", [this](Machine& m) { return sender(m, talk_, "b"); });
  }
  void start() {
    world_->start(b_);
    world_->start(a_);
  }
  RunEnd run(std::int64_t until_ms = 60'000) { return world_->run_until(at_ms(until_ms)); }
  NetworkModel& network() { return world_->network(); }

  static std::vector<std::string> all(int n) {
    std::vector<std::string> texts;
    for (int i = 1; i <= n; ++i) {
      texts.push_back("m" + std::to_string(i));
      texts.back().resize(4, '.');
    }
    texts.push_back("closed");
    return texts;
  }

  Talk talk_;
  std::unique_ptr<World> world_;
  std::unique_ptr<Lines> lines_;
  NodeId a_;
  NodeId b_;
};

TEST_F(NetworkTest, DeliversInOrderThenTheEnd) {
  start();
  EXPECT_EQ(run().why, RunEnd::Why::idle);
  EXPECT_EQ(talk_.received, all(5));
  EXPECT_EQ(network().connections(a_) + network().connections(b_), 0u);
  EXPECT_EQ(network().bytes_under_way(), 0u);
}

// The first thing that goes from a to b is the request for the connection.
TEST_F(NetworkTest, AMessageWhoseDelayIsGivenTakesSoLong) {
  WorldOptions options{.seed = 3};
  options.network.latency = Latency::constant(ms(1));
  const auto all_there_at = [&] {
    build(options);
    talk_ = {};
    talk_.messages = 1;
    start();
    static_cast<void>(run());
    return world_->now();
  };
  const Instant usual = all_there_at();
  options.network.delays = {{"a", "b", 2, ms(500)}, {"b", "a", 9, ms(900)}};
  EXPECT_GE(all_there_at() - usual, ms(390));
  EXPECT_EQ(talk_.received, all(1));
}

// Named, they make another run of the same kind without the chance that brought them about.
TEST_F(NetworkTest, LongDelaysCanBeKeptAndGivenToAnotherWorld) {
  WorldOptions lossy{.seed = 7};
  lossy.network.latency = Latency::constant(ms(1));
  lossy.network.loss = {1, 3};
  lossy.network.keep_delays_above = ms(2);
  build(lossy);
  start();
  static_cast<void>(run());
  const std::vector<LinkDelay> late = world_->long_delays();
  const Instant end = world_->now();
  ASSERT_FALSE(late.empty());
  for (const LinkDelay& delay : late) EXPECT_GE(delay.takes, ms(201));

  WorldOptions told{.seed = 1};
  told.network.latency = Latency::constant(ms(1));
  told.network.delays = late;
  build(told);
  talk_ = {};
  start();
  static_cast<void>(run());
  EXPECT_EQ(world_->now(), end);
}

TEST_F(NetworkTest, RefusesWhereNobodyListens) {
  world_->start(a_);
  run();
  EXPECT_EQ(talk_.sent, std::vector<std::string>{"connect connection refused"});
}

TEST_F(NetworkTest, RefusesWhenToldTo) {
  network().refuse_connects(b_, true);
  start();
  run();
  EXPECT_EQ(talk_.sent, std::vector<std::string>{"connect connection refused"});
}

TEST_F(NetworkTest, KnowsNoOtherHosts) {
  world_->set_launch(a_, scripted([this](Machine& m) { return sender(m, talk_, "nowhere"); }));
  start();
  run();
  EXPECT_EQ(talk_.sent, std::vector<std::string>{"connect no such host"});
}

TEST_F(NetworkTest, ConnectsToItself) {
  const NodeId self = add(*world_, "self", [this](Machine& m) {
    m.tasks.spawn("receiver", receiver(m, talk_));
    return sender(m, talk_, "localhost");
  });
  world_->start(self);
  run();
  EXPECT_EQ(talk_.received, all(5));
}

TEST_F(NetworkTest, ConnectTimesOutAcrossACut) {
  network().cut(a_, b_);
  start();
  run();
  EXPECT_EQ(talk_.sent, std::vector<std::string>{"connect timed out"});
}

TEST_F(NetworkTest, ConnectTimesOutToAMachineWithoutPower) {
  start();
  world_->power_loss(b_);
  run();
  EXPECT_EQ(talk_.sent, std::vector<std::string>{"connect timed out"});
}

TEST_F(NetworkTest, AConnectWhoseAnswerWasLostWithItsMachineIsAskedAgain) {
  talk_.connect_within = ms(60'000);
  network().cut(b_, a_);
  start();
  world_->at(at_ms(100), [this] { world_->power_loss(b_); });
  world_->at(at_ms(200), [this] { network().heal(b_, a_); });
  world_->at(at_ms(2000), [this] { world_->start(b_); });
  run(3000);
  EXPECT_EQ(talk_.sent, (std::vector<std::string>{"1 ok", "2 ok", "3 ok", "4 ok", "5 ok"}));
  EXPECT_EQ(talk_.received, all(5));
}

TEST_F(NetworkTest, AServerOfAConnectGivenUpSeesAReset) {
  network().cut(b_, a_);
  world_->at(at_ms(2000), [this] { network().heal(b_, a_); });
  start();
  run();
  EXPECT_EQ(talk_.sent, std::vector<std::string>{"connect timed out"});
  EXPECT_EQ(talk_.received, std::vector<std::string>{"connection reset"});
}

TEST_F(NetworkTest, HoldsDataBackWhileCutAndDeliversItAfterTheHeal) {
  start();
  std::size_t during = 99;
  world_->at(at_ms(150), [this] { network().partition(std::array{a_}, std::array{b_}); });
  world_->at(at_ms(5000), [&] {
    during = talk_.received.size();
    network().heal(std::array{a_}, std::array{b_});
  });
  run();
  EXPECT_EQ(during, 2u);
  EXPECT_EQ(talk_.received, all(5));
}

TEST_F(NetworkTest, ResetsTheSenderOfACutThatLastsTooLong) {
  talk_.messages = 20;
  talk_.pause = ms(1000);
  start();
  world_->at(at_ms(1500), [this] { network().cut(a_, b_); });
  run();
  EXPECT_EQ(talk_.sent[12], "13 ok");  // at 12 s, held back since a moment after 2 s
  EXPECT_EQ(talk_.sent[13], "14 connection reset");
  EXPECT_EQ(talk_.received.size(), 2u);  // and the receiver waits on
  EXPECT_TRUE(lines_->saw("connection.closed a tcp_user_timeout"));
}

TEST_F(NetworkTest, CutsOneDirectionAlone) {
  talk_.reply = true;
  start();
  world_->at(at_ms(150), [this] { network().cut(b_, a_); });
  run(2000);
  EXPECT_EQ(talk_.received, all(5));
  EXPECT_EQ(talk_.replies.size(), 2u + 1);  // the stream was closed here after the last message
}

TEST_F(NetworkTest, AClogHoldsThenReleasesWithoutATimeout) {
  start();
  world_->at(at_ms(150), [this] { network().clog(a_, b_); });
  world_->at(at_ms(40'000), [this] {
    EXPECT_EQ(talk_.received.size(), 2u);
    network().release(a_, b_);
  });
  run();
  EXPECT_EQ(talk_.received, all(5));
}

TEST_F(NetworkTest, ResetBreaksBothEndsAtOnce) {
  start();
  world_->at(at_ms(150), [this] { network().reset(a_, b_); });
  run();
  EXPECT_EQ(talk_.received, (std::vector<std::string>{"m1..", "m2..", "connection reset"}));
  EXPECT_EQ(talk_.sent[2], "3 connection reset");
}

TEST_F(NetworkTest, AKilledPeerIsSeenAsAReset) {
  start();
  world_->at(at_ms(150), [this] { world_->kill(b_); });
  run();
  EXPECT_EQ(talk_.replies, std::vector<std::string>{"connection reset"});
  EXPECT_EQ(talk_.sent[2], "3 connection reset");
}

TEST_F(NetworkTest, APeerWithoutPowerIsNoticedOnlyByAWriteAfterItsReturn) {
  talk_.messages = 3;
  start();
  world_->at(at_ms(150), [this] { world_->power_loss(b_); });
  run(30'000);
  EXPECT_EQ(talk_.sent, (std::vector<std::string>{"1 ok", "2 ok", "3 ok"}));
  EXPECT_EQ(talk_.replies, std::vector<std::string>{"closed"});  // closed here, in the end
  build(WorldOptions{.seed = 3});
  talk_ = {};
  talk_.messages = 50;
  start();
  world_->at(at_ms(150), [this] { world_->power_loss(b_); });
  world_->at(at_ms(2000), [this] { world_->start(b_); });
  run();
  EXPECT_EQ(talk_.replies, std::vector<std::string>{"connection reset"});
  EXPECT_EQ(talk_.sent[19], "20 ok");  // at 1.9 s
  EXPECT_EQ(talk_.sent[21], "22 connection reset");
}

TEST_F(NetworkTest, AForgottenConnectionIsHalfOpen) {
  start();
  world_->at(at_ms(150), [this] { network().half_open(b_, a_); });
  run();
  EXPECT_EQ(talk_.received, (std::vector<std::string>{"m1..", "m2..", "connection reset"}));
  EXPECT_EQ(talk_.sent[2], "3 ok");
  EXPECT_EQ(talk_.sent[3], "4 connection reset");
}

TEST_F(NetworkTest, ABlackHoleSwallowsOneDirectionThenResets) {
  talk_.reply = true;
  talk_.messages = 20;
  start();
  world_->at(at_ms(150), [this] { network().black_hole(b_, a_, ms(500)); });
  run();
  EXPECT_EQ(talk_.replies, (std::vector<std::string>{"re m1..", "re m2..", "connection reset"}));
  EXPECT_EQ(talk_.received[5], "m6..");  // the other direction went on
  EXPECT_EQ(talk_.sent[7], "8 connection reset");
  EXPECT_GT(lines_->count("message.dropped a black hole"), 3u);
}

TEST_F(NetworkTest, AWriterWaitsForTheWindow) {
  talk_.messages = 8;
  talk_.message_bytes = 100'000;
  talk_.pause = ms(0);
  talk_.slow_reader = true;
  start();
  std::size_t accepted = 0;
  world_->at(at_ms(900), [&] {
    accepted = talk_.sent.size();
    EXPECT_EQ(network().bytes_under_way(), world_->options().network.window_bytes);
  });
  run();
  EXPECT_EQ(accepted, 2u);
  EXPECT_EQ(talk_.sent.size(), 8u);
  EXPECT_EQ(talk_.bytes, 800'000u);
}

TEST_F(NetworkTest, ResetEndsAWriteThatWaitsForTheWindow) {
  talk_.messages = 8;
  talk_.message_bytes = 100'000;
  talk_.pause = ms(0);
  talk_.slow_reader = true;
  start();
  world_->at(at_ms(900), [this] { network().reset(a_, b_); });
  run();
  EXPECT_EQ(talk_.sent[2], "3 connection reset");
}

TEST_F(NetworkTest, BandwidthSpreadsBytesOverTime) {
  WorldOptions options{.seed = 3};
  options.network.bytes_per_second = 1'000'000;
  build(options);
  talk_.message_bytes = 100'000;
  talk_.pause = ms(0);
  start();
  const RunEnd end = run();
  EXPECT_EQ(talk_.bytes, 500'000u);
  EXPECT_GE(end.at, at_ms(500));
  EXPECT_LT(end.at, at_ms(520));
}

TEST_F(NetworkTest, ASlowLinkAddsItsDelay) {
  network().slow(a_, b_, ms(300));
  talk_.messages = 1;
  talk_.pause = ms(0);
  start();
  const RunEnd end = run();
  EXPECT_EQ(talk_.received, all(1));
  EXPECT_GE(end.at, at_ms(600));  // the connect and the message
  EXPECT_LT(end.at, at_ms(610));
}

TEST_F(NetworkTest, LossIsADelayAndKeepsTheOrder) {
  network().set_loss(a_, b_, Ratio{1, 2});
  talk_.pause = ms(1);
  talk_.messages = 50;
  talk_.connect_within = ms(30'000);
  start();
  const RunEnd end = run();
  EXPECT_EQ(talk_.received, all(50));
  EXPECT_GT(end.at, at_ms(200));
}

TEST_F(NetworkTest, SplitReadsLoseNothing) {
  WorldOptions options{.seed = 3};
  options.network.split_reads = {1, 2};
  build(options);
  talk_.messages = 40;
  talk_.pause = ms(1);
  start();
  run();
  EXPECT_GT(talk_.received.size(), 50u);
  std::string whole;
  std::string wanted;
  for (const std::string& piece : talk_.received) whole += piece;
  for (const std::string& text : all(40)) wanted += text;
  EXPECT_EQ(whole, wanted);
}

TEST_F(NetworkTest, HealAllEndsEveryLinkFault) {
  network().cut(a_, b_);
  network().clog(b_, a_);
  network().refuse_connects(b_, true);
  network().slow(a_, b_, ms(400));
  world_->at(at_ms(10), [this] { network().heal_all(); });
  start();
  run();
  EXPECT_EQ(talk_.received, all(5));
}

Task<> listen_twice(Machine& m, std::vector<std::string>& said) {
  const Endpoint fixed{"x", 700};
  Result<std::unique_ptr<Listener>> one = m.network.listen(fixed);
  Result<std::unique_ptr<Listener>> two = m.network.listen(fixed);
  said.push_back(two ? "two" : two.error().message());
  const Endpoint foreign{"10.0.0.1", 700};
  Result<std::unique_ptr<Listener>> three = m.network.listen(foreign);
  said.push_back(three ? "three" : three.error().message());
  const Endpoint any{"0.0.0.0", 0};
  Result<std::unique_ptr<Listener>> four = m.network.listen(any);
  said.push_back(four && (*four)->port() != 0 ? "port" : "no port");
  (*one)->close();
  Result<std::unique_ptr<Listener>> again = m.network.listen(fixed);
  said.push_back(again ? "again" : again.error().message());
  Result<std::unique_ptr<Stream>> none = co_await (*one)->accept();
  said.push_back(none ? "stream" : none.error().message());
}

TEST_F(NetworkTest, BindsEachAddressOnce) {
  std::vector<std::string> said;
  world_->start(add(*world_, "x", [&said](Machine& m) { return listen_twice(m, said); }));
  run();
  EXPECT_EQ(said, (std::vector<std::string>{"address in use", "no such host", "port", "again",
                                            "closed"}));
}

}  // namespace
}  // namespace weir
