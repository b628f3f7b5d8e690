// JsonTape: an iterative parser with an explicit stack of open arrays and objects.
#include "checkers/json_tape.h"

#include <algorithm>
#include <charconv>
#include <utility>
#include <vector>

namespace weir {
namespace {

constexpr std::size_t kMaxNesting = 64;  // as the message of the refusal says

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The length of the well-formed UTF-8 sequence at the front (RFC 3629), or 0.
std::size_t utf8_length(std::string_view s) {
  const auto byte = [&](std::size_t i) {
    return i < s.size() ? static_cast<unsigned char>(s[i]) : 0u;
  };
  const auto follows = [&](std::size_t i) { return (byte(i) & 0xc0u) == 0x80u; };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead <= 0xdf) return follows(1) ? 2 : 0;
  if (lead >= 0xe0 && lead <= 0xef) {
    if (lead == 0xe0 && byte(1) < 0xa0) return 0;
    if (lead == 0xed && byte(1) > 0x9f) return 0;
    return follows(1) && follows(2) ? 3 : 0;
  }
  if (lead >= 0xf0 && lead <= 0xf4) {
    if (lead == 0xf0 && byte(1) < 0x90) return 0;
    if (lead == 0xf4 && byte(1) > 0x8f) return 0;
    return follows(1) && follows(2) && follows(3) ? 4 : 0;
  }
  return 0;
}

void append_utf8(std::string& out, std::uint32_t code) {
  const auto put = [&](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xc0 | code >> 6);
    put(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    put(0xe0 | code >> 12);
    put(0x80 | (code >> 6 & 0x3f));
    put(0x80 | (code & 0x3f));
  } else {
    put(0xf0 | code >> 18);
    put(0x80 | (code >> 12 & 0x3f));
    put(0x80 | (code >> 6 & 0x3f));
    put(0x80 | (code & 0x3f));
  }
}

}  // namespace

bool JsonTape::parse(std::string_view source) {
  source_ = source;
  at_ = 0;
  nodes_.clear();
  open_.clear();
  decoded_.clear();
  // Decoding never lengthens a text, so this buffer never moves and views into it stay valid.
  decoded_.reserve(source.size());
  problem_ = {};
  if (source.size() >= 0xffffffffu) return fail("less than 4 GiB in one document");
  if (!value()) return false;
  skip_space();
  return at_ == source_.size() || fail("the end of the JSON text");
}

// One value; arrays and objects are worked off in this loop, with open_ as the stack.
bool JsonTape::value() {
  for (;;) {
    skip_space();
    if (at_ >= source_.size()) return fail("a JSON value");
    const char c = source_[at_];
    bool done = false;
    if (c == '{' || c == '[') {
      if (open_.size() >= kMaxNesting) return fail("at most 64 levels of nesting");
      push(c == '{' ? JsonType::object : JsonType::array);
      open_.push_back({static_cast<std::uint32_t>(nodes_.size() - 1), c == '{'});
      ++at_;
      skip_space();
      if (at_ < source_.size() && source_[at_] == (c == '{' ? '}' : ']')) {
        ++at_;
        close();
        done = true;
      } else if (c == '{' && !member()) {
        return false;
      }
    } else {
      if (c == '"') {
        if (!text()) return false;
      } else if (c == 't') {
        if (!word("true", JsonType::boolean, true)) return false;
      } else if (c == 'f') {
        if (!word("false", JsonType::boolean, false)) return false;
      } else if (c == 'n') {
        if (!word("null", JsonType::null, false)) return false;
      } else if (c == '-' || is_digit(c)) {
        if (!number()) return false;
      } else {
        return fail("a JSON value");
      }
      done = true;
    }
    if (done) {
      const std::size_t depth = open_.size();
      if (depth == 0) return true;
      if (!after_value()) return false;
      if (open_.empty()) return true;
    }
  }
}

// Behind a value inside an array or object: closes what ends here, and stops before the next value.
bool JsonTape::after_value() {
  while (!open_.empty()) {
    const bool object = open_.back().object;
    skip_space();
    if (at_ >= source_.size()) return fail(object ? "',' or '}'" : "',' or ']'");
    const char c = source_[at_];
    if (c == ',') {
      ++at_;
      return !object || member();
    }
    if (c != (object ? '}' : ']')) return fail(object ? "',' or '}'" : "',' or ']'");
    ++at_;
    close();
  }
  return true;
}

bool JsonTape::member() {
  skip_space();
  if (at_ >= source_.size() || source_[at_] != '"') return fail("a key in quotes");
  if (!text()) return false;
  skip_space();
  if (at_ >= source_.size() || source_[at_] != ':') return fail("':'");
  ++at_;
  return true;
}

void JsonTape::close() {
  nodes_[open_.back().node].end = static_cast<std::uint32_t>(nodes_.size());
  open_.pop_back();
}

bool JsonTape::text() {
  JsonNode& node = push(JsonType::text);
  ++at_;
  const std::size_t begin = at_;
  // Most texts have neither escapes nor bytes beyond ASCII: they stay a view into the source.
  while (at_ < source_.size()) {
    const auto c = static_cast<unsigned char>(source_[at_]);
    if (c == '"') {
      node.text = source_.substr(begin, at_ - begin);
      ++at_;
      return true;
    }
    if (c < 0x20 || c >= 0x80 || c == '\\') break;
    ++at_;
  }
  const std::size_t start = decoded_.size();
  decoded_.append(source_.substr(begin, at_ - begin));
  while (at_ < source_.size()) {
    const auto c = static_cast<unsigned char>(source_[at_]);
    if (c == '"') {
      node.text = std::string_view(decoded_).substr(start);
      ++at_;
      return true;
    }
    if (c < 0x20) return fail("no control character in a text");
    if (c == '\\') {
      if (!escape()) return false;
      continue;
    }
    const std::size_t length = utf8_length(source_.substr(at_, 4));
    if (length == 0) return fail("UTF-8");
    decoded_.append(source_.substr(at_, length));
    at_ += length;
  }
  return fail("'\"' at the end of the text");
}

bool JsonTape::escape() {
  ++at_;
  if (at_ >= source_.size()) return fail("an escape");
  const char c = source_[at_];
  const std::string_view from = "\"\\/bfnrt";
  const std::string_view to = "\"\\/\b\f\n\r\t";
  if (const std::size_t i = from.find(c); i != std::string_view::npos) {
    decoded_.push_back(to[i]);
    ++at_;
    return true;
  }
  if (c != 'u') return fail("an escape");
  ++at_;
  std::uint32_t code = 0;
  if (!unicode(code)) return false;
  if (code >= 0xdc00 && code <= 0xdfff) return fail("a high surrogate first");
  if (code >= 0xd800 && code <= 0xdbff) {
    if (source_.substr(at_, 2) != "\\u") return fail("a low surrogate");
    at_ += 2;
    std::uint32_t low = 0;
    if (!unicode(low)) return false;
    if (low < 0xdc00 || low > 0xdfff) return fail("a low surrogate");
    code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
  }
  append_utf8(decoded_, code);
  return true;
}

bool JsonTape::unicode(std::uint32_t& code) {
  const std::string_view digits = source_.substr(at_, 4);
  if (digits.size() < 4) return fail("four hexadecimal digits");
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + 4, code, 16);
  if (error != std::errc() || end != digits.data() + 4) return fail("four hexadecimal digits");
  at_ += 4;
  return true;
}

bool JsonTape::number() {
  const std::size_t begin = at_;
  const auto digits = [&] {
    const std::size_t first = at_;
    while (at_ < source_.size() && is_digit(source_[at_])) ++at_;
    return at_ - first;
  };
  if (source_[at_] == '-') ++at_;
  const std::size_t lead = at_;
  const std::size_t count = digits();
  if (count == 0) return fail("a digit");
  if (count > 1 && source_[lead] == '0') return fail("no leading zero");
  bool whole = true;
  if (at_ < source_.size() && source_[at_] == '.') {
    whole = false;
    ++at_;
    if (digits() == 0) return fail("a digit");
  }
  if (at_ < source_.size() && (source_[at_] == 'e' || source_[at_] == 'E')) {
    whole = false;
    ++at_;
    if (at_ < source_.size() && (source_[at_] == '+' || source_[at_] == '-')) ++at_;
    if (digits() == 0) return fail("a digit");
  }
  JsonNode& node = push(JsonType::number);
  node.offset = static_cast<std::uint32_t>(begin);
  node.text = source_.substr(begin, at_ - begin);
  if (whole) {
    const char* last = node.text.data() + node.text.size();
    const auto [end, error] = std::from_chars(node.text.data(), last, node.integer);
    if (error == std::errc() && end == last) node.type = JsonType::integer;
  }
  return true;
}

bool JsonTape::word(std::string_view expected, JsonType type, bool truth) {
  if (source_.substr(at_, expected.size()) != expected) return fail("a JSON value");
  push(type).truth = truth;
  at_ += expected.size();
  return true;
}

void JsonTape::skip_space() {
  while (at_ < source_.size()) {
    const char c = source_[at_];
    if (c != ' ' && c != '\n' && c != '\r' && c != '\t') return;
    ++at_;
  }
}

JsonNode& JsonTape::push(JsonType type) {
  JsonNode& node = nodes_.emplace_back();
  node.type = type;
  node.end = static_cast<std::uint32_t>(nodes_.size());
  node.offset = static_cast<std::uint32_t>(at_);
  return node;
}

bool JsonTape::fail(std::string_view expected) {
  std::string found = "the end of the text";
  if (at_ < source_.size()) {
    const auto c = static_cast<unsigned char>(source_[at_]);
    if (c >= 0x20 && c < 0x7f) {
      found = std::string("'") + static_cast<char>(c) + "'";
    } else {
      found = "byte " + std::to_string(c);
    }
  }
  problem_ = {at_, "found " + found + ", expected " + std::string(expected)};
  return false;
}

void append_json_string(std::string& out, std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out.push_back('"');
  for (const char c : text) {
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          out += "\\u00";
          out.push_back(kHex[static_cast<unsigned char>(c) >> 4]);
          out.push_back(kHex[static_cast<unsigned char>(c) & 15]);
        } else {
          out.push_back(c);
        }
    }
  }
  out.push_back('"');
}

void append_json(std::string& out, JsonValue value, MemberOrder order) {
  const JsonNode& node = value.node();
  switch (node.type) {
    case JsonType::null: out += "null"; return;
    case JsonType::boolean: out += node.truth ? "true" : "false"; return;
    case JsonType::integer: out += std::to_string(node.integer); return;
    case JsonType::number: out += node.text; return;
    case JsonType::text: append_json_string(out, node.text); return;
    case JsonType::array: {
      out.push_back('[');
      bool first = true;
      for (const JsonValue element : value) {
        if (!first) out.push_back(',');
        first = false;
        append_json(out, element, order);
      }
      out.push_back(']');
      return;
    }
    case JsonType::object: {
      std::vector<std::pair<std::string, std::string>> members;
      bool key = true;
      for (const JsonValue part : value) {
        if (key) members.emplace_back();
        append_json(key ? members.back().first : members.back().second, part, order);
        key = !key;
      }
      if (order == MemberOrder::by_name) {
        std::ranges::sort(members);
      }
      out.push_back('{');
      for (const auto& [name, member] : members) {
        if (&name != &members.front().first) out.push_back(',');
        (out += name).push_back(':');
        out += member;
      }
      out.push_back('}');
      return;
    }
  }
}

std::string abbreviated(JsonValue value) {
  constexpr std::size_t kReadable = 60;
  std::string text;
  append_json(text, value);
  if (text.size() <= kReadable) return text;
  std::size_t cut = kReadable;
  while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xc0u) == 0x80u) --cut;
  return text.substr(0, cut) + "...";
}

}  // namespace weir
