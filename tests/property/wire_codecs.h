// Every described message and record behind one shape, so that the codec's laws are compiled once.
#pragma once

#include <rapidcheck.h>

#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "broker/wire/described.h"
#include "broker/wire/records/control_record.h"
#include "tests/property/wire_generators.h"

namespace weir {

// A message as its bytes, and as it is printed.
struct Written {
  Slice bytes;
  std::string text;
  friend bool operator==(const Written& a, const Written& b) {
    return a.bytes.text() == b.bytes.text() && a.text == b.text;
  }
};

struct AnyCodec {
  std::string_view name;
  VersionRange versions;
  // A random message; for use inside a property.
  Written (*pick)(std::int16_t version);
  // Reads, and writes what was read; nothing where the bytes are refused.
  std::optional<Written> (*read)(const Reader&, std::int16_t version);
};

template <class Message>
Written write(const Message& message, std::int16_t version) {
  Writer out;
  std::string why;
  const Result<void> done = encode(message, version, out, &why);
  if (!done) RC_FAIL(why);
  return {join(std::move(out).finish()), print(message, version)};
}

template <class Message>
AnyCodec codec_of() {
  return {Message::kName, Message::kVersions,
          [](std::int16_t version) {
            return write(FieldPicker(version).structure<Message>(), version);
          },
          [](const Reader& in, std::int16_t version) -> std::optional<Written> {
            const Result<Message> message = decode<Message>(in, version);
            if (!message) return std::nullopt;
            return write(*message, version);
          }};
}

template <class... Records>
void add_codecs(std::type_identity<std::variant<Records...>>, std::vector<AnyCodec>& codecs) {
  (codecs.push_back(codec_of<Records>()), ...);
}

inline std::vector<AnyCodec> all_codecs() {
  std::vector<AnyCodec> codecs;
  DescribedRequests::for_each([&]<class Request>() {
    codecs.push_back(codec_of<Request>());
    codecs.push_back(codec_of<typename Request::Response>());
  });
  add_codecs(std::type_identity<MetadataRecord>{}, codecs);
  add_codecs(std::type_identity<ControlRecord>{}, codecs);
  return codecs;
}

}  // namespace weir
