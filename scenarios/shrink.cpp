// The order of the passes, repeated until a whole round takes nothing away.
#include "scenarios/shrink.h"

#include <algorithm>

#include "broker/base/text.h"
#include "scenarios/explicit.h"
#include "scenarios/shrinker.h"

namespace weir {
namespace {

// Each round makes it smaller, so there are few; this many are enough for anybody.
constexpr int kRounds = 6;

using Measure = std::string (*)(const Scenario&);

struct Pass {
  std::string_view name;
  void (*shrink)(Shrinker&);
  Measure size;
};

std::string faults_in(const Scenario& s) {
  return std::to_string(s.faults.fired ? s.faults.fired->size() : 0);
}
std::string moves_in(const Scenario& s) {
  return std::to_string(s.cluster.leader_moves ? s.cluster.leader_moves->size() : 0);
}
std::string clients_in(const Scenario& s) { return std::to_string(s.clients.size()); }
std::string operations_in(const Scenario& s) { return std::to_string(listed_operations(s)); }
std::string brokers_in(const Scenario& s) { return std::to_string(s.cluster.brokers); }
std::string controllers_in(const Scenario& s) { return std::to_string(s.cluster.controllers); }
std::string partitions_of(const Scenario& s) {
  std::int64_t count = 0;
  for (const TopicSpec& topic : s.topics) count += topic.partitions;
  return std::to_string(count);
}
std::string time_of(const Scenario& s) { return format_duration(s.until); }
std::string triggers_in(const Scenario& s) {
  const auto waits = [](const Fault& f) { return std::holds_alternative<Trigger>(f.when); };
  return std::to_string(s.faults.fired ? std::ranges::count_if(*s.faults.fired, waits) : 0);
}
std::string chance_in(const Scenario& s) {
  int streams = s.buggify ? 1 : 0;
  streams += s.network.loss.numerator != 0 ? 1 : 0;
  streams += s.network.split_reads.numerator != 0 ? 1 : 0;
  for (const Delay& delay : {s.network.latency, s.disk.read, s.disk.write, s.disk.sync}) {
    streams += std::holds_alternative<FixedDelay>(delay) ? 0 : 1;
  }
  return std::to_string(streams);
}
std::string settings_in(const Scenario& s) {
  std::size_t count = s.cluster.config.size();
  for (const TopicSpec& topic : s.topics) count += topic.config.size();
  for (const ClientSpec& client : s.clients) count += client.config.size();
  return std::to_string(count);
}
std::string nothing(const Scenario&) { return {}; }

// What a reader pays for first; chance and time before, since every run is shorter then.
constexpr Pass kPasses[] = {
    {"chance", calm_chance, chance_in},
    {"sim time", shorten_time, time_of},
    {"faults", drop_faults, faults_in},
    {"moves", drop_moves, moves_in},
    {"waiting", simplify_triggers, nothing},
    {"clients", drop_clients, clients_in},
    {"brokers", drop_brokers, brokers_in},
    {"controllers", drop_controllers, controllers_in},
    {"partitions", drop_partitions, partitions_of},
    {"operations", drop_operations, operations_in},
    {"triggers", times_to_triggers, triggers_in},
    {"timings", round_times, nothing},
    {"settings", drop_settings, settings_in},
};

// What the run drew becomes lists: all of it, or as much of it as fails in the same way.
void make_explicit(Shrinker& shrinker) {
  const Scenario told =
      explicit_scenario(shrinker.smallest(), shrinker.inputs(), shrinker.outcome());
  if (shrinker.attempt(told)) return;
  Scenario with_faults = shrinker.smallest();
  with_faults.faults = told.faults;
  shrinker.attempt(std::move(with_faults));
  for (std::size_t i = 0; i < told.clients.size(); ++i) {
    Scenario with_client = shrinker.smallest();
    with_client.clients[i] = told.clients[i];
    shrinker.attempt(std::move(with_client));
  }
  Scenario with_moves = shrinker.smallest();
  with_moves.cluster = told.cluster;
  shrinker.attempt(std::move(with_moves));
  Scenario with_luck = shrinker.smallest();
  with_luck.buggify_points = told.buggify_points;
  shrinker.attempt(std::move(with_luck));
}

void run_pass(Shrinker& shrinker, const Pass& pass, const ShrinkOptions& options) {
  if (shrinker.out_of_time()) return;
  ShrinkPass done{std::string(pass.name), pass.size(shrinker.smallest()), {}, {}};
  pass.shrink(shrinker);
  done.after = pass.size(shrinker.smallest());
  done.attempts = shrinker.take_attempts();
  if (options.on_pass && !done.attempts.empty()) options.on_pass(done);
}

}  // namespace

Shrunk shrink(const Loaded& loaded, const ShrinkOptions& options) {
  Shrunk shrunk;
  Shrinker shrinker(loaded, options);
  Scenario start = loaded.scenario;
  // What it would have to exercise besides is of no interest any more.
  start.check.require_exercised.clear();
  start.check.require_covered.clear();
  start.check.require_witnessed.clear();
  start.expect.clear();
  if (!shrinker.begin(start)) {
    shrunk.failed_because =
        options.guarantee.empty()
            ? "no guarantee is violated, there is nothing to shrink"
            : options.guarantee + " is not violated, there is nothing to shrink";
    return shrunk;
  }
  shrunk.fingerprint = shrinker.outcome().fingerprint;
  if (options.on_begin) options.on_begin(shrunk.fingerprint);
  make_explicit(shrinker);
  static_cast<void>(shrinker.take_attempts());
  std::size_t before = 0;
  for (int round = 0; round < kRounds && (round == 0 || shrinker.steps() > before); ++round) {
    before = shrinker.steps();
    for (const Pass& pass : kPasses) run_pass(shrinker, pass, options);
  }
  shrunk.scenario = shrinker.smallest();
  shrunk.failure = shrinker.failure();
  for (const Verdict& verdict : shrinker.outcome().verdicts) {
    const bool told = verdict.id == shrunk.failure.guarantee && !verdict.violations.empty();
    if (told) shrunk.how = first_clause(verdict.violations.front());
  }
  shrunk.shape = shape_of_failure(shrinker.outcome(), shrunk.failure.guarantee);
  shrunk.faults = shrunk.scenario.faults.fired ? shrunk.scenario.faults.fired->size() : 0;
  shrunk.operations = listed_operations(shrunk.scenario);
  shrunk.runs = shrinker.runs();
  shrunk.out_of_time = shrinker.out_of_time();
  return shrunk;
}

}  // namespace weir
