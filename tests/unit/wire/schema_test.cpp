// Weir's descriptions of messages against Kafka's own schema files, where they lie at hand: set
// WEIR_KAFKA_SCHEMAS to the folder of the *.json files. Names, order, types, versions, tags,
// nullability, ignorability and defaults are compared for every version served.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "broker/wire/codec_types.h"
#include "broker/wire/served.h"

namespace weir {
namespace {

using nlohmann::json;

const char* schema_folder() { return std::getenv("WEIR_KAFKA_SCHEMAS"); }

#define SKIP_WITHOUT_SCHEMAS()                                                               \
  if (schema_folder() == nullptr) {                                                          \
    GTEST_SKIP() << "WEIR_KAFKA_SCHEMAS is not set: NOT compared with Kafka's schema files"; \
  }

json read_schema(const std::string& name) {
  std::ifstream file(std::string(schema_folder()) + "/" + name + ".json");
  EXPECT_TRUE(file.good()) << name;
  std::stringstream text;
  text << file.rdbuf();
  return json::parse(text.str(), nullptr, true, true);  // the files contain comments
}

VersionRange range_of(const json& schema, const char* key) {
  const std::string text = schema.value(key, "none");
  if (text == "none") return {};
  const std::size_t dash = text.find('-');
  const auto first = static_cast<std::int16_t>(std::stoi(text));
  if (text.back() == '+') return {first, INT16_MAX};
  if (dash == std::string::npos) return {first, first};
  return {first, static_cast<std::int16_t>(std::stoi(text.substr(dash + 1)))};
}

// A field as the description tells it.
struct Described {
  std::string name;
  std::string type;  // Kafka's; "" for structs
  bool is_array = false;
  FieldVersions versions;
  std::string default_text;  // of numbers, booleans and strings
  std::vector<Described> children;
};

template <class S>
std::vector<Described> describe_struct();

template <class T>
void describe_type(Described& field) {
  if constexpr (detail::kIsOptional<T>) {
    describe_type<typename T::value_type>(field);
  } else if constexpr (detail::kIsVector<T>) {
    describe_type<typename T::value_type>(field);
    field.is_array = true;
  } else if constexpr (detail::kIsStructure<T>) {
    field.children = describe_struct<T>();
  } else if constexpr (std::is_same_v<T, bool>) {
    field.type = "bool";
  } else if constexpr (std::is_integral_v<T>) {
    field.type = "int" + std::to_string(8 * sizeof(T));
  } else if constexpr (std::is_same_v<T, std::string>) {
    field.type = "string";
  } else if constexpr (std::is_same_v<T, Uuid>) {
    field.type = "uuid";
  } else {
    field.type = "records";
  }
}

template <class T>
std::string text_of(const T& v) {
  if constexpr (detail::kIsOptional<T>) {
    return v.has_value() ? text_of(*v) : "null";
  } else if constexpr (std::is_same_v<T, bool>) {
    return v ? "true" : "false";
  } else if constexpr (std::is_integral_v<T>) {
    return std::to_string(v);
  } else if constexpr (std::is_same_v<T, std::string>) {
    return v;
  } else {
    return "";
  }
}

struct Collect {
  std::vector<Described> fields;
  template <class S, class F>
  void operator()(const char* name, F S::* member, FieldVersions versions) {
    Described field;
    field.name = name;
    field.versions = versions;
    field.default_text = text_of(detail::default_of<S>().*member);
    describe_type<F>(field);
    fields.push_back(std::move(field));
  }
};

template <class S>
std::vector<Described> describe_struct() {
  Collect collect;
  S::fields(collect);
  return std::move(collect.fields);
}

std::string default_in(const json& schema, const std::string& type, bool is_array) {
  if (schema.contains("default")) {
    const json& value = schema["default"];
    const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
    return text.starts_with("0x") ? std::to_string(std::stoll(text, nullptr, 16)) : text;
  }
  if (is_array || type.empty() || type == "string" || type == "uuid" || type == "records")
    return "";
  return type == "bool" ? "false" : "0";
}

void compare_fields(const json& schema, const std::vector<Described>& ours, VersionRange served,
                    const std::string& path);

void compare_field(const json& schema, const Described& ours, VersionRange served,
                   const std::string& path) {
  const std::string type = schema["type"];
  EXPECT_EQ(type.starts_with("[]"), ours.is_array) << path;
  const std::string element = ours.is_array ? type.substr(2) : type;
  if (ours.children.empty()) {
    EXPECT_EQ(element, ours.type) << path;
  } else {
    compare_fields(schema["fields"], ours.children, served, path);
  }
  const VersionRange versions = range_of(schema, "versions");
  const VersionRange nullable = range_of(schema, "nullableVersions");
  const VersionRange tagged = range_of(schema, "taggedVersions");
  for (std::int16_t v = served.min; v <= served.max; ++v) {
    const std::string where = path + " v" + std::to_string(v);
    EXPECT_EQ(versions.contains(v), ours.versions.in(v)) << where;
    if (!versions.contains(v)) continue;
    EXPECT_EQ(nullable.contains(v), ours.versions.nullable_in(v)) << where;
    EXPECT_EQ(tagged.contains(v), ours.versions.is_tagged()) << where;
  }
  EXPECT_EQ(schema.value("tag", FieldVersions::kNoTag), ours.versions.tag_number) << path;
  EXPECT_EQ(schema.value("ignorable", false), ours.versions.may_be_ignored) << path;
  EXPECT_EQ(default_in(schema, ours.type, ours.is_array), ours.default_text) << path;
}

void compare_fields(const json& schema, const std::vector<Described>& ours, VersionRange served,
                    const std::string& path) {
  std::size_t next = 0;
  std::int32_t last_tag = -1;
  for (const json& field : schema) {
    const std::string name = field["name"];
    if (range_of(field, "versions").min > served.max) continue;  // of a version not served
    ASSERT_LT(next, ours.size()) << path << " lacks " << name;
    ASSERT_EQ(name, ours[next].name) << path;
    compare_field(field, ours[next], served, path + "." + name);
    if (ours[next].versions.is_tagged()) {
      EXPECT_GT(ours[next].versions.tag_number, last_tag) << "tags are written in this order";
      last_tag = ours[next].versions.tag_number;
    }
    ++next;
  }
  EXPECT_EQ(next, ours.size()) << path << " has a field that Kafka's schema lacks";
}

template <class Message>
void compare_message() {
  const std::string name(Message::kName);
  const json schema = read_schema(name);
  EXPECT_EQ(schema["apiKey"], static_cast<int>(Message::kApi)) << name;
  EXPECT_EQ(range_of(schema, "flexibleVersions").min, Message::kFlexibleSince) << name;
  const VersionRange valid = range_of(schema, "validVersions");
  EXPECT_LE(valid.min, Message::kVersions.min) << name;
  EXPECT_GE(valid.max, Message::kVersions.max) << name;
  compare_fields(schema["fields"], describe_struct<Message>(), Message::kVersions, name);
}

TEST(Schemas, DescribeTheSameMessages) {
  SKIP_WITHOUT_SCHEMAS();
  ServedRequests::for_each([]<class Request>() {
    compare_message<Request>();
    compare_message<typename Request::Response>();
  });
}

TEST(Schemas, GiveApisTheSameKeysNamesAndFlexibleVersions) {
  SKIP_WITHOUT_SCHEMAS();
  for (const ApiInfo& api : all_apis()) {
    const json schema = read_schema(std::string(api.name) + "Request");
    EXPECT_EQ(schema["apiKey"], static_cast<int>(api.key)) << api.name;
    if (schema["validVersions"] == "none") continue;  // removed from Kafka
    const VersionRange flexible = range_of(schema, "flexibleVersions");
    EXPECT_EQ(flexible.empty() ? kNeverFlexible : flexible.min, api.flexible_since) << api.name;
  }
}

}  // namespace
}  // namespace weir
