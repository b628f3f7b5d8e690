// Offsets that transactions store and that do not commit, against their definition, on many small
// random histories: one operation after the other, so that it is plain what may be committed when.
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "broker/base/random.h"
#include "log_oracle.h"

namespace weir::oracle_of_offsets {
namespace {

using namespace oracle;

constexpr int kNothing = -1;
constexpr int kRecords = 17;

int draw(Random& random, int below) {
  return static_cast<int>(random.below(static_cast<std::uint64_t>(below)));
}

std::string at_x(int offset) { return "{\"x\":" + int_text(offset) + "}"; }

// Up to the first answer that contradicts what was committed.
class Draw {
 public:
  explicit Draw(Random& random) : random_(random), lines_("{}"), unsure_(draw(random_, 2) == 0) {
    for (int r = 0; r < kRecords; ++r) {
      const std::string value = int_text(r);
      lines_.add(9, "ok", "send", "[[\"send\",\"x\",[" + value + "," + value + "]]]");
    }
    for (int steps = 3 + draw(random_, 9); steps > 0 && told.empty(); --steps) {
      draw(random_, 2) == 0 ? put() : unsure_ ? read() : begin();
    }
    text = lines_.text();
  }

  Told told;
  std::string text;

 private:
  static std::string of(int member) {
    return R"(,"consumer":{"group":"g","member":"m)" + int_text(member) + "\"}";
  }

  // A commit, or a transaction that stores an offset. No value comes twice.
  void put() {
    const int value = 1 + 5 * ++puts_ % kRecords;
    const int fate = draw(random_, unsure_ ? 4 : 3);
    const std::string type = fate < 2 ? "ok" : fate == 2 ? "fail" : "info";
    const bool txn = draw(random_, 2) == 0;
    const int process = 20 + puts_;
    const std::string what = txn ? "[[\"offsets\",\"g\"," + at_x(value) + "]]" : at_x(value);
    const std::string more = txn ? "" : of(process);
    lines_.add(process, "invoke", txn ? "txn" : "commit", what, more);
    lines_.add(process, type, txn ? "txn" : "commit", what, more);
    before_.push_back(committed_);
    if (type == "ok") committed_ = value;
    if (type == "info") open_.insert(value);
    if (type == "fail" && txn) aborted_.insert(value);
  }

  // What may be told, or the offsets of an abort, or what was committed long ago.
  int some_answer() {
    const int how = draw(random_, 6);
    const auto one_of = [&](const std::set<int>& of) {
      auto it = of.begin();
      std::advance(it, draw(random_, static_cast<int>(of.size())));
      return *it;
    };
    if (how < 2 && !open_.empty()) return one_of(open_);
    if (how == 2 && !aborted_.empty()) return one_of(aborted_);
    if (how == 3 && !before_.empty()) return before_[random_.below(before_.size())];
    return committed_;
  }

  void read() {
    const int value = some_answer();
    const std::string more = R"(,"consumer":{"group":"g"})";
    lines_.add(8, "invoke", "committed", "[\"x\"]", more);
    lines_.add(8, "ok", "committed", value == kNothing ? "{\"x\":null}" : at_x(value), more);
    if (value == committed_) return;
    // What nobody knew of took effect: once.
    if (open_.erase(value) > 0) {
      committed_ = value;
    } else {
      told.insert(aborted_.contains(value) ? "aborted-offset-commit x" : "commit-regression x");
    }
  }

  // A new owner begins to read.
  void begin() {
    const int member = 40 + members_++;
    const int value = draw(random_, 4) == 0 ? draw(random_, kRecords) : some_answer();
    if (value == kNothing || value >= kRecords) return;
    lines_.add(member, "event", "assigned", "{\"keys\":[\"x\"]}", of(member));
    lines_.add(member, "invoke", "poll", "[[\"poll\"]]", of(member));
    lines_.add(member, "ok", "poll",
               "[[\"poll\",{\"x\":[[" + int_text(value) + "," + int_text(value) + "]]}]]",
               of(member));
    if (committed_ == kNothing || value == committed_) return;  // or the reset policy decided
    if (aborted_.contains(value)) {
      told.insert("aborted-offset-commit x");
    } else {
      told.insert(value > committed_ ? "start-above-committed x" : "start-below-committed x");
    }
  }

  Random& random_;
  Lines lines_;
  bool unsure_;
  std::vector<int> before_;
  std::set<int> open_, aborted_;
  int committed_ = kNothing, puts_ = 0, members_ = 0;
};

TEST(OffsetOracle, AgreesOnOffsetsOfTransactionsThatAborted) {
  const std::uint64_t rounds = log_rounds(4'000);
  Comparison comparison({"aborted-offset-commit", "commit-regression", "start-above-committed",
                         "start-below-committed"});
  for (std::uint64_t seed = 0; seed < rounds && !testing::Test::HasFatalFailure(); ++seed) {
    Random random = Random::keyed(seed, 0, "oracle", "stored offsets");
    const Draw drawn(random);
    comparison.compare(drawn.text, drawn.told, [](const Finding& f) { return f.key; });
  }
  comparison.expect_all_met(rounds);
}

}  // namespace
}  // namespace weir::oracle_of_offsets
