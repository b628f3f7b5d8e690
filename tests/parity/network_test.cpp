// Contract of listening and connecting (broker/ports/network.h).
#include <gtest/gtest.h>

#include "broker/ports/task_group.h"
#include "tests/parity/stages.h"

namespace weir::parity {
namespace {

template <class StageKind>
class Connections : public Parity<StageKind> {};
TYPED_TEST_SUITE(Connections, Stages, StageNames);

Endpoint free_port(const Meeting& meeting) {
  Endpoint at;
  at.host = meeting.listen_host;
  return at;
}

Task<> listen_and_leave(Machine& machine, Meeting& meeting) {
  const Endpoint at = free_port(meeting);
  Result<std::unique_ptr<Listener>> listener = machine.network.listen(at);
  EXPECT_EQ(code_of(listener), Errc::ok);
  if (!listener) co_return;
  const std::uint16_t port = (*listener)->port();
  listener->reset();
  meeting.port = port;
  co_return;
}

Task<> connect_in_vain(Machine& machine, Meeting& meeting) {
  const Endpoint to = co_await server_endpoint(machine, meeting);
  const Instant deadline = machine.clock.now() + std::chrono::seconds(10);
  const Result<std::unique_ptr<Stream>> stream = co_await machine.network.connect(to, deadline);
  EXPECT_EQ(code_of(stream), Errc::refused);
}

TYPED_TEST(Connections, AreRefusedWhereNobodyListensAnyMore) {
  this->play(&listen_and_leave, &connect_in_vain);
}

Task<> connect_to_nobody(Machine& machine, Meeting& meeting) {
  Endpoint to;
  to.host = meeting.unknown_host;
  to.port = 9092;
  const Result<std::unique_ptr<Stream>> stream =
      co_await machine.network.connect(to, Instant::never());
  EXPECT_EQ(code_of(stream), Errc::unreachable);
}

TYPED_TEST(Connections, ToAnUnknownNameAreUnreachable) { this->play(&connect_to_nobody); }

Task<> listen_twice(Machine& machine, Meeting& meeting) {
  const Endpoint at = free_port(meeting);
  Result<std::unique_ptr<Listener>> first = machine.network.listen(at);
  EXPECT_EQ(code_of(first), Errc::ok);
  if (!first) co_return;
  Endpoint same = at;
  same.port = (*first)->port();
  EXPECT_NE(same.port, 0);
  const Result<std::unique_ptr<Listener>> second = machine.network.listen(same);
  EXPECT_EQ(code_of(second), Errc::address_in_use);
  // Another free port is another port, and a closed listener gives its own back.
  const Result<std::unique_ptr<Listener>> other = machine.network.listen(at);
  EXPECT_EQ(code_of(other), Errc::ok);
  if (other) {
    EXPECT_NE((*other)->port(), same.port);
  }
  first->reset();
  const Result<std::unique_ptr<Listener>> third = machine.network.listen(same);
  EXPECT_EQ(code_of(third), Errc::ok);
  co_return;
}

TYPED_TEST(Connections, HaveOneListenerAPort) { this->play(&listen_twice); }

Task<> listen_elsewhere(Machine& machine, Meeting& meeting) {
  Endpoint at;
  at.host = meeting.unknown_host;
  const Result<std::unique_ptr<Listener>> listener = machine.network.listen(at);
  EXPECT_EQ(code_of(listener), Errc::unreachable);
  co_return;
}

TYPED_TEST(Connections, CannotBeAwaitedAtAnAddressOfNobody) { this->play(&listen_elsewhere); }

Task<> note_accept(Listener& listener, Errc* end) {
  const Result<std::unique_ptr<Stream>> stream = co_await listener.accept();
  *end = code_of(stream);
}

Task<> close_listener(Machine& machine, Meeting& meeting) {
  const Endpoint at = free_port(meeting);
  Result<std::unique_ptr<Listener>> listener = machine.network.listen(at);
  EXPECT_EQ(code_of(listener), Errc::ok);
  if (!listener) co_return;
  TaskGroup group(machine);
  Errc end = Errc::ok;
  group.spawn("accept", note_accept(**listener, &end));
  co_await sleep_for(machine, std::chrono::milliseconds(5));
  (*listener)->close();
  EXPECT_EQ(group.running(), 1u) << "nobody may be resumed inside close()";
  co_await group.join();
  EXPECT_EQ(end, Errc::closed);
  const Result<std::unique_ptr<Stream>> late = co_await (*listener)->accept();
  EXPECT_EQ(code_of(late), Errc::closed);
}

TYPED_TEST(Connections, ClosingAListenerYieldsClosedToItsAccepts) { this->play(&close_listener); }

Task<> never_accept(Machine& machine, Meeting& meeting) {
  const Endpoint at = free_port(meeting);
  Result<std::unique_ptr<Listener>> listener = machine.network.listen(at);
  EXPECT_EQ(code_of(listener), Errc::ok);
  if (!listener) co_return;
  meeting.port = (*listener)->port();
  co_await wait_for(machine, &meeting.server_may_go_on);
  (*listener)->close();
}

Task<> be_left_waiting(Machine& machine, Meeting& meeting) {
  const std::unique_ptr<Stream> stream = co_await meet(machine, meeting);
  co_await sleep_for(machine, std::chrono::milliseconds(5));
  meeting.server_may_go_on = true;
  const Result<Slice> got = co_await stream->read();
  EXPECT_EQ(code_of(got), Errc::reset);
}

TYPED_TEST(Connections, NotAcceptedYetAreResetWhenTheListenerCloses) {
  this->play(&never_accept, &be_left_waiting);
}

constexpr int kClients = 50;

Task<> answer(std::unique_ptr<Stream> stream) {
  const Result<Slice> got = co_await stream->read();
  EXPECT_EQ(code_of(got), Errc::ok);
  if (!got) co_return;
  const Result<void> written = co_await stream->write(*got);
  EXPECT_EQ(code_of(written), Errc::ok);
}

Task<> accept_many(Machine& machine, Meeting& meeting) {
  const Endpoint at = free_port(meeting);
  Result<std::unique_ptr<Listener>> listener = machine.network.listen(at);
  EXPECT_EQ(code_of(listener), Errc::ok);
  if (!listener) co_return;
  meeting.port = (*listener)->port();
  TaskGroup group(machine);
  for (int i = 0; i < kClients; ++i) {
    Result<std::unique_ptr<Stream>> stream = co_await (*listener)->accept();
    EXPECT_EQ(code_of(stream), Errc::ok);
    if (!stream) break;
    group.spawn("answer", answer(std::move(*stream)));
  }
  co_await group.join();
}

Task<> ask_once(Machine& machine, Meeting& meeting, int number) {
  const std::unique_ptr<Stream> stream = co_await meet(machine, meeting);
  if (stream == nullptr) co_return;
  const std::string text = "client " + std::to_string(number);
  const Slice question = Slice::copy_of(text);
  const Result<void> written = co_await stream->write(question);
  EXPECT_EQ(code_of(written), Errc::ok);
  const std::string got = co_await read_exactly(*stream, text.size());
  EXPECT_EQ(got, text);
}

Task<> connect_many(Machine& machine, Meeting& meeting) {
  TaskGroup group(machine);
  for (int i = 0; i < kClients; ++i) group.spawn("ask", ask_once(machine, meeting, i));
  co_await group.join();
}

TYPED_TEST(Connections, AreAcceptedFromManyAtOnce) { this->play(&accept_many, &connect_many); }

}  // namespace
}  // namespace weir::parity
