// Jepsen's histories: what is read of them, what is written for it, and that both checkers' input
// says the same.
#include "checkers/edn/jepsen.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "checkers/checkers.h"
#include "checkers/edn/edn.h"
#include "checkers/file_pieces.h"
#include "tests/support/source_dir.h"

namespace weir {
namespace {

std::string json_of(std::string_view edn) {
  EdnReader reader(edn);
  std::string one, all;
  while (true) {
    one.clear();
    const EdnReader::Next next = reader.next(one);
    if (next == EdnReader::Next::end) return all;
    if (next == EdnReader::Next::broken) return "broken: " + reader.problem();
    all += one + ";";
  }
}

TEST(Edn, BecomesJson) {
  EXPECT_EQ(json_of("{:a 1, \"b\" [nil true :k/w -2N]}"), R"({"a":1,"b":[null,true,"k/w",-2]};)");
  EXPECT_EQ(json_of("#{1 2} ; a comment\n #inst \"2024\" #_ [gone (1 2)] x"),
            R"([1,2];"2024";"x";)");
  EXPECT_EQ(json_of("{1 2 [3] 4}"), R"({"1":2,"[3]":4};)");
  EXPECT_EQ(json_of("[{:x 9007199254740993} {:x +07}]"), R"({"x":9007199254740993};{"x":7};)");
  EXPECT_EQ(json_of(R"(\a "q\"\n" 1.5 #jepsen.history.Op{:f :r})"),
            R"("a";"q\"\n";"1.5";{"f":"r"};)");
}

TEST(Edn, RefusesWhatIsBroken) {
  EXPECT_EQ(json_of("{:a"), "broken: found the end, expected a value");
  EXPECT_EQ(json_of(")"), "broken: found ')', expected a value");
  EXPECT_EQ(json_of("[1 2"), "broken: found the end, expected more forms, or the end of the list");
  EXPECT_EQ(json_of(std::string(100'000, '[')).substr(0, 7), "broken:");
  EXPECT_EQ(json_of("#"), "broken: found the end, expected a tag or a set");
}

const char* const kKafka = R"(
{:index 0 :time 10 :type :invoke, :process 0, :f :send, :value [[:send "x" 1]]}
{:index 1 :time 20 :type :ok, :process 0, :f :send, :value [[:send "x" [0 1]]]}
{:index 2 :time 25 :type :info, :process :nemesis, :f :kill, :value ["n1"]}
{:index 3 :time 30 :type :invoke, :process 1, :f :poll, :value [[:poll]]}
{:index 4 :time 40 :type :ok, :process 1, :f :poll, :value [[:poll {"x" [[0 1]]}]]}
{:index 5 :time 50 :type :invoke, :process 1, :f :poll, :value [[:poll]]}
{:index 6 :time 60 :type :ok, :process 1, :f :poll, :value [[:poll {"x" [[0 1]]}]]}
)";

TEST(Jepsen, KafkaHistoriesAreJudged) {
  const CheckReport report = check_text(kKafka, "history.edn");
  ASSERT_EQ(report.error, "");
  ASSERT_EQ(report.found.findings.size(), 1u);
  EXPECT_EQ(report.found.findings[0].kind, FindingKind::nonmonotonic_poll);
  EXPECT_EQ(report.records_polled, 2);
}

TEST(Jepsen, ListAppendAndRegistersAreTold) {
  const CheckReport lists = check_text(
      "[{:type :invoke :process 0 :f :txn :value [[:append :x 1]]}"
      " {:type :fail :process 0 :f :txn :value [[:append :x 1]]}"
      " {:type :invoke :process 1 :f :txn :value [[:r :x nil]]}"
      " {:type :ok :process 1 :f :txn :value [[:r :x [1]]]}]",
      "history.edn");
  EXPECT_EQ(lists.family, "list-append");
  ASSERT_EQ(lists.found.findings.size(), 1u);
  EXPECT_EQ(lists.found.findings[0].kind, FindingKind::g1a);
  const CheckReport log = check_text(
      "INFO  jepsen.util - 0\t:invoke\t:write\t3\nINFO  jepsen.util - 0\t:ok\t:write\t3\n"
      "INFO  jepsen.util - 1\t:invoke\t:cas\t[3 1]\nINFO  jepsen.util - 1\t:ok\t:cas\t[3 1]\n"
      "INFO  jepsen.util - 2\t:invoke\t:read\tnil\nINFO  jepsen.util - 2\t:ok\t:read\t3\n",
      "etcd.log");
  EXPECT_EQ(log.family, "register");
  EXPECT_EQ(log.contracts.linearizable, false);
}

TEST(Jepsen, AFileThatWasCutOffProvesNothingByAbsence) {
  const std::string text(kKafka);
  const CheckReport report = check_text(text.substr(0, text.find(":index 5") + 20), "history.edn");
  EXPECT_EQ(report.error, "");
  EXPECT_FALSE(report.complete);
  EXPECT_EQ(report.exit_code, 2);
}

TEST(Jepsen, MistakesNameTheirLine) {
  const CheckReport report = check_text("{:type :invoke}\n", "history.edn");
  EXPECT_EQ(report.exit_code, 64);
  EXPECT_EQ(report.error.find("history.edn:"), 0u) << report.error;
}

// What Jepsen has words for is judged alike before and after.
TEST(Jepsen, WritingAndReadingChangesNoFinding) {
  const std::string folder = source_dir() + "/tests/unit/checkers/cases";
  std::size_t compared = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with("jepsen-") && !name.starts_with("elle-")) continue;
    SCOPED_TRACE(name);
    std::ifstream file(entry.path());
    const std::string text((std::istreambuf_iterator<char>(file)), {});
    auto read = read_history(text, name);
    History& first = std::get<History>(read);
    if (first.ops.empty()) continue;
    std::ostringstream written;
    write_edn(first, written);
    const std::string forms = written.str();
    Pieces pieces(forms);
    auto again = read_edn(pieces, name);
    ASSERT_TRUE(std::holds_alternative<History>(again)) << std::get<HistoryError>(again).text;
    History& second = std::get<History>(again);
    second.config = first.config;
    second.title = first.title;
    second.family = first.family;
    EXPECT_EQ(to_json(check_history(first)), to_json(check_history(second)));
    ++compared;
  }
  EXPECT_GT(compared, 35u);
}

}  // namespace
}  // namespace weir
