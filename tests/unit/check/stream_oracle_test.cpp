// Streams with conditional appends and reads of their content, against all orders tried out.
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "broker/base/random.h"
#include "log_oracle.h"

namespace weir::oracle_of_streams {
namespace {

using namespace oracle;

constexpr int kNever = 1'000'000;

int draw(Random& random, int below) {
  return static_cast<int>(random.below(static_cast<std::uint64_t>(below)));
}

using Content = std::vector<int>;

struct Op {
  std::string f, type;
  int invoked = 0, completed = 0;  // times; kNever: it may take effect at any time, or not
  int match = -1;                  // the tail that an append demands
  Content records;                 // of an append, or as a read shows them
  int tail = 0;                    // as the completion tells it
};

bool holds(const Op& op, const Content& state) {
  const auto size = static_cast<int>(state.size());
  if (op.f == "append") {
    if (op.match >= 0 && op.match != size) return false;
    return op.type != "ok" || op.tail == size + static_cast<int>(op.records.size());
  }
  return op.tail == size && (op.f != "read" || op.records == state);
}

// Whether some order of all that certainly happened, and of any of the rest, gives each its answer.
bool some_order(const std::vector<Op>& ops, std::uint32_t done, const Content& state) {
  bool over = true;
  for (std::size_t i = 0; i < ops.size(); ++i) {
    if ((done >> i & 1) != 0) continue;
    over &= ops[i].completed == kNever;
    bool waits = false;
    for (std::size_t j = 0; j < ops.size(); ++j) {
      waits |= (done >> j & 1) == 0 && ops[j].completed < ops[i].invoked;
    }
    if (waits || !holds(ops[i], state)) continue;
    Content after = state;
    if (ops[i].f == "append") {
      after.insert(after.end(), ops[i].records.begin(), ops[i].records.end());
    }
    if (some_order(ops, done | 1u << i, after)) return true;
  }
  return over;
}

std::string list_text(const Content& list) {
  std::string out = "[";
  for (const int n : list) out += (out.size() > 1 ? "," : "") + int_text(n);
  return out + "]";
}

std::string asked_text(const Op& op) {
  if (op.f != "append") return "null";
  return "{\"records\":" + list_text(op.records) +
         (op.match < 0 ? "" : ",\"match_seq_num\":" + int_text(op.match)) + "}";
}

std::string told_text(const Op& op) {
  if (op.type != "ok") return "null";
  const std::string tail = "{\"tail\":" + int_text(op.tail);
  return tail + (op.f == "read" ? ",\"records\":" + list_text(op.records) : "") + "}";
}

// Mostly as one stream would answer; now and then an answer or a condition is another.
std::vector<Op> draw_ops(Random& random, std::string& text) {
  Lines lines("{}", "stream");
  std::vector<Op> ops, open(3);
  std::vector<bool> is_open(3, false);
  Content state;
  int value = 0;
  for (int steps = 6 + draw(random, 8); steps > 0; --steps) {
    const int process = draw(random, 3);
    const auto p = static_cast<std::size_t>(process);
    Op& op = open[p];
    if (!is_open[p]) {
      if (ops.size() >= 6) continue;
      op = Op{};
      const int what = draw(random, 4);
      op.f = what < 2 ? "append" : what == 2 ? "read" : "check_tail";
      if (op.f == "append") {
        for (int n = draw(random, 3); n >= 0; --n) op.records.push_back(++value % 4);
        const auto size = static_cast<int>(state.size());
        if (draw(random, 2) == 0) op.match = std::max(0, size - (draw(random, 4) == 0 ? 1 : 0));
      }
      op.invoked = lines.add(process, "invoke", op.f, asked_text(op));
      is_open[p] = true;
      continue;
    }
    is_open[p] = false;
    const int fate = draw(random, 8);
    op.type = fate < 6 ? "ok" : fate == 6 ? "info" : "fail";
    const bool fits = op.match < 0 || op.match == static_cast<int>(state.size());
    if (op.f == "append" && !fits && op.type == "ok" && draw(random, 4) > 0) op.type = "fail";
    if (op.f == "append" && op.type != "fail" && fits && (op.type == "ok" || draw(random, 2) == 0))
      state.insert(state.end(), op.records.begin(), op.records.end());
    if (op.f == "read") op.records = state;
    op.tail = static_cast<int>(state.size());
    if (draw(random, 10) == 0 && op.tail > 0) --op.tail;
    if (op.f == "read" && draw(random, 10) == 0 && !op.records.empty()) op.records.front() ^= 1;
    op.completed = lines.add(process, op.type, op.f, told_text(op));
    if (op.type == "info") op.completed = kNever;
    const bool counts = op.type == "ok" || (op.type == "info" && op.f == "append");
    if (counts) ops.push_back(op);
  }
  for (std::size_t p = 0; p < open.size(); ++p) {
    if (!is_open[p] || open[p].f != "append") continue;
    open[p].completed = kNever;
    ops.push_back(open[p]);
  }
  text = lines.text();
  return ops;
}

TEST(StreamOracle, AgreesOnConditionsAndContents) {
  const std::uint64_t rounds = log_rounds(4'000);
  Comparison comparison({"not-linearizable"});
  for (std::uint64_t seed = 0; seed < rounds && !testing::Test::HasFatalFailure(); ++seed) {
    Random random = Random::keyed(seed, 0, "oracle", "contents");
    std::string text;
    const std::vector<Op> ops = draw_ops(random, text);
    Told expected;
    if (!some_order(ops, 0, {})) expected.insert("not-linearizable");
    comparison.compare(text, expected, [](const Finding&) { return std::string(); });
  }
  comparison.expect_all_met(rounds);
}

}  // namespace
}  // namespace weir::oracle_of_streams
