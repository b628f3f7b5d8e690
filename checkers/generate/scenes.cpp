// The scenes, as lines of a history: "process type function value" and, behind a bar, other
// members.
//
// K is the partition's key and begins every value, so that scenes do not meet. A line that begins
// with + comes later than the bound of its kind.
#include "checkers/generate/scenes.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "broker/base/assertion.h"
#include "checkers/history_parse.h"

namespace weir {
namespace {

using Kind = FindingKind;

struct Scene {
  Kind kind;
  const char* lines;
};

constexpr const char* kTwoSent = R"(0 invoke send [["send","K","K:a"]]
0 ok send [["send","K",[0,"K:a"]]]
0 invoke send [["send","K","K:b"]]
0 ok send [["send","K",[1,"K:b"]]]
)";
constexpr const char* kBothRead = R"(9 invoke poll [["poll"]]
9 ok poll [["poll",{"K":[[0,"K:a"],[1,"K:b"]]}]]
)";

constexpr std::array<Scene, 23> kScenes = {{
    {Kind::unseen, R"(0 invoke send [["send","K","K:a"]]
0 ok send [["send","K",[null,"K:a"]]])"},
    {Kind::future_read, R"(1 invoke poll [["poll"]]
1 ok poll [["poll",{"K":[[0,"K:a"]]}]]
0 invoke send [["send","K","K:a"]]
0 ok send [["send","K",[0,"K:a"]]])"},
    {Kind::nonmonotonic_send, R"(0 invoke send [["send","K","K:b"]]
0 ok send [["send","K",[1,"K:b"]]]
0 invoke send [["send","K","K:a"]]
0 ok send [["send","K",[0,"K:a"]]]
9 invoke poll [["poll"]]
9 ok poll [["poll",{"K":[[0,"K:a"],[1,"K:b"]]}]])"},
    {Kind::int_nonmonotonic_send, R"(0 invoke send [["send","K","K:b"],["send","K","K:a"]]
0 ok send [["send","K",[1,"K:b"]],["send","K",[0,"K:a"]]]
9 invoke poll [["poll"]]
9 ok poll [["poll",{"K":[[0,"K:a"],[1,"K:b"]]}]])"},
    {Kind::hw_regression, R"(- event log {"K":{"hw":5}}
- event log {"K":{"hw":3}})"},
    {Kind::stuck_lso, R"(- event log {"K":{"hw":5,"lso":3}}
+- event log {"K":{"hw":6,"lso":3}})"},
    {Kind::dirty_read, R"(0 invoke send [["send","K","K:a"]] | "txn":"K/t"
0 ok send [["send","K",[0,"K:a"]]] | "txn":"K/t"
1 invoke poll [["poll"]]
1 ok poll [["poll",{"K":[[0,"K:a"]]}]]
0 invoke commit_txn null | "txn":"K/t"
0 ok commit_txn null | "txn":"K/t")"},
    {Kind::precommitted_read, R"(0 invoke send [["send","K","K:a"]] | "txn":"K/t"
0 ok send [["send","K",[0,"K:a"]]] | "txn":"K/t"
0 invoke poll [["poll"]] | "txn":"K/t"
0 ok poll [["poll",{"K":[[0,"K:a"]]}]] | "txn":"K/t"
0 invoke commit_txn null | "txn":"K/t"
0 ok commit_txn null | "txn":"K/t")"},
    {Kind::torn_txn, R"(0 invoke send [["send","K","K:a"]] | "txn":"K/t"
0 ok send [["send","K",[0,"K:a"]]] | "txn":"K/t"
0 invoke send [["send","K","K:b"]] | "txn":"K/t"
0 ok send [["send","K",[1,"K:b"]]] | "txn":"K/t"
0 invoke commit_txn null | "txn":"K/t"
0 ok commit_txn null | "txn":"K/t"
1 invoke send [["send","K","K:c"]]
1 ok send [["send","K",[3,"K:c"]]]
9 invoke poll [["poll"]]
9 ok poll [["poll",{"K":[[0,"K:a"],[3,"K:c"]]}]])"},
    {Kind::zombie_write, R"(0 invoke init_txns null | "producer":{"txn_id":"K/t"}
0 ok init_txns {"id":ID,"epoch":0} | "producer":{"txn_id":"K/t"}
1 invoke init_txns null | "producer":{"txn_id":"K/t"}
1 ok init_txns {"id":ID,"epoch":1} | "producer":{"txn_id":"K/t"}
0 invoke send [["send","K","K:a"]] | "producer":{"id":ID,"epoch":0,"txn_id":"K/t"}
0 ok send [["send","K",[0,"K:a"]]] | "producer":{"id":ID,"epoch":0,"txn_id":"K/t"}
9 invoke poll [["poll"]]
9 ok poll [["poll",{"K":[[0,"K:a"]]}]])"},
    {Kind::aborted_offset_commit, R"(0 invoke txn [["offsets","K/g",{"K":5}]]
0 fail txn [["offsets","K/g",{"K":5}]]
1 invoke committed ["K"] | "consumer":{"group":"K/g","member":"m1"}
1 ok committed {"K":5} | "consumer":{"group":"K/g","member":"m1"})"},
    {Kind::commit_regression, R"(1 invoke commit {"K":5} | "consumer":{"group":"K/g","member":"m1"}
1 ok commit {"K":5} | "consumer":{"group":"K/g","member":"m1"}
1 invoke commit {"K":7} | "consumer":{"group":"K/g","member":"m1"}
1 ok commit {"K":7} | "consumer":{"group":"K/g","member":"m1"}
1 invoke committed ["K"] | "consumer":{"group":"K/g","member":"m1"}
1 ok committed {"K":5} | "consumer":{"group":"K/g","member":"m1"})"},
    {Kind::zombie_commit,
     R"(1 event assigned {"keys":["K"]} | "consumer":{"group":"K/g","member":"m1","generation":1}
1 event revoked {"keys":["K"]} | "consumer":{"group":"K/g","member":"m1","generation":1}
2 event assigned {"keys":["K"]} | "consumer":{"group":"K/g","member":"m2","generation":2}
1 invoke commit {"K":5} | "consumer":{"group":"K/g","member":"m1","generation":1}
1 ok commit {"K":5} | "consumer":{"group":"K/g","member":"m1","generation":1})"},
    {Kind::overlapping_ownership,
     R"(1 event assigned {"keys":["K"]} | "consumer":{"group":"K/g","member":"m1","generation":1}
2 event assigned {"keys":["K"]} | "consumer":{"group":"K/g","member":"m2","generation":1})"},
    {Kind::orphan_partition,
     R"(1 event assigned {"keys":["K"]} | "consumer":{"group":"K/g","member":"m1","generation":1}
1 event revoked {"keys":["K"]} | "consumer":{"group":"K/g","member":"m1","generation":1}
+1 event assigned {"keys":["K"]} | "consumer":{"group":"K/g","member":"m1","generation":2})"},
    {Kind::rebalance_storm,
     R"(1 event assigned {"keys":["K"]} | "consumer":{"group":"K/g","member":"m1","generation":1}
1 event assigned {"keys":["K"]} | "consumer":{"group":"K/g","member":"m1","generation":2}
1 event assigned {"keys":["K"]} | "consumer":{"group":"K/g","member":"m1","generation":3}
1 event assigned {"keys":["K"]} | "consumer":{"group":"K/g","member":"m1","generation":4})"},
    {Kind::staleness, R"(1 invoke assign ["K"] | "seek":"beginning"
1 ok assign ["K"] | "seek":"beginning"
0 invoke send [["send","K","K:a"]]
0 ok send [["send","K",[0,"K:a"]]]
+1 invoke poll [["poll"]]
+1 ok poll [["poll",{}]]
+1 invoke poll [["poll"]]
+1 ok poll [["poll",{"K":[[0,"K:a"]]}]])"},
    // Between kTwoSent and kBothRead:
    {Kind::int_nonmonotonic_poll, R"(1 invoke poll [["poll"]]
1 ok poll [["poll",{"K":[[1,"K:b"],[0,"K:a"]]}]])"},
    {Kind::leader_epoch_regression, R"(1 invoke poll [["poll"]]
1 ok poll [["poll",{"K":[[0,"K:a",{"leader_epoch":5}],[1,"K:b",{"leader_epoch":3}]]}]])"},
    {Kind::start_above_committed,
     R"(1 invoke commit {"K":0} | "consumer":{"group":"K/g","member":"m1"}
1 ok commit {"K":0} | "consumer":{"group":"K/g","member":"m1"}
1 event assigned {"keys":["K"]} | "consumer":{"group":"K/g","member":"m1"}
1 invoke poll [["poll"]] | "consumer":{"group":"K/g","member":"m1"}
1 ok poll [["poll",{"K":[[1,"K:b"]]}]] | "consumer":{"group":"K/g","member":"m1"})"},
    {Kind::start_below_committed,
     R"(1 invoke commit {"K":1} | "consumer":{"group":"K/g","member":"m1"}
1 ok commit {"K":1} | "consumer":{"group":"K/g","member":"m1"}
1 event assigned {"keys":["K"]} | "consumer":{"group":"K/g","member":"m1"}
1 invoke poll [["poll"]] | "consumer":{"group":"K/g","member":"m1"}
1 ok poll [["poll",{"K":[[0,"K:a"],[1,"K:b"]]}]] | "consumer":{"group":"K/g","member":"m1"})"},
    {Kind::commit_ahead,
     R"(1 event assigned {"keys":["K"]} | "consumer":{"group":"K/g","member":"m1"}
1 invoke poll [["poll"]] | "consumer":{"group":"K/g","member":"m1"}
1 ok poll [["poll",{"K":[[0,"K:a"]]}]] | "consumer":{"group":"K/g","member":"m1"}
1 invoke commit {"K":2} | "auto":true,"consumer":{"group":"K/g","member":"m1"}
1 ok commit {"K":2} | "auto":true,"consumer":{"group":"K/g","member":"m1"})"},
    {Kind::unowned_poll,
     R"(1 event assigned {"keys":["K"]} | "consumer":{"group":"K/g","member":"m1"}
1 event revoked {"keys":["K"]} | "consumer":{"group":"K/g","member":"m1"}
1 invoke poll [["poll"]] | "consumer":{"group":"K/g","member":"m1"}
1 ok poll [["poll",{"K":[[0,"K:a"]]}]] | "consumer":{"group":"K/g","member":"m1"})"},
}};

const Scene* scene_of(Kind kind) {
  const auto it = std::ranges::find(kScenes, kind, &Scene::kind);
  return it == kScenes.end() ? nullptr : &*it;
}

bool on_two_records(Kind kind) {
  return kind == Kind::int_nonmonotonic_poll || kind == Kind::leader_epoch_regression ||
         kind == Kind::start_above_committed || kind == Kind::start_below_committed ||
         kind == Kind::commit_ahead || kind == Kind::unowned_poll;
}

std::string replaced(std::string text, std::string_view what, const std::string& by) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size()) {
    text.replace(at, what.size(), by);
  }
  return text;
}

// "1 ok poll VALUE | MORE" as the object that a history has.
std::string object_of(std::string_view line, const Stage& stage) {
  const bool late = line.starts_with('+');
  if (late) line.remove_prefix(1);
  const auto word = [&line] {
    const std::string_view first = line.substr(0, line.find(' '));
    line.remove_prefix(first.size() + 1);
    return std::string(first);
  };
  const std::string who = word(), type = word(), function = word();
  const std::size_t bar = line.find(" | ");
  const std::int64_t time = stage.time + (late ? 2 * kSceneBound : 0);
  std::string process = "null";
  if (who != "-") process = std::to_string(stage.process + (who.front() - '0'));
  std::string text(line.substr(0, bar));
  if (bar != std::string_view::npos) text += "," + std::string(line.substr(bar + 3));
  text = replaced(std::move(text), "ID", std::to_string(stage.process));
  text = replaced(std::move(text), "\"K", "\"" + stage.key);
  return "{\"time\":" + std::to_string(time) + ",\"process\":" + process + ",\"type\":\"" + type +
         "\",\"f\":\"" + function + "\",\"value\":" + text + "}";
}

}  // namespace

bool has_scene(FindingKind kind) { return scene_of(kind) != nullptr; }

std::vector<FindingKind> kinds_with_scenes() {
  std::vector<FindingKind> kinds;
  for (const Scene& scene : kScenes) kinds.push_back(scene.kind);
  return kinds;
}

void set_bound_of(FindingKind kind, HistoryConfig& config) {
  HistoryBounds& bounds = config.bounds;
  if (kind == Kind::stuck_lso) bounds.lso_ns = kSceneBound;
  if (kind == Kind::orphan_partition) bounds.orphan_ns = kSceneBound;
  if (kind == Kind::staleness) bounds.staleness_ns = kSceneBound;
  if (kind == Kind::rebalance_storm) bounds.uncaused_rebalances = 1;
}

void play_scene(FindingKind kind, const Stage& stage, History& history) {
  const bool sent = on_two_records(kind);
  std::string lines = std::string(sent ? kTwoSent : "") + scene_of(kind)->lines + "\n";
  if (sent) lines += kBothRead;
  HistoryParser parser(history);
  JsonTape tape;
  const JsonPath place;
  for (std::size_t at = 0; at < lines.size();) {
    const std::size_t end = lines.find('\n', at);
    const std::string text = object_of(std::string_view(lines).substr(at, end - at), stage);
    const bool good = tape.parse(text) && parser.operation(JsonValue(tape, 0), place);
    WEIR_ASSERT(good);
    at = end + 1;
  }
}

}  // namespace weir
