// Quantities as people write and read them: durations, ratios, sizes and grouped numbers.
//
// Parsing is strict and exact (no floating point, nothing rounded); formatting of the writing forms
// is canonical, so that read(format(x)) == x and equal values give equal bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/base/random.h"
#include "broker/base/time.h"

namespace weir {

// What the parsers expect, for error messages.
inline constexpr std::string_view kDurationForm =
    "a duration with a unit (ns, us, ms, s, m, h), such as \"450us\" or \"1.5s\"";
inline constexpr std::string_view kRatioForm =
    "a probability as a fraction between 0 and 1, such as \"1/1000\"";
inline constexpr std::string_view kSizeForm =
    "a number of bytes, plain or with a unit (B, KiB, MiB, GiB), such as \"64KiB\"";

// "450us", "1.5s", "2 m"; not negative; a whole number of nanoseconds below 292 years.
[[nodiscard]] std::optional<Duration> parse_duration(std::string_view text);
// The largest unit that divides exactly: "450us", "1500ms", "2s"; zero is "0s".
[[nodiscard]] std::string format_duration(Duration);
// For reading, and exact: "2 s", "1500 ms", "-3 ms".
[[nodiscard]] std::string spaced(Duration);
// For reading only, the unit by magnitude and three decimals: "1.450 ms", "12.000 s", "87 ns".
[[nodiscard]] std::string readable_duration(Duration);

// "1/1000", "0", "1"; at most 1.
[[nodiscard]] std::optional<Ratio> parse_ratio(std::string_view text);
[[nodiscard]] std::string format_ratio(Ratio);

// "100", "100B", "64KiB", "1MiB", "2GiB".
[[nodiscard]] std::optional<std::uint64_t> parse_size(std::string_view text);
// The largest unit that divides exactly: "64KiB", "100B".
[[nodiscard]] std::string format_size(std::uint64_t bytes);

// A decimal or, with 0x, hexadecimal number; nothing else.
[[nodiscard]] std::optional<std::uint64_t> parse_unsigned(std::string_view text);
[[nodiscard]] std::optional<std::int64_t> parse_integer(std::string_view text);
// "0x2a".
[[nodiscard]] std::string format_hex(std::uint64_t);

// The number of the line, from 1, in which the byte lies; a position beyond the text: its last
// line.
[[nodiscard]] std::size_t line_of(std::string_view text, std::size_t position);

// In quotation marks, as messages show what they complain of; nothing inside is escaped.
[[nodiscard]] std::string quoted(std::string_view text);

// The numbers 1, 2 and 3 of "... key=1,2,3 ...", words that spaces part; empty where no word has
// the key.
[[nodiscard]] std::vector<std::int64_t> ids_in(std::string_view record, std::string_view key);

// "5,912".
[[nodiscard]] std::string grouped(std::int64_t);
[[nodiscard]] std::string count_text(std::uint64_t);  // the same of what cannot be negative

}  // namespace weir
