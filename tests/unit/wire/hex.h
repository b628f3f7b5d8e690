// Bytes as hexadecimal text, blanks allowed, for golden bytes in tests.
#pragma once

#include <string>
#include <string_view>

#include "broker/base/bytes.h"

namespace weir {

inline Slice from_hex(std::string_view text) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  Buffer bytes;
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] == ' ') {
      ++i;
      continue;
    }
    *bytes.extend(1) = static_cast<std::byte>(digit(text[i]) * 16 + digit(text[i + 1]));
    i += 2;
  }
  return std::move(bytes).share();
}

inline std::string to_hex(Bytes bytes) {
  std::string text;
  for (const std::byte b : bytes) {
    text += "0123456789abcdef"[static_cast<unsigned>(b) >> 4];
    text += "0123456789abcdef"[static_cast<unsigned>(b) & 0xf];
  }
  return text;
}

}  // namespace weir
