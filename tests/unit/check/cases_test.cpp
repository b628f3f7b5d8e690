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

class Cases : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    std::ifstream file(GetParam());
    case_ = json::parse(file);
    report_ = check_file(GetParam());
    ASSERT_EQ(report_.error, "");
    printed_ = json::parse(to_json(report_));
    for (const json& f : printed_["findings"]) found_.insert(f["kind"]);
    for (const json& f : printed_["notes"]) noted_.insert(f["kind"]);
  }

  [[nodiscard]] json list(const char* key) const {
    const json& e = case_["expected"];
    return e.contains(key) ? e[key] : json::array();
  }

  json case_;
  CheckReport report_;
  json printed_;
  std::set<std::string> found_, noted_;
};

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

TEST_P(Cases, AreJudgedAsArgued) {
  SCOPED_TRACE(case_["why"].get<std::string>());
  SCOPED_TRACE(printed_.dump(1));
  std::set<std::string> allowed;
  for (const json& kind : list("anomalies")) {
    allowed.insert(kind);
    EXPECT_TRUE(found_.contains(kind)) << kind << " was not found";
  }
  for (const json& kind : list("may_also")) allowed.insert(kind);
  if (case_["expected"].value("exact", false)) {
    for (const std::string& kind : found_) {
      EXPECT_TRUE(allowed.contains(kind)) << kind << " is a false alarm";
    }
  }
  for (const json& kind : list("not_anomalies")) {
    EXPECT_FALSE(found_.contains(kind)) << kind << " is a false alarm";
  }
  for (const json& kind : list("informational")) {
    EXPECT_FALSE(found_.contains(kind)) << kind << " fails nothing";
    EXPECT_TRUE(noted_.contains(kind)) << kind << " deserves a note";
  }
  EXPECT_TRUE(report_.not_judged.empty()) << report_.not_judged.front();
}

TEST_P(Cases, NameTheirParticulars) {
  SCOPED_TRACE(printed_.dump(1));
  for (const json& detail : list("details")) {
    if (!detail.contains("kind")) continue;
    // What is no kind of finding describes the case to its reader.
    if (finding_kind_named(detail["kind"].get<std::string>()) == FindingKind::count_) continue;
    bool named = false;
    for (const char* part : {"findings", "notes"}) {
      for (const json& f : printed_[part]) named = named || names_all(detail, f);
    }
    EXPECT_TRUE(named) << detail.dump();
  }
}

TEST_P(Cases, GiveContractsTheirAnswer) {
  SCOPED_TRACE(printed_.dump(1));
  const json& e = case_["expected"];
  if (!e.contains("verdicts")) return;
  for (const auto& [contract, answer] : e["verdicts"].items()) {
    const json& verdicts = printed_["verdicts"];
    ASSERT_TRUE(verdicts.contains(contract)) << contract;
    EXPECT_EQ(verdicts[contract], answer) << contract;
  }
}

INSTANTIATE_TEST_SUITE_P(All, Cases, testing::ValuesIn(case_files()), [](const auto& parameter) {
  std::string name = std::filesystem::path(parameter.param).stem().string() + "_" +
                     std::to_string(parameter.index);
  std::replace_if(name.begin(), name.end(), [](char c) { return std::isalnum(c) == 0; }, '_');
  return name;
});

TEST(CaseFolder, HoldsAllCases) { EXPECT_GE(case_files().size(), 114u); }

}  // namespace
}  // namespace weir
