// What a decoder accepts can be encoded, and decodes to the same again.
#pragma once

#include <cstdlib>
#include <iostream>
#include <span>
#include <string>

#include "broker/wire/described.h"
#include "broker/wire/request_header.h"

namespace weir {

template <class Message>
void check_round_trip(const Reader& body, std::int16_t version) {
  const Result<Message> message = decode<Message>(body, version);
  if (!message) return;
  Writer out;
  std::string why;
  const Result<void> written = encode(*message, version, out, &why);
  if (!written) {
    std::cerr << why << '\n';
    std::abort();
  }
  const Slice bytes = join(std::move(out).finish());
  const Result<Message> again = decode<Message>(Reader(bytes), version, &why);
  if (!again || print(*again, version) != print(*message, version)) {
    std::cerr << why << '\n' << print(*message, version) << '\n';
    std::abort();
  }
}

}  // namespace weir
