// The JSON Schema (draft 2020-12) of scenario files, from the same descriptions that read them.
//
// It lets editors complete and check. What needs more than one key to judge (unknown topics,
// impossible clusters) only the reader finds.
#include "scenarios/scenario_json_fields.h"

namespace weir::scenario_json {
namespace {

Json text_schema(std::string_view pattern) {
  return {{"type", "string"}, {"pattern", std::string(pattern)}};
}

Json words_schema(Words words) {
  Json list = Json::array();
  for (const std::string_view word : words) list.push_back(std::string(word));
  return {{"enum", std::move(list)}};
}

Json either(Json a, Json b) { return {{"oneOf", Json::array({std::move(a), std::move(b)})}}; }

Json closed_object(Json properties, Json required) {
  Json schema = {{"type", "object"}};
  schema["properties"] = std::move(properties);
  if (!required.empty()) schema["required"] = std::move(required);
  schema["additionalProperties"] = false;
  return schema;
}

Json pair_of(Json item) {
  Json schema = {{"type", "array"}};
  schema["items"] = std::move(item);
  schema["minItems"] = 2;
  schema["maxItems"] = 2;
  return schema;
}

}  // namespace

Json SchemaWriter::take() { return closed_object(std::move(properties_), std::move(required_)); }

void SchemaWriter::add(std::string_view key, Json schema, std::string_view about) {
  Json described = Json::object();
  described["description"] = std::string(about);
  described.update(schema);
  properties_[std::string(key)] = std::move(described);
}

Json TextCodec::schema() const {
  Json schema = {{"type", "string"}};
  if (!may_be_empty) schema["minLength"] = 1;
  return schema;
}

Json NameCodec::schema() { return text_schema("^[A-Za-z0-9._-]{1,249}$"); }

Json IntegerCodec::schema() const {
  Json schema = {{"type", "integer"}};
  if (low > std::numeric_limits<std::int64_t>::min()) schema["minimum"] = low;
  if (high < std::numeric_limits<std::int64_t>::max()) schema["maximum"] = high;
  return schema;
}

Json SizeCodec::schema() const {
  return either(IntegerCodec{0, high}.schema(), text_schema("^[0-9]+ ?(B|KiB|MiB|GiB)?$"));
}

Json BooleanCodec::schema() { return {{"type", "boolean"}}; }

Json DurationCodec::schema() const {
  return text_schema(may_be_negative ? "^-?[0-9]+([.][0-9]+)? ?(ns|us|ms|s|m|h)$"
                                     : "^[0-9]+([.][0-9]+)? ?(ns|us|ms|s|m|h)$");
}

Json RatioCodec::schema() {
  return either(text_schema("^[0-9]+(/[0-9]+)?$"), {{"enum", Json::array({0, 1})}});
}

Json SeedCodec::schema() {
  return either(IntegerCodec{}.schema(), text_schema("^(0[xX][0-9a-fA-F]{1,16}|[0-9]{1,20})$"));
}

Json WordCodec::schema() const { return words_schema(words); }

Json ConfigCodec::schema() {
  Json schema = {{"type", "object"}};
  schema["additionalProperties"] = {{"type", Json::array({"string", "integer", "boolean"})}};
  return schema;
}

Json DelayCodec::schema() {
  const Json duration = DurationCodec{}.schema();
  const auto form = [](std::string key, Json value) {
    Json properties = Json::object();
    properties[key] = std::move(value);
    return closed_object(std::move(properties), Json::array({std::move(key)}));
  };
  const Json shape =
      closed_object({{"median", duration}, {"p99", duration}}, Json::array({"median", "p99"}));
  return {{"oneOf", Json::array({duration, form("uniform", pair_of(duration)),
                                 form("exp", duration), form("lognormal", shape)})}};
}

Json KeysCodec::schema() {
  const Json uniform =
      closed_object({{"uniform", IntegerCodec{1, kMaxRecords}.schema()}}, Json::array({"uniform"}));
  const Json field = closed_object({{"field", TextCodec{false}.schema()}}, Json::array({"field"}));
  return {{"oneOf", Json::array({Json{{"enum", Json::array({"none"})}}, uniform, field})}};
}

Json WeightsCodec::schema() {
  Json properties = Json::object();
  for (const std::string_view kind : fault_names()) {
    properties[std::string(kind)] = IntegerCodec{0, kMaxFaultWeight}.schema();
  }
  return closed_object(std::move(properties), Json::array());
}

Json PromiseCodec::schema() {
  return either({{"enum", Json::array({"from-config"})}},
                ListCodec<WordCodec>{{guarantee_ids()}}.schema());
}

Json ExpectCodec::schema() {
  const WordCodec word{verdict_words()};
  Json list = ListCodec<WordCodec>{word}.schema();
  list["minItems"] = 1;
  Json properties = Json::object();
  for (const std::string_view id : guarantee_ids()) {
    properties[std::string(id)] = either(word.schema(), list);
  }
  return closed_object(std::move(properties), Json::array());
}

Json WindowCodec::schema() { return pair_of(DurationCodec{}.schema()); }

Json SidesCodec::schema() {
  Json side = ListCodec<TextCodec>{{false}}.schema();
  side["minItems"] = 1;
  return pair_of(std::move(side));
}

Json SendCodec::schema() {
  const Json nothing = {{"type", "null"}};
  Json schema = {{"type", "array"}};
  schema["prefixItems"] = Json::array(
      {NameCodec::schema(), either(IntegerCodec{0, kMaxPartitions - 1}.schema(), nothing),
       either(TextCodec{}.schema(), nothing)});
  schema["minItems"] = 3;
  schema["maxItems"] = 3;
  return schema;
}

Json ApiCodec::schema() { return words_schema(api_names()); }

Json EventCodec::schema() {
  Json list = Json::array();
  for (std::uint16_t i = 0; i < static_cast<std::uint16_t>(FactKind::count_); ++i) {
    list.push_back(std::string(name_of(static_cast<FactKind>(i))));
  }
  return {{"enum", std::move(list)}};
}

}  // namespace weir::scenario_json

namespace weir {

std::string scenario_schema() {
  using scenario_json::Json;
  Json schema = Json::object();
  schema["$schema"] = "https://json-schema.org/draft/2020-12/schema";
  schema["title"] = "Weir scenario, version 1";
  schema["description"] =
      "A run is a pure function of this value. Durations are texts with a unit (\"450us\"), "
      "probabilities are fractions (\"1/1000\"), sizes are bytes or texts (\"64KiB\").";
  schema.update(scenario_json::ObjectOf<Scenario>{}.schema());
  return schema.dump(2) + "\n";
}

}  // namespace weir
