// Decoder, encoder and printer as visitors of a message's fields; for the messages' own .cpp
// files alone.
//
// Flexible versions write compact lengths and end every struct with its tagged fields (KIP-482).
// Unknown tags are read over. A tagged field is written where it differs from its default; a field
// that the version lacks must have its default unless it is ignorable (Kafka's schema rules).
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
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

namespace detail {

// What went wrong, for people: rare, and the same for all messages.
void tell(std::string* why, std::string_view message, std::int16_t version, std::string_view where,
          Errc);
void tell_at(std::string* why, std::string_view message, std::int16_t version,
             std::string_view where, const Reader& input, Errc);

}  // namespace detail

template <class Message>
Result<Message> decode(Reader input, std::int16_t version, std::string* why) {
  if (!Message::kVersions.contains(version)) {
    detail::tell_at(why, Message::kName, version, {}, input, Errc::unsupported);
    return Errc::unsupported;
  }
  Message message;
  detail::Decoder decoder(input, version, version >= Message::kFlexibleSince);
  decoder.structure(message);
  if (const Errc e = decoder.end(); e != Errc::ok) {
    detail::tell_at(why, Message::kName, version, decoder.where(), input, e);
    return e;
  }
  return message;
}

template <class Message>
Result<void> encode(const Message& message, std::int16_t version, Writer& writer,
                    std::string* why) {
  detail::Encoder encoder(writer, version, version >= Message::kFlexibleSince);
  if (Message::kVersions.contains(version)) {
    encoder.structure(message);
  } else {
    encoder.fail(Errc::unsupported);
  }
  if (encoder.error() == Errc::ok) return {};
  detail::tell(why, Message::kName, version, encoder.where(), encoder.error());
  return encoder.error();
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
  template std::string print<M>(const M&, std::int16_t)
