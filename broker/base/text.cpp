// Exact parsing and canonical formatting of quantities.
#include "broker/base/text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

namespace weir {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t factor;
};

constexpr std::array<Unit, 6> kTimeUnits = {{{"h", 3'600'000'000'000},
                                             {"m", 60'000'000'000},
                                             {"s", 1'000'000'000},
                                             {"ms", 1'000'000},
                                             {"us", 1'000},
                                             {"ns", 1}}};
constexpr std::array<Unit, 4> kSizeUnits = {
    {{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"B", 1}}};

template <class T>
std::optional<T> parse_number(std::string_view text, int base) {
  T value{};
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value, base);
  if (text.empty() || error != std::errc{} || stopped != end) return std::nullopt;
  return value;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view take_digits(std::string_view& text) {
  std::size_t n = 0;
  while (n < text.size() && is_digit(text[n])) ++n;
  const std::string_view digits = text.substr(0, n);
  text.remove_prefix(n);
  return digits;
}

template <std::size_t N>
std::optional<std::int64_t> factor_of(std::string_view unit, const std::array<Unit, N>& units) {
  for (const Unit& u : units) {
    if (u.name == unit) return u.factor;
  }
  return std::nullopt;
}

// The digits after the point, as a part of `factor`; nothing where it would not be whole.
std::optional<std::int64_t> fraction_of(std::string_view digits, std::int64_t factor) {
  std::int64_t sum = 0;
  for (const char digit : digits) {
    if (factor % 10 != 0) {
      if (digit != '0') return std::nullopt;
      continue;
    }
    factor /= 10;
    sum += (digit - '0') * factor;
  }
  return sum;
}

}  // namespace

std::optional<Duration> parse_duration(std::string_view text) {
  const auto whole = parse_number<std::int64_t>(take_digits(text), 10);
  if (!whole) return std::nullopt;
  std::string_view decimals;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    decimals = take_digits(text);
    if (decimals.empty()) return std::nullopt;
  }
  if (text.starts_with(' ')) text.remove_prefix(1);
  const auto factor = factor_of(text, kTimeUnits);
  if (!factor) return std::nullopt;
  const auto part = fraction_of(decimals, *factor);
  std::int64_t ns = 0;
  if (!part || __builtin_mul_overflow(*whole, *factor, &ns) ||
      __builtin_add_overflow(ns, *part, &ns)) {
    return std::nullopt;
  }
  return Duration(ns);
}

std::string format_duration(Duration d) {
  const std::int64_t ns = d.count();
  if (ns == 0) return "0s";
  for (const Unit& unit : kTimeUnits) {
    if (ns % unit.factor == 0) return std::to_string(ns / unit.factor) + std::string(unit.name);
  }
  return std::to_string(ns) + "ns";
}

std::string spaced(Duration d) {
  const bool negative = d.count() < 0;
  std::string text = format_duration(negative ? -d : d);
  text.insert(std::min(text.find_first_not_of("0123456789"), text.size()), " ");
  return (negative ? "-" : "") + text;
}

std::string readable_duration(Duration d) {
  const std::int64_t ns = d.count();
  const std::uint64_t size =
      ns < 0 ? 0 - static_cast<std::uint64_t>(ns) : static_cast<std::uint64_t>(ns);
  const std::string sign = ns < 0 ? "-" : "";
  if (size < 1'000) return sign + std::to_string(size) + " ns";
  std::string_view unit = "us";
  std::uint64_t thousandth = 1;
  if (size >= 1'000'000'000) {
    unit = "s";
    thousandth = 1'000'000;
  } else if (size >= 1'000'000) {
    unit = "ms";
    thousandth = 1'000;
  }
  const std::uint64_t thousandths = size / thousandth;
  std::string decimals = std::to_string(thousandths % 1'000);
  decimals.insert(0, 3 - decimals.size(), '0');
  return sign + std::to_string(thousandths / 1'000) + "." + decimals + " " + std::string(unit);
}

std::optional<Ratio> parse_ratio(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto numerator = parse_number<std::uint32_t>(text.substr(0, slash), 10);
  std::optional<std::uint32_t> denominator = 1;
  if (slash != std::string_view::npos) {
    denominator = parse_number<std::uint32_t>(text.substr(slash + 1), 10);
  }
  if (!numerator || !denominator || *denominator == 0 || *numerator > *denominator) {
    return std::nullopt;
  }
  return Ratio{*numerator, *denominator};
}

std::string format_ratio(Ratio r) {
  if (r.denominator == 1) return std::to_string(r.numerator);
  return std::to_string(r.numerator) + "/" + std::to_string(r.denominator);
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  const auto whole = parse_number<std::uint64_t>(take_digits(text), 10);
  if (!whole) return std::nullopt;
  if (text.starts_with(' ')) text.remove_prefix(1);
  const auto factor = text.empty() ? std::optional<std::int64_t>(1) : factor_of(text, kSizeUnits);
  std::uint64_t bytes = 0;
  if (!factor || __builtin_mul_overflow(*whole, static_cast<std::uint64_t>(*factor), &bytes)) {
    return std::nullopt;
  }
  return bytes;
}

std::string format_size(std::uint64_t bytes) {
  if (bytes == 0) return "0B";
  for (const Unit& unit : kSizeUnits) {
    const auto factor = static_cast<std::uint64_t>(unit.factor);
    if (bytes % factor == 0) return std::to_string(bytes / factor) + std::string(unit.name);
  }
  return std::to_string(bytes) + "B";
}

std::optional<std::uint64_t> parse_unsigned(std::string_view text) {
  if (text.starts_with("0x") || text.starts_with("0X")) {
    return parse_number<std::uint64_t>(text.substr(2), 16);
  }
  return parse_number<std::uint64_t>(text, 10);
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
  return parse_number<std::int64_t>(text, 10);
}

std::string format_hex(std::uint64_t value) {
  std::array<char, 16> digits{};
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), value, 16);
  return "0x" + std::string(digits.data(), end);
}

std::size_t line_of(std::string_view text, std::size_t position) {
  const std::string_view before = text.substr(0, std::min(position, text.size()));
  return 1 + static_cast<std::size_t>(std::ranges::count(before, '\n'));
}

std::string quoted(std::string_view text) { return "\"" + std::string(text) + "\""; }

std::vector<std::int64_t> ids_in(std::string_view record, std::string_view key) {
  std::vector<std::int64_t> ids;
  for (std::size_t from = 0; from < record.size();) {
    const std::size_t to = std::min(record.find(' ', from), record.size());
    std::string_view word = record.substr(from, to - from);
    from = to + 1;
    if (!word.starts_with(key) || word.size() <= key.size() || word[key.size()] != '=') continue;
    word.remove_prefix(key.size() + 1);
    while (!word.empty()) {
      const std::size_t comma = std::min(word.find(','), word.size());
      std::int64_t id = -1;
      const char* end = word.data() + comma;
      const auto parsed = std::from_chars(word.data(), end, id);
      if (parsed.ec == std::errc() && parsed.ptr == end) ids.push_back(id);
      word.remove_prefix(std::min(comma + 1, word.size()));
    }
  }
  return ids;
}

std::string grouped(std::int64_t value) {
  std::string digits = std::to_string(value);
  const std::size_t first = value < 0 ? 1 : 0;
  for (std::size_t at = digits.size(); at > first + 3;) {
    at -= 3;
    digits.insert(at, ",");
  }
  return digits;
}

std::string count_text(std::uint64_t n) { return grouped(static_cast<std::int64_t>(n)); }

}  // namespace weir
