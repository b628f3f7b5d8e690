// find() against definitions written down plainly, on small random histories; and on any bytes.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "checkers/checkers.h"
#include "checkers/history_json.h"
#include "tests/support/checkers_histories.h"

namespace weir {
namespace {

struct SendOp {
  std::string key, value;
  OpType outcome;
  std::int64_t offset;
};
struct PollOp {
  std::int64_t process;
  std::string key;
  HistoryBuilder::Records records;
};
struct Small {
  std::vector<SendOp> sends;  // of one process, before all polls
  std::vector<PollOp> polls;
};

// Mostly true logs, so that single slips stand out: offsets and orders go wrong now and then.
Small small() {
  Small s;
  std::map<std::string, HistoryBuilder::Records> logs;
  const int count = *rc::gen::inRange(0, 12);
  for (int n = 0; n < count; ++n) {
    SendOp send;
    send.key = *rc::gen::element<std::string>("x", "y");
    send.value = std::to_string(n);
    const auto length = static_cast<std::int64_t>(logs[send.key].size());
    const int fate = *rc::gen::inRange(0, 10);
    send.outcome = fate < 7 ? OpType::ok : fate < 9 ? OpType::info : OpType::fail;
    const int slip = *rc::gen::inRange(0, 12);
    send.offset = send.outcome == OpType::ok ? length : kNoOffset;
    if (slip == 0) send.offset = *rc::gen::inRange(0, 6);
    if (slip != 1 && send.outcome != OpType::fail) logs[send.key].emplace_back(length, send.value);
    if (slip == 2) logs[send.key].emplace_back(length + 1, send.value);
    s.sends.push_back(send);
  }
  const int polls = *rc::gen::inRange(0, 10);
  std::map<std::pair<std::int64_t, std::string>, std::size_t> at;
  for (int n = 0; n < polls; ++n) {
    PollOp poll;
    poll.process = *rc::gen::inRange(1, 3);
    poll.key = *rc::gen::element<std::string>("x", "y");
    const HistoryBuilder::Records& log = logs[poll.key];
    std::size_t& from = at[{poll.process, poll.key}];
    const int slip = *rc::gen::inRange(0, 8);
    if (slip == 0 && from > 0) --from;
    if (slip == 1) ++from;
    const auto some = static_cast<std::size_t>(*rc::gen::inRange(0, 5));
    for (std::size_t i = 0; i < some && from < log.size(); ++i) poll.records.push_back(log[from++]);
    if (slip == 2 && poll.records.size() > 1) std::swap(poll.records[0], poll.records[1]);
    if (slip == 3 && poll.records.size() > 2) poll.records.erase(poll.records.begin() + 1);
    if (slip == 4 && !poll.records.empty()) poll.records[0].second = std::to_string(n);
    s.polls.push_back(poll);
  }
  return s;
}

History history_of(const Small& s) {
  HistoryBuilder b;
  for (const SendOp& send : s.sends) b.send(0, send.key, send.offset, send.value, send.outcome);
  for (const PollOp& poll : s.polls) b.poll(poll.process, {{poll.key, poll.records}});
  return std::move(b.history);
}

using FoundFacts = std::set<std::tuple<std::string, std::string, std::string>>;  // kind, key, what

// The definitions, word by word, without any regard for time or memory.
class Plain {
 public:
  explicit Plain(const Small& s) : s_(s) {
    for (const PollOp& p : s.polls) {
      for (const auto& [offset, value] : p.records) polled_[p.key].insert({offset, value});
    }
    for (const SendOp& send : s.sends) {
      if (committed(send) && send.offset >= 0 && !lied(send)) {
        acked_[send.key].insert({send.offset, send.value});
      }
    }
  }

  FoundFacts facts() {
    for (const SendOp& send : s_.sends) {
      if (committed(send) && send.offset >= 0 && !seen(send) && !lied(send) && !misrouted(send) &&
          send.offset <= max_read(send.key)) {
        out_.insert({"lost-write", send.key, send.value});
      }
    }
    for (const std::string key : {"x", "y"}) logs(key);
    for (const std::int64_t process : {1, 2}) {
      for (const std::string key : {"x", "y"}) consumer(process, key);
    }
    return out_;
  }

 private:
  using Place = std::pair<std::int64_t, std::string>;

  bool seen(const SendOp& send) {
    const auto& all = polled_[send.key];
    return std::any_of(all.begin(), all.end(),
                       [&](const Place& p) { return p.second == send.value; });
  }
  bool committed(const SendOp& send) {
    return send.outcome == OpType::ok || (send.outcome == OpType::info && seen(send));
  }
  // Read from the other partition: that finding says it all.
  bool misrouted(const SendOp& send) {
    const auto& all = polled_[send.key == "x" ? "y" : "x"];
    return std::any_of(all.begin(), all.end(),
                       [&](const Place& p) { return p.second == send.value; });
  }
  // Another record was read at its place, and it was read elsewhere.
  bool lied(const SendOp& send) {
    const auto& all = polled_[send.key];
    return seen(send) && !all.contains({send.offset, send.value}) &&
           std::any_of(all.begin(), all.end(),
                       [&](const Place& p) { return p.first == send.offset; });
  }
  bool failed(const std::string& key, const std::string& value) {
    return std::any_of(s_.sends.begin(), s_.sends.end(), [&](const SendOp& send) {
      return send.key == key && send.value == value && send.outcome == OpType::fail;
    });
  }
  std::set<Place> points(const std::string& key) {
    std::set<Place> all = polled_[key];
    all.insert(acked_[key].begin(), acked_[key].end());
    return all;
  }
  std::int64_t max_read(const std::string& key) {
    return polled_[key].empty() ? -1 : polled_[key].rbegin()->first;
  }

  void logs(const std::string& key) {
    std::map<std::string, std::set<std::int64_t>> offsets;
    std::map<std::int64_t, std::set<std::string>> values;
    for (const auto& [offset, value] : points(key)) {
      offsets[value].insert(offset);
      values[offset].insert(value);
    }
    for (auto& [value, where] : offsets) {
      for (const SendOp& send : s_.sends) {
        const bool told = send.outcome == OpType::fail && send.key == key && send.value == value;
        if (told) where.erase(send.offset);
      }
      if (where.size() > 1) out_.insert({"duplicate", key, value});
    }
    for (const auto& [offset, what] : values) {
      if (what.size() > 1) out_.insert({"inconsistent-offsets", key, std::to_string(offset)});
    }
  }

  void consumer(std::int64_t process, const std::string& key) {
    std::int64_t last = -1;
    bool known = false;
    for (const PollOp& p : s_.polls) {
      if (p.process != process || p.key != key) continue;
      bool inside = false;
      for (const auto& [offset, value] : p.records) {
        const std::string step = std::to_string(last) + ">" + std::to_string(offset);
        const std::string kind = inside ? "int-" : "";
        if (known && offset <= last) out_.insert({kind + "nonmonotonic-poll", key, step});
        if (known && offset > last && skips(key, last, offset)) {
          out_.insert({kind + "poll-skip", key, step});
        }
        last = offset;
        known = inside = true;
      }
    }
  }

  bool skips(const std::string& key, std::int64_t last, std::int64_t next) {
    for (const auto& [offset, value] : points(key)) {
      if (offset > last && offset < next && !failed(key, value)) return true;
    }
    return false;
  }

  const Small& s_;
  std::map<std::string, std::set<Place>> polled_, acked_;
  FoundFacts out_;
};

FoundFacts found_by_find(const History& history) {
  FoundFacts facts;
  for (const Finding& f : find(history).findings) {
    const std::string kind(name_of(f.kind));
    if (kind == "lost-write" || kind == "duplicate") {
      facts.insert({kind, f.key, std::get<Datum>(*f.field("value")).text});
    } else if (kind == "inconsistent-offsets") {
      facts.insert({kind, f.key, std::to_string(f.integer("offset", -1))});
    } else if (kind.ends_with("poll-skip") || kind.ends_with("nonmonotonic-poll")) {
      facts.insert({kind, f.key,
                    std::to_string(f.integer("expected", -1) - 1) + ">" +
                        std::to_string(f.integer("got", -1))});
    }
  }
  return facts;
}

constexpr std::array kPlainKinds = {"lost-write",
                                    "duplicate",
                                    "inconsistent-offsets",
                                    "nonmonotonic-poll",
                                    "int-nonmonotonic-poll",
                                    "poll-skip",
                                    "int-poll-skip"};

TEST(CheckersFind, AgreesWithThePlainDefinitions) {
  std::map<std::string, int> met;
  const bool passed = rc::check("agrees with the plain definitions", [&] {
    const Small s = small();
    const History history = history_of(s);
    const FoundFacts expected = Plain(s).facts();
    for (const auto& fact : expected) ++met[std::get<0>(fact)];
    const FoundFacts found = found_by_find(history);
    if (found != expected) {
      RC_LOG() << write_history(history);
      for (const auto& [kind, key, what] : expected)
        RC_LOG() << "expected " << kind << key << what << "\n";
      for (const auto& [kind, key, what] : found)
        RC_LOG() << "found " << kind << key << what << "\n";
    }
    RC_ASSERT(found == expected);
  });
  ASSERT_TRUE(passed);
  // A hundred histories may lack a kind by chance, ten thousand do not.
  const auto kinds_of = [](const rc::Shrinkable<Small>& drawn) {
    std::set<std::string> kinds;
    for (const auto& fact : Plain(drawn.value()).facts()) kinds.insert(std::get<0>(fact));
    return kinds;
  };
  const auto generator = rc::gen::exec(small);
  for (std::uint64_t seed = 0; seed < 10'000 && met.size() < kPlainKinds.size(); ++seed) {
    for (const std::string& kind : kinds_of(generator(rc::Random(seed), 100))) ++met[kind];
  }
  for (const char* kind : kPlainKinds) {
    EXPECT_GT(met[kind], 0) << "the generator never made a " << kind;
  }
}

TEST(CheckersReader, NeverCrashesOnAnyBytes) {
  ASSERT_TRUE(rc::check("any bytes", [](const std::string& bytes) {
    static_cast<void>(to_json(check_text(bytes, "x")));
  }));
}

// A true history with a few bytes changed, cut or repeated goes deep into the reader and on into
// the checks.
TEST(CheckersReader, NeverCrashesOnSpoiledHistories) {
  HistoryBuilder b;
  b.assign(1, {"x", "y"}, true);
  b.send(0, "x", 0, "a");
  b.send(0, "y", 9007199254740993, "b");
  b.poll(1, {{"x", {{0, "a"}}}, {"y", {{9007199254740993, "b"}}}});
  const std::string events =
      R"({"index":20,"time":9,"process":1,"type":"event","f":"offset_reset","value":{"x":{"from":1,"to":4,"policy":"earliest"}}})"
      "\n"
      R"({"index":21,"time":9,"process":null,"type":"event","f":"log","value":{"x":{"start":0,"hw":9,"lso":9,"end":9,"markers":{"3":"commit"}}}})"
      "\n"
      R"({"index":22,"time":9,"process":1,"type":"ok","f":"commit","value":{"x":3},"auto":true,"consumer":{"group":"g","member":"m","generation":1}})"
      "\n"
      R"({"index":23,"time":9,"process":1,"type":"event","f":"assigned","value":{"keys":["x"]},"consumer":{"group":"g","member":"m","generation":2}})"
      "\n"
      R"({"index":24,"time":9,"process":1,"type":"ok","f":"poll","value":[["poll",{"x":[[7,"a"],[2,null]]}]],"consumer":{"group":"g"},"rebalances":[{"event":"lost","keys":["x"]}]})"
      "\n"
      R"({"index":25,"time":9,"process":null,"type":"event","f":"topic_recreated","value":{"topic":"t","keys":["x"]}})"
      "\n"
      R"({"index":26,"time":9,"process":1,"type":"ok","f":"handle","value":[["x",0],["x",9223372036854775806]]})"
      "\n";
  const std::string good =
      R"({"format":"weir-history/1","config":{"final_drain":true,"cleanup":"compact","handling_recorded":true,"bounds":{"staleness_ns":1}}})"
      "\n" +
      write_history(b.history).substr(write_history(b.history).find('\n') + 1);
  const std::size_t end = good.rfind("{\"end\"");
  const std::string whole = good.substr(0, end) + events + good.substr(end);
  ASSERT_EQ(check_text(whole, "x").error, "");
  ASSERT_TRUE(rc::check("spoiled", [&whole] {
    std::string text = whole;
    const int slips = *rc::gen::inRange(1, 5);
    for (int i = 0; i < slips; ++i) {
      const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
      const auto length = std::min(*rc::gen::inRange<std::size_t>(1, 40), text.size() - at);
      switch (*rc::gen::inRange(0, 4)) {
        case 0: text[at] = *rc::gen::arbitrary<char>(); break;
        case 1: text.erase(at, length); break;
        case 2: text.insert(at, text.substr(at, length)); break;
        default:
          text.replace(
              at, 1,
              *rc::gen::element<std::string>("9223372036854775806", "-1", "null", "[", "}", "0"));
      }
    }
    const CheckReport report = check_text(text, "x");
    static_cast<void>(to_json(report));
    RC_ASSERT(report.error.empty() || report.exit_code == 64);
  }));
}

}  // namespace
}  // namespace weir
