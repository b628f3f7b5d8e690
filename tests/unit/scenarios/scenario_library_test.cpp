// What ships: every scenario reads, says what it is about, and uses only keys that the schema
// names.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/support/source_dir.h"
#include "tests/unit/scenarios/scenario_support.h"

namespace weir {
namespace {

using Json = nlohmann::ordered_json;

const std::string kSource = source_dir();

std::vector<std::string> shipped() {
  std::vector<std::string> files;
  for (const char* folder : {"library", "bench", "regress", "lessons"}) {
    const std::filesystem::path path = kSource + "/scenarios/" + folder;
    if (!std::filesystem::is_directory(path)) continue;
    for (const auto& entry : std::filesystem::directory_iterator(path)) {
      if (entry.path().extension() == ".json") files.push_back(entry.path().string());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

// Whether the schema names every key of the value; `where` is for the message.
void expect_known(const Json& schema, const Json& value, const std::string& where);

bool fits(const Json& schema, const Json& value) {
  if (schema.contains("enum")) {
    for (const Json& word : schema["enum"]) {
      if (word == value) return true;
    }
    return false;
  }
  const std::string type = schema.value("type", "");
  if (type == "object" && value.is_object()) {
    const Json properties = schema.value("properties", Json::object());
    for (const auto& [key, inner] : value.items()) {
      if (properties.contains(key)) {
        const Json& kind = properties[key];
        if (kind.contains("enum") && !fits(kind, inner)) return false;
      } else if (schema["additionalProperties"] == false) {
        return false;
      }
    }
    return true;
  }
  return (type == "array" && value.is_array()) || (type == "string" && value.is_string()) ||
         (type == "integer" && value.is_number_integer()) ||
         (type == "boolean" && value.is_boolean()) || (type == "null" && value.is_null());
}

void expect_known(const Json& schema, const Json& value, const std::string& where) {
  if (schema.contains("oneOf")) {
    for (const Json& choice : schema["oneOf"]) {
      if (!fits(choice, value)) continue;
      expect_known(choice, value, where);
      return;
    }
    ADD_FAILURE() << where << " is none of the schema's forms: " << value.dump();
    return;
  }
  if (value.is_object()) {
    const Json properties = schema.value("properties", Json::object());
    for (const auto& [key, inner] : value.items()) {
      if (properties.contains(key)) {
        expect_known(properties[key], inner, where + "." + key);
      } else {
        EXPECT_TRUE(schema["additionalProperties"].is_object()) << where << "." << key;
      }
    }
  } else if (value.is_array() && schema.contains("prefixItems")) {
    const Json& places = schema["prefixItems"];
    ASSERT_LE(value.size(), places.size()) << where;
    for (std::size_t i = 0; i < value.size(); ++i) expect_known(places[i], value[i], where + "[]");
  } else if (value.is_array()) {
    for (const Json& item : value) expect_known(schema["items"], item, where + "[]");
  }
}

TEST(ScenarioLibrary, EveryScenarioReadsAndReadsBackFromItsResolvedForm) {
  ASSERT_GE(shipped().size(), 10u);
  for (const std::string& file : shipped()) {
    const ScenarioRead read = load_scenario(file);
    ASSERT_TRUE(read.ok()) << to_text(read.problems, file);
    EXPECT_EQ(read.scenario.name, std::filesystem::path(file).stem().string());
    EXPECT_GT(read.scenario.about.size(), 60u) << file;
    EXPECT_TRUE(beyond_this_build(read.scenario).empty()) << file;
    const Scenario resolved = resolve(read.scenario);
    EXPECT_EQ(resolve(resolved), resolved);
    const ScenarioRead again = read_scenario(write_scenario(resolved));
    ASSERT_TRUE(again.ok()) << to_text(again.problems, file);
    EXPECT_EQ(again.scenario, resolved);
  }
}

TEST(ScenarioLibrary, EveryScenarioUsesOnlyKeysThatTheSchemaNames) {
  const Json schema = Json::parse(scenario_schema());
  for (const std::string& file : shipped()) {
    expect_known(schema, Json::parse(read_whole_file(file)), file + " $");
    // And its resolved form, in which nearly every key appears.
    const ScenarioRead read = load_scenario(file);
    expect_known(schema, Json::parse(write_scenario(resolve(read.scenario))), file + " $");
  }
}

TEST(ScenarioLibrary, WhatThisBuildCannotSimulateIsRefusedWhenAFileIsToBeRun) {
  const std::string file = kSource + "/scenarios/library/storm.json";
  const std::vector<ScenarioSetting> cluster = {{"cluster.brokers", "3"},
                                                {"cluster.controllers", "3"},
                                                {"topics.earthquakes.replication", "3"}};
  EXPECT_EQ(to_text(load_scenario(file, cluster).problems, "storm.json"), "");
  const std::vector<ScenarioSetting> group = {{"clients.C1.group", "g"}};
  EXPECT_EQ(to_text(load_scenario(file, group).problems, "storm.json"),
            "storm.json: cannot be simulated yet: client \"C1\": this build has no consumer "
            "groups\n");
}

TEST(ScenarioLibrary, EveryRecordsFileIsFoundFromItsScenario) {
  for (const std::string& file : shipped()) {
    const std::string folder = std::filesystem::path(file).parent_path().string();
    for (const ClientSpec& client : load_scenario(file).scenario.clients) {
      const auto* producer = std::get_if<ProducerSpec>(&client.role);
      if (producer == nullptr || producer->workload.records_file.empty()) continue;
      EXPECT_NE(find_records(folder, producer->workload.records_file), "") << file;
    }
  }
  EXPECT_EQ(find_records(kSource, "no/such/file.jsonl"), "");
}

TEST(ScenarioSchema, TheCommittedFileIsWhatTheReadersDescriptionSays) {
  const std::string file = kSource + "/scenarios/schema/scenario-1.schema.json";
  if (std::getenv("WEIR_REWRITE") != nullptr) std::ofstream(file) << scenario_schema();
  EXPECT_EQ(read_whole_file(file), scenario_schema())
      << "run this test with WEIR_REWRITE=1, and read what changed";
}

// Every object of the schema is closed, and the reader knows exactly its keys: each named key is
// accepted or mistaken for its value, never unknown; a further key is always unknown.
TEST(ScenarioSchema, NamesExactlyTheKeysThatTheReaderKnows) {
  const Json schema = Json::parse(scenario_schema());
  for (const auto& [key, inner] : schema["properties"].items()) {
    const Json file = {{key, nullptr}};
    for (const ScenarioProblem& problem : read_scenario(file.dump()).problems) {
      EXPECT_EQ(problem.message.find("unknown key"), std::string::npos) << key;
    }
    if (inner.value("type", "") != "object" || inner["additionalProperties"] != false) continue;
    if (key == "expect") continue;  // its keys are guarantees
    for (const auto& [nested, unused] : inner["properties"].items()) {
      const Json nested_file = {{key, {{nested, nullptr}}}};
      for (const ScenarioProblem& problem : read_scenario(nested_file.dump()).problems) {
        EXPECT_EQ(problem.message.find("unknown key"), std::string::npos) << key << nested;
      }
    }
    const Json stranger = {{key, {{"stranger", nullptr}}}};
    const std::string told = problems_of(stranger.dump());
    EXPECT_NE(told.find("$." + key + ".stranger: unknown key"), std::string::npos) << told;
  }
}

}  // namespace
}  // namespace weir
