// Contract of streams: order, closing, resets, flow control (broker/ports/network.h).
#include <gtest/gtest.h>

#include <vector>

#include "broker/ports/task_group.h"
#include "tests/parity/stages.h"

namespace weir::parity {
namespace {

template <class StageKind>
class Streams : public Parity<StageKind> {};
TYPED_TEST_SUITE(Streams, Stages, StageNames);

constexpr std::size_t kLarge = 8 * 1024 * 1024;

// --- order

Task<> read_everything(Machine& machine, Meeting& meeting) {
  const std::unique_ptr<Stream> stream = co_await accept_one(machine, meeting);
  Errc end = Errc::ok;
  const std::string all = co_await read_to_end(*stream, end);
  EXPECT_EQ(end, Errc::closed);
  EXPECT_EQ(all, "one, two, " + numbered_text(300'000) + "three");
  EXPECT_FALSE(stream->peer().empty());
}

Task<> write_in_pieces(Machine& machine, Meeting& meeting) {
  const std::unique_ptr<Stream> stream = co_await meet(machine, meeting);
  co_await write_text(*stream, "one, ");
  std::vector<Slice> parts;
  parts.push_back(Slice::copy_of("two, "));
  parts.push_back(Slice());
  parts.push_back(Slice::copy_of(numbered_text(300'000)));
  const Result<void> written = co_await stream->write(parts);
  EXPECT_EQ(code_of(written), Errc::ok);
  co_await write_text(*stream, "three");
  EXPECT_FALSE(stream->peer().empty());
}

TYPED_TEST(Streams, DeliverAllSlicesInTheOrderWritten) {
  this->play(&read_everything, &write_in_pieces);
}

Task<> write_many_slices(Machine& machine, Meeting& meeting) {
  const std::unique_ptr<Stream> stream = co_await meet(machine, meeting);
  const Slice text = Slice::copy_of(numbered_text(20'000));
  std::vector<Slice> parts;
  for (std::size_t i = 0; i < 2'000; ++i) parts.push_back(text.subslice(i * 10, 10));
  const Result<void> written = co_await stream->write(parts);
  EXPECT_EQ(code_of(written), Errc::ok);
  const Result<void> nothing_written = co_await stream->write(std::span<const Slice>());
  EXPECT_EQ(code_of(nothing_written), Errc::ok);
}

Task<> read_many_slices(Machine& machine, Meeting& meeting) {
  const std::unique_ptr<Stream> stream = co_await accept_one(machine, meeting);
  Errc end = Errc::ok;
  const std::string all = co_await read_to_end(*stream, end);
  EXPECT_EQ(all, numbered_text(20'000));
}

TYPED_TEST(Streams, TakeAnyNumberOfSlicesInOneWriteAndNoneAsWell) {
  this->play(&read_many_slices, &write_many_slices);
}

Task<> read_also_what_arrived(Machine& machine, Meeting& meeting) {
  const std::unique_ptr<Stream> stream = co_await accept_one(machine, meeting);
  std::string all;
  Errc end = Errc::ok;
  while (end == Errc::ok) {
    Slice arrived = stream->read_arrived();
    if (arrived.empty()) {
      Result<Slice> received = co_await stream->read();
      end = code_of(received);
      if (received) arrived = std::move(*received);
    }
    all += arrived.text();
  }
  EXPECT_EQ(end, Errc::closed);
  EXPECT_EQ(all, numbered_text(200'000));
  EXPECT_TRUE(stream->read_arrived().empty());
}

Task<> write_now_or_later(Machine& machine, Meeting& meeting) {
  const std::unique_ptr<Stream> stream = co_await meet(machine, meeting);
  const Slice text = Slice::copy_of(numbered_text(200'000));
  for (std::size_t at = 0; at < text.size(); at += 1'000) {
    std::vector<Slice> parts;
    parts.push_back(text.subslice(at, 400));
    parts.push_back(text.subslice(at + 400, 600));
    if (stream->write_now(parts)) continue;
    const Result<void> written = co_await stream->write(parts);
    EXPECT_EQ(code_of(written), Errc::ok);
  }
  stream->close();
  EXPECT_FALSE(stream->write_now(std::span<const Slice>(&text, 1)));
}

TYPED_TEST(Streams, KeepTheOrderOfWhatLeavesAtOnceAndWhatHadToWait) {
  this->play(&read_also_what_arrived, &write_now_or_later);
}

Task<> echo_small(Machine& machine, Meeting& meeting) {
  const std::unique_ptr<Stream> stream = co_await accept_one(machine, meeting);
  for (;;) {
    const Result<Slice> got = co_await stream->read();
    if (!got) co_return;
    const Result<void> written = co_await stream->write(*got);
    EXPECT_EQ(code_of(written), Errc::ok);
  }
}

Task<> ask_often(Machine& machine, Meeting& meeting) {
  const std::unique_ptr<Stream> stream = co_await meet(machine, meeting);
  for (int i = 0; i < 300; ++i) {
    const std::string question = "question " + std::to_string(i);
    co_await write_text(*stream, question);
    const std::string answer = co_await read_exactly(*stream, question.size());
    EXPECT_EQ(answer, question);
  }
}

TYPED_TEST(Streams, CarryQuestionsAndAnswers) { this->play(&echo_small, &ask_often); }

Task<> pour(Machine&, Stream& stream, bool* done) {
  co_await write_text(stream, numbered_text(kLarge));
  *done = true;
}

Task<> both_ways(Machine& machine, Stream& stream) {
  TaskGroup group(machine);
  bool poured = false;
  group.spawn("pour", pour(machine, stream, &poured));
  const std::string got = co_await read_exactly(stream, kLarge);
  EXPECT_TRUE(got == numbered_text(kLarge));
  co_await group.join();
  EXPECT_TRUE(poured);
}

Task<> both_ways_server(Machine& machine, Meeting& meeting) {
  const std::unique_ptr<Stream> stream = co_await accept_one(machine, meeting);
  co_await both_ways(machine, *stream);
}

Task<> both_ways_client(Machine& machine, Meeting& meeting) {
  const std::unique_ptr<Stream> stream = co_await meet(machine, meeting);
  co_await both_ways(machine, *stream);
}

TYPED_TEST(Streams, CarryMuchInBothDirectionsAtOnce) {
  this->play(&both_ways_server, &both_ways_client);
}

// --- flow control

constexpr std::size_t kPieces = 64;
constexpr std::size_t kPieceBytes = 1024 * 1024;

Task<> write_pieces(Machine& machine, Meeting& meeting) {
  const std::unique_ptr<Stream> stream = co_await meet(machine, meeting);
  const Slice piece = Slice::copy_of(numbered_text(kPieceBytes));
  for (std::size_t i = 0; i < kPieces; ++i) {
    const Result<void> written = co_await stream->write(piece);
    EXPECT_EQ(code_of(written), Errc::ok);
    ++meeting.count;
  }
}

Task<> read_slowly(Machine& machine, Meeting& meeting) {
  const std::unique_ptr<Stream> stream = co_await accept_one(machine, meeting);
  co_await sleep_for(machine, std::chrono::milliseconds(300));
  EXPECT_LT(meeting.count, kPieces) << "a writer must wait for its reader";
  std::size_t bytes = 0;
  const std::string piece = numbered_text(kPieceBytes);
  bool equal = true;
  for (;;) {
    const Result<Slice> got = co_await stream->read();
    if (!got) break;
    for (std::size_t i = 0; i < got->size();) {
      const std::size_t at = (bytes + i) % kPieceBytes;
      const std::size_t n = std::min(got->size() - i, kPieceBytes - at);
      equal = equal && got->text().substr(i, n) == std::string_view(piece).substr(at, n);
      i += n;
    }
    bytes += got->size();
  }
  EXPECT_TRUE(equal);
  EXPECT_EQ(bytes, kPieces * kPieceBytes);
  EXPECT_EQ(meeting.count, kPieces);
}

TYPED_TEST(Streams, MakeAWriterWaitForASlowReader) { this->play(&read_slowly, &write_pieces); }

// --- closing

Task<> close_at_once(Machine& machine, Meeting& meeting) {
  const std::unique_ptr<Stream> stream = co_await accept_one(machine, meeting);
  co_await write_text(*stream, "farewell");
  stream->close();
}

Task<> read_closed_twice(Machine& machine, Meeting& meeting) {
  const std::unique_ptr<Stream> stream = co_await meet(machine, meeting);
  Errc end = Errc::ok;
  const std::string all = co_await read_to_end(*stream, end);
  EXPECT_EQ(all, "farewell");
  EXPECT_EQ(end, Errc::closed);
  const Result<Slice> again = co_await stream->read();
  EXPECT_EQ(code_of(again), Errc::closed);
}

TYPED_TEST(Streams, YieldClosedAfterAllThatThePeerWroteAndAgain) {
  this->play(&close_at_once, &read_closed_twice);
}

Task<> close_with_input_unread(Machine& machine, Meeting& meeting) {
  const std::unique_ptr<Stream> stream = co_await accept_one(machine, meeting);
  co_await wait_for(machine, &meeting.server_may_go_on);
  co_await write_text(*stream, numbered_text(100'000));
  stream->close();
  meeting.client_may_go_on = true;
}

Task<> write_what_nobody_reads(Machine& machine, Meeting& meeting) {
  const std::unique_ptr<Stream> stream = co_await meet(machine, meeting);
  co_await write_text(*stream, numbered_text(50'000));
  co_await sleep_for(machine, std::chrono::milliseconds(5));
  meeting.server_may_go_on = true;
  co_await wait_for(machine, &meeting.client_may_go_on);
  co_await sleep_for(machine, std::chrono::milliseconds(5));
  Errc end = Errc::ok;
  const std::string all = co_await read_to_end(*stream, end);
  EXPECT_EQ(all.size(), 100'000u);
  EXPECT_TRUE(all == numbered_text(100'000));
  EXPECT_EQ(end, Errc::closed);
}

TYPED_TEST(Streams, DeliverWhatWasAcceptedBeforeCloseThoughInputLiesUnread) {
  this->play(&close_with_input_unread, &write_what_nobody_reads);
}

Task<> destroy_stream(Machine& machine, Meeting& meeting) {
  std::unique_ptr<Stream> stream = co_await accept_one(machine, meeting);
  co_await write_text(*stream, "farewell");
  stream.reset();
}

TYPED_TEST(Streams, CloseWhenDestroyed) { this->play(&destroy_stream, &read_closed_twice); }

Task<> hold_until_told(Machine& machine, Meeting& meeting) {
  const std::unique_ptr<Stream> stream = co_await accept_one(machine, meeting);
  co_await wait_for(machine, &meeting.server_may_go_on);
}

Task<> note_read(Stream& stream, Errc* end) {
  const Result<Slice> got = co_await stream.read();
  *end = code_of(got);
}

Task<> note_write(Stream& stream, Errc* end) {
  const Slice much = Slice::copy_of(std::string(64 * 1024 * 1024, 'x'));
  const Result<void> written = co_await stream.write(much);
  *end = code_of(written);
}

Task<> close_under_waiters(Machine& machine, Meeting& meeting) {
  const std::unique_ptr<Stream> stream = co_await meet(machine, meeting);
  TaskGroup group(machine);
  Errc read = Errc::ok;
  Errc write = Errc::ok;
  group.spawn("reader", note_read(*stream, &read));
  group.spawn("writer", note_write(*stream, &write));
  co_await sleep_for(machine, std::chrono::milliseconds(20));
  EXPECT_EQ(group.running(), 2u);
  stream->close();
  EXPECT_EQ(group.running(), 2u) << "nobody may be resumed inside close()";
  co_await group.join();
  EXPECT_EQ(read, Errc::closed);
  EXPECT_EQ(write, Errc::closed);
  const Slice late = Slice::copy_of("too late");
  const Result<void> written = co_await stream->write(late);
  EXPECT_EQ(code_of(written), Errc::closed);
  const Result<Slice> got = co_await stream->read();
  EXPECT_EQ(code_of(got), Errc::closed);
  meeting.server_may_go_on = true;
}

TYPED_TEST(Streams, CloseYieldsClosedToWhoWaitsHereAndToWhoComesLater) {
  this->play(&hold_until_told, &close_under_waiters);
}

Task<> write_to_the_departed(Machine& machine, Meeting& meeting) {
  const std::unique_ptr<Stream> stream = co_await meet(machine, meeting);
  const Slice text = Slice::copy_of(numbered_text(100'000));
  Errc last = Errc::ok;
  for (int i = 0; i < 1'000 && last == Errc::ok; ++i) {
    const Result<void> written = co_await stream->write(text);
    last = code_of(written);
    co_await sleep_for(machine, std::chrono::milliseconds(2));
  }
  EXPECT_EQ(last, Errc::reset);
}

TYPED_TEST(Streams, EndAWriterInResetWhenThePeerHasGone) {
  this->play(&close_at_once, &write_to_the_departed);
}

// --- deadlines

Task<> speak_when_told(Machine& machine, Meeting& meeting) {
  const std::unique_ptr<Stream> stream = co_await accept_one(machine, meeting);
  for (int i = 0; i < 3; ++i) {
    co_await wait_for(machine, &meeting.server_may_go_on);
    meeting.server_may_go_on = false;
    co_await write_text(*stream, "word");
  }
}

Task<> read_with_deadlines(Machine& machine, Meeting& meeting) {
  const std::unique_ptr<Stream> stream = co_await meet(machine, meeting);
  const Instant soon = machine.clock.now() + std::chrono::milliseconds(20);
  const Result<Slice> none = co_await stream->read(soon);
  EXPECT_EQ(code_of(none), Errc::timed_out);
  EXPECT_GE(machine.clock.now(), soon);
  const Result<Slice> past = co_await stream->read(soon);
  EXPECT_EQ(code_of(past), Errc::timed_out);

  // The stream is as it was: this read has a deadline and is served in time.
  meeting.server_may_go_on = true;
  const Instant near = machine.clock.now() + std::chrono::milliseconds(100);
  const Result<Slice> word = co_await stream->read(near);
  EXPECT_EQ(code_of(word), Errc::ok);

  // A deadline that was not needed does not end a later read.
  const Instant far = machine.clock.now() + std::chrono::seconds(50);
  const Instant before = machine.clock.now();
  TaskGroup group(machine);
  Errc served = Errc::timed_out;
  group.spawn("reader", note_read(*stream, &served));
  co_await sleep_for(machine, std::chrono::milliseconds(150));
  EXPECT_EQ(group.running(), 1u);
  meeting.server_may_go_on = true;
  co_await group.join();
  EXPECT_EQ(served, Errc::ok);
  EXPECT_GE(machine.clock.now(), before + std::chrono::milliseconds(150));
  meeting.server_may_go_on = true;
  const Result<Slice> last = co_await stream->read(far);
  EXPECT_EQ(code_of(last), Errc::ok);
  const Result<Slice> end = co_await stream->read(far);
  EXPECT_EQ(code_of(end), Errc::closed);
}

TYPED_TEST(Streams, StayUsableAfterAReadDeadlinePassed) {
  this->play(&speak_when_told, &read_with_deadlines);
}

Task<> shorter_after_longer(Machine& machine, Meeting& meeting) {
  const std::unique_ptr<Stream> stream = co_await meet(machine, meeting);
  meeting.server_may_go_on = true;
  const Instant far = machine.clock.now() + std::chrono::seconds(50);
  const Result<Slice> word = co_await stream->read(far);
  EXPECT_EQ(code_of(word), Errc::ok);
  const Instant soon = machine.clock.now() + std::chrono::milliseconds(20);
  const Result<Slice> none = co_await stream->read(soon);
  EXPECT_EQ(code_of(none), Errc::timed_out);
  EXPECT_GE(machine.clock.now(), soon);
  EXPECT_LT(machine.clock.now(), far);
  for (int i = 0; i < 2; ++i) {
    meeting.server_may_go_on = true;
    const Result<Slice> more = co_await stream->read(far);
    EXPECT_EQ(code_of(more), Errc::ok);
  }
}

TYPED_TEST(Streams, HonourAShorterDeadlineAfterALongerOne) {
  this->play(&speak_when_told, &shorter_after_longer);
}

}  // namespace
}  // namespace weir::parity
