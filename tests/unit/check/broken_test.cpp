// Histories that end in the middle or go wrong there: what comes before is judged, the rest is
// unknown, with the reason. What is no history at all is refused.
#include <gtest/gtest.h>

#include <sstream>

#include "checkers/checkers.h"
#include "checkers/edn/jepsen.h"
#include "checkers/generate/generate.h"
#include "checkers/history_json.h"

namespace weir {
namespace {

constexpr const char* kHeader =
    "{\"format\":\"weir-history/1\",\"config\":{\"final_drain\":true}}\n";
constexpr const char* kSends =
    R"({"index":0,"process":0,"type":"invoke","f":"send","value":[["send","x","a"]]})"
    "\n"
    R"({"index":1,"process":0,"type":"ok","f":"send","value":[["send","x",[0,"a"]]]})"
    "\n";
constexpr const char* kRewind =
    R"({"index":2,"process":1,"type":"ok","f":"poll","value":[["poll",{"x":[[0,"a"]]}]]})"
    "\n"
    R"({"index":3,"process":1,"type":"ok","f":"poll","value":[["poll",{"x":[[0,"a"]]}]]})"
    "\n";

// A line that breaks the shape, in one way or another; the first is no JSON.
const std::vector<std::string>& bad_lines() {
  static const std::vector<std::string> kLines = {
      "{\"index\":9,\n",
      "garbage\n",
      "\"ok\"\n",
      "[]\n",
      "null\n",
      R"({"index":9,"process":0,"type":"ok","f":"send","value":[["send","x",[-5,"b"]]]})"
      "\n",
      R"({"index":9,"process":0,"type":"maybe","f":"send","value":null})"
      "\n",
      R"({"index":0,"process":0,"type":"ok","f":"send","value":null})"
      "\n"};
  return kLines;
}

TEST(Broken, LineInTheMiddleLeavesTheRestUnknownWithItsReason) {
  for (const std::string& bad : bad_lines()) {
    SCOPED_TRACE(bad);
    const CheckReport report =
        check_text(std::string(kHeader) + kSends + bad + kRewind + "{\"end\":true}\n", "run.jsonl");
    EXPECT_EQ(report.error, "");
    EXPECT_EQ(report.exit_code, 2);
    EXPECT_FALSE(report.complete);
    EXPECT_EQ(report.operations, 1);
    ASSERT_FALSE(report.not_judged.empty());
    EXPECT_NE(report.not_judged[0].find("run.jsonl:4:"), std::string::npos) << report.not_judged[0];
    EXPECT_EQ(report.contracts.valid, std::nullopt);
    EXPECT_EQ(report.contracts.exactly_once, std::nullopt);
    EXPECT_NE(to_json(report).find("\"complete\":false"), std::string::npos);
    EXPECT_NE(to_text(report).find("is broken"), std::string::npos);
  }
}

TEST(Broken, LineBehindAProofLeavesTheProof) {
  for (const std::string& bad : bad_lines()) {
    const CheckReport report =
        check_text(std::string(kHeader) + kSends + kRewind + bad + "{\"end\":true}\n", "run.jsonl");
    EXPECT_EQ(report.exit_code, 1) << bad;
    ASSERT_EQ(report.found.findings.size(), 1u) << bad;
    EXPECT_EQ(report.found.findings[0].kind, FindingKind::nonmonotonic_poll);
  }
}

TEST(Broken, CaseFilesAreReadToTheMistake) {
  const std::string good =
      R"({"name":"c","family":"log","config":{},"history":[)"
      R"({"index":0,"process":0,"type":"invoke","f":"send","value":[["send","x","a"]]},)"
      R"({"index":1,"process":0,"type":"ok","f":"send","value":[["send","x",[0,"a"]]]},)";
  const std::string last = R"({"index":2,"process":0,"type":"invoke","f":"send","value":[]})";
  for (const std::string& end : {std::string("{\"index\":2,"), std::string("{oops}]}"), last,
                                 std::string("5]}"), last + "],"}) {
    const CheckReport report = check_text(good + end, "case.json");
    EXPECT_EQ(report.error, "") << end;
    EXPECT_EQ(report.exit_code, 2) << end;
    EXPECT_GE(report.operations, 1) << end;
    EXPECT_TRUE(report.broken) << end;
  }
  EXPECT_EQ(check_text(good + last + "]}", "case.json").exit_code, 0);
}

TEST(Broken, WhatIsNoHistoryIsRefused) {
  for (const char* text :
       {"", "\n\n", "hello", "{\"a\":1}", "{\"history\":5}", "{\"history\"", "[1,2]", "null",
        "{\"format\":\"weir-history/9\"}\n{}", "{\"format\":\"weir-history/1\",\"config\":5}\n",
        "{:type :ok", "\xff\xfe"}) {
    const CheckReport report = check_text(text, "file");
    EXPECT_EQ(report.exit_code, 64) << text;
    EXPECT_NE(report.error.find("file:"), std::string::npos) << text;
  }
}

// Found by the fuzzer: what has no value is written with a null, which is read again.
TEST(Broken, EventsWithoutAValueAreReadAndWrittenAgain) {
  for (const char* f : {"log", "assigned", "compaction", "offset_reset", "topic_recreated"}) {
    for (const char* value : {"", ",\"value\":null"}) {
      const std::string text = std::string(kHeader) +
                               "{\"index\":0,\"process\":null,\"type\":\"event\",\"f\":\"" + f +
                               "\"" + value + "}\n{\"end\":true}\n";
      auto read = read_history(text, "h");
      ASSERT_TRUE(std::holds_alternative<History>(read)) << text;
      const std::string written = write_history(std::get<History>(read));
      auto again = read_history(written, "h");
      ASSERT_TRUE(std::holds_alternative<History>(again)) << written;
      EXPECT_EQ(write_history(std::get<History>(again)), written);
    }
  }
}

// Cut anywhere, a valid history never becomes a false alarm, and never passes for a whole one.
TEST(Broken, ValidHistoriesCutAnywhereGiveNoFalseAlarm) {
  for (const char* family : {"log", "list-append"}) {
    GeneratePlan plan;
    plan.operations = 60;
    plan.keys = 3;
    plan.writers = plan.readers = 3;
    const History history = std::string_view(family) == "log" ? generate_log(plan).history
                                                              : generate_list_append(plan).history;
    std::ostringstream forms;
    write_edn(history, forms);
    for (const std::string& text : {write_history(history), forms.str()}) {
      for (std::size_t cut = text.find('\n') + 1; cut < text.size(); cut += 7) {
        const CheckReport report = check_text(text.substr(0, cut), "cut");
        if (report.exit_code == 64) continue;  // nothing of it could be read
        for (const Finding& f : report.found.findings) {
          EXPECT_EQ(f.kind, FindingKind::vacuous_history) << cut << " " << f.argument;
        }
        EXPECT_NE(report.exit_code, 1) << cut;
        const bool whole = !text.starts_with("{\"format\"") || cut > text.rfind("{\"end\"");
        if (!whole) {
          EXPECT_EQ(report.exit_code, 2) << cut;
        }
      }
    }
  }
}

}  // namespace
}  // namespace weir
