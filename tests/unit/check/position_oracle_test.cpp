// Positions of consumers, and what they passed over, against their definitions, written down
// plainly and without any regard for time or memory, on many small random histories.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "broker/base/random.h"
#include "log_oracle.h"

namespace weir::oracle_of_positions {
namespace {

using namespace oracle;

constexpr int kUnknown = -1;
constexpr int kFarAway = 1'000'000;

int draw(Random& random, int below) {
  return static_cast<int>(random.below(static_cast<std::uint64_t>(below)));
}

// What somebody did to a consumer of x.
struct Step {
  enum Kind { poll, unseen, sought, dropped, kept, from_beginning, reset, ended } kind = poll;
  std::string type = "ok";
  int line = 0, target = 0;
  bool inside = false;  // of a transaction of several operations
  std::vector<int> read;
};

// A record lies at 0, 2, 4 and so on; between them are markers.
struct Drawn {
  int records = 0;
  std::map<int, std::vector<Step>> steps;  // by process
  std::string text;
};

class Draw {
 public:
  explicit Draw(Random& random) : random_(random), lines_("{}") {
    drawn.records = 3 + draw(random_, 4);
    for (int r = 0; r < drawn.records; ++r) {
      lines_.add(9, "invoke", "send", "[[\"send\",\"x\"," + int_text(r) + "]]");
      lines_.add(9, "ok", "send",
                 "[[\"send\",\"x\",[" + int_text(2 * r) + "," + int_text(r) + "]]]");
    }
    for (int steps = 4 + draw(random_, 8); steps > 0; --steps) step(1 + draw(random_, 2));
    drawn.text = lines_.text();
  }

  Drawn drawn;

 private:
  void step(int process) {
    const int what = draw(random_, 12);
    if (what < 7) return poll(process);
    if (what == 7) return transaction(process);
    Step s;
    s.type = draw(random_, 4) > 0 ? "ok" : draw(random_, 2) == 0 ? "info" : "fail";
    s.target = draw(random_, 2 * drawn.records);
    std::string f = "assign", value = "[\"x\"]", more;
    if (what == 8) {
      s.kind = Step::sought;
      f = "seek";
      value = "{\"x\":" + int_text(s.target) + "}";
    } else if (what == 9) {
      s.kind = draw(random_, 2) == 0 ? Step::dropped : Step::kept;
      value = s.kind == Step::dropped ? "[\"y\"]" : "[\"x\",\"y\"]";
    } else if (what == 10) {
      s.kind = Step::from_beginning;
      more = ",\"seek\":\"beginning\"";
    } else if (draw(random_, 2) == 0) {
      s.kind = Step::unseen;
      s.line = lines_.add(process, "invoke", "poll", "[[\"poll\"]]");
      if (draw(random_, 2) == 0) lines_.add(process, "info", "poll", "[[\"poll\"]]");
      drawn.steps[process].push_back(s);
      return;
    } else {
      s.kind = Step::reset;
      s.type = "event";
      s.line = lines_.add(process, "event", "offset_reset",
                          "{\"x\":{\"from\":null,\"to\":" + int_text(s.target) + "}}");
      place_[process] = s.target;
      drawn.steps[process].push_back(s);
      return;
    }
    lines_.add(process, "invoke", f, value, more);
    s.line = lines_.add(process, s.type, f, value, more);
    if (s.kind == Step::sought && s.type != "fail") place_[process] = s.target;
    if (s.kind == Step::from_beginning && s.type == "ok") place_[process] = 0;
    drawn.steps[process].push_back(s);
  }

  void poll(int process, bool inside = false) {
    Step s;
    s.inside = inside;
    s.type = draw(random_, 4) > 0 ? "ok" : draw(random_, 2) == 0 ? "info" : "fail";
    int at = (place_[process] + 1) / 2;
    if (draw(random_, 4) == 0) at = std::max(0, at - 1 + draw(random_, 3));
    std::string list;
    int next = place_[process];
    for (int n = draw(random_, 3); n > 0 && at < drawn.records; --n, ++at) {
      if (draw(random_, 8) == 0) at = std::clamp(at - 1 + draw(random_, 3), 0, drawn.records - 1);
      s.read.push_back(2 * at);
      list += (list.empty() ? "[" : ",[") + int_text(2 * at) + "," + int_text(at) + "]";
      next = 2 * at + 1;
    }
    lines_.add(process, "invoke", "poll", "[[\"poll\"]]");
    s.line = lines_.add(process, s.type, "poll", "[[\"poll\",{\"x\":[" + list + "]}]]");
    if (s.type == "ok") place_[process] = next;
    drawn.steps[process].push_back(s);
  }

  // Some polls between begin and an end of any kind.
  void transaction(int process) {
    lines_.add(process, "invoke", "begin", "null");
    lines_.add(process, "ok", "begin", "null");
    const int before = place_[process];
    for (int n = 1 + draw(random_, 2); n > 0; --n) poll(process, true);
    Step s;
    s.kind = Step::ended;
    const bool commits = draw(random_, 2) == 0;
    const std::string outcome = draw(random_, 2) == 0 ? "ok" : "info";
    lines_.add(process, "invoke", commits ? "commit_txn" : "abort_txn", "null");
    s.line = lines_.add(process, outcome, commits ? "commit_txn" : "abort_txn", "null");
    s.type = commits && outcome == "ok" ? "ok" : "fail";
    if (s.type == "fail" && draw(random_, 2) == 0) place_[process] = before;
    drawn.steps[process].push_back(s);
  }

  Random& random_;
  Lines lines_;
  std::map<int, int> place_;  // where it stands, if all goes well
};

// One consumer by the definitions: where it may stand, and from where it has read on.
class Consumer {
 public:
  Consumer(int records, const std::set<int>& seen, Told& told,
           std::set<std::pair<int, int>>& passages)
      : records_(records), seen_(seen), told_(told), passages_(passages) {}

  void take(const Step& s) {
    const bool happened = s.type == "ok" || s.type == "info" || s.type == "event";
    switch (s.kind) {
      case Step::poll: return poll(s);
      case Step::sought:
        if (s.type == "fail") return;
        if (s.type == "ok") {
          put({s.target});
          from_ = s.target;
          break;
        }
        // Nobody knows whether it was sought: it stands at either place.
        may_stand_.empty() ? put({}) : void(may_stand_.insert(s.target));
        if (from_ != kUnknown) from_ = std::max({s.target, from_, read_to_ + 1});
        break;
      case Step::reset:
        put({s.target});
        from_ = s.target;
        break;
      case Step::unseen:
        if (!may_stand_.empty()) may_stand_.insert(kFarAway);
        unsure_ = true;
        from_ = kUnknown;
        break;
      case Step::dropped:
        if (!happened) return;
        put({});
        from_ = unsure_ ? kUnknown : 0;
        break;
      case Step::from_beginning:
        if (!happened) return;
        put(s.type == "ok" ? std::set<int>{0} : std::set<int>{});
        fresh_ = s.type == "ok";
        from_ = unsure_ && s.type != "ok" ? kUnknown : 0;
        break;
      case Step::kept: return;
      case Step::ended:
        if (s.type == "fail" && read_inside_ && !may_stand_.empty()) may_stand_.insert(0);
        read_inside_ = false;
        return;
    }
    read_to_ = -1;
  }

 private:
  // Empty: nobody knows.
  void put(std::set<int> positions) {
    may_stand_ = std::move(positions);
    read_inside_ = false;
    fresh_ = false;
  }

  // Who begins at the beginning passes over only what others were shown.
  [[nodiscard]] bool record_in(int from, int to) const {
    for (int r = 0; r < records_; ++r) {
      if (2 * r >= from && 2 * r < to && (!fresh_ || seen_.contains(2 * r))) return true;
    }
    return false;
  }

  void compare(const std::string& kind, int low, int high, const Step& s, int got) {
    const std::string at = " " + int_text(s.line) + " at " + int_text(got);
    if (got < low) told_.insert(kind + "nonmonotonic-poll" + at);
    if (got > high && record_in(high, got)) told_.insert(kind + "poll-skip" + at);
  }

  void poll(const Step& s) {
    const bool fresh = fresh_;
    int last = kUnknown;
    for (const int got : s.read) {
      if (last != kUnknown) {
        compare("int-", last + 1, last + 1, s, got);
      } else if (!may_stand_.empty()) {
        compare("", *may_stand_.begin(), *may_stand_.rbegin(), s, got);
      }
      last = got;
      fresh_ = false;
      if (s.type != "ok") continue;
      if (from_ == kUnknown) from_ = got;
      read_to_ = std::max(read_to_, got);
      passages_.insert({from_, read_to_});
    }
    if (s.type == "fail") fresh_ = fresh;
    if (last == kUnknown || s.type == "fail") return;
    // Where an indeterminate one stood before nobody knows, it may still stand anywhere.
    if (s.type == "ok") may_stand_ = {last + 1};
    if (s.type == "info" && !may_stand_.empty()) may_stand_.insert(last + 1);
    read_inside_ |= s.inside;
  }

  int records_;
  const std::set<int>& seen_;  // by anybody
  Told& told_;
  std::set<std::pair<int, int>>& passages_;
  std::set<int> may_stand_;
  int from_ = 0, read_to_ = -1;
  bool read_inside_ = false;
  bool fresh_ = false;   // at the beginning, and nothing came yet
  bool unsure_ = false;  // it may have been shown anything
};

TEST(PositionOracle, AgreesOnPositionsAndOnWhatWasPassedOver) {
  const std::uint64_t rounds = log_rounds(4'000);
  Comparison comparison(
      {"poll-skip", "int-poll-skip", "nonmonotonic-poll", "int-nonmonotonic-poll", "lost-write"});
  for (std::uint64_t seed = 0; seed < rounds && !testing::Test::HasFatalFailure(); ++seed) {
    Random random = Random::keyed(seed, 0, "oracle", "positions");
    const Drawn drawn = Draw(random).drawn;
    Told expected;
    std::set<std::pair<int, int>> passages;
    std::set<int> seen;
    for (const auto& [process, steps] : drawn.steps) {
      for (const Step& s : steps) seen.insert(s.read.begin(), s.read.end());
    }
    for (const auto& [process, steps] : drawn.steps) {
      Consumer consumer(drawn.records, seen, expected, passages);
      for (const Step& s : steps) consumer.take(s);
    }
    for (int r = 0; r < drawn.records; ++r) {
      const bool passed = std::ranges::any_of(passages, [r](const std::pair<int, int>& passage) {
        return passage.first <= 2 * r && 2 * r <= passage.second;
      });
      if (passed && !seen.contains(2 * r)) expected.insert("lost-write at " + int_text(2 * r));
    }
    comparison.compare(drawn.text, expected, [](const Finding& f) {
      if (f.kind == FindingKind::lost_write) return "at " + int_text(f.integer("offset", -1));
      std::int64_t line = f.integer("op", -1);
      if (f.field("ops") != nullptr) {
        line = std::get<std::vector<std::int64_t>>(*f.field("ops")).back();
      }
      return int_text(line) + " at " + int_text(f.integer("got", -1));
    });
  }
  comparison.expect_all_met(rounds);
}

}  // namespace
}  // namespace weir::oracle_of_positions
