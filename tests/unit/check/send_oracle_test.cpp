// Sends: what became of them and in which order they lie, against definitions written down plainly
// and without any regard for time or memory, on many small random histories.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "broker/base/random.h"
#include "log_oracle.h"

namespace weir::oracle_of_sends {
namespace {

using namespace oracle;

int draw(Random& random, int below) {
  return static_cast<int>(random.below(static_cast<std::uint64_t>(below)));
}

struct Sent {
  std::string key;
  int value = 0, process = 0, op = 0;
  int invoked = 0, completed = 0;
  int offset = -1;  // as it was told
  std::string outcome;
};

struct Shown {
  std::string key;
  int offset = 0, value = 0, epoch = 0, line = 0;
};

// Producers that send to x and y, several records at once now and then; one reader of everything at
// the end, and readers of a few records before.
class Draw {
 public:
  explicit Draw(Random& random)
      : random_(random),
        drained(draw(random, 2) == 0),
        lines_(drained ? R"({"final_drain":true})" : "{}") {
    for (int steps = 5 + draw(random_, 9); steps > 0; --steps) {
      const int process = 1 + draw(random_, 3);
      if (draw(random_, 6) == 0) {
        peek();
      } else if (!open_.contains(process)) {
        begin(process);
      } else {
        end(process);
      }
    }
    if (drained) {
      const std::string keys = R"(["x","y"])", more = R"(,"seek":"beginning")";
      lines_.add(9, "invoke", "assign", keys, more);
      lines_.add(9, "ok", "assign", keys, more);
      show(9, 0);
    }
    text = lines_.text();
  }

  std::vector<Sent> sent;
  std::vector<Shown> shown;
  std::string text;

 private:
  struct Stored {
    int value = 0, epoch = 0;
  };

  void begin(int process) {
    std::vector<std::size_t>& mine = open_[process];
    std::string value;
    for (int n = draw(random_, 4) == 0 ? 2 : 1; n > 0; --n) {
      Sent s;
      s.key = draw(random_, 2) == 0 ? "x" : "y";
      if (foreseen_) {
        s.key = *std::exchange(foreseen_, std::nullopt);
        placed_[sent.size()] = true;
      }
      s.value = static_cast<int>(sent.size());
      s.process = process;
      s.op = ops_;
      value += (value.empty() ? "[[" : ",[") + micro(s, int_text(s.value));
      mine.push_back(sent.size());
      sent.push_back(s);
    }
    const int line = lines_.add(process, "invoke", "send", value + "]");
    for (const std::size_t i : mine) sent[i].invoked = line;
    ++ops_;
    if (draw(random_, 2) == 0) store(mine);
  }

  static std::string micro(const Sent& s, const std::string& payload) {
    return "\"send\",\"" + s.key + "\"," + payload + "]";
  }

  // Mostly at the end of the log, in order.
  void store(std::vector<std::size_t> mine) {
    if (draw(random_, 6) == 0) std::ranges::reverse(mine);
    for (const std::size_t i : mine) {
      Sent& s = sent[i];
      if (std::exchange(placed_[i], true) || draw(random_, 12) == 0) continue;
      const std::string key = draw(random_, 20) == 0 ? (s.key == "x" ? "y" : "x") : s.key;
      auto& log = logs_[key];
      const auto at = draw(random_, 8) == 0 ? draw(random_, static_cast<int>(log.size()) + 1)
                                            : static_cast<int>(log.size());
      if (draw(random_, 8) == 0) ++epoch_;
      const int epoch = std::max(0, epoch_ - (draw(random_, 12) == 0 ? 1 : 0));
      log.insert(log.begin() + at, {draw(random_, 24) == 0 ? 100 + s.value : s.value, epoch});
    }
  }

  void end(int process) {
    std::vector<std::size_t> mine = std::move(open_[process]);
    open_.erase(process);
    const int fate = draw(random_, 10);
    const std::string outcome = fate < 7 ? "ok" : fate < 9 ? "info" : "fail";
    if (outcome == "ok") store(mine);
    std::string value;
    for (const std::size_t i : mine) {
      Sent& s = sent[i];
      s.outcome = outcome;
      const auto& log = logs_[s.key];
      const auto it = std::ranges::find(log, s.value, &Stored::value);
      if (it != log.end() && outcome == "ok") s.offset = static_cast<int>(it - log.begin());
      if (draw(random_, 10) == 0) s.offset = draw(random_, 5);
      const std::string at = s.offset < 0 ? "null" : int_text(s.offset);
      value += (value.empty() ? "[[" : ",[") + micro(s, "[" + at + "," + int_text(s.value) + "]");
    }
    const int line = lines_.add(process, outcome, "send", value + "]");
    for (const std::size_t i : mine) sent[i].completed = line;
  }

  void peek() {
    if (!foreseen_ && draw(random_, 4) == 0) foresee();
    show(20 + peeks_++, 1 + draw(random_, 3));
  }

  // What will be sent next lies in a log already.
  void foresee() {
    foreseen_ = draw(random_, 2) == 0 ? "x" : "y";
    logs_[*foreseen_].push_back({static_cast<int>(sent.size()), epoch_});
  }

  // At most so many of each log; 0: all.
  void show(int process, int most) {
    std::string value = "[[\"poll\",{";
    std::vector<Shown> seen;
    for (const auto& [key, log] : logs_) {
      value += (value.back() == '{' ? "\"" : ",\"") + key + "\":[";
      const auto size = static_cast<int>(log.size());
      const int from = most == 0 || size == 0 ? 0 : draw(random_, size);
      for (int i = from; i < size && (most == 0 || i < from + most); ++i) {
        const Stored& r = log[static_cast<std::size_t>(i)];
        value += (i == from ? "[" : ",[") + int_text(i) + "," + int_text(r.value) +
                 ",{\"leader_epoch\":" + int_text(r.epoch) + "}]";
        seen.push_back({key, i, r.value, r.epoch, 0});
      }
      value += "]";
    }
    lines_.add(process, "invoke", "poll", "[[\"poll\"]]");
    const int line = lines_.add(process, "ok", "poll", value + "}]]");
    for (Shown& s : seen) {
      s.line = line;
      shown.push_back(s);
    }
  }

  Random& random_;

 public:
  bool drained;

 private:
  Lines lines_;
  std::map<int, std::vector<std::size_t>> open_;  // by process: its sends
  std::map<std::size_t, bool> placed_;
  std::optional<std::string> foreseen_;  // the log in which the next record lies
  std::map<std::string, std::vector<Stored>> logs_{{"x", {}}, {"y", {}}};
  int ops_ = 0, peeks_ = 0, epoch_ = 0;
};

class Definitions {
 public:
  explicit Definitions(const Draw& h) : h_(h) {}

  Told told() {
    for (const Shown& r : h_.shown) read(r);
    for (const Sent& s : h_.sent) fate(s);
    for (const Sent& s : h_.sent) order(s);
    epochs();
    places();
    const bool acknowledged =
        std::ranges::any_of(h_.sent, [](const Sent& s) { return s.outcome == "ok"; });
    if (!acknowledged && h_.shown.empty()) out_.insert("vacuous-history");
    return std::move(out_);
  }

 private:
  static std::string name(const std::string& key, int value) { return key + " " + int_text(value); }

  [[nodiscard]] const Sent* send_of(const std::string& key, int value) const {
    for (const Sent& s : h_.sent) {
      if (s.key == key && s.value == value) return &s;
    }
    return nullptr;
  }
  [[nodiscard]] std::set<int> places(const Sent& s) const {
    std::set<int> out;
    for (const Shown& r : h_.shown) {
      if (r.key == s.key && r.value == s.value) out.insert(r.offset);
    }
    return out;
  }
  [[nodiscard]] bool holds_another(const Sent& s) const {
    return std::ranges::any_of(h_.shown, [&](const Shown& r) {
      return r.key == s.key && r.offset == s.offset && r.value != s.value;
    });
  }
  [[nodiscard]] int end_of_reads(const std::string& key) const {
    int end = -1;
    for (const Shown& r : h_.shown) {
      if (r.key == key) end = std::max(end, r.offset);
    }
    return end;
  }
  // An indeterminate operation happened as a whole when a record of it was read.
  [[nodiscard]] bool committed(const Sent& s) const {
    if (s.outcome == "ok") return true;
    return s.outcome != "fail" && std::ranges::any_of(h_.sent, [&](const Sent& other) {
             return other.op == s.op && !places(other).empty();
           });
  }
  // It was read, not where it was acknowledged; there lies another, or nothing in a full read.
  [[nodiscard]] bool lied(const Sent& s) const {
    if (!committed(s) || s.offset < 0 || places(s).empty() || places(s).contains(s.offset)) {
      return false;
    }
    return holds_another(s) || (h_.drained && s.outcome == "ok" && s.offset < end_of_reads(s.key));
  }
  [[nodiscard]] std::optional<int> place(const Sent& s) const {
    if (s.outcome == "fail") return std::nullopt;
    std::set<int> all = places(s);
    if (committed(s) && s.offset >= 0 && !lied(s)) all.insert(s.offset);
    return all.size() == 1 ? std::optional(*all.begin()) : std::nullopt;
  }
  [[nodiscard]] bool elsewhere(const Sent& s) const {
    return std::ranges::any_of(
        h_.shown, [&](const Shown& r) { return r.key != s.key && r.value == s.value; });
  }
  [[nodiscard]] bool lost(const Sent& s) const {
    return committed(s) && places(s).empty() && !elsewhere(s) && s.offset >= 0 &&
           s.offset <= end_of_reads(s.key);
  }

  void read(const Shown& r) {
    const Sent* s = send_of(r.key, r.value);
    if (s == nullptr) {
      const bool other = send_of(r.key == "x" ? "y" : "x", r.value) != nullptr;
      out_.insert((other ? "misrouted-record " : "garbage-read ") + name(r.key, r.value));
      // Whoever wrote it there, one record lies at two offsets.
      const bool twice = std::ranges::any_of(h_.shown, [&](const Shown& o) {
        return o.key == r.key && o.value == r.value && o.offset != r.offset;
      });
      if (twice) out_.insert("duplicate " + name(r.key, r.value));
      return;
    }
    if (s->outcome == "fail") out_.insert("G1a " + name(r.key, r.value));
    const bool first = std::ranges::none_of(h_.shown, [&](const Shown& o) {
      return o.key == r.key && o.value == r.value && o.line < r.line;
    });
    if (first && r.line < s->invoked) out_.insert("future-read " + name(r.key, r.value));
  }

  void fate(const Sent& s) {
    const std::string what = name(s.key, s.value);
    if (lied(s)) out_.insert("ack-offset-mismatch " + what);
    if (lost(s)) {
      out_.insert("lost-write " + what);
    } else if (h_.drained && s.outcome == "ok" && places(s).empty() && !elsewhere(s)) {
      out_.insert("unseen " + what);
    }
    std::set<int> all = places(s);
    if (committed(s) && s.offset >= 0 && !lied(s)) all.insert(s.offset);
    if (s.outcome == "fail") all.erase(s.offset);
    if (all.size() > 1) out_.insert("duplicate " + what);
  }

  void order(const Sent& s) {
    const std::optional<int> at = place(s);
    if (!at) return;
    const std::string what = name(s.key, s.value);
    const Sent* before = nullptr;
    for (const Sent& other : h_.sent) {
      const bool mine = other.process == s.process && other.key == s.key && &other < &s;
      if (mine && place(other)) before = &other;
      const bool sure = other.outcome == "ok" && other.key == s.key && !lost(other);
      if (sure && other.completed < s.invoked && place(other) > at) {
        out_.insert("realtime-append-order " + what);
      }
    }
    if (before == nullptr || !(place(*before) > at)) return;
    if (before->op == s.op) {
      out_.insert("int-nonmonotonic-send " + what);
    } else if (before->outcome == "ok") {
      out_.insert("nonmonotonic-send " + what);
    }
  }

  // What is known to lie at each offset: as it was read, and as it was acknowledged.
  [[nodiscard]] std::map<int, std::set<int>> known(const std::string& key) const {
    std::map<int, std::set<int>> out;
    for (const Shown& r : h_.shown) {
      if (r.key == key) out[r.offset].insert(r.value);
    }
    for (const Sent& s : h_.sent) {
      if (s.key == key && committed(s) && s.offset >= 0 && !lied(s)) out[s.offset].insert(s.value);
    }
    return out;
  }

  // Two records at one offset; records of others between two of one operation.
  void places() {
    for (const char* key : {"x", "y"}) {
      const auto log = known(key);
      for (const auto& [offset, values] : log) {
        if (values.size() > 1) {
          out_.insert(std::string("inconsistent-offsets ") + key + " " + int_text(offset));
        }
      }
      const Sent* before = nullptr;
      for (const Sent& s : h_.sent) {
        if (s.key != key || !place(s)) continue;
        if (before != nullptr && before->op == s.op) between(*before, s, log);
        before = &s;
      }
    }
  }
  void between(const Sent& first, const Sent& second, const std::map<int, std::set<int>>& log) {
    // In ascending order; what is reversed is another matter.
    const int low = *place(first), high = *place(second);
    for (const auto& [offset, values] : log) {
      if (offset <= low || offset >= high) continue;
      for (const int value : values) {
        const Sent* other = send_of(second.key, value);
        if (other != nullptr && other->op == second.op) continue;
        out_.insert("note:int-send-skip " + name(second.key, second.value));
      }
    }
  }

  // Along the log, as the first reader of each record was told it.
  void epochs() {
    for (const char* key : {"x", "y"}) {
      std::map<std::pair<int, int>, std::pair<int, int>> points;  // place, value -> line, epoch
      for (const Shown& r : h_.shown) {
        if (r.key == key) points.try_emplace({r.offset, r.value}, r.line, r.epoch);
      }
      for (const auto& [place, told] : points) {
        // Where several records lie at the offset before, the newest counts.
        int before = -1, newest = -1;
        for (const auto& [other, as] : points) {
          if (other.first >= place.first) break;
          newest = other.first == before ? std::max(newest, as.second) : as.second;
          before = other.first;
        }
        if (told.second < newest) {
          out_.insert(std::string("leader-epoch-regression ") + key + " " + int_text(place.first));
        }
      }
    }
  }

  const Draw& h_;
  Told out_;
};

std::string words_of(const Finding& f) {
  if (f.kind == FindingKind::leader_epoch_regression) {
    return f.key + " " + int_text(std::get<std::vector<std::int64_t>>(*f.field("offsets"))[1]);
  }
  if (f.kind == FindingKind::inconsistent_offsets) {
    return f.key + " " + int_text(f.integer("offset", -1));
  }
  if (f.kind == FindingKind::vacuous_history) return "";
  if (f.field("value") != nullptr) return f.key + " " + std::get<Datum>(*f.field("value")).text;
  return f.key + " " + std::get<std::vector<Datum>>(*f.field("values"))[1].text;
}

TEST(SendOracle, AgreesOnWhatBecameOfSends) {
  const std::uint64_t rounds = log_rounds(4'000);
  Comparison comparison({"lost-write", "unseen", "duplicate", "ack-offset-mismatch", "garbage-read",
                         "misrouted-record", "G1a", "future-read", "nonmonotonic-send",
                         "int-nonmonotonic-send", "realtime-append-order",
                         "leader-epoch-regression", "inconsistent-offsets", "note:int-send-skip",
                         "vacuous-history"});
  for (std::uint64_t seed = 0; seed < rounds && !testing::Test::HasFatalFailure(); ++seed) {
    Random random = Random::keyed(seed, 0, "oracle", "sends");
    const Draw drawn(random);
    comparison.compare(drawn.text, Definitions(drawn).told(), words_of);
  }
  comparison.expect_all_met(rounds);
}

}  // namespace
}  // namespace weir::oracle_of_sends
