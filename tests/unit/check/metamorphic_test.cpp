// What must not matter does not: names of values and partitions, offsets as such, the order of
// partitions that have nothing to do with each other, lines of others in between.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "checkers/checkers.h"
#include "checkers/generate/generate.h"
#include "checkers/history_json.h"
#include "tests/support/source_dir.h"

namespace weir {
namespace {

using nlohmann::json;

// How often each kind was found and noted.
std::map<std::string, int> kinds_of(const std::string& text) {
  const CheckReport report = check_text(text, "m");
  EXPECT_EQ(report.error, "");
  std::map<std::string, int> out;
  for (const Finding& f : report.found.findings) ++out[std::string(name_of(f.kind))];
  for (const Finding& f : report.found.notes) ++out["note " + std::string(name_of(f.kind))];
  return out;
}

std::vector<json> cases_of(const std::string& family) {
  std::vector<json> out;
  for (const char* folder : {"checkers/cases", "check/cases"}) {
    const std::string path = source_dir() + "/tests/unit/" + folder;
    for (const auto& entry : std::filesystem::directory_iterator(path)) {
      std::ifstream file(entry.path());
      json c = json::parse(file);
      if (c["family"] == family) out.push_back(c);
    }
  }
  EXPECT_FALSE(out.empty()) << family;
  return out;
}

std::vector<json> log_cases() { return cases_of("log"); }

// Every value of every send and record, wherever it stands.
template <class Change>
void for_values(json& c, Change change) {
  for (json& op : c["history"]) {
    if (!op.contains("value") || !op["value"].is_array()) continue;
    for (json& micro : op["value"]) {
      if (!micro.is_array() || micro.empty()) continue;
      if (micro[0] == "send") {
        const bool pair = micro[2].is_array();
        change(pair ? micro[2][1] : micro[2], pair ? &micro[2][0] : nullptr);
      } else if (micro[0] == "poll" && micro.size() > 1 && micro[1].is_object()) {
        for (auto& [key, list] : micro[1].items()) {
          for (json& record : list) change(record[1], &record[0]);
        }
      }
    }
  }
}

TEST(Renaming, OfValuesChangesNothing) {
  for (const json& original : log_cases()) {
    SCOPED_TRACE(original["name"]);
    json renamed = original;
    for_values(renamed, [](json& value, json*) {
      if (!value.is_null()) value = "renamed " + value.dump();
    });
    EXPECT_EQ(kinds_of(original.dump()), kinds_of(renamed.dump()));
  }
}

TEST(Shifting, OfOffsetsChangesNothing) {
  constexpr std::int64_t kBy = 9'007'199'254'740'993;  // beyond doubles
  for (const json& original : log_cases()) {
    SCOPED_TRACE(original["name"]);
    // Only where offsets stand in sends and records alone, and nothing begins at the beginning.
    const std::string text = original["history"].dump();
    const bool elsewhere =
        std::any_of(original["history"].begin(), original["history"].end(), [](const json& op) {
          const std::string f = op["f"];
          return f != "send" && f != "poll" && f != "assign" && f != "subscribe" && f != "crash" &&
                 f != "begin" && f != "commit_txn" && f != "abort_txn" && f != "txn";
        });
    if (elsewhere || text.find("derived_from") != std::string::npos ||
        text.find("offsets\"") != std::string::npos ||
        original["name"] == "offset-beyond-2-to-53") {
      continue;
    }
    json shifted = original;
    for_values(shifted, [](json&, json* offset) {
      if (offset != nullptr && offset->is_number()) *offset = offset->get<std::int64_t>() + kBy;
    });
    EXPECT_EQ(kinds_of(original.dump()), kinds_of(shifted.dump()));
  }
}

// Of list-append, stream and register: the elements, records and values.
void rename_values(json& c, const std::string& family) {
  const auto rename = [](json& value) {
    if (!value.is_null()) value = "renamed " + value.dump();
  };
  const auto rename_all = [&](json& list) {
    if (!list.is_array()) return rename(list);
    for (json& value : list) rename(value);
  };
  for (json& op : c["history"]) {
    if (!op.contains("value") || op["value"].is_null()) continue;
    json& value = op["value"];
    if (family == "list-append") {
      for (json& micro : value) rename_all(micro[2]);
    } else if (family == "stream") {
      if (value.contains("records")) rename_all(value["records"]);
    } else {
      rename_all(value);
    }
  }
  if (family == "register" && c["config"].contains("initial")) rename(c["config"]["initial"]);
}

TEST(Renaming, OfElementsRecordsAndRegistersChangesNothing) {
  for (const char* family : {"list-append", "stream", "register"}) {
    int changed = 0;
    for (const json& original : cases_of(family)) {
      SCOPED_TRACE(original["name"]);
      json renamed = original;
      rename_values(renamed, family);
      changed += renamed != original;
      EXPECT_EQ(kinds_of(original.dump()), kinds_of(renamed.dump()));
    }
    EXPECT_GT(changed, 3) << family;
  }
}

// Other names turn the order of keys round; other transactions beside them change nothing.
TEST(Renaming, OfListsChangesNothing) {
  for (const json& original : cases_of("list-append")) {
    SCOPED_TRACE(original["name"]);
    json renamed = original;
    for (json& op : renamed["history"]) {
      if (!op.contains("value") || op["value"].is_null()) continue;
      for (json& micro : op["value"]) {
        std::string key = micro[1].is_string() ? micro[1].get<std::string>() : micro[1].dump();
        for (char& c : key) c = static_cast<char>('~' - (c - ' '));
        micro[1] = key;
      }
    }
    EXPECT_EQ(kinds_of(original.dump()), kinds_of(renamed.dump()));
    json with_others = original;
    std::int64_t last = 0;
    for (const json& op : original["history"]) last = op["index"].get<std::int64_t>();
    for (const char* type : {"invoke", "ok"}) {
      const json value = {{"append", "of others", 1}};
      with_others["history"].push_back({{"index", ++last},
                                        {"time", last},
                                        {"process", 99},
                                        {"type", type},
                                        {"f", "txn"},
                                        {"value", value}});
    }
    auto expected = kinds_of(original.dump());
    expected.erase("vacuous-history");  // now something happened
    EXPECT_EQ(expected, kinds_of(with_others.dump()));
  }
}

// An append of so many records more before everything else.
TEST(Shifting, OfStreamsChangesNothing) {
  constexpr std::int64_t kBy = 5'000'000'011;  // beyond 32 bits
  for (const json& original : cases_of("stream")) {
    SCOPED_TRACE(original["name"]);
    json shifted = original;
    json& history = shifted["history"];
    bool fits = true;
    for (json& op : history) {
      op["index"] = op["index"].get<std::int64_t>() + 2;
      json& value = op["value"];
      if (!value.is_object()) continue;
      for (const char* place : {"tail", "match_seq_num"}) {
        if (!value.contains(place) || !value[place].is_number()) continue;
        fits &= value[place] < 4'000'000'000'000'000'000;
        if (fits) value[place] = value[place].get<std::int64_t>() + kBy;
      }
      const bool reads = op["f"] == "read" && value.contains("records");
      if (reads) value["records"].insert(value["records"].begin(), "first");
    }
    if (!fits) continue;  // at the end of all numbers
    const json appended = {{"records", {"first"}}, {"num_records", kBy}};
    const auto line = [](int index, const char* type, const json& value) {
      return json{{"index", index}, {"time", 0},     {"process", 99},
                  {"type", type},   {"f", "append"}, {"value", value}};
    };
    history.insert(history.begin(), line(1, "ok", {{"tail", kBy}}));
    history.insert(history.begin(), line(0, "invoke", appended));
    auto expected = kinds_of(original.dump());
    expected.erase("vacuous-history");
    EXPECT_EQ(expected, kinds_of(shifted.dump()));
  }
}

// A second copy of the history, about other partitions and by other processes, laid beside it.
TEST(Copies, BesideEachOtherAreFoundTwice) {
  for (const std::uint64_t seed : {1u, 2u, 3u}) {
    GeneratePlan plan;
    plan.seed = seed;
    plan.operations = 600;
    plan.plants = plantable("log");
    const Generated made = generate_log(plan);
    const std::string text = write_history(made.history);
    std::vector<json> lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) lines.push_back(json::parse(line));
    std::string doubled = lines.front().dump() + "\n";
    std::int64_t index = 0;
    for (std::size_t i = 1; i + 1 < lines.size(); ++i) {
      for (const int copy : {0, 1}) {
        std::string line = lines[i].dump();
        json op = json::parse(line);
        if (copy == 1) {
          for (std::size_t at = line.find("\"p-"); at != std::string::npos;
               at = line.find("\"p-", at + 1)) {
            line.replace(at, 3, "\"q-");
          }
          op = json::parse(line);
          if (!op["process"].is_null()) {
            op["process"] = op["process"].get<std::int64_t>() + 10'000;
          }
        }
        op["index"] = index++;
        doubled += op.dump() + "\n";
      }
    }
    doubled += "{\"end\":true}\n";
    const auto once = kinds_of(text), twice = kinds_of(doubled);
    EXPECT_EQ(once.size(), twice.size());
    for (const auto& [kind, count] : once) {
      if (kind == "note lag") continue;  // the worst of all readers is one
      // A value that is sent in both is misrouted in neither.
      EXPECT_EQ(twice.count(kind) == 0 ? 0 : twice.at(kind), 2 * count) << kind;
    }
  }
}

// The order of what lies in different partitions of one poll.
TEST(Permuting, PartitionsWithinAPollChangesNothing) {
  for (const json& original : log_cases()) {
    const std::string name = original["name"];
    SCOPED_TRACE(name);
    json mirrored = original;
    const auto mirror = [](std::string key) { return std::string(key.rbegin(), key.rend()) + "~"; };
    // Objects are sorted by key: other names give another order.
    std::string text = mirrored.dump();
    for (const std::string key : {"x", "y", "z"}) {
      const std::string from = "\"" + key + "\"";
      const std::string to =
          "\"" + std::string(1, static_cast<char>('z' - (key[0] - 'x'))) + mirror(key) + "\"";
      std::string out;
      std::size_t at = 0;
      for (std::size_t next = text.find(from); next != std::string::npos;
           next = text.find(from, at)) {
        out += text.substr(at, next - at) + to;
        at = next + from.size();
      }
      text = out + text.substr(at);
    }
    EXPECT_EQ(kinds_of(original.dump()), kinds_of(text));
  }
}

TEST(Garbage, NeverCrashes) {
  std::vector<std::string> texts;
  for (const json& c : log_cases()) texts.push_back(c["history"].dump());
  std::uint64_t state = 1;
  const auto random = [&state](std::size_t below) {
    state = state * 6'364'136'223'846'793'005u + 1'442'695'040'888'963'407u;
    return static_cast<std::size_t>((state >> 33) % below);
  };
  constexpr const char* kWords[] = {"null",  "[]",   "{}",   "-1",     "9223372036854775807",
                                    "\"x\"", "1e99", "[[]]", "\"ok\"", "\"invoke\"",
                                    "true",  "0"};
  for (int round = 0; round < 4'000; ++round) {
    std::string text = texts[random(texts.size())];
    for (std::size_t change = 1 + random(4); change > 0; --change) {
      const std::size_t at = random(text.size());
      const std::size_t colon = text.find_first_of(":,[", at);
      if (colon == std::string::npos) continue;
      const std::size_t end = text.find_first_of(",]}", colon + 1);
      if (end == std::string::npos) continue;
      text.replace(colon + 1, end - colon - 1, kWords[random(std::size(kWords))]);
    }
    for (const char* family : {"log", "list-append", "stream", "register"}) {
      const CheckReport report = check_text(
          std::string("{\"name\":\"g\",\"family\":\"") + family + "\",\"config\":{\"bounds\":" +
              "{\"orphan_ns\":1,\"lso_ns\":1,\"uncaused_rebalances\":0,\"staleness_ns\":1}," +
              "\"handling_recorded\":true,\"ww_deps\":true,\"pipeline\":{\"in\":[],\"out\":[]}}," +
              "\"history\":" + text + "}",
          "g");
      EXPECT_TRUE(report.exit_code == 0 || report.exit_code == 1 || report.exit_code == 2 ||
                  report.exit_code == 64);
    }
  }
}

}  // namespace
}  // namespace weir
