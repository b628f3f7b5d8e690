// Transactions on lists, kind by kind: what contradicts itself, and the dependencies between them
// with every cycle, against definitions written down plainly (Adya 1999; Elle, VLDB 2020), on many
// small random histories.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "all_cycles.h"
#include "broker/base/random.h"
#include "log_oracle.h"

namespace weir::oracle_of_lists {
namespace {

using namespace oracle;
using List = std::vector<int>;

int draw(Random& random, int below) {
  return static_cast<int>(random.below(static_cast<std::uint64_t>(below)));
}

struct Micro {
  char key = 'x';
  int append = 0;  // 0: a read
  List read = {};
};
struct Txn {
  int process = 0, invoked = 0, completed = 0;
  std::string outcome;  // empty: none
  std::vector<Micro> ops = {};

  [[nodiscard]] bool ok() const { return outcome == "ok"; }
  [[nodiscard]] bool failed() const { return outcome == "fail"; }
};

// Processes that work on x and y at once. In one history each transaction takes effect between its
// invocation and its completion, as a whole; in another it reads what there was when it began, or
// each of its parts takes effect at its own time. Now and then some of it slips.
class Draw {
 public:
  explicit Draw(Random& random) : random_(random), lines_("{}", "list-append") {
    slips_ = draw(random_, 4);
    constexpr Isolation kOften[] = {snapshots, parts, parts, whole, whole};
    isolation_ = kOften[draw(random_, 5)];
    std::map<int, std::size_t> open;
    for (int steps = 4 + draw(random_, 8); steps > 0; --steps) {
      const int process = 1 + draw(random_, 3);
      if (open.contains(process)) {
        end(txns[open[process]]);
        open.erase(process);
      } else if (txns.size() < 5) {
        open[process] = txns.size();
        begin(process);
      }
    }
    text = lines_.text();
  }

  std::vector<Txn> txns;
  std::string text;

 private:
  enum Isolation { snapshots, parts, whole };

  [[nodiscard]] bool slips() { return slips_ > 0 && draw(random_, 8 - slips_) == 0; }

  void begin(int process) {
    Txn t;
    t.process = process;
    for (int n = 1 + draw(random_, 3); n > 0; --n) {
      Micro op{draw(random_, 2) == 0 ? 'x' : 'y'};
      const bool updates = !t.ops.empty() && t.ops.back().append == 0 && draw(random_, 2) == 0;
      if (updates) op.key = t.ops.back().key;
      if (updates || draw(random_, 2) == 0) op.append = next_++;
      t.ops.push_back(op);
    }
    t.invoked = lines_.add(process, "invoke", "txn", text_of(t, false));
    snapshots_[t.invoked] = lists_;
    txns.push_back(t);
    if (isolation_ == parts) happen(txns.back(), random_.below(t.ops.size()));
    if (isolation_ == whole && draw(random_, 2) == 0) happen(txns.back(), t.ops.size());
  }

  // So many of its parts.
  void happen(Txn& t, std::size_t many) {
    auto& snapshot = snapshots_[t.invoked];
    auto stale = lists_;
    for (std::size_t& m = happened_[t.invoked]; m < many; ++m) {
      Micro& op = t.ops[m];
      List& list = slips() ? stale[op.key] : lists_[op.key];
      if (op.append != 0) {
        const auto at = slips() ? draw(random_, static_cast<int>(list.size()) + 1)
                                : static_cast<int>(list.size());
        list.insert(list.begin() + at, op.append);
        snapshot[op.key].push_back(op.append);
        continue;
      }
      op.read = isolation_ == snapshots ? snapshot[op.key] : list;
      if (!slips()) continue;
      const int how = draw(random_, 6);
      if (how == 5 && t.ops.back().append != 0) op.read.push_back(t.ops.back().append);
      if (op.read.empty()) continue;
      if (how < 2) op.read.pop_back();
      if (how == 2) std::swap(op.read.front(), op.read.back());
      if (how == 3) op.read.push_back(op.read.front());
      if (how == 4) op.read.front() = 90 + draw(random_, 3);
    }
  }

  void end(Txn& t) {
    const int fate = draw(random_, 10);
    t.outcome = fate < 7 ? "ok" : fate == 7 ? "info" : "fail";
    const bool happens = t.ok() || draw(random_, 8) == 0;
    if (happens) happen(t, t.ops.size());
    if (t.failed() && draw(random_, 2) == 0) take_back(t);
    t.completed = lines_.add(t.process, t.outcome, "txn", text_of(t, t.ok()));
  }

  void take_back(const Txn& t) {
    for (const Micro& op : t.ops) std::erase(lists_[op.key], op.append);
  }

  static std::string text_of(const Txn& t, bool with_reads) {
    std::string out = "[";
    for (const Micro& op : t.ops) {
      out += (out.size() > 1 ? "," : "") + std::string(op.append ? "[\"append\",\"" : "[\"r\",\"");
      out += op.key + std::string("\",");
      if (op.append != 0) {
        out += int_text(op.append);
      } else if (with_reads) {
        std::string list;
        for (const int n : op.read) list += (list.empty() ? "" : ",") + int_text(n);
        out += "[" + list + "]";
      } else {
        out += "null";
      }
      out += "]";
    }
    return out + "]";
  }

  Random& random_;
  Lines lines_;
  int slips_ = 0, next_ = 1;
  Isolation isolation_ = whole;
  std::map<int, std::size_t> happened_;  // so many parts of which transaction
  std::map<char, List> lists_;
  std::map<int, std::map<char, List>> snapshots_;
};

class Definitions {
 public:
  explicit Definitions(const std::vector<Txn>& txns) : txns_(txns) {}

  Told told() {
    bool anything = false;
    for (std::size_t t = 0; t < txns_.size(); ++t) {
      if (!txns_[t].ok()) continue;
      for (std::size_t m = 0; m < txns_[t].ops.size(); ++m) {
        anything |= txns_[t].ops[m].append != 0 || !txns_[t].ops[m].read.empty();
        if (txns_[t].ops[m].append == 0) read(txns_[t], m);
      }
    }
    if (!anything) out_.insert("vacuous-history");
    for (const char key : {'x', 'y'}) {
      orders(key);
      lost_updates(key);
    }
    return out_;
  }

  // What of it can be said of no cycle: orders that are none.
  [[nodiscard]] bool ordered() const {
    return std::ranges::none_of(out_, [](const std::string& what) {
      return what.starts_with("incompatible") || what.starts_with("duplicate") ||
             what.starts_with("garbage");
    });
  }

  std::multiset<std::string> cycles() {
    dependencies();
    std::multiset<std::string> out;
    for (const auto& [component, walks] : analysis::AllCycles(edges_).find()) {
      analysis::add_expected(walks, out);
    }
    return out;
  }

 private:
  static std::string at(const Txn& t, char key) {
    return std::string(1, key) + " by " + int_text(t.completed);
  }

  [[nodiscard]] const Txn* writer(char key, int value) const {
    for (const Txn& t : txns_) {
      for (const Micro& op : t.ops) {
        if (op.key == key && op.append == value) return &t;
      }
    }
    return nullptr;
  }
  [[nodiscard]] static List appended(const Txn& t, char key) {
    List out;
    for (const Micro& op : t.ops) {
      if (op.key == key && op.append != 0) out.push_back(op.append);
    }
    return out;
  }
  // It is known to have happened, or somebody was shown it.
  [[nodiscard]] bool committed(const Txn& t) const {
    if (t.ok() || t.failed()) return t.ok();
    for (const Txn& other : txns_) {
      for (const Micro& op : other.ops) {
        if (!other.ok() || op.append != 0) continue;
        for (const int value : op.read) {
          if (writer(op.key, value) == &t) return true;
        }
      }
    }
    return false;
  }
  [[nodiscard]] std::vector<List> reads_of(char key) const {
    std::vector<List> out;
    for (const Txn& t : txns_) {
      for (const Micro& op : t.ops) {
        if (t.ok() && op.key == key && op.append == 0) out.push_back(op.read);
      }
    }
    return out;
  }
  [[nodiscard]] List longest(char key) const {
    List out;
    for (const List& list : reads_of(key)) {
      if (list.size() > out.size()) out = list;
    }
    return out;
  }
  static bool begins(const List& longer, const List& shorter) {
    return shorter.size() <= longer.size() &&
           std::equal(shorter.begin(), shorter.end(), longer.begin());
  }

  void read(const Txn& t, std::size_t m) {
    const Micro& r = t.ops[m];
    const std::string where = at(t, r.key);
    std::map<int, int> times;
    for (const int value : r.read) {
      const Txn* from = writer(r.key, value);
      if (from == nullptr) out_.insert("garbage-read " + where);
      if (from != nullptr && from->failed()) out_.insert("G1a " + where);
      if (++times[value] > 1) out_.insert("duplicate-elements " + where);
      for (std::size_t later = m; later < t.ops.size(); ++later) {
        const Micro& op = t.ops[later];
        if (op.append == value && op.key == r.key) out_.insert("future-read " + where);
      }
    }
    if (!r.read.empty()) {
      const Txn* last = writer(r.key, r.read.back());
      const bool other = last != nullptr && last != &t && !last->failed();
      if (other && appended(*last, r.key).back() != r.read.back()) out_.insert("G1b " + where);
    }
    // What it read before and has appended since; or what it has appended, at the end.
    List expected;
    bool known = false;
    for (std::size_t before = 0; before < m; ++before) {
      const Micro& op = t.ops[before];
      if (op.key != r.key) continue;
      if (op.append != 0) {
        expected.push_back(op.append);
      } else {
        expected = op.read;
        known = true;
      }
    }
    const List backwards(r.read.rbegin(), r.read.rend());
    const List end(expected.rbegin(), expected.rend());
    if (known ? r.read != expected : !begins(backwards, end)) out_.insert("internal " + where);
  }

  void orders(char key) {
    const std::string where(1, key);
    const std::vector<List> reads = reads_of(key);
    for (const List& a : reads) {
      for (const List& b : reads) {
        if (!begins(a, b) && !begins(b, a)) out_.insert("incompatible-order " + where);
      }
    }
    // Of an element that is there twice the first place counts.
    List order;
    for (const int value : longest(key)) {
      if (std::ranges::find(order, value) == order.end()) order.push_back(value);
    }
    for (std::size_t i = 0; i < order.size(); ++i) {
      for (std::size_t j = i + 1; j < order.size(); ++j) {
        const Txn *first = writer(key, order[i]), *second = writer(key, order[j]);
        if (first == nullptr || second == nullptr) continue;
        if (first->failed() && !second->failed()) out_.insert("dirty-update " + where);
        if (first == second && !first->failed() && order[i] > order[j]) {
          out_.insert("incompatible-order " + where);
        }
      }
    }
  }
  // Its first read of the key, where it had appended nothing to it before.
  [[nodiscard]] static const List* outer_read(const Txn& t, char key) {
    for (const Micro& op : t.ops) {
      if (op.key == key) return op.append == 0 ? &op.read : nullptr;
    }
    return nullptr;
  }
  void lost_updates(char key) {
    for (const Txn& a : txns_) {
      for (const Txn& b : txns_) {
        if (&a == &b || !a.ok() || !b.ok() || appended(a, key).empty()) continue;
        const List *seen = outer_read(a, key), *also = outer_read(b, key);
        if (appended(b, key).empty() || seen == nullptr || also == nullptr) continue;
        if (*seen == *also) {
          out_.insert(std::string("lost-update ") + key + " " + int_text(a.completed));
        }
      }
    }
  }

  void edge(const Txn* from, analysis::EdgeType type, const Txn* to) {
    if (from == to) return;
    const auto a = static_cast<std::uint32_t>(from - txns_.data());
    const auto b = static_cast<std::uint32_t>(to - txns_.data());
    if (!drawn_.insert({a, b, type}).second) return;
    edges_.push_back({a, b, kNoName, kNoValue, kNoValue, type});
  }

  void dependencies() {
    using enum analysis::EdgeType;
    for (const char key : {'x', 'y'}) {
      // Versions in their order; behind them, in any order, what committed and nobody read.
      std::vector<const Txn*> versions, unread;
      std::vector<int> values;
      for (const int value : longest(key)) {
        const Txn* from = writer(key, value);
        if (!committed(*from)) continue;
        versions.push_back(from);
        values.push_back(value);
      }
      for (const Txn& t : txns_) {
        if (!committed(t)) continue;
        for (const int value : appended(t, key)) {
          if (std::ranges::find(values, value) == values.end()) unread.push_back(&t);
        }
      }
      const auto followers = [&](std::size_t next) {
        return next < versions.size() ? std::vector{versions[next]} : unread;
      };
      for (std::size_t i = 0; i < versions.size(); ++i) {
        for (const Txn* to : followers(i + 1)) edge(versions[i], ww, to);
      }
      for (const Txn& t : txns_) {
        if (!t.ok()) continue;
        bool first = true;
        for (const Micro& op : t.ops) {
          if (op.key != key || op.append != 0) continue;
          // Without what it had appended itself.
          List seen = op.read;
          while (!seen.empty() && writer(key, seen.back()) == &t) seen.pop_back();
          const Txn* last = seen.empty() ? nullptr : writer(key, seen.back());
          if (last != nullptr && committed(*last)) edge(last, wr, &t);
          std::size_t next = 0;
          for (const int value : seen) next += std::ranges::count(values, value) > 0;
          for (const Txn* to : followers(next)) {
            if (first) edge(&t, rw, to);
          }
          first = false;
        }
      }
    }
    for (const Txn& a : txns_) {
      for (const Txn& b : txns_) {
        if (!a.ok() || !committed(b) || a.completed > b.invoked) continue;
        edge(&a, realtime, &b);
        if (a.process == b.process) edge(&a, process, &b);
      }
    }
  }

  const std::vector<Txn>& txns_;
  Told out_;
  std::vector<analysis::Edge> edges_;
  std::set<std::tuple<std::uint32_t, std::uint32_t, analysis::EdgeType>> drawn_;
};

std::string words_of(const Finding& f) {
  switch (f.kind) {
    case FindingKind::garbage_read:
    case FindingKind::g1a:
    case FindingKind::g1b: return f.key + " by " + int_text(f.integer("reader", -1));
    case FindingKind::duplicate_elements:
    case FindingKind::future_read:
    case FindingKind::internal: return f.key + " by " + int_text(f.integer("op", -1));
    default: return f.key;
  }
}

TEST(ListKindOracle, AgreesOnEachKind) {
  const std::uint64_t rounds = log_rounds(4'000);
  const std::set<std::string> kinds = {
      "garbage-read", "G1a",          "G1b",         "duplicate-elements", "future-read",
      "internal",     "dirty-update", "lost-update", "incompatible-order", "vacuous-history"};
  std::map<std::string, std::uint64_t> met;
  std::uint64_t clean = 0;
  for (std::uint64_t seed = 0; seed < rounds; ++seed) {
    Random random = Random::keyed(seed, 0, "oracle", "kinds of lists");
    const Draw drawn(random);
    Definitions definitions(drawn.txns);
    const CheckReport report = check_text(drawn.text, "oracle");
    ASSERT_EQ(report.error, "") << drawn.text;
    Told found;
    std::multiset<std::string> cycles;
    for (const Finding& f : report.found.findings) {
      const std::string kind(name_of(f.kind));
      if (!kinds.contains(kind)) {
        cycles.insert(kind);
      } else if (f.kind == FindingKind::lost_update) {
        for (const std::int64_t op : std::get<std::vector<std::int64_t>>(*f.field("txns"))) {
          found.insert(kind + " " + f.key + " " + int_text(op));
        }
      } else {
        const std::string words = words_of(f);
        found.insert(kind + (words.empty() ? "" : " ") + words);
      }
    }
    const Told expected = definitions.told();
    ASSERT_EQ(found, expected) << drawn.text << to_text(report);
    for (const std::string& what : expected) ++met[what.substr(0, what.find(' '))];
    if (!definitions.ordered()) continue;
    const std::multiset<std::string> all = definitions.cycles();
    ASSERT_EQ(cycles, all) << drawn.text << to_text(report);
    for (const std::string& kind : all) ++met[kind.substr(0, kind.find("-r"))];
    clean += expected.empty() && all.empty();
  }
  for (const std::string& kind : kinds) EXPECT_GT(met[kind], rounds / 200) << kind;
  for (const char* kind : {"G0", "G1c", "G-single", "G2-item"}) {
    EXPECT_GT(met[kind], rounds / 200) << kind;
  }
  EXPECT_GT(clean, rounds / 20);
}

}  // namespace
}  // namespace weir::oracle_of_lists
