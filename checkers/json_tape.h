// JsonTape: a strict JSON reader for histories, fast enough for files of hundreds of megabytes.
//
// RFC 8259, UTF-8 checked, integers exact in 64 bits: a number with a fraction, an exponent or too
// many digits stays a text and is never rounded. The values of a document lie on a tape in reading
// order; each knows where its subtree ends. A tape is used again for the next line, so that reading
// does not allocate. Hostile depth is refused, not recursed into.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weir {

enum class JsonType : std::uint8_t { null, boolean, integer, number, text, array, object };

struct JsonNode {
  JsonType type{};
  bool truth = false;
  std::uint32_t end = 0;     // index of the node behind this one's subtree
  std::uint32_t offset = 0;  // in the source, for lines of errors
  std::int64_t integer = 0;
  std::string_view text;  // decoded text, or the digits of a number
};

struct JsonProblem {
  std::size_t position = 0;  // in the source
  std::string what;          // "found '}', expected a value"
};

class JsonTape {
 public:
  // False on a problem. Views into `source` stay in use: it must outlive the tape's content.
  [[nodiscard]] bool parse(std::string_view source);
  [[nodiscard]] const JsonProblem& problem() const { return problem_; }
  [[nodiscard]] const JsonNode& at(std::uint32_t index) const { return nodes_[index]; }

 private:
  struct Open {
    std::uint32_t node = 0;
    bool object = false;
  };

  bool value();
  bool text();
  bool escape();
  bool unicode(std::uint32_t& code);
  bool number();
  bool word(std::string_view expected, JsonType type, bool truth);
  bool after_value();
  bool member();
  void close();
  void skip_space();
  bool fail(std::string_view expected);
  JsonNode& push(JsonType type);

  std::string_view source_;
  std::size_t at_ = 0;
  std::vector<JsonNode> nodes_;
  std::vector<Open> open_;
  std::string decoded_;
  JsonProblem problem_;
};

// A value on a tape.
class JsonValue {
 public:
  JsonValue(const JsonTape& tape, std::uint32_t index) : tape_(&tape), index_(index) {}

  [[nodiscard]] const JsonNode& node() const { return tape_->at(index_); }
  [[nodiscard]] JsonType type() const { return node().type; }
  [[nodiscard]] bool is(JsonType type) const { return node().type == type; }

  // Elements of an array; of an object, its keys and values in turn.
  class Iterator {
   public:
    Iterator(const JsonTape& tape, std::uint32_t index) : tape_(&tape), index_(index) {}
    JsonValue operator*() const { return {*tape_, index_}; }
    Iterator& operator++() {
      index_ = tape_->at(index_).end;
      return *this;
    }
    bool operator!=(const Iterator& other) const { return index_ != other.index_; }

   private:
    const JsonTape* tape_;
    std::uint32_t index_;
  };
  [[nodiscard]] Iterator begin() const { return {*tape_, index_ + 1}; }
  [[nodiscard]] Iterator end() const { return {*tape_, node().end}; }

 private:
  const JsonTape* tape_;
  std::uint32_t index_;
};

// The value again as compact JSON; equal values are equal texts where members are ordered by name.
enum class MemberOrder : std::uint8_t { as_read, by_name };
void append_json(std::string& out, JsonValue value, MemberOrder order = MemberOrder::as_read);

// The text as a JSON string with its quotes; only what JSON demands is escaped.
void append_json_string(std::string& out, std::string_view text);

// For error messages: the value cut to a readable length.
[[nodiscard]] std::string abbreviated(JsonValue value);

}  // namespace weir
