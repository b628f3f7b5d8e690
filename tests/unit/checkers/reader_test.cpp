// Histories as JSON: what is read, what is refused and how, what is written.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "checkers/checkers.h"
#include "checkers/history_json.h"
#include "tests/support/checkers_histories.h"
#include "tests/support/source_dir.h"

namespace weir {
namespace {

std::string header(const std::string& config = "{}") {
  return R"({"format":"weir-history/1","scenario":"s","config":)" + config + "}\n";
}

const char* kSend = R"({"index":0,"time":1,"process":0,"type":"invoke","f":"send",)"
                    R"("value":[["send","x","a"]]})"
                    "\n";
const char* kEnd = R"({"end":true,"operations":1})"
                   "\n";

std::string error_of(const std::string& text) {
  auto read = read_history(text, "run.jsonl");
  const auto* error = std::get_if<HistoryError>(&read);
  return error == nullptr ? std::string() : error->text;
}

History good(const std::string& text) {
  auto read = read_history(text, "run.jsonl");
  if (const auto* error = std::get_if<HistoryError>(&read)) {
    ADD_FAILURE() << error->text;
    return {};
  }
  return std::get<History>(std::move(read));
}

std::string op(const std::string& rest) {
  return R"({"index":0,"time":1,"process":0,)" + rest + "}\n";
}

TEST(HistoryReader, NamesFileLinePathValueAndExpectation) {
  struct Bad {
    std::string text, place, found, expected;
  };
  const std::vector<Bad> bads = {
      {"", "run.jsonl:1", "nothing", "a case file"},
      {"garbage", "run.jsonl:1", "'g'", "a JSON value"},
      {"[1,2]\n", "run.jsonl:1", "[1,2]", "weir-history/1"},
      {"{\"format\":\"weir-history/2\"}\n", "at format", "\"weir-history/2\"", "weir-history/1"},
      {header("3"), "run.jsonl:1: at config", "3", "an object"},
      {header(R"({"acks":"most"})"), "at config.acks", "\"most\"", "\"all\""},
      {header(R"({"final_drain":1})"), "at config.final_drain", "1", "true or false"},
      {header(R"({"isolation":"read_commited"})"), "at config.isolation", "\"read_commited\"",
       "did you mean \"read_committed\""},
      {header() + "{\"index\":0}\n", "run.jsonl:2", "{\"index\":0}", "\"type\""},
      {header() + op(R"("type":"invoek","f":"send")"), "run.jsonl:2: at type", "\"invoek\"",
       "did you mean \"invoke\""},
      {header() + op(R"("type":"ok","f":7.5)"), "at f", "7.5", "the name of a function"},
      {header() + R"({"index":-1,"type":"ok","f":"poll"})" + "\n", "at index", "-1",
       "count from 0"},
      {header() + op(R"("type":"ok","f":"send","value":[["send","x",[-3,"a"]]])"),
       "at value[0][2][0]", "-3", "an offset"},
      {header() + op(R"("type":"ok","f":"send","value":[["send","x",[9223372036854775807,"a"]]])"),
       "at value[0][2][0]", "9223372036854775807", "an offset"},
      {header() + op(R"("type":"ok","f":"send","value":[["send","x",[99999999999999999999,"a"]]])"),
       "at value[0][2][0]", "99999999999999999999", "an offset"},
      {header() + op(R"("type":"ok","f":"send","value":[["send","x",[1.5,"a"]]])"),
       "at value[0][2][0]", "1.5", "an offset"},
      {header() + op(R"("type":"ok","f":"send","value":[["send","x","a"]])"), "at value[0][2]",
       "\"a\"", "a pair"},
      {header() + op(R"("type":"ok","f":"send","value":[["sned","x","a"]])"), "at value[0][0]",
       "\"sned\"", "\"send\""},
      {header() + op(R"("type":"ok","f":"poll","value":[["poll",{"x":[[0]]}]])"),
       "at value[0][1].x[0]", "[0]", "[offset, value]"},
      {header() + op(R"("type":"ok","f":"poll","value":[["poll",{"x":5}]])"), "at value[0][1].x",
       "5", "a list"},
      {header() + op(R"("type":"ok","f":"poll","value":[["poll",[]]])"), "at value[0][1]", "[]",
       "records by key"},
      {header() + op(R"("type":"ok","f":"seek","value":{"x":"one"})"), "at value.x", "\"one\"",
       "an offset"},
      {header() + op(R"("type":"ok","f":"assign","value":"x")"), "at value", "\"x\"",
       "a list of keys"},
      {header() + "{\"index\":\n" + kSend, "run.jsonl:2: at column 10", "the end of the text",
       "a JSON value"},
      {header() + kSend + kEnd + kSend, "run.jsonl:4", "more lines", "nothing behind the end"},
      {"{\n \"history\": [\n  {\"type\":\"ok\",\n   \"f\":\"send\",\n   \"value\":3}]}",
       "run.jsonl:5: at history[0].value", "3", "a list of micro-operations"},
      {"{\"history\":7}", "run.jsonl:1: at history", "7", "a list of operations"},
      {"{\n\"history\": [}", "run.jsonl:2", "'}'", "a JSON value"},
      {"{\"history\":[\"\xff\"]}", "run.jsonl:1", "byte 255", "UTF-8"},
      {header() + R"({"index":0,"type":"ok","f":"p","error":"\ud800"})" + "\n", "run.jsonl:2",
       "'\"'", "a low surrogate"},
  };
  for (const Bad& bad : bads) {
    SCOPED_TRACE(bad.text);
    const std::string error = error_of(bad.text);
    EXPECT_NE(error.find(bad.place), std::string::npos) << error;
    EXPECT_NE(error.find("found " + bad.found), std::string::npos) << error;
    EXPECT_NE(error.find(bad.expected), std::string::npos) << error;
  }
}

TEST(HistoryReader, RefusesHostileDepth) {
  EXPECT_NE(error_of(std::string(100'000, '[')).find("64 levels"), std::string::npos);
}

TEST(HistoryReader, NumbersAnOperationWithoutAnIndexAfterTheOneBefore) {
  const std::string plain = R"({"type":"info","f":"send"})"
                            "\n";
  const History h = good(header() +
                         R"({"index":7,"type":"ok","f":"poll"})"
                         "\n" +
                         plain + plain);
  ASSERT_EQ(h.ops.size(), 3u);
  EXPECT_EQ(h.index_of(1), 8);
  EXPECT_EQ(h.index_of(2), 9);
  const History again = good(write_history(h));
  EXPECT_EQ(again.index_of(2), 9);
  const std::string greatest = R"({"index":9223372036854775807,"type":"ok","f":"poll"})"
                               "\n";
  EXPECT_NE(error_of(header() + greatest + plain).find("run.jsonl:3: at index"), std::string::npos);
}

TEST(HistoryReader, KnowsListsOnlyOfReadLists) {
  const History h =
      good(header() + op(R"("type":"ok","f":"poll","value":[["poll",{"x":[[8,"a",{"seq":1}]]}]])"));
  for (const HistoryItem& item : h.items) EXPECT_TRUE(h.list_of(item).empty());
}

TEST(HistoryReader, TakesAMissingEndMarkForACutOffFile) {
  EXPECT_TRUE(good(header() + kSend + kEnd).complete);
  EXPECT_FALSE(good(header() + kSend).complete);
  const History cut = good(header() + kSend + R"({"index":1,"ti)");
  EXPECT_FALSE(cut.complete);
  EXPECT_EQ(cut.ops.size(), 1u);
}

TEST(HistoryReader, KeepsWhatNoCheckerKnows) {
  const std::string lines =
      header() + op(R"("type":"event","f":"moon","value":{"phase":[1,2.50,"x"]},"colour":"red")") +
      kEnd;
  const History h = good(lines);
  ASSERT_EQ(h.ops.size(), 1u);
  EXPECT_EQ(h.ops[0].function, OpFunction::other);
  EXPECT_EQ(h.name(h.ops[0].name), "moon");
  EXPECT_NE(write_history(h).find(R"("f":"moon","value":{"phase":[1,2.50,"x"]})"),
            std::string::npos);
}

TEST(HistoryReader, TellsIntegersFromTexts) {
  History h = good(header() + op(R"("type":"invoke","f":"send","value":[["send","x",1],)"
                                 R"(["send","x","1"],["send","x",null],["send","x",1.5]])"));
  ASSERT_EQ(h.items.size(), 4u);
  EXPECT_EQ(datum_of(h, h.items[0].value).json, "1");
  EXPECT_EQ(datum_of(h, h.items[1].value).json, "\"1\"");
  EXPECT_EQ(datum_of(h, h.items[2].value).json, "null");
  EXPECT_EQ(datum_of(h, h.items[3].value).json, "1.5");
}

TEST(HistoryReader, DecodesEscapes) {
  const History h = good(header() + op(R"("type":"ok","f":"p","error":"a\n\u00e9\ud83d\ude00\"")"));
  EXPECT_EQ(h.name(h.context_of(h.ops[0]).error), "a\n\u00e9\U0001F600\"");
}

TEST(HistoryReader, PairsPipelinedCompletionsByTheirNumber) {
  HistoryBuilder b;
  b.invoke_send(0, "x", "a", 1);
  b.invoke_send(0, "x", "b", 2);
  b.complete_send(OpType::ok, 0, "x", 1, "b", 2);
  b.complete_send(OpType::ok, 0, "x", 0, "a", 1);
  b.invoke_send(0, "x", "c", 3);
  EXPECT_EQ(pair_operations(b.history), (std::vector<std::uint32_t>{3, 2, 1, 0, kNoOperation}));
}

TEST(HistoryWriter, WritesWhatItReadsByteForByte) {
  const std::string folder = source_dir() + "/tests/unit/checkers/cases";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    SCOPED_TRACE(entry.path().string());
    std::ifstream file(entry.path());
    const std::string text((std::istreambuf_iterator<char>(file)),
                           std::istreambuf_iterator<char>());
    const History first = good(text);
    const std::string lines = write_history(first);
    const History second = good(lines);
    EXPECT_EQ(write_history(second), lines);
    EXPECT_EQ(second.ops.size(), first.ops.size());
    const CheckReport a = check_history(first), b = check_history(second);
    EXPECT_EQ(to_json(a), to_json(b));
  }
}

TEST(HistoryWriter, SaysTheFormOfItsLines) {
  HistoryBuilder b;
  b.send(0, "orders-0", 0, "P1:0");
  b.poll(1, {{"orders-0", {{0, "P1:0"}}}});
  b.history.title = "s";
  b.history.seed = "0x2a";
  b.history.build = "1f3c9ab";
  b.history.fingerprint = "9f3c51e07a6640d2";
  b.history.ops[1].sequence = 17;
  EXPECT_EQ(
      write_history(b.history),
      R"({"format":"weir-history/1","scenario":"s","seed":"0x2a","build":"1f3c9ab","config":{}}
{"index":0,"time":1000,"process":0,"type":"invoke","f":"send","value":[["send","orders-0","P1:0"]]}
{"index":1,"time":2000,"process":0,"type":"ok","f":"send","value":[["send","orders-0",[0,"P1:0"]]],"fact":17}
{"index":2,"time":3000,"process":1,"type":"invoke","f":"poll","value":[["poll"]]}
{"index":3,"time":4000,"process":1,"type":"ok","f":"poll","value":[["poll",{"orders-0":[[0,"P1:0"]]}]]}
{"end":true,"operations":2,"fingerprint":"9f3c51e07a6640d2"}
)");
}

TEST(Check, GivesEachOutcomeItsExitCode) {
  const auto exit_of = [](const std::string& text, const CheckOptions& options = {}) {
    return check_text(text, "run.jsonl", options).exit_code;
  };
  HistoryBuilder b;
  b.send(0, "x", 0, "a");
  b.send(0, "x", 1, "b");
  b.poll(1, {{"x", {{0, "a"}, {1, "b"}}}});
  const std::string clean = write_history(b.history);
  EXPECT_EQ(exit_of(clean), 0);
  EXPECT_EQ(exit_of(clean.substr(0, clean.rfind("{\"end\""))), 2) << "cut off: nothing is proven";
  EXPECT_EQ(exit_of("no history"), 64);
  EXPECT_EQ(check_file("/nowhere/at/all").exit_code, 64);
  b.poll(1, {{"x", {{0, "a"}}}});
  const std::string rewound = write_history(b.history);
  EXPECT_EQ(exit_of(rewound), 1);
  EXPECT_EQ(exit_of(rewound.substr(0, rewound.rfind("{\"end\""))), 1) << "a proof stands";
  CheckOptions options;
  options.contract = "at-least-once";
  EXPECT_EQ(exit_of(rewound, options), 0) << "only the contract's breach counts";
  options.contract = "at-most-once";
  EXPECT_EQ(exit_of(rewound, options), 1);
  options.contract = "serializable";
  EXPECT_EQ(exit_of(rewound, options), 0) << "nothing that was read went round in a circle";
  options.contract = "linearizable";
  EXPECT_EQ(exit_of(rewound, options), 2) << "it speaks of streams and registers";
}

TEST(Check, AssumesADrainWhereItIsToldTo) {
  HistoryBuilder b;
  b.send(0, "x", 0, "a");
  b.send(0, "x", 1, "b");
  b.poll(1, {{"x", {{0, "a"}}}});
  CheckOptions options;
  const std::string text = write_history(b.history);
  EXPECT_TRUE(check_text(text, "x", options).found.findings.empty());
  options.final_drain = true;
  const CheckReport report = check_text(text, "x", options);
  ASSERT_EQ(report.found.findings.size(), 1u);
  EXPECT_EQ(report.found.findings[0].kind, FindingKind::unseen);
  EXPECT_NE(to_text(report).find("unseen x"), std::string::npos);
}

TEST(Check, FindsNothingInALongCleanRun) {
  const History h = clean_history(40'000, 7);
  EXPECT_GT(h.ops.size(), 100'000u);
  const CheckReport report = check_history(h);
  for (std::size_t i = 0; i < std::min<std::size_t>(report.found.findings.size(), 3); ++i) {
    ADD_FAILURE() << report.found.findings[i].argument;
  }
  EXPECT_EQ(report.exit_code, 0);
  EXPECT_EQ(report.contracts.exactly_once, true);
}

TEST(Check, ListsNoMoreThanItsLimit) {
  HistoryBuilder b;
  for (std::int64_t n = 0; n < 3000; ++n) b.send(0, "x", n, std::to_string(n));
  b.poll(1, {{"x", {{5000, "unsent"}}}});
  const Findings found = find(b.history);
  EXPECT_LE(found.findings.size(), kMaxFindingsPerKind + 3);
  EXPECT_EQ(found.suppressed, 3000 - kMaxFindingsPerKind);
}

}  // namespace
}  // namespace weir
