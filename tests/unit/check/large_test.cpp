// Large and real histories: a component of many transactions settled exactly, and etcd's logs.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "checkers/checkers.h"
#include "tests/support/source_dir.h"

namespace weir {
namespace {

// Every transaction misses what some others wrote, in one component, and reads nothing of anybody:
// whatever goes round does so by missed writes alone, next to each other.
TEST(Component, OfManyTransactionsIsSettledExactly) {
  constexpr int kTransactions = 1'200;
  constexpr int kMissed = 12;
  std::string lines;
  int index = 0;
  const auto line = [&](int process, const char* type, const std::string& value) {
    return "{\"index\":" + std::to_string(index++) + ",\"process\":" + std::to_string(process) +
           ",\"type\":\"" + type + "\",\"f\":\"txn\",\"value\":" + value + "}\n";
  };
  const auto value_of = [](int t) {
    std::string value = "[[\"append\",\"k" + std::to_string(t) + "\",1]";
    for (int n = 1; n <= kMissed; ++n) {
      const int missed = (t + n * n * 7) % kTransactions;
      value += ",[\"r\",\"k" + std::to_string(missed) + "\",null]";
    }
    return value + "]";
  };
  lines =
      "{\"format\":\"weir-history/1\",\"family\":\"list-append\",\"config\":"
      "{\"consistency_models\":[\"serializable\"]}}\n";
  for (int t = 0; t < kTransactions; ++t) lines += line(t, "invoke", value_of(t));
  for (int t = 0; t < kTransactions; ++t) lines += line(t, "ok", value_of(t));
  lines += "{\"end\":true}\n";
  const CheckReport report = check_text(lines, "component");
  ASSERT_EQ(report.error, "");
  ASSERT_EQ(report.found.findings.size(), 1u);
  EXPECT_EQ(report.found.findings[0].kind, FindingKind::g2_item);
  EXPECT_TRUE(report.found.notes.empty());
  EXPECT_EQ(report.contracts.serializable, false);
  EXPECT_EQ(report.contracts.kafka, true);
}

TEST(Etcd, LogsGetTheirPublishedVerdicts) {
  const std::string folder = source_dir() + "/tests/unit/check/etcd";
  std::ifstream key(folder + "/linearizable.json");
  const nlohmann::json expected = nlohmann::json::parse(key);
  for (const auto& [name, linearizable] : expected.items()) {
    const CheckReport report = check_file(folder + "/" + name);
    ASSERT_EQ(report.error, "");
    EXPECT_EQ(report.contracts.linearizable, linearizable.get<bool>()) << name;
  }
  EXPECT_GT(expected.size(), 40u);
}

}  // namespace
}  // namespace weir
