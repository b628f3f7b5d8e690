// Laws of the message codec, for every message and record in every version described.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <functional>

#include "broker/wire/request_header.h"
#include "tests/property/wire_codecs.h"

namespace weir {
namespace {

// Checks the law for each codec with random versions.
void expect_of_all(const std::function<void(const AnyCodec&, std::int16_t version)>& law) {
  for (const AnyCodec& codec : all_codecs()) {
    EXPECT_TRUE(rc::check(std::string(codec.name), [&] {
      const auto end = static_cast<std::int16_t>(codec.versions.max + 1);
      law(codec, *rc::gen::inRange<std::int16_t>(codec.versions.min, end));
    })) << codec.name;
  }
}

TEST(WireMessages, AreReadAsTheyWereWritten) {
  expect_of_all([](const AnyCodec& codec, std::int16_t version) {
    const Written message = codec.pick(version);
    RC_ASSERT(codec.read(Reader(message.bytes), version) == message);
  });
}

TEST(WireMessages, AreReadTheSameHoweverTheNetworkCutsThem) {
  expect_of_all([](const AnyCodec& codec, std::int16_t version) {
    const Written message = codec.pick(version);
    RC_ASSERT(codec.read(Reader(cut_anywhere(message.bytes)), version) == message);
  });
}

TEST(WireMessages, CutShortAreNeverAccepted) {
  expect_of_all([](const AnyCodec& codec, std::int16_t version) {
    const Slice bytes = codec.pick(version).bytes;
    if (bytes.empty()) return;  // ApiVersions v0
    const auto cut = *rc::gen::inRange<std::size_t>(0, bytes.size());
    RC_ASSERT(!codec.read(Reader(bytes.subslice(0, cut)), version).has_value());
  });
}

// Whatever is accepted can be written again, and then means the same.
void read_anything(const AnyCodec& codec, const Slice& bytes, std::int16_t version) {
  const std::optional<Written> message = codec.read(Reader(bytes), version);
  if (!message.has_value()) return;
  RC_ASSERT(codec.read(Reader(message->bytes), version) == message);
}

TEST(WireMessages, OfAnyBytesAreRefusedOrMakeSense) {
  expect_of_all([](const AnyCodec& codec, std::int16_t version) {
    // Small numbers, so that lengths and counts are often plausible.
    const auto bytes = *rc::gen::container<std::vector<std::uint8_t>>(
        rc::gen::oneOf(rc::gen::inRange<std::uint8_t>(0, 4), rc::gen::arbitrary<std::uint8_t>()));
    read_anything(codec, slice_from(bytes), version);
  });
}

TEST(WireMessages, WithDamagedBytesAreRefusedOrMakeSense) {
  expect_of_all([](const AnyCodec& codec, std::int16_t version) {
    const Slice bytes = codec.pick(version).bytes;
    if (bytes.empty()) return;  // ApiVersions v0
    Buffer damaged;
    damaged.append(bytes);
    for (int n = *rc::gen::inRange(1, 4); n > 0; --n) {
      damaged.data()[*rc::gen::inRange<std::size_t>(0, bytes.size())] =
          static_cast<std::byte>(*rc::gen::arbitrary<std::uint8_t>());
    }
    read_anything(codec, std::move(damaged).share(), version);
  });
}

TEST(WireMessages, HaveHeadersThatComeBack) {
  EXPECT_TRUE(rc::check("request header", [] {
    const auto& apis = all_apis();
    RequestHeader header;
    header.api_key = *rc::gen::inRange<std::int16_t>(0, static_cast<std::int16_t>(apis.size()));
    header.api_version = *rc::gen::inRange<std::int16_t>(0, 20);
    header.correlation_id = *rc::gen::arbitrary<std::int32_t>();
    header.client_id = *rc::gen::maybe(rc::gen::arbitrary<std::string>()).as("client id")
                           ? std::optional<std::string>("id")
                           : std::nullopt;
    Writer out;
    begin_request(out, header);
    const auto frame = finish_frame(std::move(out));
    const Result<ReceivedRequest> again = open_request(Reader(join(*frame).subslice(4)));
    RC_ASSERT(again.has_value());
    RC_ASSERT(again->header.api_key == header.api_key);
    RC_ASSERT(again->header.api_version == header.api_version);
    RC_ASSERT(again->header.correlation_id == header.correlation_id);
    RC_ASSERT(again->header.client_id == header.client_id);
    RC_ASSERT(again->body.remaining() == 0u);
  }));
}

}  // namespace
}  // namespace weir
