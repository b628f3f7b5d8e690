// What only real sockets have: names, exhausted descriptors, resets on the wire, the shared chunk.
#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "broker/real/descriptor.h"
#include "tests/unit/real/scratch.h"

namespace {
bool no_descriptors_left = false;
}

// In place of the C library's: a process that has really run out of descriptors cannot be watched
// by the sanitizers, which need a pipe of their own now and then.
extern "C" int accept(int listener, sockaddr* address, socklen_t* size) {
  if (no_descriptors_left) {
    errno = EMFILE;
    return -1;
  }
  return static_cast<int>(::syscall(SYS_accept, listener, address, size));
}

namespace weir {
namespace {

// Runs one coroutine on a machine of its own, and stops.
class RealNetworkTest : public ::testing::Test {
 protected:
  void play(const Script::Body& body) {
    auto machine = RealMachine::open(loop_, options_for(scratch_, "b1"));
    ASSERT_TRUE(machine.has_value());
    bool done = false;
    (*machine)->start([&](Machine& ports) {
      const Script::Body all = [&](Machine& mine) { return finish(mine, body, &done); };
      return std::make_unique<Script>(ports, all);
    });
    EXPECT_EQ(loop_.run(), 0);
    EXPECT_TRUE(done);
  }

 private:
  Task<> finish(Machine& machine, const Script::Body& body, bool* done) {
    co_await body(machine);
    *done = true;
    loop_.stop();
  }

  ScratchDirectory scratch_;
  RealLoop loop_;
};

Endpoint local(std::uint16_t port) {
  Endpoint endpoint;
  endpoint.host = "127.0.0.1";
  endpoint.port = port;
  return endpoint;
}

// A plain blocking socket of the test, beside the loop: connects, which needs no accept yet.
Descriptor raw_connect(std::uint16_t port) {
  Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::connect(socket.get(), reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
  return socket;
}

Task<> connect_by_name(Machine& machine) {
  Endpoint at;
  at.host = "localhost";
  Result<std::unique_ptr<Listener>> listener = machine.network.listen(at);
  EXPECT_EQ(code_of(listener), Errc::ok);
  if (!listener) co_return;
  at.port = (*listener)->port();
  const Instant deadline = machine.clock.now() + std::chrono::seconds(10);
  const Result<std::unique_ptr<Stream>> stream = co_await machine.network.connect(at, deadline);
  EXPECT_EQ(code_of(stream), Errc::ok);
}

TEST_F(RealNetworkTest, ConnectsAndListensByName) { play(connect_by_name); }

Task<> connect_too_late(Machine& machine) {
  // 192.0.2.0/24 is for documentation: nobody answers there, if there is a route at all.
  Endpoint to;
  to.host = "192.0.2.1";
  to.port = 9092;
  const Instant deadline = machine.clock.now() + std::chrono::milliseconds(50);
  const Result<std::unique_ptr<Stream>> stream = co_await machine.network.connect(to, deadline);
  const Errc code = code_of(stream);
  EXPECT_TRUE(code == Errc::timed_out || code == Errc::unreachable || code == Errc::refused)
      << describe(code);
}

TEST_F(RealNetworkTest, GivesAConnectUpAtItsDeadline) { play(connect_too_late); }

Task<> read_reset(Machine& machine) {
  Result<std::unique_ptr<Listener>> listener = machine.network.listen(local(0));
  Descriptor peer = raw_connect((*listener)->port());
  Result<std::unique_ptr<Stream>> stream = co_await (*listener)->accept();
  const linger at_once{1, 0};  // close sends a reset instead of an orderly end
  ::setsockopt(peer.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  peer = Descriptor();
  const Result<Slice> got = co_await (*stream)->read();
  EXPECT_EQ(code_of(got), Errc::reset);
}

TEST_F(RealNetworkTest, TellsAResetFromAnOrderlyEnd) { play(read_reset); }

Task<> keep_small_and_large(Machine& machine) {
  Result<std::unique_ptr<Listener>> listener = machine.network.listen(local(0));
  const Descriptor peer = raw_connect((*listener)->port());
  Result<std::unique_ptr<Stream>> stream = co_await (*listener)->accept();
  std::vector<Slice> kept;
  std::string expected;
  std::string got_all;
  for (int i = 0; i < 200; ++i) {
    const std::string text(i % 3 == 0 ? 30'000 : 10, static_cast<char>('a' + i % 26));
    expected += text;
    EXPECT_EQ(::write(peer.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
    std::size_t bytes = 0;
    while (bytes < text.size()) {
      const Result<Slice> got = co_await (*stream)->read();
      EXPECT_TRUE(got.has_value());
      if (!got) co_return;
      bytes += got->size();
      kept.push_back(*got);
    }
  }
  // Later reads left the slices of earlier ones as they were.
  for (const Slice& slice : kept) got_all += slice.text();
  EXPECT_TRUE(got_all == expected);
}

TEST_F(RealNetworkTest, SlicesKeepTheirBytesWhileOthersArrive) { play(keep_small_and_large); }

Task<> run_out_of_descriptors(Machine& machine) {
  Result<std::unique_ptr<Listener>> listener = machine.network.listen(local(0));
  const Descriptor peer = raw_connect((*listener)->port());
  ::testing::internal::CaptureStderr();
  no_descriptors_left = true;
  for (int i = 0; i < 2; ++i) {
    const Instant begin = machine.clock.now();
    const Result<std::unique_ptr<Stream>> refused = co_await (*listener)->accept();
    EXPECT_EQ(code_of(refused), Errc::io_error);
    EXPECT_GE(machine.clock.now(), begin + std::chrono::milliseconds(50)) << "it must not spin";
  }
  no_descriptors_left = false;
  const std::string told = ::testing::internal::GetCapturedStderr();
  EXPECT_EQ(std::count(told.begin(), told.end(), '\n'), 1) << told;
  const Result<std::unique_ptr<Stream>> stream = co_await (*listener)->accept();
  EXPECT_EQ(code_of(stream), Errc::ok);
}

TEST_F(RealNetworkTest, AcceptsAgainOnceDescriptorsAreThere) { play(run_out_of_descriptors); }

}  // namespace
}  // namespace weir
