// Base64 of ids: 128 bits are 21 digits of six bits and one of two.
#include "broker/wire/uuid.h"

namespace weir {
namespace {

constexpr std::string_view kDigits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::size_t kLength = 22;
constexpr unsigned kPaddingBits = 4;  // 22 * 6 - 128

}  // namespace

std::string to_text(const Uuid& id) {
  std::string text(kLength, '\0');
  std::uint64_t high = id.high;
  std::uint64_t low = id.low;
  // The last digit holds two bits; after it, six bits leave at the right of the 128-bit number.
  text[kLength - 1] = kDigits[(low << kPaddingBits) & 0x3f];
  low = low >> 2 | high << 62;
  high >>= 2;
  for (std::size_t i = kLength - 1; i-- > 0;) {
    text[i] = kDigits[low & 0x3f];
    low = low >> 6 | high << 58;
    high >>= 6;
  }
  return text;
}

std::optional<Uuid> parse_uuid(std::string_view text) {
  if (text.size() != kLength) return std::nullopt;
  Uuid id;
  for (std::size_t i = 0; i < kLength; ++i) {
    const std::size_t digit = kDigits.find(text[i]);
    if (digit == std::string_view::npos) return std::nullopt;
    const bool last = i + 1 == kLength;
    if (last && (digit & 0xf) != 0) return std::nullopt;  // bits that no id has
    const unsigned width = last ? 2 : 6;
    const std::uint64_t bits = last ? digit >> kPaddingBits : digit;
    id.high = id.high << width | id.low >> (64 - width);
    id.low = id.low << width | bits;
  }
  return id;
}

}  // namespace weir
