// Words that the phrases about requests are made of; private to the describe*.cpp files.
#pragma once

#include <cstdint>
#include <string>

#include "broker/wire/api_key.h"
#include "broker/wire/describe.h"

namespace weir::detail {

template <class Request>
std::string begin(const Request&, std::int16_t version) {
  return std::string(name_of(Request::kApi)) + " v" + std::to_string(version);
}

// " a b c and 4 more".
class Names {
 public:
  void add(const std::string& name) {
    if (count_++ < kMaxNamedInPhrase) text_ += " " + name;
  }
  [[nodiscard]] std::string text() const {
    if (count_ <= kMaxNamedInPhrase) return text_;
    return text_ + " and " + std::to_string(count_ - kMaxNamedInPhrase) + " more";
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

inline std::string counted(std::int64_t n, const char* one, const char* many) {
  return " " + std::to_string(n) + " " + (n == 1 ? one : many);
}

}  // namespace weir::detail
