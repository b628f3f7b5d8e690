// Transactions of a log that read from each other, against the definition: each would have had to
// commit before the one that read from it, so no circle of reads may be among those that committed.
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "broker/base/random.h"
#include "log_oracle.h"

namespace weir::oracle_of_circles {
namespace {

using namespace oracle;

int draw(Random& random, int below) {
  return static_cast<int>(random.below(static_cast<std::uint64_t>(below)));
}

struct Txn {
  std::string outcome;
  std::vector<int> sends, reads;  // values; a value is its offset, too
};

// Transactions that are open at once; each reads some records when it completes.
class Draw {
 public:
  explicit Draw(Random& random) : random_(random), lines_("{}") {
    txns.resize(static_cast<std::size_t>(2 + draw(random_, 4)));
    std::vector<std::size_t> open;
    for (std::size_t begun = 0; begun < txns.size() || !open.empty();) {
      if (begun < txns.size() && (open.empty() || draw(random_, 3) > 0)) {
        begin(begun);
        open.push_back(begun++);
        continue;
      }
      const std::size_t which = random_.below(open.size());
      end(open[which]);
      open.erase(open.begin() + static_cast<std::ptrdiff_t>(which));
    }
    text = lines_.text();
  }

  std::vector<Txn> txns;
  std::string text;

 private:
  void begin(std::size_t t) {
    std::string value = "[[\"poll\"]";
    for (int n = draw(random_, 3); n > 0; --n) {
      txns[t].sends.push_back(next_);
      value += ",[\"send\",\"" + std::string(1, key_of(next_)) + "\"," + int_text(next_) + "]";
      ++next_;
    }
    lines_.add(static_cast<int>(t), "invoke", "txn", value + "]");
  }

  void end(std::size_t t) {
    const int fate = draw(random_, 6);
    txns[t].outcome = fate < 4 ? "ok" : fate == 4 ? "info" : "fail";
    std::map<char, std::string> lists;
    for (int value = 0; value < next_; ++value) {
      if (draw(random_, 3) > 0) continue;
      txns[t].reads.push_back(value);
      std::string& list = lists[key_of(value)];
      list += (list.empty() ? "[" : ",[") + int_text(value) + "," + int_text(value) + "]";
    }
    std::string value = "[[\"poll\",{";
    for (const auto& [key, list] : lists) {
      value += (value.back() == '{' ? "\"" : ",\"") + std::string(1, key) + "\":[" + list + "]";
    }
    value += "}]";
    for (const int sent : txns[t].sends) {
      value += ",[\"send\",\"" + std::string(1, key_of(sent)) + "\",[" + int_text(sent) + "," +
               int_text(sent) + "]]";
    }
    lines_.add(static_cast<int>(t), txns[t].outcome, "txn", value + "]");
  }

  static char key_of(int value) { return value % 2 == 0 ? 'x' : 'y'; }

  Random& random_;
  Lines lines_;
  int next_ = 0;
};

bool read_by(const Txn& reader, const Txn& writer) {
  for (const int value : writer.sends) {
    if (std::ranges::count(reader.reads, value) > 0) return true;
  }
  return false;
}

// For certain, or because a reader of which it is certain was shown something of it.
bool committed(const std::vector<Txn>& txns, const Txn& t) {
  if (t.outcome != "info") return t.outcome == "ok";
  return std::ranges::any_of(
      txns, [&](const Txn& reader) { return reader.outcome == "ok" && read_by(reader, t); });
}

// Whether it leads back to where it began.
bool leads_to(const std::vector<Txn>& txns, std::size_t from, std::size_t to, std::size_t most) {
  for (std::size_t next = 0; next < txns.size() && most > 0; ++next) {
    if (next == from || !committed(txns, txns[next]) || !read_by(txns[next], txns[from])) continue;
    if (next == to || leads_to(txns, next, to, most - 1)) return true;
  }
  return false;
}

TEST(CircleOracle, AgreesOnTransactionsThatReadFromEachOther) {
  const std::uint64_t rounds = log_rounds(4'000);
  Comparison comparison({"G1c"});
  for (std::uint64_t seed = 0; seed < rounds && !testing::Test::HasFatalFailure(); ++seed) {
    Random random = Random::keyed(seed, 0, "oracle", "circles");
    const Draw drawn(random);
    Told expected;
    for (std::size_t t = 0; t < drawn.txns.size(); ++t) {
      if (!committed(drawn.txns, drawn.txns[t])) continue;
      if (leads_to(drawn.txns, t, t, drawn.txns.size())) expected.insert("G1c");
    }
    comparison.compare(drawn.text, expected, [](const Finding&) { return std::string(); });
  }
  comparison.expect_all_met(rounds);
}

}  // namespace
}  // namespace weir::oracle_of_circles
