// Committed offsets, ownership and zombies against their definitions, written down plainly and
// without any regard for time or memory, on many small random histories.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "broker/base/random.h"
#include "log_oracle.h"

namespace weir {
namespace {

using namespace oracle;

constexpr int kOpen = 1'000'000;  // no completion that tells anything

int draw(Random& random, int below) {
  return static_cast<int>(random.below(static_cast<std::uint64_t>(below)));
}

std::string of_group(int member, int generation = -1) {
  return R"(,"consumer":{"group":"g","member":"m)" + int_text(member) + "\"" +
         (generation < 0 ? "" : ",\"generation\":" + int_text(generation)) + "}";
}

std::string at_x(int offset) { return "{\"x\":" + int_text(offset) + "}"; }

// An operation on the committed offset of x; of a commit that failed nothing is kept.
struct OffsetOp {
  bool put = false;
  int value = -1;
  int invoked = 0, returned = kOpen;
};

// Some order of all reads and certain commits, and of any of the others, gives each read its value.
bool some_order(const std::vector<OffsetOp>& ops, std::uint32_t done, int value) {
  bool over = true;
  for (std::size_t i = 0; i < ops.size(); ++i) {
    if ((done >> i & 1) != 0) continue;
    over &= ops[i].returned == kOpen;
    const bool waits = std::ranges::any_of(ops, [&](const OffsetOp& other) {
      const auto j = static_cast<std::size_t>(&other - ops.data());
      return (done >> j & 1) == 0 && other.returned < ops[i].invoked;
    });
    if (waits || (!ops[i].put && ops[i].value != value)) continue;
    if (some_order(ops, done | 1u << i, ops[i].value)) return true;
  }
  return over;
}

TEST(GroupOracle, AgreesOnReadsOfCommittedOffsets) {
  const std::uint64_t rounds = log_rounds(4'000);
  Comparison comparison({"commit-regression"});
  for (std::uint64_t seed = 0; seed < rounds && !testing::Test::HasFatalFailure(); ++seed) {
    Random random = Random::keyed(seed, 0, "oracle", "committed");
    Lines lines("{}");
    std::vector<OffsetOp> ops;
    std::map<int, OffsetOp> open;  // by process
    std::vector<int> processes = {1, 2, 3};
    int now = -1;  // what a register would hold
    for (int steps = 6 + draw(random, 9); steps > 0; --steps) {
      int& process = processes[static_cast<std::size_t>(draw(random, 3))];
      if (!open.contains(process)) {
        if (ops.size() + open.size() >= 8) continue;
        OffsetOp op;
        op.put = draw(random, 2) == 0;
        op.value = op.put ? draw(random, 4) : now;
        op.invoked = op.put ? lines.add(process, "invoke", "commit", at_x(op.value), of_group(0))
                            : lines.add(process, "invoke", "committed", "[\"x\"]", of_group(0));
        open[process] = op;
        if (op.put && draw(random, 2) == 0) now = op.value;
        continue;
      }
      OffsetOp op = open[process];
      open.erase(process);
      const int fate = draw(random, 8);
      if (!op.put) {
        if (draw(random, 3) > 0) op.value = now;
        if (draw(random, 6) == 0) op.value = draw(random, 4);
        op.returned = lines.add(process, "ok", "committed",
                                op.value < 0 ? "{\"x\":null}" : at_x(op.value), of_group(0));
        ops.push_back(op);
      } else if (fate == 0) {
        lines.add(process, "fail", "commit", at_x(op.value), of_group(0));
      } else if (fate == 1) {
        lines.add(process, "info", "commit", at_x(op.value), of_group(0));
        process += 10;
        ops.push_back(op);
      } else {
        op.returned = lines.add(process, "ok", "commit", at_x(op.value), of_group(0));
        now = op.value;
        ops.push_back(op);
      }
    }
    for (const auto& [process, op] : open) {
      if (op.put) ops.push_back(op);
    }
    Told expected;
    if (!some_order(ops, 0, -1)) expected.insert("commit-regression x");
    comparison.compare(lines.text(), expected, [](const Finding& f) { return f.key; });
  }
  comparison.expect_all_met(rounds);
}

struct GivenTo {
  int process = 0, line = 0;
};

// Whether a reader who asks between two lines may be told the value of this put.
bool tells(const std::vector<OffsetOp>& puts, const OffsetOp& put, int from, int to) {
  if (put.invoked > to) return false;
  return std::ranges::none_of(puts, [&](const OffsetOp& later) {
    return later.invoked > put.returned && later.returned < from;
  });
}

// Members are given x, read it from somewhere, and commit; now and then by themselves.
TEST(GroupOracle, AgreesOnWhereOwnersStartAndWhatTheyCommit) {
  const std::uint64_t rounds = log_rounds(4'000);
  Comparison comparison({"start-above-committed", "start-below-committed", "commit-ahead"});
  for (std::uint64_t seed = 0; seed < rounds && !testing::Test::HasFatalFailure(); ++seed) {
    Random random = Random::keyed(seed, 0, "oracle", "starts");
    Lines lines("{}");
    // Records lie at 0, 2, 4 and so on; between them are markers.
    const int records = 2 + draw(random, 4);
    for (int r = 0; r < records; ++r) {
      const std::string value = int_text(100 + r);
      lines.add(9, "invoke", "send", "[[\"send\",\"x\"," + value + "]]");
      lines.add(9, "ok", "send", "[[\"send\",\"x\",[" + int_text(2 * r) + "," + value + "]]]");
    }
    const auto known_between = [&](int from, int to) {
      for (int r = 0; r < records; ++r) {
        if (2 * r >= from && 2 * r < to) return true;
      }
      return false;
    };
    std::vector<OffsetOp> puts;             // that did not fail; the first is "nothing"
    std::map<int, OffsetOp> open;           // by process
    std::map<int, int> assigned, position;  // line, and next offset, by process
    puts.push_back({true, -1, -1, -1});
    Told expected;
    struct Began {
      int process, assigned, line, first;
    };
    std::vector<Began> starts;
    std::map<int, bool> automatic;
    for (int steps = 8 + draw(random, 10); steps > 0; --steps) {
      const int process = 1 + draw(random, 3);
      const int what = draw(random, 6);
      if (what == 0 && !open.contains(process)) {
        assigned[process] =
            lines.add(process, "event", "assigned", "{\"keys\":[\"x\"]}", of_group(process));
        position.erase(process);
      } else if (what < 3 && !open.contains(process) &&
                 (assigned.contains(process) || position.contains(process))) {
        const bool starts_here = assigned.contains(process);
        const int record = draw(random, records);
        lines.add(process, "invoke", "poll", "[[\"poll\"]]", of_group(process));
        const int line = lines.add(
            process, "ok", "poll",
            "[[\"poll\",{\"x\":[[" + int_text(2 * record) + "," + int_text(100 + record) + "]]}]]",
            of_group(process));
        if (starts_here) starts.push_back({process, assigned[process], line, 2 * record});
        assigned.erase(process);
        position[process] = 2 * record + 1;
      } else if (what >= 3 && !open.contains(process)) {
        automatic[process] = draw(random, 2) == 0;
        OffsetOp op{true, draw(random, 2 * records + 1)};
        const std::string more = of_group(process) + (automatic[process] ? ",\"auto\":true" : "");
        op.invoked = lines.add(process, "invoke", "commit", at_x(op.value), more);
        open[process] = op;
      } else if (open.contains(process)) {
        OffsetOp op = open[process];
        const std::string more = of_group(process) + (automatic[process] ? ",\"auto\":true" : "");
        const int fate = draw(random, 6);
        if (fate == 0) {
          lines.add(process, "fail", "commit", at_x(op.value), more);
        } else {
          op.returned =
              lines.add(process, fate == 1 ? "info" : "ok", "commit", at_x(op.value), more);
          const bool known = position.contains(process);
          if (fate > 1 && automatic[process] && known && op.value > position[process] &&
              known_between(position[process], op.value)) {
            expected.insert("commit-ahead " + int_text(op.returned));
          }
          if (fate == 1) op.returned = kOpen;
          puts.push_back(op);
        }
        open.erase(process);
      }
    }
    for (const auto& [process, op] : open) puts.push_back(op);
    for (const Began& b : starts) {
      std::set<int> told;
      for (const OffsetOp& put : puts) {
        if (tells(puts, put, b.assigned, b.line)) told.insert(put.value);
      }
      if (told.contains(-1)) continue;  // the reset policy decides
      if (b.first < *told.begin()) expected.insert("start-below-committed " + int_text(b.line));
      if (b.first > *told.rbegin() && known_between(*told.rbegin(), b.first)) {
        expected.insert("start-above-committed " + int_text(b.line));
      }
    }
    comparison.compare(lines.text(), expected,
                       [](const Finding& f) { return int_text(f.integer("op", -1)); });
  }
  comparison.expect_all_met(rounds);
}

// Who holds what, and in which generation, as the members were told.
TEST(GroupOracle, AgreesOnOwners) {
  const std::uint64_t rounds = log_rounds(4'000);
  Comparison comparison({"unowned-poll", "overlapping-ownership"});
  for (std::uint64_t seed = 0; seed < rounds && !testing::Test::HasFatalFailure(); ++seed) {
    Random random = Random::keyed(seed, 0, "oracle", "owners");
    const bool cooperative = draw(random, 2) == 0;
    Lines lines(cooperative ? R"({"group":{"id":"g","protocol":"cooperative"}})" : "{}");
    struct Hold {
      int process = 0, generation = 0, from = 0, to = kOpen;
      std::string key;
    };
    std::vector<Hold> holds;
    std::set<int> managed;
    std::map<int, int> polling;  // process -> line
    struct Poll {
      int process = 0, invoked = 0, line = 0;
      std::string key;
    };
    std::vector<Poll> polls;
    int generation = 0, value = 0;
    const auto let_go = [&](int process, const std::string& key, int line) {
      for (Hold& hold : holds) {
        const bool it = hold.process == process && (key.empty() || hold.key == key);
        if (it && hold.to == kOpen) hold.to = line;
      }
    };
    for (int steps = 6 + draw(random, 10); steps > 0; --steps) {
      const int process = 1 + draw(random, 3);
      const std::string key = draw(random, 2) == 0 ? "x" : "y";
      const std::string keys = "{\"keys\":[\"" + key + "\"]}";
      const int what = draw(random, 8);
      if (what < 3) {
        generation += draw(random, 2);
        const int line =
            lines.add(process, "event", "assigned", keys, of_group(process, generation));
        let_go(process, key, line);  // held anew
        holds.push_back({process, generation, line, kOpen, key});
        managed.insert(process);
      } else if (what == 3) {
        const std::string how = draw(random, 2) == 0 ? "revoked" : "lost";
        let_go(process, key, lines.add(process, "event", how, keys, of_group(process, generation)));
      } else if (what == 4 && !polling.contains(process)) {
        let_go(process, "", lines.add(process, "info", "crash", "null"));
      } else if (!polling.contains(process)) {
        polling[process] = lines.add(process, "invoke", "poll", "[[\"poll\"]]", of_group(process));
      } else {
        const std::string record = "[[" + int_text(value) + "," + int_text(value) + "]]";
        ++value;
        const int line =
            lines.add(process, "ok", "poll", "[[\"poll\",{\"" + key + "\":" + record + "}]]",
                      of_group(process));
        if (managed.contains(process)) polls.push_back({process, polling[process], line, key});
        polling.erase(process);
      }
    }
    Told expected;
    for (const Poll& poll : polls) {
      // Held at some moment of the poll.
      const bool held = std::ranges::any_of(holds, [&](const Hold& hold) {
        return hold.process == poll.process && hold.key == poll.key && hold.from < poll.line &&
               hold.to > poll.invoked;
      });
      if (!held) expected.insert("unowned-poll " + int_text(poll.line));
    }
    for (const Hold& late : holds) {
      for (const Hold& early : holds) {
        const bool both = early.process != late.process && early.key == late.key &&
                          early.from < late.from && early.to > late.from;
        if (!both || !(cooperative || early.generation == late.generation)) continue;
        expected.insert("overlapping-ownership " + int_text(early.from) + " " +
                        int_text(late.from));
      }
    }
    comparison.compare(lines.text(), expected, [](const Finding& f) {
      if (f.kind == FindingKind::unowned_poll) return int_text(f.integer("op", -1));
      const auto& ops = std::get<std::vector<std::int64_t>>(*f.field("ops"));
      return int_text(ops[0]) + " " + int_text(ops[1]);
    });
  }
  comparison.expect_all_met(rounds);
}

// Sessions of one transactional id that fence each other; members of generations that have ended.
TEST(GroupOracle, AgreesOnZombies) {
  const std::uint64_t rounds = log_rounds(4'000);
  Comparison comparison({"zombie-write", "zombie-commit"});
  for (std::uint64_t seed = 0; seed < rounds && !testing::Test::HasFatalFailure(); ++seed) {
    Random random = Random::keyed(seed, 0, "oracle", "zombies");
    Lines lines("{}");
    struct Begun {
      int epoch = 0, line = 0;
    };
    std::vector<Begun> epochs, generations;  // and from which line on everybody may know it
    struct Under {
      bool send = false;
      int number = 0, value = 0, invoked = 0;  // epoch or generation; value or offset
    };
    std::map<int, Under> open;
    std::vector<std::pair<Under, int>> accepted;
    int epoch = -1, generation = 0, value = 0, offset = 0;
    for (int steps = 8 + draw(random, 12); steps > 0; --steps) {
      const int process = 1 + draw(random, 4);
      const int what = draw(random, 7);
      const auto producer = [](int of) {
        return R"(,"producer":{"id":7,"epoch":)" + int_text(of) + R"(,"txn_id":"t"})";
      };
      if (what == 0) {
        const std::string id = R"(,"producer":{"txn_id":"t"})";
        lines.add(20, "invoke", "init_txns", "null", id);
        ++epoch;
        epochs.push_back({epoch, lines.add(20, "ok", "init_txns",
                                           "{\"id\":7,\"epoch\":" + int_text(epoch) + "}", id)});
      } else if (what == 1) {
        ++generation;
        generations.push_back({generation, lines.add(30, "event", "assigned", "{\"keys\":[\"z\"]}",
                                                     of_group(30, generation))});
      } else if (!open.contains(process)) {
        Under op;
        op.send = what < 5;
        if (op.send && epoch < 0) continue;
        op.number = op.send ? epoch - draw(random, std::min(epoch + 1, 2))
                            : generation - draw(random, std::min(generation + 1, 2));
        op.value = op.send ? value++ : draw(random, 5);
        op.invoked = op.send ? lines.add(process, "invoke", "send",
                                         "[[\"send\",\"x\"," + int_text(op.value) + "]]",
                                         producer(op.number))
                             : lines.add(process, "invoke", "commit", at_x(op.value),
                                         of_group(process, op.number));
        open[process] = op;
      } else {
        const Under op = open[process];
        open.erase(process);
        const bool good = draw(random, 3) > 0;
        const std::string place = good ? int_text(offset++) : "null";
        const int line =
            op.send ? lines.add(process, good ? "ok" : "fail", "send",
                                "[[\"send\",\"x\",[" + place + "," + int_text(op.value) + "]]]",
                                producer(op.number))
                    : lines.add(process, good ? "ok" : "fail", "commit", at_x(op.value),
                                of_group(process, op.number));
        if (good) accepted.emplace_back(op, line);
        // Whoever was told of a generation's commit knows that it had begun.
        if (good && !op.send) generations.push_back({op.number, line});
        if (good && op.send) epochs.push_back({op.number, line});
      }
    }
    Told expected;
    for (const auto& [op, line] : accepted) {
      const std::vector<Begun>& begun = op.send ? epochs : generations;
      const bool ended = std::ranges::any_of(
          begun, [number = op.number, invoked = op.invoked](const Begun& newer) {
            return newer.epoch > number && newer.line < invoked;
          });
      if (ended) {
        expected.insert((op.send ? "zombie-write " : "zombie-commit ") + int_text(line));
      }
    }
    comparison.compare(lines.text(), expected,
                       [](const Finding& f) { return int_text(f.integer("op", -1)); });
  }
  comparison.expect_all_met(rounds);
}

}  // namespace
}  // namespace weir
