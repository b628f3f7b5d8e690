// Reading the leaves, and what a mistake looks like.
#include <algorithm>
#include <cctype>

#include "broker/base/suggest.h"
#include "broker/base/text.h"
#include "scenarios/scenario_json_fields.h"

namespace weir::scenario_json {
namespace {

constexpr std::size_t kMaxNameLength = 249;
constexpr std::size_t kMaxShownValue = 60;  // bytes of a wrong value in a message

bool is_plain_key(std::string_view key) {
  return !key.empty() && std::ranges::all_of(key, [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '$' || c == '-';
  });
}

std::string shown(const Json& value) {
  std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (text.size() > kMaxShownValue) {
    std::size_t cut = kMaxShownValue;
    while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xc0) == 0x80) --cut;
    text = text.substr(0, cut) + "...";
  }
  return text;
}

const std::string* text_of(const Json& json) { return json.get_ptr<const std::string*>(); }

// A number that fits; nothing for fractions and what is no number.
std::optional<std::int64_t> integer_of(const Json& json) {
  if (json.is_number_unsigned()) {
    const auto value = json.get<std::uint64_t>();
    if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
      return std::nullopt;
    }
    return static_cast<std::int64_t>(value);
  }
  if (json.is_number_integer()) return json.get<std::int64_t>();
  return std::nullopt;
}

std::vector<std::string_view> fact_names() {
  std::vector<std::string_view> names;
  for (std::uint16_t i = 0; i < static_cast<std::uint16_t>(FactKind::count_); ++i) {
    names.push_back(name_of(static_cast<FactKind>(i)));
  }
  return names;
}

void read_sides(const Reading& at, const Json& json, std::vector<NodeRef>& out) {
  ListCodec<TextCodec>{{false}}.read(at, json, out);
  if (json.is_array() && json.empty()) at.mismatch(json, "at least one node");
}

}  // namespace

Reading Reading::at(std::string_view key) const {
  Reading inner(*problems_, path_);
  if (is_plain_key(key)) {
    inner.path_ += "." + std::string(key);
  } else {
    inner.path_ += "[" + shown(Json(std::string(key))) + "]";
  }
  return inner;
}

Reading Reading::at(std::size_t index) const {
  return Reading(*problems_, path_ + "[" + std::to_string(index) + "]");
}

void Reading::report(std::string message) const {
  problems_->push_back({path_, 0, std::move(message)});
}

void Reading::mismatch(const Json& value, std::string_view expected, std::string_view hint) const {
  report("expected " + std::string(expected) + ", found " + shown(value) + std::string(hint));
}

std::string one_of(Words words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " or " : ", ";
    text += "\"" + std::string(words[i]) + "\"";
  }
  return text;
}

const Json* ObjectReader::find(std::string_view key) {
  known_.emplace_back(key);
  if (!json_.is_object()) return nullptr;
  const auto found = json_.find(std::string(key));
  return found == json_.end() ? nullptr : &*found;
}

void ObjectReader::finish() const {
  if (given_up_) return;
  for (const auto& [key, value] : json_.items()) {
    if (std::ranges::find(known_, key) != known_.end()) continue;
    at_.at(key).report("unknown key" + did_you_mean(key, std::span<const std::string>(known_)));
  }
}

void TextCodec::read(const Reading& at, const Json& json, std::string& out) const {
  const std::string* text = text_of(json);
  if (text == nullptr || (text->empty() && !may_be_empty)) {
    at.mismatch(json, may_be_empty ? "a text" : "a text that is not empty");
    return;
  }
  out = *text;
}

void NameCodec::read(const Reading& at, const Json& json, std::string& out) const {
  const std::string* text = text_of(json);
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  };
  if (text == nullptr || text->empty() || text->size() > kMaxNameLength ||
      !std::ranges::all_of(*text, allowed) || *text == "." || *text == "..") {
    at.mismatch(json, "a name of at most 249 letters, digits, '.', '_' and '-'");
    return;
  }
  out = *text;
}

std::optional<std::int64_t> IntegerCodec::read_integer(const Reading& at, const Json& json) const {
  const auto value = integer_of(json);
  if (value && *value >= low && *value <= high) return value;
  std::string expected = "a whole number";
  if (low > std::numeric_limits<std::int64_t>::min()) expected += " from " + grouped(low);
  if (high < std::numeric_limits<std::int64_t>::max()) expected += " to " + grouped(high);
  at.mismatch(json, expected);
  return std::nullopt;
}

void SizeCodec::read(const Reading& at, const Json& json, std::int64_t& out) const {
  std::optional<std::int64_t> value = integer_of(json);
  if (const std::string* text = text_of(json)) {
    const auto size = parse_size(*text);
    if (size && *size <= static_cast<std::uint64_t>(high)) {
      value = static_cast<std::int64_t>(*size);
    }
  }
  if (value && *value >= 0 && *value <= high) {
    out = *value;
    return;
  }
  std::string expected(kSizeForm);
  if (high < std::numeric_limits<std::int64_t>::max()) {
    expected += ", at most " + format_size(static_cast<std::uint64_t>(high));
  }
  at.mismatch(json, expected);
}

void BooleanCodec::read(const Reading& at, const Json& json, bool& out) const {
  if (!json.is_boolean()) {
    at.mismatch(json, "true or false");
    return;
  }
  out = json.get<bool>();
}

void DurationCodec::read(const Reading& at, const Json& json, Duration& out) const {
  if (const std::string* text = text_of(json)) {
    std::string_view rest = *text;
    const bool negative = may_be_negative && rest.starts_with('-');
    if (negative) rest.remove_prefix(1);
    const auto duration = parse_duration(rest);
    if (duration && (may_be_zero || *duration > Duration(0))) {
      out = negative ? -*duration : *duration;
      return;
    }
  }
  at.mismatch(json, std::string(kDurationForm) + (may_be_zero ? "" : ", above zero"));
}

void RatioCodec::read(const Reading& at, const Json& json, Ratio& out) const {
  std::optional<Ratio> ratio;
  if (const std::string* text = text_of(json)) ratio = parse_ratio(*text);
  const auto number = integer_of(json);
  if (number && (*number == 0 || *number == 1)) {
    ratio = Ratio{static_cast<std::uint32_t>(*number), 1};
  }
  if (ratio) {
    out = *ratio;
  } else {
    at.mismatch(json, kRatioForm);
  }
}

void SeedCodec::read(const Reading& at, const Json& json, std::uint64_t& out) const {
  std::optional<std::uint64_t> seed;
  if (const std::string* text = text_of(json)) seed = parse_unsigned(*text);
  if (json.is_number_unsigned()) seed = json.get<std::uint64_t>();
  if (seed) {
    out = *seed;
  } else {
    at.mismatch(json, "a whole number of at most 64 bits, such as 7 or \"0x2a\"");
  }
}

void WordCodec::read(const Reading& at, const Json& json, std::string& out) const {
  const std::string* text = text_of(json);
  if (text != nullptr && std::ranges::find(words, *text) != words.end()) {
    out = *text;
    return;
  }
  at.mismatch(json, one_of(words), text == nullptr ? "" : did_you_mean(*text, words));
}

void ConfigCodec::read(const Reading& at, const Json& json, ConfigMap& out) const {
  if (!json.is_object()) {
    at.mismatch(json, "an object of settings");
    return;
  }
  for (const auto& [key, value] : json.items()) {
    if (const std::string* text = text_of(value)) {
      out[key] = *text;
    } else if (value.is_boolean() || integer_of(value)) {
      out[key] = value.dump();
    } else {
      at.at(key).mismatch(value, "a text, a whole number, true or false");
    }
  }
}

void DelayCodec::read(const Reading& at, const Json& json, Delay& out) const {
  static constexpr std::string_view kForm =
      "a duration such as \"2ms\", {\"uniform\": [low, high]}, {\"exp\": mean} or {\"lognormal\": "
      "{\"median\": .., \"p99\": ..}}";
  if (json.is_string()) {
    DurationCodec{}.read(at, json, out.emplace<FixedDelay>().delay);
    return;
  }
  if (!json.is_object() || json.size() != 1) {
    at.mismatch(json, kForm);
    return;
  }
  const std::string& form = json.begin().key();
  const Json& value = json.begin().value();
  const Reading inner = at.at(form);
  if (form == "uniform") {
    WindowCodec::Window window;
    WindowCodec{}.read(inner, value, window);
    out = UniformDelay{window.first, window.second};
  } else if (form == "exp") {
    DurationCodec{}.read(inner, value, out.emplace<ExponentialDelay>().mean);
  } else if (form == "lognormal") {
    auto& delay = out.emplace<LognormalDelay>();
    ObjectReader reader(inner, value);
    reader.required("median", delay.median, DurationCodec{}, {});
    reader.required("p99", delay.p99, DurationCodec{}, {});
    reader.finish();
    if (delay.p99 < delay.median) inner.mismatch(value, "p99 not below the median");
  } else {
    at.mismatch(json, kForm);
  }
}

void KeysCodec::read(const Reading& at, const Json& json, Keys& out) const {
  if (const std::string* text = text_of(json); text != nullptr && *text == "none") {
    out = NoKeys{};
  } else if (json.is_object() && json.size() == 1 && json.contains("uniform")) {
    IntegerCodec{1, kMaxRecords}.read(at.at("uniform"), json["uniform"],
                                      out.emplace<UniformKeys>().count);
  } else if (json.is_object() && json.size() == 1 && json.contains("field")) {
    TextCodec{false}.read(at.at("field"), json["field"], out.emplace<FieldKeys>().field);
  } else {
    at.mismatch(json, "\"none\", {\"uniform\": how many} or {\"field\": name}");
  }
}

void WeightsCodec::read(const Reading& at, const Json& json, std::vector<FaultWeight>& out) const {
  if (!json.is_object()) {
    at.mismatch(json, "an object of kinds of faults and their weights");
    return;
  }
  for (const auto& [key, value] : json.items()) {
    const auto kind = fault_kind_named(key);
    if (!kind) at.at(key).report("unknown kind of fault" + did_you_mean(key, fault_names()));
    FaultWeight weight{kind.value_or(FaultKind::kill), 0};
    IntegerCodec{0, kMaxFaultWeight}.read(at.at(key), value, weight.weight);
    out.push_back(weight);
  }
  // In the catalogue's order, so that the order in the file means nothing.
  std::ranges::sort(out, {}, &FaultWeight::kind);
}

void PromiseCodec::read(const Reading& at, const Json& json, std::vector<std::string>& out) const {
  if (const std::string* text = text_of(json); text != nullptr && *text == "from-config") return;
  if (!json.is_array()) {
    at.mismatch(json, "\"from-config\" or a list of guarantees");
    return;
  }
  ListCodec<WordCodec>{{guarantee_ids()}}.read(at, json, out);
}

void ExpectCodec::read(const Reading& at, const Json& json, Map& out) const {
  if (!json.is_object()) {
    at.mismatch(json, "an object of guarantees and verdicts");
    return;
  }
  const WordCodec word{verdict_words()};
  for (const auto& [key, value] : json.items()) {
    const Words ids = guarantee_ids();
    if (std::ranges::find(ids, key) == ids.end()) {
      at.at(key).report("unknown guarantee" + did_you_mean(key, ids));
    }
    std::vector<std::string>& words = out[key];
    if (value.is_array() && !value.empty()) {
      ListCodec<WordCodec>{word}.read(at.at(key), value, words);
    } else {
      word.read(at.at(key), value, words.emplace_back());
    }
  }
}

void WindowCodec::read(const Reading& at, const Json& json, Window& out) const {
  if (!json.is_array() || json.size() != 2) {
    at.mismatch(json, "two durations, [low, high]");
    return;
  }
  DurationCodec{}.read(at.at(std::size_t{0}), json[0], out.first);
  DurationCodec{}.read(at.at(1), json[1], out.second);
  if (out.second < out.first) at.mismatch(json, "two durations, the lower first");
}

void SidesCodec::read(const Reading& at, const Json& json, Sides& out) const {
  if (!json.is_array() || json.size() != 2) {
    at.mismatch(json, "two lists of nodes, such as [[\"b1\"], [\"P1\"]]");
    return;
  }
  read_sides(at.at(std::size_t{0}), json[0], out.first);
  read_sides(at.at(1), json[1], out.second);
}

void SendCodec::read(const Reading& at, const Json& json, SendOp& out) const {
  if (!json.is_array() || json.size() != 3) {
    at.mismatch(json,
                "a topic, a partition or null, and a key or null, such as [\"orders\", 0, null]");
    return;
  }
  NameCodec{}.read(at.at(std::size_t{0}), json[0], out.topic);
  if (!json[1].is_null()) {
    IntegerCodec{0, kMaxPartitions - 1}.read(at.at(1), json[1], out.partition.emplace());
  }
  if (!json[2].is_null()) TextCodec{}.read(at.at(2), json[2], out.key.emplace());
}

void ApiCodec::read(const Reading& at, const Json& json, std::int16_t& out) const {
  std::string name;
  WordCodec{api_names()}.read(at, json, name);
  out = api_key_named(name);
}

void EventCodec::read(const Reading& at, const Json& json, FactKind& out) const {
  const std::string* text = text_of(json);
  const FactKind kind = text == nullptr ? FactKind::count_ : fact_kind_named(*text);
  if (kind != FactKind::count_) {
    out = kind;
    return;
  }
  const auto names = fact_names();
  at.mismatch(json, "the name of a kind of event, such as \"log.appended\"",
              text == nullptr ? "" : did_you_mean(*text, std::span<const std::string_view>(names)));
}

}  // namespace weir::scenario_json
