// A file of lines is taken line by line; what is said of it is what is said of its text.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "checkers/checkers.h"
#include "checkers/edn/jepsen.h"
#include "checkers/file_pieces.h"
#include "checkers/generate/generate.h"
#include "checkers/history_json.h"

namespace weir {
namespace {

class File : public testing::Test {
 protected:
  void TearDown() override { std::filesystem::remove(path_); }

  void expect_same(const std::string& text) {
    std::ofstream(path_, std::ios::binary) << text;
    EXPECT_EQ(to_json(check_file(path_)), to_json(check_text(text, path_)));
  }

  static std::string large() {
    GeneratePlan plan;
    plan.operations = 6'000;
    plan.plants = {FindingKind::lost_write, FindingKind::poll_skip};
    return write_history(generate_log(plan).history);
  }

  static std::string outcome(std::variant<History, HistoryError> read) {
    if (const auto* error = std::get_if<HistoryError>(&read)) return error->text;
    const History& history = std::get<History>(read);
    return write_history(history) + history.broken;
  }

  std::string path_ = testing::TempDir() + "weir-file-" + std::to_string(::getpid()) + ".jsonl";
};

TEST_F(File, OfManyChunksIsReadAsItsText) {
  const std::string text = large();
  ASSERT_GT(text.size(), std::size_t{1} << 20);
  expect_same(text);
  EXPECT_EQ(check_file(path_).found.findings.size(), check_text(text, path_).found.findings.size());
}

TEST_F(File, ThatWasCutOffIsReadAsItsText) {
  const std::string text = large();
  for (const std::size_t length :
       {text.size() - 1, text.size() - 20, text.size() / 2, text.size()}) {
    expect_same(text.substr(0, length));
  }
}

TEST_F(File, WithAMistakeIsReadAsItsText) {
  std::string text = large();
  text[text.size() - 5'000] = '\xff';
  expect_same(text);
  expect_same("{\"format\":\"weir-history/2\"}\n" + text);
  expect_same("\n\r\n" + text + "\n\n");
}

TEST_F(File, WithALineLongerThanAChunkIsReadAsItsText) {
  std::string text = large();
  const std::size_t line = text.find('\n', text.size() / 2);
  text.insert(line, std::string(std::size_t{3} << 20, ' '));
  expect_same(text);
}

// Wherever a piece ends: between forms, in a word, in a text, in a comment.
TEST_F(File, OfFormsIsReadAsItsText) {
  std::ostringstream forms;
  write_edn(std::get<History>(read_history(large(), "large")), forms);
  const std::string text = forms.str();
  ASSERT_GT(text.size(), std::size_t{1} << 20);
  expect_same(text);
  expect_same("[" + text + "]");
  expect_same("; a comment\n(" + text);
  expect_same(text.substr(0, text.size() - 7));
  expect_same(text + ")");
  const std::string some = text.substr(0, text.find('\n', 1'000));
  for (std::size_t piece = 1; piece < 200; ++piece) {
    std::istringstream from("#_ gone [ " + some + " ; end\n {:type}]");
    Pieces pieces(from, piece);
    Pieces whole(from.view());
    EXPECT_EQ(outcome(read_edn(pieces, "x")), outcome(read_edn(whole, "x"))) << piece;
  }
}

TEST_F(File, OfAnotherFormatIsReadAsItsText) {
  expect_same("");
  expect_same("{}");
  expect_same("{\"history\":[]}\n");
  expect_same("{:index 0 :process 0 :type :invoke :f :poll :value [[:poll]]}\n");
}

}  // namespace
}  // namespace weir
