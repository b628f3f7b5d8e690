// Codecs: one small type for each form that a JSON value of a scenario can have.
//
// A codec reads (Reading says where we are and collects what is wrong), writes, and describes
// itself as JSON Schema. Leaves are implemented in scenario_json_read.cpp, _write.cpp and
// _schema.cpp; lists and objects are templates over the description of their content.
#pragma once

#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scenarios/scenario.h"
#include "scenarios/scenario_json.h"

namespace weir::scenario_json {

using Json = nlohmann::ordered_json;
using Words = std::span<const std::string_view>;

// A place in the file, and the list of what is wrong.
class Reading {
 public:
  explicit Reading(std::vector<ScenarioProblem>& problems, std::string path = "$")
      : problems_(&problems), path_(std::move(path)) {}

  [[nodiscard]] Reading at(std::string_view key) const;
  [[nodiscard]] Reading at(std::size_t index) const;
  [[nodiscard]] const std::string& path() const { return path_; }

  void report(std::string message) const;
  // `expected <expected>, found <value><hint>`
  void mismatch(const Json& value, std::string_view expected, std::string_view hint = {}) const;

 private:
  std::vector<ScenarioProblem>* problems_;
  std::string path_;
};

// `"a" or "b" or "c"`.
[[nodiscard]] std::string one_of(Words);

struct TextCodec {
  bool may_be_empty = true;
  void read(const Reading&, const Json&, std::string&) const;
  [[nodiscard]] static Json write(const std::string& text) { return text; }
  [[nodiscard]] Json schema() const;
};

// Letters, digits, '.', '_' and '-', at most 249: Kafka's rule for topics, and ours for nodes.
struct NameCodec {
  void read(const Reading&, const Json&, std::string&) const;
  [[nodiscard]] static Json write(const std::string& text) { return text; }
  [[nodiscard]] static Json schema();
};

struct IntegerCodec {
  std::int64_t low = 0;
  std::int64_t high = std::numeric_limits<std::int64_t>::max();

  template <class Integer>
  void read(const Reading& at, const Json& json, Integer& out) const {
    if (const auto value = read_integer(at, json)) out = static_cast<Integer>(*value);
  }
  [[nodiscard]] static Json write(std::int64_t value) { return value; }
  [[nodiscard]] Json schema() const;

 private:
  [[nodiscard]] std::optional<std::int64_t> read_integer(const Reading&, const Json&) const;
};

// Bytes: a number, or "64KiB".
struct SizeCodec {
  std::int64_t high = std::numeric_limits<std::int64_t>::max();
  void read(const Reading&, const Json&, std::int64_t&) const;
  [[nodiscard]] static Json write(std::int64_t value);
  [[nodiscard]] Json schema() const;
};

struct BooleanCodec {
  void read(const Reading&, const Json&, bool&) const;
  [[nodiscard]] static Json write(bool value) { return value; }
  [[nodiscard]] static Json schema();
};

struct DurationCodec {
  bool may_be_negative = false;
  bool may_be_zero = true;
  void read(const Reading&, const Json&, Duration&) const;
  [[nodiscard]] static Json write(Duration);
  [[nodiscard]] Json schema() const;
};

struct RatioCodec {
  void read(const Reading&, const Json&, Ratio&) const;
  [[nodiscard]] static Json write(Ratio);
  [[nodiscard]] static Json schema();
};

// A whole number, or "0x2a"; up to 64 bits.
struct SeedCodec {
  void read(const Reading&, const Json&, std::uint64_t&) const;
  [[nodiscard]] static Json write(std::uint64_t);
  [[nodiscard]] static Json schema();
};

// One of some words, which stay texts.
struct WordCodec {
  Words words;
  void read(const Reading&, const Json&, std::string&) const;
  [[nodiscard]] static Json write(const std::string& word) { return word; }
  [[nodiscard]] Json schema() const;
};

// One of some words, in the order of an enumeration.
template <class Enum>
struct ChoiceCodec {
  Words words;
  void read(const Reading& at, const Json& json, Enum& out) const {
    std::string word;
    WordCodec{words}.read(at, json, word);
    for (std::size_t i = 0; i < words.size(); ++i) {
      if (words[i] == word) out = static_cast<Enum>(i);
    }
  }
  [[nodiscard]] Json write(Enum value) const {
    return std::string(words[static_cast<std::size_t>(value)]);
  }
  [[nodiscard]] Json schema() const { return WordCodec{words}.schema(); }
};

// Kafka's settings by Kafka's names; texts, numbers and booleans all become texts.
struct ConfigCodec {
  void read(const Reading&, const Json&, ConfigMap&) const;
  [[nodiscard]] static Json write(const ConfigMap&);
  [[nodiscard]] static Json schema();
};

// "2ms", {"uniform": ["1ms", "2ms"]}, {"exp": "2ms"}, {"lognormal": {"median": .., "p99": ..}}.
struct DelayCodec {
  void read(const Reading&, const Json&, Delay&) const;
  [[nodiscard]] static Json write(const Delay&);
  [[nodiscard]] static Json schema();
};

// "none", {"uniform": 10}, {"field": "network"}.
struct KeysCodec {
  void read(const Reading&, const Json&, Keys&) const;
  [[nodiscard]] static Json write(const Keys&);
  [[nodiscard]] static Json schema();
};

// {"kill": 3, "pause": 1}
struct WeightsCodec {
  void read(const Reading&, const Json&, std::vector<FaultWeight>&) const;
  [[nodiscard]] static Json write(const std::vector<FaultWeight>&);
  [[nodiscard]] static Json schema();
};

// "from-config", or the list of guarantees that are claimed.
struct PromiseCodec {
  void read(const Reading&, const Json&, std::vector<std::string>&) const;
  [[nodiscard]] static Json write(const std::vector<std::string>&);
  [[nodiscard]] static Json schema();
};

// {"durability.acked": "holds", "dup.idempotent": ["violated", "not promised"]}
struct ExpectCodec {
  using Map = std::map<std::string, std::vector<std::string>>;
  void read(const Reading&, const Json&, Map&) const;
  [[nodiscard]] static Json write(const Map&);
  [[nodiscard]] static Json schema();
};

// {"cluster.brokers": [3, 4, 5], "buggify": [true, false]}
struct DrawsCodec {
  void read(const Reading&, const Json&, std::vector<Draw>&) const;
  [[nodiscard]] static Json write(const std::vector<Draw>&);
  [[nodiscard]] static Json schema();
};

// ["1s", "7s"]
struct WindowCodec {
  using Window = std::pair<Duration, Duration>;
  void read(const Reading&, const Json&, Window&) const;
  [[nodiscard]] static Json write(const Window&);
  [[nodiscard]] static Json schema();
};

// [["b1"], ["P1", "C1"]]
struct SidesCodec {
  using Sides = std::pair<std::vector<NodeRef>, std::vector<NodeRef>>;
  void read(const Reading&, const Json&, Sides&) const;
  [[nodiscard]] static Json write(const Sides&);
  [[nodiscard]] static Json schema();
};

// ["orders", 2, "k7"]; null for the partitioner's choice, and for no key.
struct SendCodec {
  void read(const Reading&, const Json&, SendOp&) const;
  [[nodiscard]] static Json write(const SendOp&);
  [[nodiscard]] static Json schema();
};

// "Produce"
struct ApiCodec {
  void read(const Reading&, const Json&, std::int16_t&) const;
  [[nodiscard]] static Json write(std::int16_t);
  [[nodiscard]] static Json schema();
};

// "hw.advanced"
struct EventCodec {
  void read(const Reading&, const Json&, FactKind&) const;
  [[nodiscard]] static Json write(FactKind);
  [[nodiscard]] static Json schema();
};

// A list longer than any sensible file's.
inline constexpr std::size_t kMaxListItems = 1'000'000;

template <class Codec>
struct ListCodec {
  Codec item;
  std::size_t high = kMaxListItems;

  template <class Item>
  void read(const Reading& at, const Json& json, std::vector<Item>& out) const {
    if (!json.is_array() || json.size() > high) {
      at.mismatch(json, "a list of at most " + std::to_string(high) + " items");
      return;
    }
    for (std::size_t i = 0; i < json.size(); ++i) {
      out.emplace_back();
      item.read(at.at(i), json[i], out.back());
    }
  }
  template <class Item>
  [[nodiscard]] Json write(const std::vector<Item>& items) const {
    Json json = Json::array();
    for (const Item& i : items) json.push_back(item.write(i));
    return json;
  }
  [[nodiscard]] Json schema() const {
    Json json = {{"type", "array"}};
    json["items"] = item.schema();
    return json;
  }
};

// The keys of one object while it is read: each is looked up where its description stands.
class ObjectReader {
 public:
  static constexpr bool kReads = true;

  ObjectReader(Reading at, const Json& json) : at_(std::move(at)), json_(json) {
    if (!json.is_object()) {
      at_.mismatch(json, "an object");
      given_up_ = true;
    }
  }

  template <class Value, class Codec>
  void field(std::string_view key, Value& value, const Codec& codec, std::string_view /*about*/,
             bool /*present*/ = true) {
    if (const Json* found = find(key)) codec.read(at_.at(key), *found, value);
  }
  template <class Value, class Codec>
  void field(std::string_view key, std::optional<Value>& value, const Codec& codec,
             std::string_view /*about*/, bool /*present*/ = true) {
    if (const Json* found = find(key)) codec.read(at_.at(key), *found, value.emplace());
  }
  template <class Value, class Codec>
  void required(std::string_view key, Value& value, const Codec& codec, std::string_view about) {
    field(key, value, codec, about);
    if (!given_up_ && !has(key)) at_.report("\"" + std::string(key) + "\" is missing");
  }

  [[nodiscard]] bool has(std::string_view key) const {
    return json_.is_object() && json_.contains(std::string(key));
  }
  [[nodiscard]] const Reading& place() const { return at_; }
  // Which keys belong here cannot be told: unknown ones are not reported.
  void give_up() { given_up_ = true; }
  void finish() const;

 private:
  [[nodiscard]] const Json* find(std::string_view key);

  Reading at_;
  const Json& json_;
  std::vector<std::string> known_;
  bool given_up_ = false;
};

class ObjectWriter {
 public:
  static constexpr bool kReads = false;

  template <class Value, class Codec>
  void field(std::string_view key, const Value& value, const Codec& codec, std::string_view,
             bool present = true) {
    if (present) json_[std::string(key)] = codec.write(value);
  }
  template <class Value, class Codec>
  void field(std::string_view key, const std::optional<Value>& value, const Codec& codec,
             std::string_view, bool present = true) {
    if (present && value) json_[std::string(key)] = codec.write(*value);
  }
  template <class Value, class Codec>
  void required(std::string_view key, const Value& value, const Codec& codec, std::string_view) {
    json_[std::string(key)] = codec.write(value);
  }
  [[nodiscard]] Json take() { return std::move(json_); }

 private:
  Json json_ = Json::object();
};

class SchemaWriter {
 public:
  static constexpr bool kReads = false;

  template <class Value, class Codec>
  void field(std::string_view key, const Value&, const Codec& codec, std::string_view about,
             bool = true) {
    add(key, codec.schema(), about);
  }
  template <class Value, class Codec>
  void required(std::string_view key, const Value&, const Codec& codec, std::string_view about) {
    add(key, codec.schema(), about);
    required_.push_back(std::string(key));
  }
  [[nodiscard]] Json take();

 private:
  void add(std::string_view key, Json schema, std::string_view about);

  Json properties_ = Json::object();
  Json required_ = Json::array();
};

// An object, described by `fields(visitor, value)` in scenario_json_fields.h.
struct ObjectCodec {
  template <class Value>
  void read(const Reading& at, const Json& json, Value& out) const {
    ObjectReader reader(at, json);
    fields(reader, out);
    reader.finish();
  }
  template <class Value>
  [[nodiscard]] Json write(const Value& value) const {
    ObjectWriter writer;
    fields(writer, value);
    return writer.take();
  }
};

// The same with its schema, for which a value of the type is needed.
template <class Value>
struct ObjectOf : ObjectCodec {
  [[nodiscard]] Json schema() const {
    SchemaWriter writer;
    const Value value{};
    fields(writer, value);
    return writer.take();
  }
};

}  // namespace weir::scenario_json
