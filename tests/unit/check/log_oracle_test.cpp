// Transactions, pipelines and bounds against their definitions, written down plainly and without
// any regard for time or memory, on many small random histories.
#include "log_oracle.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "broker/base/random.h"

namespace weir {
namespace {

using namespace oracle;

constexpr int kNever = 1'000'000;

struct SentRecord {
  char key = 'x';
  int offset = 0, value = 0, txn = 0;
  std::string outcome;
};

struct PlainTxn {
  int asked = kNever;   // line of the commit's or abort's invocation
  bool aborts = false;  // what was asked for
  std::string outcome;  // of what was asked for; empty: none
};

struct Poll {
  int line = 0, txn = -1;
  std::vector<SentRecord> records;
};

// Transactions that send to x and y and end somehow; readers that look at any time.
struct TxnHistory {
  std::vector<SentRecord> sent;
  std::vector<PlainTxn> txns;
  std::vector<Poll> polls;
  std::string text;

  explicit TxnHistory(Random& random) {
    Lines lines(R"({"isolation":"read_committed"})");
    txns.resize(1 + random.below(3));
    std::map<char, int> ends;
    int value = 1;
    for (std::size_t steps = 6 + random.below(11); steps > 0; --steps) {
      const auto t = random.below(txns.size());
      PlainTxn& txn = txns[t];
      const std::string label = ",\"txn\":\"t" + int_text(static_cast<int>(t)) + "\"";
      const int process = static_cast<int>(t);
      const std::uint64_t what = random.below(10);
      if (what < 4 && txn.asked == kNever) {
        SentRecord r{random.below(2) == 0 ? 'x' : 'y', 0, value++, static_cast<int>(t), "ok"};
        if (random.below(8) == 0) r.outcome = random.below(2) == 0 ? "info" : "fail";
        r.offset = ends[r.key]++;
        const std::string key = std::string("[[\"send\",\"") + r.key + "\",";
        lines.add(process, "invoke", "send", key + int_text(r.value) + "]]", label);
        const std::string at = r.outcome == "ok" ? int_text(r.offset) : "null";
        lines.add(process, r.outcome, "send", key + "[" + at + "," + int_text(r.value) + "]]]",
                  label);
        sent.push_back(r);
      } else if (what < 6 && txn.asked == kNever) {
        txn.aborts = random.below(3) == 0;
        const std::string f = txn.aborts ? "abort_txn" : "commit_txn";
        txn.asked = lines.add(process, "invoke", f, "null", label);
        const std::uint64_t fate = random.below(6);
        txn.outcome = fate < 4 ? "ok" : fate == 4 ? "info" : "fail";
        lines.add(process, txn.outcome, f, "null", label);
      } else if (what < 8) {
        poll(random, lines, 10 + static_cast<int>(random.below(2)), -1, "");
      } else if (txn.asked == kNever) {
        poll(random, lines, process, static_cast<int>(t), label);
      }
    }
    text = lines.text();
  }

 private:
  void poll(Random& random, Lines& lines, int process, int txn, const std::string& label) {
    Poll p;
    p.txn = txn;
    std::map<char, std::string> lists;
    for (const SentRecord& r : sent) {
      if (random.below(2) == 0) continue;
      p.records.push_back(r);
      std::string& list = lists[r.key];
      list += (list.empty() ? "[" : ",[") + int_text(r.offset) + "," + int_text(r.value) + "]";
    }
    std::string value = "[[\"poll\",{";
    for (const auto& [key, list] : lists) {
      value += (value.back() == '{' ? "\"" : ",\"") + std::string(1, key) + "\":[" + list + "]";
    }
    lines.add(process, "invoke", "poll", "[[\"poll\"]]", label);
    p.line = lines.add(process, "ok", "poll", value + "}]]", label);
    polls.push_back(p);
  }
};

class TxnDefinitions {
 public:
  explicit TxnDefinitions(const TxnHistory& h) : h_(h) {}

  Told told() {
    Told out;
    for (const Poll& p : h_.polls) {
      for (const SentRecord& r : p.records) {
        const PlainTxn& writer = h_.txns[static_cast<std::size_t>(r.txn)];
        const std::string what = std::string(1, r.key) + " " + int_text(r.value);
        if (failed(r)) out.insert("G1a " + what);
        if (p.txn == r.txn) {
          out.insert("precommitted-read " + what);
        } else if (p.line < writer.asked || (writer.aborts && writer.outcome != "ok")) {
          out.insert("dirty-read " + what + " by " + int_text(p.line));
        }
      }
    }
    for (std::size_t t = 0; t < h_.txns.size(); ++t) {
      if (torn(static_cast<int>(t))) out.insert("torn-txn t" + int_text(static_cast<int>(t)));
    }
    return out;
  }

 private:
  [[nodiscard]] bool txn_failed(const PlainTxn& t) const {
    return t.aborts ? t.outcome == "ok" : t.outcome == "fail";
  }
  [[nodiscard]] bool failed(const SentRecord& r) const {
    return r.outcome == "fail" || txn_failed(h_.txns[static_cast<std::size_t>(r.txn)]);
  }
  [[nodiscard]] bool seen(const SentRecord& r) const {
    return std::any_of(h_.polls.begin(), h_.polls.end(), [&](const Poll& p) {
      return std::any_of(p.records.begin(), p.records.end(),
                         [&](const SentRecord& o) { return o.value == r.value; });
    });
  }
  [[nodiscard]] bool passed(const SentRecord& r) const {
    return std::any_of(h_.polls.begin(), h_.polls.end(), [&](const Poll& p) {
      return std::any_of(p.records.begin(), p.records.end(), [&](const SentRecord& o) {
        return o.key == r.key && o.offset > r.offset;
      });
    });
  }
  // It has committed (for all one knows: it was asked to, and was seen), part of it is seen, and
  // part of it is provably not there.
  [[nodiscard]] bool torn(int t) const {
    const PlainTxn& txn = h_.txns[static_cast<std::size_t>(t)];
    if (txn_failed(txn) || txn.asked == kNever || txn.aborts) return false;
    bool shown = false, gone = false;
    for (const SentRecord& r : h_.sent) {
      if (r.txn != t || r.outcome == "fail") continue;
      shown |= seen(r);
      gone |= r.outcome == "ok" && !seen(r) && passed(r);
    }
    return shown && gone;
  }

  const TxnHistory& h_;
};

TEST(LogOracle, AgreesOnTransactions) {
  const std::uint64_t rounds = log_rounds(4'000);
  Comparison comparison({"G1a", "dirty-read", "precommitted-read", "torn-txn"});
  for (std::uint64_t seed = 0; seed < rounds && !testing::Test::HasFatalFailure(); ++seed) {
    Random random = Random::keyed(seed, 0, "oracle", "transactions");
    const TxnHistory h(random);
    comparison.compare(h.text, TxnDefinitions(h).told(), [](const Finding& f) {
      if (f.kind == FindingKind::torn_txn) return std::get<Datum>(*f.field("txn")).text;
      std::string what = f.key + " " + std::get<Datum>(*f.field("value")).text;
      if (f.kind == FindingKind::dirty_read) what += " by " + int_text(f.integer("reader", -1));
      return what;
    });
  }
  comparison.expect_all_met(rounds);
}

// Inputs of x become outputs in y; positions are committed plainly or with the outputs.
TEST(LogOracle, AgreesOnPipelines) {
  const std::uint64_t rounds = log_rounds(4'000);
  Comparison comparison({"duplicate-processing", "missed-processing"});
  for (std::uint64_t seed = 0; seed < rounds && !testing::Test::HasFatalFailure(); ++seed) {
    Random random = Random::keyed(seed, 0, "oracle", "pipelines");
    Lines lines(R"({"pipeline":{"in":["x"],"out":["y"],"map":"one-to-one"}})");
    const int inputs = 1 + static_cast<int>(random.below(4));
    for (int i = 0; i < inputs; ++i) {
      const std::string value = int_text(100 + i);
      lines.add(0, "invoke", "send", "[[\"send\",\"x\"," + value + "]]");
      lines.add(0, "ok", "send", "[[\"send\",\"x\",[" + int_text(i) + "," + value + "]]]");
    }
    std::map<int, int> outputs;
    int committed = 0, end = 0;
    for (int a = static_cast<int>(random.below(6)); a > 0; --a) {
      const int input = static_cast<int>(random.below(static_cast<std::uint64_t>(inputs)));
      const int value = 200 + a;
      const std::string meta = ",{\"derived_from\":[\"x\"," + int_text(input) + "]}]";
      const std::string offsets = ",[\"offsets\",\"g\",{\"x\":" + int_text(input + 1) + "}]]";
      const std::uint64_t fate = random.below(5);
      const std::string type = fate < 3 ? "ok" : fate == 3 ? "info" : "fail";
      const std::string sent = "[\"send\",\"y\",";
      const bool read = type == "info" && random.below(2) == 0;
      const int at = end++;
      lines.add(a, "invoke", "txn", "[" + sent + int_text(value) + meta + offsets);
      lines.add(a, type, "txn",
                "[" + sent + "[" + (type == "ok" ? int_text(at) : "null") + "," + int_text(value) +
                    "]" + meta + offsets);
      if (read) {
        lines.add(50 + a, "ok", "poll",
                  "[[\"poll\",{\"y\":[[" + int_text(at) + "," + int_text(value) + "]]}]]");
      }
      if (type == "ok" || read) ++outputs[input];
      if (type == "ok") committed = std::max(committed, input + 1);
      if (random.below(4) == 0) {
        const int next = static_cast<int>(random.below(static_cast<std::uint64_t>(inputs) + 1));
        const std::string where = "{\"x\":" + int_text(next) + "}";
        const bool good = random.below(2) == 0;
        lines.add(a, "invoke", "commit", where);
        lines.add(a, good ? "ok" : "fail", "commit", where);
        if (good) committed = std::max(committed, next);
      }
    }
    Told expected;
    for (int i = 0; i < inputs; ++i) {
      if (outputs[i] > 1) expected.insert("duplicate-processing " + int_text(i));
      if (outputs[i] == 0 && i < committed) expected.insert("missed-processing " + int_text(i));
    }
    comparison.compare(lines.text(), expected, [](const Finding& f) {
      const std::string input = std::get<Datum>(*f.field("input")).json;  // ["x",3]
      return input.substr(5, input.size() - 6);
    });
  }
  comparison.expect_all_met(rounds);
}

// Watermarks told now and then.
TEST(LogOracle, AgreesOnWatermarks) {
  const std::uint64_t rounds = log_rounds(4'000);
  Comparison comparison({"stuck-lso", "hw-regression"});
  for (std::uint64_t seed = 0; seed < rounds && !testing::Test::HasFatalFailure(); ++seed) {
    Random random = Random::keyed(seed, 0, "oracle", "watermarks");
    constexpr std::int64_t kBound = 50;
    Lines lines("{\"bounds\":{\"lso_ns\":" + int_text(kBound) + "}}");
    struct Mark {
      std::int64_t time, hw, lso;
    };
    std::map<std::string, std::vector<Mark>> told;
    std::int64_t time = 0;
    for (std::size_t n = 2 + random.below(8); n > 0; --n) {
      time += static_cast<std::int64_t>(random.below(40));
      const std::string key = random.below(4) == 0 ? "y" : "x";
      std::vector<Mark>& marks = told[key];
      Mark m = marks.empty() ? Mark{0, 1, 1} : marks.back();
      m.time = time;
      if (random.below(2) == 0) m.hw += static_cast<std::int64_t>(random.below(3));
      if (random.below(8) == 0 && m.hw > 0) --m.hw;
      if (random.below(3) == 0) m.lso = m.hw;
      m.lso = std::min(m.lso, m.hw);
      marks.push_back(m);
      lines.add(-1, "event", "log",
                "{\"" + key + "\":{\"hw\":" + int_text(m.hw) + ",\"lso\":" + int_text(m.lso) + "}}",
                "", time);
    }
    Told expected;
    for (const auto& [key, marks] : told) {
      for (std::size_t i = 0; i < marks.size(); ++i) {
        if (i > 0 && marks[i].hw < marks[i - 1].hw) {
          expected.insert("hw-regression " + key + " " + int_text(marks[i - 1].hw) + " " +
                          int_text(marks[i].hw));
        }
        // The first of a run of equal offsets below the watermark, and how long the run is.
        const auto stands = [&](std::size_t n) {
          return n < marks.size() && marks[n].lso == marks[i].lso && marks[n].lso < marks[n].hw;
        };
        if (!stands(i)) continue;
        const bool first =
            i == 0 || marks[i - 1].lso != marks[i].lso || marks[i - 1].lso >= marks[i - 1].hw;
        std::size_t last = i;
        while (stands(last + 1)) ++last;
        if (first && marks[last].time - marks[i].time > kBound) {
          expected.insert("stuck-lso " + key + " " + int_text(marks[i].lso));
        }
      }
    }
    comparison.compare(lines.text(), expected, [](const Finding& f) {
      if (f.kind == FindingKind::stuck_lso) return f.key + " " + int_text(f.integer("lso", -1));
      return f.key + " " + int_text(f.integer("from", -1)) + " " + int_text(f.integer("to", -1));
    });
  }
  comparison.expect_all_met(rounds);
}

// A group of two or three, whose members come, die and are given partitions.
TEST(LogOracle, AgreesOnGroups) {
  const std::uint64_t rounds = log_rounds(4'000);
  Comparison comparison({"orphan-partition", "rebalance-storm"});
  for (std::uint64_t seed = 0; seed < rounds && !testing::Test::HasFatalFailure(); ++seed) {
    Random random = Random::keyed(seed, 0, "oracle", "groups");
    constexpr std::int64_t kBound = 60, kUncaused = 1;
    Lines lines("{\"bounds\":{\"orphan_ns\":" + int_text(kBound) +
                ",\"uncaused_rebalances\":" + int_text(kUncaused) + "}}");
    // At each moment: who lives, and who holds what.
    struct Moment {
      std::int64_t time = 0;
      std::set<int> live;
      std::map<std::string, std::set<int>> owners;
    };
    std::vector<Moment> moments(1);
    std::int64_t time = 0;
    int generation = 0, uncaused = 0;
    bool cause = true, any_generation = false;
    for (std::size_t n = 3 + random.below(8); n > 0; --n) {
      time += static_cast<std::int64_t>(random.below(50));
      Moment m = moments.back();
      m.time = time;
      const int who = static_cast<int>(random.below(3));
      const std::string key = random.below(2) == 0 ? "x" : "y";
      const std::string keys = "{\"keys\":[\"" + key + "\"]}";
      const auto consumer = [&] {
        return ",\"consumer\":{\"group\":\"g\",\"member\":\"m" + int_text(who) +
               "\",\"generation\":" + int_text(generation) + "}";
      };
      const std::uint64_t what = random.below(8);
      if (what < 4) {
        const bool fresh = random.below(2) == 0 || !any_generation;
        if (m.live.insert(who).second) cause = true;
        if (fresh) {
          ++generation;
          uncaused += any_generation && !cause;
          any_generation = true;
          cause = false;
        }
        m.owners[key].insert(who);
        lines.add(who, "event", "assigned", keys, consumer(), time);
      } else if (what < 6 && m.live.contains(who)) {
        if (m.owners.contains(key)) m.owners[key].erase(who);
        m.owners[key];
        lines.add(who, "event", "revoked", keys, consumer(), time);
      } else if (what == 6 && m.live.contains(who)) {
        m.live.erase(who);
        for (auto& [held, owners] : m.owners) owners.erase(who);
        cause = true;
        lines.add(who, "info", "crash", "null", "", time);
      } else {
        continue;
      }
      moments.push_back(m);
    }
    Told expected;
    if (uncaused > kUncaused) expected.insert("rebalance-storm " + int_text(uncaused));
    for (const std::string key : {"x", "y"}) {
      const auto orphaned = [&](const Moment& m) {
        const auto it = m.owners.find(key);
        return it != m.owners.end() && !m.live.empty() &&
               std::none_of(it->second.begin(), it->second.end(),
                            [&](int who) { return m.live.contains(who); });
      };
      for (std::size_t i = 0; i < moments.size(); ++i) {
        if (!orphaned(moments[i]) || (i > 0 && orphaned(moments[i - 1]))) continue;
        std::size_t end = i;
        while (end + 1 < moments.size() && orphaned(moments[end])) ++end;
        const std::int64_t length = moments[end].time - moments[i].time;
        if (length > kBound) expected.insert("orphan-partition " + key + " " + int_text(length));
      }
    }
    comparison.compare(lines.text(), expected, [](const Finding& f) {
      if (f.kind == FindingKind::rebalance_storm) return int_text(f.integer("count", -1));
      return f.key + " " + int_text(f.integer("for_ns", -1));
    });
  }
  comparison.expect_all_met(rounds);
}

// Consumers from the beginning of one partition, which see less than has been known for long.
TEST(LogOracle, AgreesOnStaleness) {
  const std::uint64_t rounds = log_rounds(4'000);
  Comparison comparison({"staleness"});
  for (std::uint64_t seed = 0; seed < rounds && !testing::Test::HasFatalFailure(); ++seed) {
    Random random = Random::keyed(seed, 0, "oracle", "staleness");
    constexpr std::int64_t kBound = 100;
    Lines lines("{\"bounds\":{\"staleness_ns\":" + int_text(kBound) + "}}");
    std::vector<std::int64_t> known;  // when each offset was first known
    std::map<int, std::size_t> at;
    std::map<int, std::int64_t> worst;
    std::int64_t time = 0;
    for (const int reader : {1, 2}) {
      lines.add(reader, "invoke", "assign", "[\"x\"]", ",\"seek\":\"beginning\"", 0);
      lines.add(reader, "ok", "assign", "[\"x\"]", ",\"seek\":\"beginning\"", 0);
      at[reader] = 0;
    }
    for (std::size_t n = 2 + random.below(10); n > 0; --n) {
      time += 1 + static_cast<std::int64_t>(random.below(60));
      if (random.below(2) == 0) {
        const std::string value = int_text(static_cast<int>(known.size()));
        lines.add(0, "invoke", "send", "[[\"send\",\"x\"," + value + "]]", "", time);
        time += static_cast<std::int64_t>(random.below(20));
        lines.add(0, "ok", "send", "[[\"send\",\"x\",[" + value + "," + value + "]]]", "", time);
        known.push_back(time);
        continue;
      }
      const int reader = 1 + static_cast<int>(random.below(2));
      const std::int64_t asked = time;
      std::string list;
      for (std::size_t some = random.below(3); some > 0 && at[reader] < known.size(); --some) {
        const std::string value = int_text(static_cast<int>(at[reader]++));
        list += (list.empty() ? "[" : ",[") + value + "," + value + "]";
      }
      lines.add(reader, "invoke", "poll", "[[\"poll\"]]", "", asked);
      time += static_cast<std::int64_t>(random.below(20));
      lines.add(reader, "ok", "poll",
                list.empty() ? "[[\"poll\",{}]]" : "[[\"poll\",{\"x\":[" + list + "]}]]", "", time);
      // What it still lacks, and how long that had been known when it asked.
      if (at[reader] < known.size()) {
        worst[reader] = std::max(worst[reader], asked - known[at[reader]]);
      }
    }
    Told expected;
    for (const auto& [reader, lag] : worst) {
      if (lag > kBound) expected.insert("staleness " + int_text(lag));
    }
    comparison.compare(lines.text(), expected,
                       [](const Finding& f) { return int_text(f.integer("lag_at_least_ns", -1)); });
  }
  comparison.expect_all_met(rounds);
}

}  // namespace
}  // namespace weir
