// Every case: a history with an argued expectation, judged as argued.
//
// What is expected must be found, with the particulars that the case names; what the case rules out
// must not be; what is informational is a note and fails nothing; contracts get their answer. The
// cases lie in tests/unit/checkers/cases and, of what those leave out, in tests/unit/check/cases;
// the environment variable WEIR_CASES names a folder with more.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <set>

#include "checkers/checkers.h"
#include "tests/support/source_dir.h"

namespace weir {
namespace {

using nlohmann::json;

std::vector<std::string> case_files() {
  const std::string unit = source_dir() + "/tests/unit/";
  std::vector<std::string> folders = {unit + "checkers/cases", unit + "check/cases"};
  if (const char* more = std::getenv("WEIR_CASES"); more != nullptr) folders.emplace_back(more);
  std::vector<std::string> files;
  for (const std::string& folder : folders) {
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      if (entry.path().extension() == ".json") files.push_back(entry.path().string());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

struct Case {
  explicit Case(const std::string& path) {
    std::ifstream file(path);
    text = json::parse(file);
    report = check_file(path);
    printed = json::parse(to_json(report));
    for (const json& f : printed["findings"]) found.insert(f["kind"]);
    for (const json& f : printed["notes"]) noted.insert(f["kind"]);
  }

  [[nodiscard]] json list(const char* key) const {
    const json& e = text["expected"];
    return e.contains(key) ? e[key] : json::array();
  }

  json text;
  CheckReport report;
  json printed;
  std::set<std::string> found, noted;
};

void for_cases(const std::function<void(const Case&)>& what) {
  for (const std::string& path : case_files()) {
    const Case c(path);
    SCOPED_TRACE(path);
    SCOPED_TRACE(c.text["why"].get<std::string>());
    SCOPED_TRACE(c.printed.dump(1));
    ASSERT_EQ(c.report.error, "");
    what(c);
  }
}

// A cycle may begin anywhere.
bool same_cycle(std::vector<json> a, std::vector<json> b) {
  if (a.size() != b.size()) return false;
  for (std::size_t turn = 0; turn < a.size(); ++turn) {
    if (a == b) return true;
    std::rotate(a.begin(), a.begin() + 1, a.end());
  }
  return false;
}

// The particular of a finding against that of the case; lists of equals may come in any order.
bool matches(const std::string& name, const json& expected, const json& printed) {
  if (name == "lag_at_least_ns" || name == "at_least_ns") return printed >= expected;
  if (!expected.is_array() || !printed.is_array()) return expected == printed;
  std::vector<json> a = expected, b = printed;
  if (name == "cycle") {
    a.pop_back();
    b.pop_back();
    return same_cycle(a, b);
  }
  if (name == "steps") return same_cycle(a, b);
  std::sort(a.begin(), a.end());
  std::sort(b.begin(), b.end());
  return a == b;
}

bool names_all(const json& detail, const json& finding) {
  for (const auto& [name, expected] : detail.items()) {
    if (!finding.contains(name) || !matches(name, expected, finding[name])) return false;
  }
  return true;
}

TEST(Cases, AreJudgedAsArgued) {
  for_cases([](const Case& c) {
    std::set<std::string> allowed;
    for (const json& kind : c.list("anomalies")) {
      allowed.insert(kind);
      EXPECT_TRUE(c.found.contains(kind)) << kind << " was not found";
    }
    for (const json& kind : c.list("may_also")) allowed.insert(kind);
    if (c.text["expected"].value("exact", false)) {
      for (const std::string& kind : c.found) {
        EXPECT_TRUE(allowed.contains(kind)) << kind << " is a false alarm";
      }
    }
    for (const json& kind : c.list("not_anomalies")) {
      EXPECT_FALSE(c.found.contains(kind)) << kind << " is a false alarm";
    }
    for (const json& kind : c.list("informational")) {
      EXPECT_FALSE(c.found.contains(kind)) << kind << " fails nothing";
      EXPECT_TRUE(c.noted.contains(kind)) << kind << " deserves a note";
    }
    // Where something cannot be told, the case says what.
    EXPECT_EQ(json(c.report.not_judged), c.list("not_judged"));
  });
}

TEST(Cases, NameTheirParticulars) {
  for_cases([](const Case& c) {
    for (const json& detail : c.list("details")) {
      if (!detail.contains("kind")) continue;
      // What is no kind of finding describes the case to its reader.
      if (finding_kind_named(detail["kind"].get<std::string>()) == FindingKind::count_) continue;
      bool named = false;
      for (const char* part : {"findings", "notes"}) {
        for (const json& f : c.printed[part]) named = named || names_all(detail, f);
      }
      EXPECT_TRUE(named) << detail.dump();
    }
  });
}

TEST(Cases, GiveContractsTheirAnswer) {
  for_cases([](const Case& c) {
    const json& e = c.text["expected"];
    if (!e.contains("verdicts")) return;
    for (const auto& [contract, answer] : e["verdicts"].items()) {
      const json& verdicts = c.printed["verdicts"];
      ASSERT_TRUE(verdicts.contains(contract)) << contract;
      EXPECT_EQ(verdicts[contract], answer) << contract;
    }
  });
}

TEST(CaseFolder, HoldsAllCases) { EXPECT_GE(case_files().size(), 250u); }

}  // namespace
}  // namespace weir
