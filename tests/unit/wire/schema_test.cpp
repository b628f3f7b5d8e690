// Weir's descriptions of messages and records against the facts of Kafka's own schemas, which
// data/make_schemas.py took from Kafka's schema files. Names, order, types, versions, tags,
// nullability, ignorability and defaults are compared for every version described.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

#include "broker/wire/codec_types.h"
#include "broker/wire/described.h"
#include "broker/wire/records/control_record.h"
#include "tests/support/source_dir.h"

namespace weir {
namespace {

using nlohmann::json;

const json& schemas() {
  static const json kSchemas =
      json::parse(std::ifstream(source_dir() + "/tests/unit/wire/data/schemas.json"));
  return kSchemas;
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
    field.type = (std::is_unsigned_v<T> ? "uint" : "int") + std::to_string(8 * sizeof(T));
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

// Tagged fields are written in the order of their tags, whatever the schema's order, and Weir lists
// fields as they are written.
json in_order_of_wire(const json& fields) {
  std::vector<json> tagged;
  for (const json& field : fields) {
    if (field.contains("tag")) tagged.push_back(field);
  }
  std::ranges::sort(tagged, {}, [](const json& field) { return field["tag"].get<int>(); });
  json ordered = fields;
  std::size_t next = 0;
  for (json& field : ordered) {
    if (field.contains("tag")) field = tagged[next++];
  }
  return ordered;
}

void compare_fields(const json& schema, const std::vector<Described>& ours, VersionRange served,
                    const std::string& path) {
  std::size_t next = 0;
  std::int32_t last_tag = -1;
  for (const json& field : in_order_of_wire(schema)) {
    const std::string name = field["name"];
    if (range_of(field, "versions").min > served.max) continue;  // of a version not described
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
void compare_message(VersionRange described) {
  const std::string name(Message::kName);
  ASSERT_TRUE(schemas()["messages"].contains(name)) << name << ": run make_schemas.py";
  const json& schema = schemas()["messages"][name];
  const VersionRange flexible = range_of(schema, "flexibleVersions");
  EXPECT_EQ(flexible.empty() ? kNeverFlexible : flexible.min, Message::kFlexibleSince) << name;
  EXPECT_EQ(Message::kVersions, described) << name;
  compare_fields(schema["fields"], describe_struct<Message>(), Message::kVersions, name);
}

template <class Message>
VersionRange all_versions_of() {
  return range_of(schemas()["messages"][std::string(Message::kName)], "validVersions");
}

// What clients are served may end before the newest version; all else is described in full.
template <class Message>
void compare_api_message(bool served) {
  const std::string name(Message::kName);
  EXPECT_EQ(schemas()["messages"][name]["apiKey"], static_cast<int>(Message::kApi)) << name;
  VersionRange expected = all_versions_of<Message>();
  if (served) {
    EXPECT_EQ(expected.min, Message::kVersions.min) << name;
    EXPECT_GE(expected.max, Message::kVersions.max) << name;
    expected = Message::kVersions;
  }
  compare_message<Message>(expected);
}

TEST(Schemas, DescribeTheSameMessages) {
  DescribedRequests::for_each([]<class Request>() {
    const bool served = !info_of(Request::kApi).served.empty();
    compare_api_message<Request>(served);
    compare_api_message<typename Request::Response>(served);
  });
}

template <class... Records>
void compare_records(std::type_identity<std::variant<Records...>>) {
  (compare_message<Records>(all_versions_of<Records>()), ...);
}

TEST(Schemas, DescribeTheSameRecords) {
  compare_records(std::type_identity<MetadataRecord>{});
  compare_records(std::type_identity<ControlRecord>{});
}

template <class... Records>
void compare_keys(std::type_identity<std::variant<Records...>>) {
  for (const auto& [name, type] : {std::pair(Records::kName, Records::kType)...}) {
    EXPECT_EQ(schemas()["messages"][std::string(name)]["apiKey"], static_cast<int>(type)) << name;
  }
}

TEST(Schemas, GiveMetadataRecordsTheSameKeys) {
  compare_keys(std::type_identity<MetadataRecord>{});
}

template <class... Records>
void add_names(std::type_identity<std::variant<Records...>>, std::set<std::string>& names) {
  (names.emplace(Records::kName), ...);
}

TEST(Schemas, AreAllDescribedThatTheFixtureHas) {
  std::set<std::string> described;
  DescribedRequests::for_each([&]<class Request>() {
    described.emplace(Request::kName);
    described.emplace(Request::Response::kName);
  });
  add_names(std::type_identity<MetadataRecord>{}, described);
  add_names(std::type_identity<ControlRecord>{}, described);
  for (const auto& [name, schema] : schemas()["messages"].items()) {
    EXPECT_TRUE(described.contains(name)) << name << " is in no list of types";
  }
}

TEST(Schemas, GiveApisTheSameKeysNamesAndFlexibleVersions) {
  EXPECT_EQ(schemas()["apis"].size(), all_apis().size());
  for (const ApiInfo& api : all_apis()) {
    const json& schema = schemas()["apis"][std::string(api.name)];
    EXPECT_EQ(schema["apiKey"], static_cast<int>(api.key)) << api.name;
    if (schema["validVersions"] == "none") continue;  // removed from Kafka
    const VersionRange flexible = range_of(schema, "flexibleVersions");
    EXPECT_EQ(flexible.empty() ? kNeverFlexible : flexible.min, api.flexible_since) << api.name;
  }
}

}  // namespace
}  // namespace weir
