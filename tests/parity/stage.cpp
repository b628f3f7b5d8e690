// Steps that many scripts of the parity suite share.
#include "tests/parity/stage.h"

namespace weir::parity {
namespace {

constexpr Duration kPoll = std::chrono::milliseconds(1);

}  // namespace

Task<> sleep_for(Machine& machine, Duration duration) {
  const std::unique_ptr<Alarm> alarm = machine.timers.alarm();
  const Instant until = machine.clock.now() + duration;
  co_await alarm->wait_until(until);
}

Task<> wait_for(Machine& machine, const bool* flag) {
  while (!*flag) {
    co_await sleep_for(machine, kPoll);
  }
}

Task<Endpoint> server_endpoint(Machine& machine, Meeting& meeting) {
  while (meeting.port == 0) {
    co_await sleep_for(machine, kPoll);
  }
  Endpoint endpoint;
  endpoint.host = meeting.connect_host;
  endpoint.port = meeting.port;
  co_return endpoint;
}

Task<std::unique_ptr<Stream>> accept_one(Machine& machine, Meeting& meeting) {
  Endpoint at;
  at.host = meeting.listen_host;
  Result<std::unique_ptr<Listener>> listener = machine.network.listen(at);
  EXPECT_EQ(code_of(listener), Errc::ok);
  if (!listener) co_return nullptr;
  meeting.port = (*listener)->port();
  EXPECT_NE(meeting.port, 0);
  Result<std::unique_ptr<Stream>> stream = co_await (*listener)->accept();
  EXPECT_EQ(code_of(stream), Errc::ok);
  if (!stream) co_return nullptr;
  co_return std::move(*stream);
}

Task<std::unique_ptr<Stream>> meet(Machine& machine, Meeting& meeting) {
  const Endpoint to = co_await server_endpoint(machine, meeting);
  Result<std::unique_ptr<Stream>> stream = co_await machine.network.connect(to, Instant::never());
  EXPECT_EQ(code_of(stream), Errc::ok);
  if (!stream) co_return nullptr;
  co_return std::move(*stream);
}

Task<std::string> read_to_end(Stream& stream, Errc& end) {
  std::string all;
  for (;;) {
    const Result<Slice> got = co_await stream.read();
    end = code_of(got);
    if (!got) co_return all;
    EXPECT_FALSE(got->empty());
    all += got->text();
  }
}

Task<std::string> read_exactly(Stream& stream, std::size_t bytes) {
  std::string all;
  while (all.size() < bytes) {
    const Result<Slice> got = co_await stream.read();
    EXPECT_EQ(code_of(got), Errc::ok);
    if (!got) co_return all;
    all += got->text();
  }
  EXPECT_EQ(all.size(), bytes);
  co_return all;
}

Task<> write_text(Stream& stream, std::string text) {
  const Slice slice = Slice::copy_of(text);
  const Result<void> written = co_await stream.write(slice);
  EXPECT_EQ(code_of(written), Errc::ok);
}

std::string numbered_text(std::size_t bytes) {
  std::string text;
  text.reserve(bytes + 16);
  for (std::uint64_t i = 0; text.size() < bytes; ++i) {
    text += std::to_string(i);
    text += ' ';
  }
  text.resize(bytes);
  return text;
}

}  // namespace weir::parity
