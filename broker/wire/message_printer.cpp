// Quoting of strings that came from anywhere.
#include "broker/wire/message_printer.h"

namespace weir::detail {

void append_quoted(std::string& text, std::string_view raw) {
  constexpr std::string_view kHex = "0123456789abcdef";
  text += '"';
  for (const char c : raw) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      text += '\\';
      text += c;
    } else if (byte >= 0x20 && byte < 0x7f) {
      text += c;
    } else {
      text += "\\x";
      text += kHex[byte >> 4];
      text += kHex[byte & 0xf];
    }
  }
  text += '"';
}

}  // namespace weir::detail
