// Timers, streams and files of a simulated node.
#include <gtest/gtest.h>

#include "tests/unit/sim/programs.h"

namespace weir {
namespace {

struct Journal {
  std::vector<std::string> lines;
};

Task<> echo_session(Machine&, std::shared_ptr<Stream> stream) {
  for (;;) {
    Result<Slice> got = co_await stream->read();
    if (!got) co_return;
    Result<void> sent = co_await stream->write(*got);
    if (!sent) co_return;
  }
}

Task<> echo_server(Machine& m) {
  const Endpoint at{"", 9092};
  Result<std::unique_ptr<Listener>> listener = m.network.listen(at);
  for (;;) {
    Result<std::unique_ptr<Stream>> stream = co_await (*listener)->accept();
    if (!stream) co_return;
    m.tasks.spawn("session", echo_session(m, std::shared_ptr<Stream>(std::move(*stream))));
  }
}

Task<> say_hello(Machine& m, Journal& journal) {
  const Endpoint to{"server", 9092};
  Result<std::unique_ptr<Stream>> stream = co_await m.network.connect(to, Instant::never());
  if (!stream) {
    journal.lines.push_back("connect failed");
    co_return;
  }
  const Slice hello = Slice::copy_of("hello");
  for (int i = 0; i < 3; ++i) {
    Result<void> sent = co_await (*stream)->write(hello);
    if (!sent) co_return;
    Result<Slice> got = co_await (*stream)->read(m.clock.now() + ms(100));
    journal.lines.push_back(got ? std::string(got->text()) : got.error().message());
  }
  std::unique_ptr<Alarm> alarm = m.timers.alarm();
  const bool notified = co_await alarm->wait_until(m.clock.now() + ms(5));
  journal.lines.push_back(notified ? "notified" : "deadline");
  Result<std::unique_ptr<File>> file = co_await m.disk.open("log", OpenMode::create);
  Result<void> written = co_await (*file)->write_at(0, hello);
  Result<void> synced = co_await (*file)->sync();
  if (!written || !synced) co_return;
  Result<Slice> back = co_await (*file)->read_at(1, 3);
  journal.lines.push_back(std::string(back->text()));
}

TEST(World, RunsAProgramWithTimersNetworkAndDisk) {
  Journal journal;
  World world(WorldOptions{.seed = 7});
  const NodeId server = add(world, "server", echo_server);
  const NodeId client =
      add(world, "client", [&journal](Machine& m) { return say_hello(m, journal); });
  world.start(server);
  world.start(client);
  const RunEnd end = world.run_until(at_ms(1000));
  EXPECT_EQ(end.why, RunEnd::Why::idle);
  EXPECT_EQ(journal.lines,
            (std::vector<std::string>{"hello", "hello", "hello", "deadline", "ell"}));
}

}  // namespace
}  // namespace weir
