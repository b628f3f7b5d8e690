// Decoder, encoder, size and printer as visitors of a message's fields; for the messages' own .cpp
// files alone.
//
// Flexible versions write compact lengths and end every struct with its tagged fields (KIP-482).
// Unknown tags are read over. A tagged field is written where it differs from its default; a field
// that the version lacks must have its default unless it is ignorable (Kafka's schema rules).
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "broker/base/assertion.h"
#include "broker/wire/codec_types.h"
#include "broker/wire/message.h"
#include "broker/wire/message_decoder.h"
#include "broker/wire/message_encoder.h"
#include "broker/wire/message_printer.h"

namespace weir {

template <class Message>
Result<Message> decode(Reader input, std::int16_t version, std::string* why) {
  const auto explain = [&](Errc e, const std::string& where) {
    if (why == nullptr) return;
    *why = std::string(Message::kName) + " v" + std::to_string(version) + where + " at byte " +
           std::to_string(input.position()) + ": " + std::string(describe(e));
  };
  if (!Message::kVersions.contains(version)) {
    explain(Errc::unsupported, {});
    return Errc::unsupported;
  }
  Message message;
  detail::Decoder decoder(input, version, version >= Message::kFlexibleSince);
  decoder.structure(message);
  if (const std::size_t left = input.remaining(); input.ok() && left > 0) {
    explain(Errc::malformed, " with " + std::to_string(left) + " bytes after its end");
    return Errc::malformed;
  }
  if (!input.ok()) {
    explain(input.error(), decoder.where());
    return input.error();
  }
  return message;
}

template <class Message>
Result<void> encode(const Message& message, std::int16_t version, Writer& writer,
                    std::string* why) {
  detail::Encoder<Writer> encoder(writer, version, version >= Message::kFlexibleSince);
  if (Message::kVersions.contains(version)) {
    encoder.structure(message);
  } else {
    encoder.fail(Errc::unsupported);
  }
  if (encoder.error() == Errc::ok) return {};
  if (why != nullptr) {
    *why = std::string(Message::kName) + " v" + std::to_string(version) + encoder.where() + ": " +
           std::string(describe(encoder.error()));
  }
  return encoder.error();
}

template <class Message>
std::size_t encoded_size(const Message& message, std::int16_t version) {
  detail::Counter counter;
  detail::Encoder<detail::Counter>(counter, version, version >= Message::kFlexibleSince)
      .structure(message);
  return counter.size();
}

template <class Message>
std::string print(const Message& message, std::int16_t version) {
  detail::Printer printer(version);
  printer.structure(message);
  return std::move(printer).text();
}

}  // namespace weir

#define WEIR_INSTANTIATE_MESSAGE(M)                                               \
  template Result<M> decode<M>(Reader, std::int16_t, std::string*);               \
  template Result<void> encode<M>(const M&, std::int16_t, Writer&, std::string*); \
  template std::size_t encoded_size<M>(const M&, std::int16_t);                   \
  template std::string print<M>(const M&, std::int16_t)
