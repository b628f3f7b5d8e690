// The readers and printers of one value, and the search for the name that was meant.
#include "broker/client/option_reader.h"

#include <algorithm>
#include <charconv>
#include <stdexcept>

#include "broker/base/suggest.h"

namespace weir {
namespace {

std::string joined(std::span<const OptionChoice> choices) {
  std::string out;
  for (const OptionChoice& c : choices) {
    if (!out.empty()) out += &c == &choices.back() ? " or " : ", ";
    out += c.name;
  }
  return out;
}

bool parse_server(std::string_view text, HostPort& out) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  const std::string_view port = text.substr(colon + 1);
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), out.port);
  if (error != std::errc{} || end != port.data() + port.size() || out.port == 0) return false;
  out.host = std::string(text.substr(0, colon));
  if (out.host.front() == '[' && out.host.back() == ']') {
    out.host = out.host.substr(1, out.host.size() - 2);
  }
  return !out.host.empty();
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

}  // namespace

std::string OptionError::text() const {
  std::string out = key + " = \"" + value + "\": " + expected;
  if (!did_you_mean.empty()) out += "; did you mean \"" + did_you_mean + "\"?";
  return out;
}

std::string OptionErrors::text() const {
  std::string out;
  for (const OptionError& e : errors) {
    if (!out.empty()) out += '\n';
    out += e.text();
  }
  return out;
}

void throw_exception_from_error(const OptionErrors& e, const boost::source_location&) {
  throw std::invalid_argument(e.text());
}

const std::string* OptionReader::find(std::string_view key) {
  known_.emplace(key);
  const auto it = given_.find(key);
  return it == given_.end() ? nullptr : &it->second;
}

bool OptionReader::given(std::string_view key) const { return given_.contains(key); }

void OptionReader::fail(std::string_view key, std::string expected) {
  const auto it = given_.find(key);
  errors_.errors.push_back(
      {std::string(key), it == given_.end() ? std::string() : it->second, std::move(expected)});
}

void OptionReader::text(std::string_view key, std::string& value) {
  if (const std::string* given = find(key)) value = *given;
}

void OptionReader::servers(std::string_view key, std::vector<HostPort>& value) {
  const std::string* given = find(key);
  std::vector<HostPort> servers;
  std::string_view rest = given == nullptr ? std::string_view() : *given;
  while (!rest.empty()) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    HostPort server;
    if (!parse_server(trimmed(rest.substr(0, comma)), server)) {
      return fail(key, "expected host:port, or several of them separated by commas");
    }
    servers.push_back(std::move(server));
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  if (servers.empty()) return fail(key, "required: expected at least one host:port");
  value = std::move(servers);
}

bool OptionReader::whole_number(std::string_view key, std::int64_t low, std::int64_t high,
                                std::string_view unit, std::int64_t& out) {
  const std::string* given = find(key);
  if (given == nullptr) return false;
  const char* end = given->data() + given->size();
  std::int64_t number = 0;
  const auto [stop, error] = std::from_chars(given->data(), end, number);
  if (error != std::errc{} || stop != end || number < low || number > high) {
    std::string expected = "expected a whole number";
    if (!unit.empty()) expected += " of " + std::string(unit);
    expected += " from " + std::to_string(low) + " to " + std::to_string(high);
    fail(key, std::move(expected));
    return false;
  }
  out = number;
  return true;
}

void OptionReader::millis(std::string_view key, Duration& value, std::int64_t low,
                          std::int64_t high) {
  std::int64_t number = 0;
  if (whole_number(key, low, high, "milliseconds", number)) {
    value = std::chrono::milliseconds(number);
  }
}

void OptionReader::number(std::string_view key, std::int64_t& value, std::int64_t low,
                          std::int64_t high) {
  whole_number(key, low, high, {}, value);
}

void OptionReader::flag(std::string_view key, bool& value) {
  const std::string* given = find(key);
  if (given == nullptr) return;
  if (*given != "true" && *given != "false") return fail(key, "expected true or false");
  value = *given == "true";
}

const OptionChoice* OptionReader::choose(std::string_view key,
                                         std::span<const OptionChoice> choices) {
  const std::string* given = find(key);
  if (given == nullptr) return nullptr;
  std::vector<std::string> names;
  for (const OptionChoice& c : choices) {
    if (c.name == *given) return &c;
    names.emplace_back(c.name);
  }
  fail(key, "expected " + joined(choices));
  errors_.errors.back().did_you_mean = nearest(*given, std::span<const std::string>(names));
  return nullptr;
}

OptionErrors OptionReader::finish(std::span<const RefusedOption> refused) {
  const std::vector<std::string> names(known_.begin(), known_.end());
  for (const auto& [key, value] : given_) {
    if (known_.contains(key)) continue;
    const auto named = std::find_if(refused.begin(), refused.end(),
                                    [&](const RefusedOption& r) { return r.key == key; });
    if (named == refused.end()) {
      errors_.errors.push_back({key, value, "unknown option",
                                std::string(nearest(key, std::span<const std::string>(names)))});
    } else if (named->fine.empty() || named->fine != value) {
      errors_.errors.push_back({key, value, std::string(named->why)});
    }
  }
  return std::move(errors_);
}

void OptionPrinter::raw(std::string_view key, std::string_view value, bool quoted) {
  if (out_.size() > 1) out_ += ',';
  out_ += '"';
  out_ += key;
  out_ += quoted ? "\":\"" : "\":";
  for (const char c : value) {
    constexpr std::string_view kHex = "0123456789abcdef";
    const auto byte = static_cast<unsigned char>(c);
    if (quoted && (c == '"' || c == '\\')) out_ += '\\';
    if (byte < 0x20) {
      out_ += "\\u00";
      out_ += kHex[byte >> 4];
      out_ += kHex[byte & 15];
    } else {
      out_ += c;
    }
  }
  if (quoted) out_ += '"';
}

void OptionPrinter::text(std::string_view key, const std::string& value) { raw(key, value, true); }

void OptionPrinter::servers(std::string_view key, const std::vector<HostPort>& value) {
  std::string text;
  for (const HostPort& s : value) {
    if (!text.empty()) text += ',';
    text += s.host + ':' + std::to_string(s.port);
  }
  raw(key, text, true);
}

void OptionPrinter::millis(std::string_view key, Duration value, std::int64_t, std::int64_t) {
  raw(key, std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(value).count()),
      false);
}

void OptionPrinter::number(std::string_view key, std::int64_t value, std::int64_t, std::int64_t) {
  raw(key, std::to_string(value), false);
}

void OptionPrinter::flag(std::string_view key, bool value) {
  raw(key, value ? "true" : "false", false);
}

}  // namespace weir
