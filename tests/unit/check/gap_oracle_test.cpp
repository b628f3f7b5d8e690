// Gaps in a log of which the markers are told, against their definition, written down plainly and
// without any regard for time or memory, on many small random histories: an offset is unexplained
// where a reader passed over it and nothing is known to lie there, and some of them are where there
// are more than sends without a known place.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "broker/base/random.h"
#include "log_oracle.h"

namespace weir::oracle_of_gaps {
namespace {

using namespace oracle;

int draw(Random& random, int below) {
  return static_cast<int>(random.below(static_cast<std::uint64_t>(below)));
}

struct Passed {
  int from = 0, to = 0;
};

// Places are given one after the other, to records, markers, what failed and what nobody told;
// two readers pass over some of them.
class Draw {
 public:
  explicit Draw(Random& random) : random_(random), lines_("{}") {
    for (const int reader : {1, 2}) {
      if (draw(random_, 3) == 0) continue;
      lines_.add(reader, "invoke", "assign", "[\"x\"]", ",\"seek\":\"beginning\"");
      lines_.add(reader, "ok", "assign", "[\"x\"]", ",\"seek\":\"beginning\"");
      place_[reader] = 0;
    }
    for (int steps = 5 + draw(random_, 9); steps > 0; --steps) step();
    if (draw(random_, 4) > 0) tell();
    text = lines_.text();
  }

  std::set<int> taken;  // records, markers, and where failed sends say they lay
  std::vector<Passed> passed;
  int unplaced = 0;        // sends of which nobody knows the place
  int start = 0, end = 0;  // as the log was told last: between them all is readable
  std::string text;

 private:
  void step() {
    const int what = draw(random_, 12);
    const int process = 10 + next_value_;
    const std::string value = int_text(next_value_);
    const std::string send = "[[\"send\",\"x\",";
    if (what < 5) {
      ++next_value_;
      lines_.add(process, "invoke", "send", send + value + "]]");
      const int at = next_++;
      const bool fails = draw(random_, 5) == 0;
      lines_.add(process, fails ? "fail" : "ok", "send",
                 send + "[" + int_text(at) + "," + value + "]]]");
      taken.insert(at);
      if (fails) return;
      records_.emplace_back(at, next_value_ - 1);
    } else if (what < 7) {
      ++next_value_;
      ++unplaced;
      lines_.add(process, "invoke", "send", send + value + "]]");
      if (draw(random_, 2) == 0) {
        const std::string type = draw(random_, 2) == 0 ? "ok" : "info";
        lines_.add(process, type, "send", send + "[null," + value + "]]]");
      }
      if (draw(random_, 2) == 0) ++next_;
    } else if (what == 7) {
      markers_.insert(next_++);
    } else if (what == 8) {
      next_ += draw(random_, 2);
    } else if (what == 9) {
      tell();
    } else {
      poll(1 + draw(random_, 2));
    }
  }

  void poll(int reader) {
    std::string list;
    lines_.add(reader, "invoke", "poll", "[[\"poll\"]]");
    std::size_t at = 0;
    while (place_.contains(reader) && at < records_.size() && records_[at].first < place_[reader]) {
      ++at;
    }
    for (int n = 1 + draw(random_, 3); n > 0 && at < records_.size(); --n, ++at) {
      const auto [offset, value] = records_[at];
      list += (list.empty() ? "[" : ",[") + int_text(offset) + "," + int_text(value) + "]";
      if (place_.contains(reader)) passed.push_back({place_[reader], offset});
      place_[reader] = offset + 1;
    }
    lines_.add(reader, "ok", "poll", "[[\"poll\",{\"x\":[" + list + "]}]]");
  }

  void tell() {
    start = draw(random_, 6) == 0 && next_ > 0 ? std::max(start, draw(random_, next_)) : start;
    const int hw = next_ - (draw(random_, 6) == 0 && next_ > 0 ? 1 : 0);
    const int lso = std::max(0, hw - (draw(random_, 4) == 0 ? draw(random_, 3) : 0));
    end = std::min(hw, lso);
    std::string list;
    for (const int m : markers_) list += (list.empty() ? "" : ",") + int_text(m);
    lines_.add(-1, "event", "log",
               "{\"x\":{\"start\":" + int_text(start) + ",\"hw\":" + int_text(hw) + ",\"lso\":" +
                   int_text(lso) + ",\"end\":" + int_text(next_) + ",\"markers\":[" + list + "]}}");
    told_markers_ = markers_;
  }

  Random& random_;
  Lines lines_;
  std::map<int, int> place_;  // where each reader stands, once that is known
  std::vector<std::pair<int, int>> records_;
  std::set<int> markers_, told_markers_;
  int next_ = 0, next_value_ = 0;

 public:
  [[nodiscard]] std::set<int> explained() const {
    std::set<int> out = taken;
    out.insert(told_markers_.begin(), told_markers_.end());
    return out;
  }
};

TEST(GapOracle, AgreesOnOffsetsThatNothingExplains) {
  const std::uint64_t rounds = log_rounds(4'000);
  Comparison comparison({"offset-gap-unexplained"});
  for (std::uint64_t seed = 0; seed < rounds && !testing::Test::HasFatalFailure(); ++seed) {
    Random random = Random::keyed(seed, 0, "oracle", "gaps");
    const Draw h(random);
    std::set<int> holes;
    const std::set<int> explained = h.explained();
    for (const Passed& p : h.passed) {
      for (int o = std::max(p.from, h.start); o < std::min(p.to, h.end); ++o) {
        if (!explained.contains(o)) holes.insert(o);
      }
    }
    Told expected;
    if (static_cast<int>(holes.size()) > h.unplaced) {
      expected.insert("offset-gap-unexplained " + int_text(static_cast<int>(holes.size())));
    }
    comparison.compare(h.text, expected,
                       [](const Finding& f) { return int_text(f.integer("count", -1)); });
  }
  comparison.expect_all_met(rounds);
}

}  // namespace
}  // namespace weir::oracle_of_gaps
