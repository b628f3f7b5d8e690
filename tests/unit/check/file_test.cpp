// A file of lines is taken line by line; what is said of it is what is said of its text.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "checkers/checkers.h"
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

TEST_F(File, OfAnotherFormatIsReadAsItsText) {
  expect_same("");
  expect_same("{}");
  expect_same("{\"history\":[]}\n");
  expect_same("{:index 0 :process 0 :type :invoke :f :poll :value [[:poll]]}\n");
}

}  // namespace
}  // namespace weir
