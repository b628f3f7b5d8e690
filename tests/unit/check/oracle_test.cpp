// The engine against brute force: all orders of all operations, on many small random histories.
//
// A list-append history is (strictly) serializable when some order of its committed transactions,
// with any choice of those that nobody knows about, gives every read what it returned. A register
// or stream is linearizable when some order that respects real time does. The engine must say the
// same of each history, both ways.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <map>

#include "broker/base/random.h"
#include "checkers/checkers.h"
#include "checkers/history_json.h"

namespace weir {
namespace {

// More of them: WEIR_ORACLE_ROUNDS=1000000.
std::uint64_t rounds(std::uint64_t usual) {
  const char* asked = std::getenv("WEIR_ORACLE_ROUNDS");
  return asked == nullptr ? usual : std::strtoull(asked, nullptr, 10);
}

struct Micro {
  char key = 'x';
  int append = 0;  // 0: a read
  std::vector<int> read = {};
};
struct Txn {
  int invoked = 0, completed = 0;
  OpType type{};
  std::vector<Micro> ops = {};
};

using Store = std::map<char, std::vector<int>>;

// Transactions that take effect at one moment each; then a slip may change what one of them read.
std::vector<Txn> random_txns(Random& random) {
  std::vector<Txn> txns(2 + random.below(4));
  std::vector<std::pair<int, std::size_t>> effects;
  int next = 1;
  for (std::size_t t = 0; t < txns.size(); ++t) {
    Txn& txn = txns[t];
    txn.invoked = static_cast<int>(random.below(20)) * 10 + static_cast<int>(t);
    txn.completed = txn.invoked + 1 + static_cast<int>(random.below(8)) * 10;
    const std::uint64_t fate = random.below(10);
    txn.type = fate < 7 ? OpType::ok : fate < 9 ? OpType::info : OpType::fail;
    const std::size_t count = 1 + random.below(3);
    for (std::size_t n = 0; n < count; ++n) {
      Micro op{random.below(2) == 0 ? 'x' : 'y'};
      if (random.below(2) == 0) op.append = next++;
      txn.ops.push_back(op);
    }
    effects.emplace_back(txn.invoked + static_cast<int>(random.below(static_cast<std::uint64_t>(
                                           txn.completed - txn.invoked + 1))),
                         t);
  }
  // Now and then the effect is out of its time.
  if (random.below(3) != 0)
    effects[random.below(effects.size())].first = static_cast<int>(random.below(200));
  std::sort(effects.begin(), effects.end());
  Store store;
  for (const auto& [at, t] : effects) {
    if (txns[t].type == OpType::fail && random.below(8) != 0) continue;
    if (txns[t].type == OpType::info && random.below(2) == 0) continue;
    for (Micro& op : txns[t].ops) {
      if (op.append != 0) store[op.key].push_back(op.append);
      if (op.append == 0) op.read = store[op.key];
    }
  }
  if (random.below(3) != 0) {
    Txn& txn = txns[random.below(txns.size())];
    Micro& op = txn.ops[random.below(txn.ops.size())];
    if (op.append == 0 && !op.read.empty()) {
      if (random.below(2) == 0)
        op.read.pop_back();
      else
        std::swap(op.read.front(), op.read.back());
    }
  }
  return txns;
}

std::string list_text(const std::vector<int>& list) {
  std::string out = "[";
  for (std::size_t i = 0; i < list.size(); ++i) out += (i ? "," : "") + std::to_string(list[i]);
  return out + "]";
}

std::string history_of(const std::vector<Txn>& txns, const std::string& model) {
  std::vector<std::tuple<int, std::size_t, bool>> lines;
  for (std::size_t t = 0; t < txns.size(); ++t) {
    lines.emplace_back(txns[t].invoked * 2, t, true);
    lines.emplace_back(txns[t].completed * 2 + 1, t, false);
  }
  std::sort(lines.begin(), lines.end());
  std::string out = R"({"name":"o","family":"list-append","config":{"consistency_models":[")" +
                    model + "\"]},\"history\":[";
  std::size_t index = 0;
  for (const auto& [at, t, invoke] : lines) {
    const Txn& txn = txns[t];
    out += (index == 0 ? "" : ",") + std::string("{\"index\":") + std::to_string(index) +
           ",\"time\":" + std::to_string(index) + ",\"process\":" + std::to_string(t) +
           ",\"type\":\"" + std::string(invoke ? "invoke" : name_of(txn.type)) +
           "\",\"f\":\"txn\",\"value\":[";
    ++index;
    for (std::size_t n = 0; n < txn.ops.size(); ++n) {
      const Micro& op = txn.ops[n];
      out +=
          (n ? "," : "") + std::string(op.append ? "[\"append\",\"" : "[\"r\",\"") + op.key + "\",";
      if (op.append != 0) {
        out += std::to_string(op.append);
      } else {
        out += invoke || txn.type != OpType::ok ? "null" : list_text(op.read);
      }
      out += "]";
    }
    out += "]}";
  }
  return out + "]}";
}

bool explains(const std::vector<Txn>& txns, const std::vector<std::size_t>& order) {
  Store store;
  for (const std::size_t t : order) {
    for (const Micro& op : txns[t].ops) {
      if (op.append != 0) {
        store[op.key].push_back(op.append);
      } else if (txns[t].type == OpType::ok && store[op.key] != op.read) {
        return false;
      }
    }
  }
  return true;
}

bool serializable(const std::vector<Txn>& txns, bool strict) {
  std::vector<std::size_t> maybe;
  for (std::size_t t = 0; t < txns.size(); ++t) {
    if (txns[t].type == OpType::info) maybe.push_back(t);
  }
  for (std::size_t choice = 0; choice < (std::size_t{1} << maybe.size()); ++choice) {
    std::vector<std::size_t> order;
    for (std::size_t t = 0; t < txns.size(); ++t) {
      if (txns[t].type == OpType::ok) order.push_back(t);
    }
    for (std::size_t m = 0; m < maybe.size(); ++m) {
      if ((choice >> m & 1) != 0) order.push_back(maybe[m]);
    }
    std::sort(order.begin(), order.end());
    do {
      bool in_time = true;
      for (std::size_t i = 0; strict && i < order.size(); ++i) {
        for (std::size_t j = i + 1; j < order.size(); ++j) {
          const Txn& later = txns[order[j]];
          in_time &= later.type != OpType::ok || later.completed >= txns[order[i]].invoked;
        }
      }
      if (in_time && explains(txns, order)) return true;
    } while (std::next_permutation(order.begin(), order.end()));
  }
  return false;
}

class ListOracle : public testing::TestWithParam<bool> {};

TEST_P(ListOracle, AgreesOnSerializability) {
  const bool strict = GetParam();
  std::size_t good = 0, bad = 0;
  for (std::uint64_t seed = 0; seed < rounds(6'000); ++seed) {
    Random random = Random::keyed(seed, 0, "oracle", "lists");
    const std::vector<Txn> txns = random_txns(random);
    const std::string text = history_of(txns, strict ? "strict-serializable" : "serializable");
    const CheckReport report = check_text(text, "oracle");
    ASSERT_EQ(report.error, "") << text;
    const bool anything = std::any_of(txns.begin(), txns.end(), [](const Txn& t) {
      return t.type == OpType::ok && std::any_of(t.ops.begin(), t.ops.end(), [](const Micro& op) {
               return op.append != 0 || !op.read.empty();
             });
    });
    if (!anything) continue;
    const bool expected = serializable(txns, strict);
    ASSERT_EQ(report.found.findings.empty(), expected) << text << "\n" << to_text(report);
    ++(expected ? good : bad);
  }
  EXPECT_GT(good, rounds(6'000) / 20);
  EXPECT_GT(bad, rounds(6'000) / 20);
}

INSTANTIATE_TEST_SUITE_P(Models, ListOracle, testing::Values(false, true),
                         [](const auto& parameter) {
                           return parameter.param ? "StrictSerializable" : "Serializable";
                         });

struct Op {
  int process = 0;
  std::string f;
  int invoked = 0, completed = 0;
  OpType type{};
  int value = 0, old = 0;  // of a stream: the record, and the tail told
};

// Operations on a register of a few values, mostly as one would see them.
std::vector<Op> random_ops(Random& random, bool stream) {
  std::vector<Op> ops(2 + random.below(5));
  std::vector<std::pair<int, std::size_t>> effects;
  for (std::size_t i = 0; i < ops.size(); ++i) {
    Op& op = ops[i];
    op.process = static_cast<int>(i);
    op.invoked = static_cast<int>(random.below(12)) * 10 + static_cast<int>(i);
    op.completed = op.invoked + 1 + static_cast<int>(random.below(6)) * 10;
    const std::uint64_t kind = random.below(stream ? 2 : 4);
    op.f = stream ? (kind == 0 ? "append" : "check_tail")
                  : (kind == 0   ? "put"
                     : kind == 1 ? "cas"
                                 : "get");
    const std::uint64_t fate = random.below(10);
    op.type = fate < 7 ? OpType::ok : fate < 9 ? OpType::info : OpType::fail;
    op.value = static_cast<int>(random.below(3));
    op.old = static_cast<int>(random.below(3));
    const auto length = static_cast<std::uint64_t>(op.completed - op.invoked + 1);
    effects.emplace_back(op.invoked + static_cast<int>(random.below(length)), i);
  }
  if (random.below(3) != 0)
    effects[random.below(effects.size())].first = static_cast<int>(random.below(120));
  std::sort(effects.begin(), effects.end());
  int state = 0;
  for (const auto& [at, i] : effects) {
    Op& op = ops[i];
    const bool happens = op.type == OpType::ok || (op.type == OpType::info && random.below(2) == 0);
    if (stream) {
      if (op.f == "append" && happens) ++state;
      op.old = state;
      continue;
    }
    if (op.f == "get") op.value = random.below(12) == 0 ? 1 : state;
    if (op.f == "put" && happens) state = op.value;
    if (op.f != "cas" || op.type == OpType::info) continue;
    op.type = state == op.old ? OpType::ok : OpType::fail;
    if (op.type == OpType::ok) state = op.value;
  }
  return ops;
}

std::string history_of(const std::vector<Op>& ops, bool stream) {
  std::vector<std::tuple<int, std::size_t, bool>> lines;
  for (std::size_t i = 0; i < ops.size(); ++i) {
    lines.emplace_back(ops[i].invoked * 2, i, true);
    lines.emplace_back(ops[i].completed * 2 + 1, i, false);
  }
  std::sort(lines.begin(), lines.end());
  std::string out = std::string("{\"name\":\"o\",\"family\":\"") +
                    (stream ? "stream" : "register") +
                    "\",\"config\":{\"initial\":0},\"history\":[";
  std::size_t index = 0;
  for (const auto& [at, i, invoke] : lines) {
    const Op& op = ops[i];
    std::string value = "null";
    if (op.f == "put" || (op.f == "get" && !invoke)) value = std::to_string(op.value);
    if (op.f == "cas") value = "[" + std::to_string(op.old) + "," + std::to_string(op.value) + "]";
    if (op.f == "append" && invoke) value = "{\"records\":[" + std::to_string(op.value) + "]}";
    if (stream && !invoke) value = "{\"tail\":" + std::to_string(op.old) + "}";
    out += (index == 0 ? "" : ",") + std::string("{\"index\":") + std::to_string(index) +
           ",\"time\":" + std::to_string(index) + ",\"process\":" + std::to_string(op.process) +
           ",\"type\":\"" + std::string(invoke ? "invoke" : name_of(op.type)) + "\",\"f\":\"" +
           op.f + "\",\"value\":" + value + "}";
    ++index;
  }
  return out + "]}";
}

// Whether the operation may happen in this state; -1 where it may not.
int after(const Op& op, int state) {
  if (op.f == "put") return op.value;
  if (op.f == "get") return state == op.value ? state : -1;
  if (op.f == "check_tail") return state == op.old ? state : -1;
  if (op.f == "append") return op.type == OpType::ok && state + 1 != op.old ? -1 : state + 1;
  if (op.type == OpType::fail) return state != op.old ? state : -1;
  return state == op.old ? op.value : -1;
}

bool linearizable(const std::vector<Op>& ops) {
  std::vector<std::size_t> sure, maybe;
  for (std::size_t i = 0; i < ops.size(); ++i) {
    const Op& op = ops[i];
    const bool asks = op.f == "get" || op.f == "check_tail";
    const bool counts = op.type == OpType::ok || (op.f == "cas" && op.type == OpType::fail);
    if (counts) sure.push_back(i);
    if (op.type == OpType::info && !asks) maybe.push_back(i);
  }
  for (std::size_t choice = 0; choice < (std::size_t{1} << maybe.size()); ++choice) {
    std::vector<std::size_t> order = sure;
    for (std::size_t m = 0; m < maybe.size(); ++m) {
      if ((choice >> m & 1) != 0) order.push_back(maybe[m]);
    }
    std::sort(order.begin(), order.end());
    do {
      int state = 0;
      for (std::size_t i = 0; i < order.size() && state >= 0; ++i) {
        for (std::size_t j = i + 1; j < order.size() && state >= 0; ++j) {
          const Op& later = ops[order[j]];
          if (later.type != OpType::info && later.completed < ops[order[i]].invoked) state = -1;
        }
        if (state >= 0) state = after(ops[order[i]], state);
      }
      if (state >= 0) return true;
    } while (std::next_permutation(order.begin(), order.end()));
  }
  return false;
}

class ObjectOracle : public testing::TestWithParam<bool> {};

TEST_P(ObjectOracle, AgreesOnLinearizability) {
  const bool stream = GetParam();
  std::size_t good = 0, bad = 0;
  for (std::uint64_t seed = 0; seed < rounds(6'000); ++seed) {
    Random random = Random::keyed(seed, 0, "oracle", stream ? "streams" : "registers");
    const std::vector<Op> ops = random_ops(random, stream);
    const std::string text = history_of(ops, stream);
    const CheckReport report = check_text(text, "oracle");
    ASSERT_EQ(report.error, "") << text;
    const bool anything =
        std::any_of(ops.begin(), ops.end(), [](const Op& o) { return o.type == OpType::ok; });
    if (!anything) continue;
    const bool expected = linearizable(ops);
    ASSERT_EQ(report.found.findings.empty(), expected) << text << "\n" << to_text(report);
    ++(expected ? good : bad);
  }
  EXPECT_GT(good, rounds(6'000) / 20);
  EXPECT_GT(bad, rounds(6'000) / 20);
}

INSTANTIATE_TEST_SUITE_P(Objects, ObjectOracle, testing::Values(false, true),
                         [](const auto& parameter) {
                           return parameter.param ? "Stream" : "Register";
                         });

}  // namespace
}  // namespace weir
