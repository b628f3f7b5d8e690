// Words that the phrases about requests are made of; private to the describe*.cpp files.
#pragma once

#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "broker/wire/api_key.h"
#include "broker/wire/describe.h"

namespace weir::detail {

inline void append_number(std::string& text, std::int64_t number) {
  std::array<char, 24> digits;
  text.append(digits.data(),
              std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr);
}

// Every request is told of, so a phrase is made in one piece.
template <class Request>
std::string begin(const Request&, std::int16_t version) {
  constexpr std::size_t kUsualSize = 112;
  std::string text;
  text.reserve(kUsualSize);
  text = name_of(Request::kApi);
  text += " v";
  append_number(text, version);
  return text;
}

// After the names that a phrase has room for.
inline void append_rest(std::string& text, std::size_t count) {
  if (count <= kMaxNamedInPhrase) return;
  text += " and ";
  append_number(text, static_cast<std::int64_t>(count - kMaxNamedInPhrase));
  text += " more";
}

// " a b c and 4 more".
class Names {
 public:
  void add(const std::string& name) {
    if (count_++ < kMaxNamedInPhrase) text_ += " " + name;
  }
  [[nodiscard]] std::string text() const {
    std::string whole = text_;
    append_rest(whole, count_);
    return whole;
  }

 private:
  std::string text_;
  std::size_t count_ = 0;
};

// Requests tell topics by name or, newer ones, by id.
inline std::string topic_name(const std::string& name, const Uuid& id) {
  return name.empty() && !id.is_zero() ? to_text(id) : name;
}

inline std::string partition_name(const std::string& topic, std::int32_t partition) {
  return topic + "-" + std::to_string(partition);
}

// " orders-0", and where an offset is given " orders-0@17"; put together before it is appended.
inline void append_partition(std::string& text, std::string_view topic, std::int32_t partition,
                             std::optional<std::int64_t> offset = {}) {
  constexpr std::size_t kUsualName = 24;
  constexpr std::size_t kPartition = 11;  // the longest number that may be one
  constexpr std::size_t kOffset = 20;
  std::array<char, kUsualName + kPartition + kOffset + 3> word;
  char* to = word.data();
  *to++ = ' ';
  if (topic.size() > kUsualName) {
    text += ' ';
    text += topic;
    to = word.data();
  } else {
    to += topic.copy(to, kUsualName);
  }
  *to++ = '-';
  to = std::to_chars(to, to + kPartition, partition).ptr;
  if (offset) {
    *to++ = '@';
    to = std::to_chars(to, to + kOffset, *offset).ptr;
  }
  text.append(word.data(), to);
}

inline void append_count(std::string& text, std::int64_t n, const char* one, const char* many) {
  text += ' ';
  append_number(text, n);
  text += ' ';
  text += n == 1 ? one : many;
}

}  // namespace weir::detail
