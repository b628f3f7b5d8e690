// What the oracles of logs share: the lines of a small history, and the comparison of what the
// engine finds in it with what plain definitions say.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>
#include <map>
#include <set>
#include <string>

#include "checkers/checkers.h"

namespace weir::oracle {

// More of them: WEIR_ORACLE_ROUNDS=1000000.
inline std::uint64_t log_rounds(std::uint64_t usual) {
  const char* asked = std::getenv("WEIR_ORACLE_ROUNDS");
  return asked == nullptr ? usual : std::strtoull(asked, nullptr, 10);
}

using Told = std::set<std::string>;  // "G1a x 3", "note:int-send-skip x 4"

inline std::string int_text(std::int64_t n) { return std::to_string(n); }

// Compares what was found of these kinds with what the definitions say, and counts what was met.
class Comparison {
 public:
  explicit Comparison(std::set<std::string> kinds) : kinds_(std::move(kinds)) {}

  void compare(const std::string& text, const Told& expected,
               const std::function<std::string(const Finding&)>& words) {
    const CheckReport report = check_text(text, "oracle");
    ASSERT_EQ(report.error, "") << text;
    ASSERT_FALSE(report.broken) << text << report.not_judged[0];
    Told found;
    const auto add = [&](const Finding& f, const std::string& kind) {
      if (!kinds_.contains(kind)) return;
      const std::string more = words(f);
      found.insert(kind + (more.empty() ? "" : " ") + more);
    };
    for (const Finding& f : report.found.findings) add(f, std::string(name_of(f.kind)));
    for (const Finding& f : report.found.notes) add(f, "note:" + std::string(name_of(f.kind)));
    ASSERT_EQ(found, expected) << text << to_text(report);
    for (const std::string& what : expected) ++met_[what.substr(0, what.find(' '))];
    clean_ += expected.empty();
  }

  // A comparison that never met a kind, or nothing but it, has proven nothing.
  void expect_all_met(std::uint64_t rounds) {
    for (const std::string& kind : kinds_) EXPECT_GT(met_[kind], rounds / 200) << kind;
    EXPECT_GT(clean_, rounds / 200);
  }

 private:
  std::set<std::string> kinds_;
  std::map<std::string, std::uint64_t> met_;
  std::uint64_t clean_ = 0;
};

class Lines {
 public:
  explicit Lines(const std::string& config, const std::string& family = "log")
      : text_("{\"format\":\"weir-history/1\",\"family\":\"" + family + "\",\"config\":" + config +
              "}\n") {}

  // Its number.
  int add(int process, const std::string& type, const std::string& f, const std::string& value,
          const std::string& more = "", std::int64_t time = -1) {
    text_ += "{\"index\":" + int_text(count_) + ",\"time\":" + int_text(time < 0 ? count_ : time) +
             ",\"process\":" + (process < 0 ? "null" : int_text(process)) + ",\"type\":\"" + type +
             "\",\"f\":\"" + f + "\",\"value\":" + value + more + "}\n";
    return count_++;
  }
  [[nodiscard]] std::string text() const { return text_ + "{\"end\":true}\n"; }

 private:
  std::string text_;
  int count_ = 0;
};

}  // namespace weir::oracle
