// Every case of cases/: a history with an argued expectation.
//
// What is expected and has a checker must be found, with the particulars that the case names; what
// the case rules out must not be. Kinds without a checker yet must leave the answer open: such a
// history never passes for valid.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>

#include "checkers/checkers.h"

namespace weir {
namespace {

using nlohmann::json;

std::string cases_folder() { return std::string(WEIR_SOURCE_DIR) + "/tests/unit/checkers/cases"; }

std::vector<std::string> case_names() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(cases_folder())) {
    if (entry.path().extension() == ".json") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

class Cases : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    const std::string path = cases_folder() + "/" + GetParam() + ".json";
    std::ifstream file(path);
    case_ = json::parse(file);
    report_ = check_file(path);
    ASSERT_EQ(report_.error, "");
    printed_ = json::parse(to_json(report_));
    for (const json& f : printed_["findings"]) found_.insert(f["kind"]);
    for (const json& f : printed_["notes"]) noted_.insert(f["kind"]);
  }

  // Pipelines and the other families have their checkers elsewhere.
  [[nodiscard]] bool has_checker(const std::string& kind) const {
    return finding_kind_named(kind) != FindingKind::count_ && case_["family"] == "log" &&
           !case_["config"].contains("pipeline");
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

// The particular of a finding against that of the case; lists of equals may come in any order.
bool matches(const std::string& name, const json& expected, const json& printed) {
  if (name == "lag_at_least_ns" || name == "at_least_ns") return printed >= expected;
  if (expected.is_array() && printed.is_array()) {
    std::vector<json> a = expected, b = printed;
    std::sort(a.begin(), a.end());
    std::sort(b.begin(), b.end());
    return a == b;
  }
  return expected == printed;
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
  bool beyond = case_["family"] != "log";
  for (const json& kind : list("anomalies")) {
    allowed.insert(kind);
    if (has_checker(kind)) {
      EXPECT_TRUE(found_.contains(kind)) << kind << " was not found";
    } else {
      beyond = true;
    }
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
    if (has_checker(kind)) {
      EXPECT_TRUE(noted_.contains(kind)) << kind << " deserves a note";
    }
  }
  if (beyond) {
    EXPECT_FALSE(report_.not_judged.empty());
    EXPECT_NE(printed_["verdicts"]["valid"], true);
  }
}

TEST_P(Cases, NameTheirParticulars) {
  SCOPED_TRACE(printed_.dump(1));
  for (const json& detail : list("details")) {
    if (!detail.contains("kind") || !has_checker(detail["kind"])) continue;
    if (!found_.contains(detail["kind"]) && !noted_.contains(detail["kind"])) continue;
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
    if (!verdicts.contains(contract)) continue;
    // Without the checkers of transactions and pipelines nothing can be told.
    if (!report_.not_judged.empty() && verdicts[contract].is_null()) continue;
    EXPECT_EQ(verdicts[contract], answer) << contract;
  }
}

INSTANTIATE_TEST_SUITE_P(All, Cases, testing::ValuesIn(case_names()), [](const auto& parameter) {
  std::string name = parameter.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

TEST(CaseFolder, HoldsAllCases) { EXPECT_EQ(case_names().size(), 114u); }

}  // namespace
}  // namespace weir
