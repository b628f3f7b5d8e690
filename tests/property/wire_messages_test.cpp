// Laws of the message codec, for every message in every version served.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "broker/wire/request_header.h"
#include "broker/wire/served.h"
#include "tests/property/wire_generators.h"

namespace weir {
namespace {

template <class F>
void for_each_message(F&& f) {
  ServedRequests::for_each([&]<class Request>() {
    f.template operator()<Request>();
    f.template operator()<typename Request::Response>();
  });
}

template <class Message>
Slice encoded(const Message& message, std::int16_t version) {
  Writer out;
  std::string why;
  const Result<void> done = encode(message, version, out, &why);
  if (!done) RC_FAIL(why);
  RC_ASSERT(out.size() == encoded_size(message, version));
  return join(std::move(out).finish());
}

template <class Message>
void expect_equal(const Message& a, const Message& b, std::int16_t version) {
  RC_ASSERT(print(a, version) == print(b, version));
  RC_ASSERT(detail::same(a, b));
}

TEST(WireMessages, AreReadAsTheyWereWritten) {
  for_each_message([]<class Message>() {
    EXPECT_TRUE(rc::check(std::string(Message::kName), [] {
      const auto version = *served_version<Message>();
      const Message message = *message_of<Message>(version);
      const Slice bytes = encoded(message, version);
      std::string why;
      const Result<Message> again = decode<Message>(Reader(bytes), version, &why);
      if (!again) RC_FAIL(why);
      expect_equal(message, *again, version);
      RC_ASSERT(encoded(*again, version).text() == bytes.text());
    }));
  });
}

TEST(WireMessages, AreReadTheSameHoweverTheNetworkCutsThem) {
  for_each_message([]<class Message>() {
    EXPECT_TRUE(rc::check(std::string(Message::kName), [] {
      const auto version = *served_version<Message>();
      const Message message = *message_of<Message>(version);
      const Slice bytes = encoded(message, version);
      const Result<Message> again = decode<Message>(Reader(cut_anywhere(bytes)), version);
      RC_ASSERT(again.has_value());
      expect_equal(message, *again, version);
    }));
  });
}

TEST(WireMessages, CutShortAreNeverAccepted) {
  for_each_message([]<class Message>() {
    EXPECT_TRUE(rc::check(std::string(Message::kName), [] {
      const auto version = *served_version<Message>();
      const Slice bytes = encoded(*message_of<Message>(version), version);
      if (bytes.empty()) return;  // ApiVersions v0
      const auto cut = *rc::gen::inRange<std::size_t>(0, bytes.size());
      RC_ASSERT(!decode<Message>(Reader(bytes.subslice(0, cut)), version));
    }));
  });
}

// Whatever is accepted can be written again, and then means the same.
template <class Message>
void decode_anything(const Slice& bytes, std::int16_t version) {
  const Result<Message> message = decode<Message>(Reader(bytes), version);
  if (!message) return;
  const Slice canonical = encoded(*message, version);
  const Result<Message> again = decode<Message>(Reader(canonical), version);
  RC_ASSERT(again.has_value());
  expect_equal(*message, *again, version);
}

TEST(WireMessages, OfAnyBytesAreRefusedOrMakeSense) {
  for_each_message([]<class Message>() {
    EXPECT_TRUE(rc::check(std::string(Message::kName), [] {
      const auto version = *served_version<Message>();
      // Small numbers, so that lengths and counts are often plausible.
      const auto bytes = *rc::gen::container<std::vector<std::uint8_t>>(
          rc::gen::oneOf(rc::gen::inRange<std::uint8_t>(0, 4), rc::gen::arbitrary<std::uint8_t>()));
      decode_anything<Message>(slice_from(bytes), version);
    }));
  });
}

TEST(WireMessages, WithDamagedBytesAreRefusedOrMakeSense) {
  for_each_message([]<class Message>() {
    EXPECT_TRUE(rc::check(std::string(Message::kName), [] {
      const auto version = *served_version<Message>();
      const Slice bytes = encoded(*message_of<Message>(version), version);
      if (bytes.empty()) return;  // ApiVersions v0
      Buffer damaged;
      damaged.append(bytes);
      for (int n = *rc::gen::inRange(1, 4); n > 0; --n) {
        damaged.data()[*rc::gen::inRange<std::size_t>(0, bytes.size())] =
            static_cast<std::byte>(*rc::gen::arbitrary<std::uint8_t>());
      }
      decode_anything<Message>(std::move(damaged).share(), version);
    }));
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
