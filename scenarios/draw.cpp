// Drawing: settings chosen by hash, applied to the profile's JSON, read like a file.
#include "scenarios/draw.h"

#include <optional>

#include "broker/base/hash.h"
#include "broker/base/random.h"
#include "broker/base/text.h"
#include "scenarios/json_text.h"
#include "scenarios/load.h"
#include "scenarios/scenario_json.h"
#include "scenarios/scenario_json_check.h"
#include "scenarios/scenario_json_fields.h"
#include "scenarios/scenario_json_set.h"

namespace weir {
namespace {

using scenario_json::Json;
using scenario_json::Reading;

// Where nine of ten combinations are impossible, one seed in seven millions finds none.
constexpr int kAttempts = 150;

// A value that stands there twice has two tickets.
const std::string& choose(const Draw& draw, std::uint64_t seed, int attempt) {
  const std::string again = attempt == 0 ? "" : "#" + std::to_string(attempt);
  const std::uint64_t key = Random::keyed(seed, 0, "swarm", draw.path + again).next();
  const std::string* best = nullptr;
  std::uint64_t best_rank = 0;
  for (std::size_t i = 0; i < draw.values.size(); ++i) {
    std::size_t twins = 0;
    for (std::size_t k = 0; k < i; ++k) twins += draw.values[k] == draw.values[i] ? 1 : 0;
    const std::uint64_t rank = hash_text(draw.values[i] + "/" + std::to_string(twins), key);
    if (best != nullptr && rank <= best_rank) continue;
    best = &draw.values[i];
    best_rank = rank;
  }
  return *best;
}

// Such a topic takes no acknowledged write at all; a profile that draws both does not mean that.
std::string impossible_topic(const Scenario& s) {
  const ClusterShape shape = shape_of(s);
  for (const TopicSpec& topic : s.topics) {
    const auto least = shape.min_insync_replicas.find(topic.name);
    if (least == shape.min_insync_replicas.end() || least->second <= topic.replication) continue;
    return "$.topics[" + topic.name + "]: min.insync.replicas " + std::to_string(least->second) +
           " is more than the replication " + std::to_string(topic.replication);
  }
  return {};
}

std::optional<Scenario> attempt_at(const Json& profile, const std::vector<Draw>& draws,
                                   std::uint64_t seed, int attempt, std::string& why) {
  Json json = profile;
  std::vector<ScenarioProblem> problems;
  for (const Draw& draw : draws) {
    scenario_json::apply_value(json, draw.path, parse_ordered_json(choose(draw, seed, attempt)),
                               problems);
  }
  const Reading root(problems);
  Scenario drawn;
  if (problems.empty()) scenario_json::ObjectCodec{}.read(root, json, drawn);
  if (problems.empty()) scenario_json::check(root, drawn);
  why = problems.empty() ? impossible_topic(drawn)
                         : problems.front().path + ": " + problems.front().message;
  if (why.empty()) why = check_configs(drawn);
  if (!why.empty()) return std::nullopt;
  drawn.seed = seed;
  return resolve(std::move(drawn));
}

}  // namespace

Scenario at_seed(const Scenario& profile, std::uint64_t seed, std::string& error) {
  Scenario plain = profile;
  plain.draws.clear();
  plain.seed = seed;
  if (profile.draws.empty()) return resolve(std::move(plain));
  const Json json = scenario_json::ObjectCodec{}.write(plain);
  std::string why;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    if (auto drawn = attempt_at(json, profile.draws, seed, attempt, why)) return std::move(*drawn);
  }
  error =
      "$.draw: no valid combination of values for seed " + format_hex(seed) + "; the last: " + why;
  return plain;
}

}  // namespace weir
