// A 128-bit id, as Kafka names topics and directories: 16 bytes on the wire, base64 in text.
//
// All zeros means "no id". Kafka reserves zero and one, and prints the URL-safe base64 alphabet
// without padding, 22 characters (org.apache.kafka.common.Uuid).
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir {

struct Uuid {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  [[nodiscard]] constexpr bool is_zero() const { return high == 0 && low == 0; }
  friend constexpr auto operator<=>(const Uuid&, const Uuid&) = default;
};

// "AAAAAAAAAAAAAAAAAAAAAA" for zero.
[[nodiscard]] std::string to_text(const Uuid&);
// The same form back; nothing else is accepted.
[[nodiscard]] std::optional<Uuid> parse_uuid(std::string_view text);

}  // namespace weir
