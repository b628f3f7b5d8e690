// Contract of Stream::gather: where a machine takes it on, a message comes in one slice; where it
// does not, nothing has changed. Either way no byte is lost, and errors come as ever.
#include <gtest/gtest.h>

#include <string>

#include "broker/wire/frame_reader.h"
#include "broker/wire/writer.h"
#include "tests/parity/stages.h"

namespace weir::parity {
namespace {

template <class StageKind>
class Gathering : public Parity<StageKind> {};
TYPED_TEST_SUITE(Gathering, Stages, StageNames);

constexpr std::size_t kMessage = 300'000;
constexpr int kFrames = 60;

Task<> write_text(Stream& stream, std::string text) {
  const Slice slice = Slice::copy_of(text);
  const Result<void> written = co_await stream.write(slice);
  EXPECT_EQ(code_of(written), Errc::ok);
}

// --- frames, as a broker reads them

std::size_t frame_size(int i) {
  return i % 3 == 0 ? 40'000 + 7'919u * static_cast<unsigned>(i) : 20;
}

Task<> write_frames(Machine& machine, Meeting& meeting) {
  const std::unique_ptr<Stream> stream = co_await meet(machine, meeting);
  for (int i = 0; i < kFrames; ++i) {
    std::string frame(4, '\0');
    const std::string text = numbered_text(frame_size(i));
    store_be32(reinterpret_cast<std::byte*>(frame.data()), static_cast<std::uint32_t>(text.size()));
    frame += text;
    co_await write_text(*stream, std::move(frame));
  }
}

Task<> next_frame(Stream& stream, FrameReader& frames, std::string& text) {
  for (;;) {
    const Result<std::optional<Slice>> next = frames.next_slice();
    EXPECT_TRUE(next.has_value());
    if (!next) co_return;
    if (next->has_value()) {
      text = (**next).text();
      co_return;
    }
    Slice arrived = stream.read_arrived();
    if (!arrived.empty()) {
      frames.feed(std::move(arrived));
      continue;
    }
    const auto begun = frames.begun();
    if (begun && stream.gather(begun->bytes, begun->size)) frames.forget_begun();
    Result<Slice> got = co_await stream.read();
    EXPECT_EQ(code_of(got), Errc::ok);
    if (!got) co_return;
    frames.feed(std::move(*got));
  }
}

Task<> read_frames(Machine& machine, Meeting& meeting) {
  const std::unique_ptr<Stream> stream = co_await accept_one(machine, meeting);
  FrameReader frames;
  for (int i = 0; i < kFrames; ++i) {
    std::string text;
    co_await next_frame(*stream, frames, text);
    EXPECT_EQ(text, numbered_text(frame_size(i))) << "frame " << i;
  }
  Errc end = Errc::ok;
  const std::string rest = co_await read_to_end(*stream, end);
  EXPECT_EQ(rest, "");
  EXPECT_EQ(end, Errc::closed);
}

TYPED_TEST(Gathering, BringsEveryFrameLargeOrSmall) { this->play(&read_frames, &write_frames); }

// --- one message, and what comes behind it

Task<> write_and_go_on(Machine& machine, Meeting& meeting) {
  const std::unique_ptr<Stream> stream = co_await meet(machine, meeting);
  const std::string text = numbered_text(kMessage);
  co_await write_text(*stream, text.substr(0, kMessage / 2));
  co_await wait_for(machine, &meeting.client_may_go_on);
  std::string rest = text.substr(kMessage / 2);
  rest += "behind";
  co_await write_text(*stream, std::move(rest));
}

Task<> read_beyond_a_deadline(Machine& machine, Meeting& meeting) {
  const std::unique_ptr<Stream> stream = co_await accept_one(machine, meeting);
  const Result<Slice> first = co_await stream->read();
  EXPECT_EQ(code_of(first), Errc::ok);
  if (!first) co_return;
  std::string all(first->text());
  EXPECT_FALSE(stream->gather(first->bytes(), first->size())) << "nothing of it is to come";
  if (stream->gather(first->bytes(), kMessage)) {
    EXPECT_FALSE(stream->gather(Bytes(), 10)) << "one message at a time";
    const Instant soon = machine.clock.now() + std::chrono::milliseconds(20);
    const Result<Slice> early = co_await stream->read(soon);
    EXPECT_EQ(code_of(early), Errc::timed_out);
    meeting.client_may_go_on = true;
    const Result<Slice> whole = co_await stream->read();
    EXPECT_EQ(code_of(whole), Errc::ok);
    if (!whole) co_return;
    EXPECT_EQ(whole->size(), kMessage);
    all = whole->text();
  }
  meeting.client_may_go_on = true;
  Errc end = Errc::ok;
  const std::string rest = co_await read_to_end(*stream, end);
  all += rest;
  EXPECT_EQ(all, numbered_text(kMessage) + "behind");
  EXPECT_EQ(end, Errc::closed);
}

TYPED_TEST(Gathering, GoesOnAfterADeadlineAndLeavesWhatComesBehind) {
  this->play(&read_beyond_a_deadline, &write_and_go_on);
}

Task<> write_half(Machine& machine, Meeting& meeting) {
  const std::unique_ptr<Stream> stream = co_await meet(machine, meeting);
  co_await write_text(*stream, numbered_text(kMessage / 2));
}

Task<> gather_in_vain(Machine& machine, Meeting& meeting) {
  const std::unique_ptr<Stream> stream = co_await accept_one(machine, meeting);
  const Result<Slice> first = co_await stream->read();
  EXPECT_EQ(code_of(first), Errc::ok);
  if (!first) co_return;
  static_cast<void>(stream->gather(first->bytes(), kMessage));
  Errc end = Errc::ok;
  const std::string rest = co_await read_to_end(*stream, end);
  EXPECT_LT(rest.size(), kMessage);
  EXPECT_EQ(end, Errc::closed);
}

TYPED_TEST(Gathering, EndsWithAPeerThatClosesInTheMiddle) {
  this->play(&gather_in_vain, &write_half);
}

}  // namespace
}  // namespace weir::parity
