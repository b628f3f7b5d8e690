// The phases of a run, and the evidence that is collected on the way.
#include "scenarios/run.h"

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "broker/base/text.h"
#include "checkers/checkers.h"
#include "checkers/fact_checks.h"
#include "checkers/history_recorder.h"
#include "scenarios/build_id.h"
#include "scenarios/cluster.h"
#include "scenarios/event_log.h"
#include "scenarios/metrics.h"
#include "scenarios/perfetto.h"
#include "scenarios/readback.h"
#include "scenarios/run_folder.h"
#include "scenarios/run_summary.h"
#include "scenarios/shiviz.h"
#include "sim/world.h"

namespace weir {
namespace {

// Brokers get this head start, so that the first connect of a client does not find nobody.
constexpr Duration kClientsStart = std::chrono::milliseconds(5);
// How long clients may take to stop, and the drain to reach every end, in virtual time.
constexpr Duration kStopLimit = std::chrono::seconds(30);
constexpr Duration kBootLimit = std::chrono::minutes(1);
constexpr Duration kDrainLimit = std::chrono::minutes(2);
constexpr Duration kLook = std::chrono::milliseconds(50);

// Feeds the checkers, which know no world.
class Evidences final : public FactReader {
 public:
  void on(const Observed& seen) override {
    ++facts;
    if (seen.fact.kind == FactKind::buggify_fired) points.emplace(seen.fact.why);
    const auto sequence = static_cast<std::int64_t>(seen.sequence);
    checks.on(seen.node_name, seen.at, sequence, seen.fact);
    // What nodes say to each other is no part of a history.
    if (is_of_message(seen.fact.kind)) return;
    recorder.on(seen.node_name, seen.life, seen.at, sequence, seen.fact);
  }

  HistoryRecorder recorder;
  FactChecks checks;
  std::uint64_t facts = 0;
  std::set<std::string> points;  // of buggify, that fired
};

// Everything that a traced run writes beside its verdicts.
struct Traces {
  EventLog events;
  PerfettoTrace perfetto;
  ShivizLog shiviz;
  Metrics metrics;
};

// Changes the randomness of a run at a moment: see Intervention and RunOptions::stray_draw.
class Meddler final : public FactReader {
 public:
  Meddler(World& world, const RunOptions& options) : world_(world), options_(options) {}

  void on(const Observed& seen) override {
    const auto& from = options_.intervention.branch_from;
    if (from && !branched_ && seen.sequence >= *from) {
      branched_ = true;
      world_.rebranch(options_.branch);
    }
    if (options_.stray_draw && ++facts_ == *options_.stray_draw) {
      static_cast<void>(world_.random("latency", "b1>P1").next());
    }
  }

 private:
  World& world_;
  const RunOptions& options_;
  bool branched_ = false;
  std::uint64_t facts_ = 0;
};

Plan plan_with(const Scenario& scenario, std::uint64_t branch, const std::vector<Fault>& added) {
  Plan plan = plan_of(scenario, branch);
  plan.faults.insert(plan.faults.end(), added.begin(), added.end());
  return plan;
}

class Simulation {
 public:
  Simulation(const Scenario& scenario, const RunInputs& inputs, const RunOptions& options)
      : scenario_(scenario),
        options_(options),
        coverage_(shape_of(scenario)),
        // The branch of a later moment is not that of the beginning.
        first_branch_(options.intervention.branch_from ? 0 : options.branch),
        world_(options_of(scenario, options, first_branch_)),
        injector_(world_, plan_with(scenario, first_branch_, options.intervention.added),
                  shape_of(scenario)),
        checks_(inputs.checks),
        cluster_(world_, scenario, inputs) {
    evidence_.checks.onlooker = Cluster::kDrain;
    world_.add_reader(evidence_);
    world_.add_reader(coverage_);
    if (options.reader != nullptr) world_.add_reader(*options.reader);
    if (options.trace) {
      traces_ = std::make_unique<Traces>();
      world_.add_reader(traces_->events);
      world_.add_reader(traces_->perfetto);
      world_.add_reader(traces_->shiviz);
      world_.add_reader(traces_->metrics);
      world_.set_trace(&traces_->events);
    }
    if (options.steps) {
      TraceReader* next = traces_ == nullptr ? nullptr : &traces_->events;
      steps_ = std::make_unique<StepLog>(world_, next);
      world_.set_trace(steps_.get());
    }
    for (const Operation& op : options.intervention.left_out) {
      cluster_.leave_out(op.client, op.number);
    }
    world_.add_reader(injector_);
    injector_.mute(options.intervention.muted);
    if (options.intervention.branch_from || options.stray_draw) world_.add_reader(meddler_);
    if (options.stop != StopOptions{}) {
      stopper_ = std::make_unique<Stopper>(world_, options.stop, evidence_.checks);
      world_.add_reader(*stopper_);
    }
  }

  RunOutcome run() {
    cluster_.start_servers();
    if (uses_quorum(scenario_)) begin_ = boot();
    world_.at(begin_ + kClientsStart, [this] { cluster_.start_clients(begin_); });
    injector_.start(begin_);
    advance(begin_ + scenario_.until);
    if (limit_.empty()) injector_.heal_all();
    cluster_.stop_clients();
    advance_while(kStopLimit, [this] { return !cluster_.clients_down(); });
    if (scenario_.final_drain && limit_.empty()) {
      cluster_.start_drain();
      advance_while(kDrainLimit, [this] { return !cluster_.drained(); });
    }
    // Whoever is out of an ISR has all its time to come back: before, nobody can tell.
    const Duration limit = *resolve(scenario_).liveness_after_heal;
    advance_while(2 * limit, [&] { return someone_may_come_back(limit); });
    return outcome();
  }

 private:
  static WorldOptions options_of(const Scenario& scenario, const RunOptions& options,
                                 std::uint64_t branch) {
    WorldOptions world = world_options(scenario, branch);
    world.network.keep_delays_above = options.keep_delays_above;
    return world;
  }

  // A cluster elects a controller, registers its brokers and creates the topics before the
  // scenario's time begins.
  Instant boot() {
    cluster_.start_operator();
    advance_while(kBootLimit, [this] { return !cluster_.topics_ready(); });
    if (limit_.empty() && !cluster_.topics_ready()) {
      limit_ = "the cluster was not ready after " + readable_duration(kBootLimit);
    }
    return world_.now();
  }

  void advance(Instant until) {
    if (!limit_.empty()) return;
    const RunEnd end = world_.run_until(until);
    if (end.why == RunEnd::Why::limit) limit_ = end.text;
    if (stopper_ != nullptr && !stopper_->why().empty()) limit_ = stopper_->why();
  }

  template <class Condition>
  void advance_while(Duration at_most, Condition condition) {
    const Instant deadline = world_.now() + at_most;
    while (limit_.empty() && condition() && world_.now() < deadline) {
      advance(std::min(world_.now() + kLook, deadline));
    }
  }

  // Once one is late the verdict is clear.
  [[nodiscard]] bool someone_may_come_back(Duration limit) const {
    const FactChecks& checks = evidence_.checks;
    const std::vector<PartitionWatch::Outsider> outsiders = checks.partitions.outsiders();
    if (outsiders.empty() || !checks.progress.has_healed) return false;
    return std::ranges::none_of(outsiders, [&](const PartitionWatch::Outsider& out) {
      return world_.now() - std::max(out.since, checks.progress.healed) > limit;
    });
  }

  RunOutcome outcome() {
    RunOutcome out;
    out.fingerprint = world_.fingerprint();
    out.begin = begin_;
    out.cost = {world_.now(), world_.events(), evidence_.facts, 0};
    out.draws = world_.draws();
    for (const StreamDraws& stream : out.draws) out.cost.random_draws += stream.draws;
    const std::span<const Strike> strikes = injector_.strikes();
    out.strikes.assign(strikes.begin(), strikes.end());
    out.fired = injector_.fired();
    out.limit = limit_;
    out.coverage = coverage_.coverage();
    out.leader_moves = cluster_.leader_moves();
    out.buggify_points = evidence_.points;
    out.long_delays = world_.long_delays();
    out.workload_finished = cluster_.workload_finished();
    judge_all(out);
    if (steps_ != nullptr) out.steps = steps_->take();
    if (traces_ != nullptr) {
      out.traces.events = traces_->events.text();
      out.traces.perfetto = std::move(traces_->perfetto).finish();
      out.traces.shiviz = traces_->shiviz.text();
      out.traces.metrics = traces_->metrics.text();
    }
    return out;
  }

  void judge_all(RunOutcome& out) {
    RunSummary summary = summary_of(scenario_, out.strikes, evidence_.checks);
    summary.end = world_.now();
    summary.final_drain = scenario_.final_drain;
    summary.drain_complete = cluster_.drained();
    summary.limit = limit_;
    summary.require_exercised = scenario_.check.require_exercised;
    out.history = evidence_.recorder.take();
    out.history.title = scenario_.name;
    out.history.seed = format_hex(scenario_.seed);
    out.history.build = std::string(build_id());
    out.history.fingerprint = fingerprint_text(out.fingerprint);
    out.history.config = history_config(scenario_, summary);
    const std::vector<ReadbackLog> logs = read_back(world_, scenario_, cluster_.brokers());
    const Evidence evidence{evidence_.checks, logs, summary};
    tell_truth(out.history, evidence);
    out.verdicts = judge(out.history, find(out.history), evidence);
    const RunView view{scenario_, out.history, cluster_.slots(), cluster_.drained()};
    for (const OwnCheck& own : checks_) out.verdicts.push_back(judge_own(own, view));
  }

  [[nodiscard]] Verdict judge_own(const OwnCheck& own, const RunView& view) const {
    Verdict v;
    v.id = own.id;
    v.promised = true;
    v.because = {"a check of its user"};
    const std::vector<std::string> wrong = own.find(view);
    v.looked_at = {{"breaches", static_cast<std::int64_t>(wrong.size())}};
    v.text = wrong.empty() ? "nothing is wrong" : wrong.front();
    for (const std::string& sentence : wrong) {
      if (v.violations.size() == kMaxViolationsKept) break;
      Violation violation;
      violation.argument.push_back(sentence);
      v.violations.push_back(std::move(violation));
    }
    v.word = !wrong.empty()   ? VerdictWord::violated
             : limit_.empty() ? VerdictWord::holds
                              : VerdictWord::unknown;
    return v;
  }

  const Scenario& scenario_;
  const RunOptions options_;
  // Readers outlive the world.
  Evidences evidence_;
  CoverageFold coverage_;
  std::unique_ptr<Traces> traces_;
  std::unique_ptr<StepLog> steps_;
  std::unique_ptr<Stopper> stopper_;
  std::uint64_t first_branch_;
  World world_;
  Meddler meddler_{world_, options_};
  Injector injector_;
  const std::vector<OwnCheck>& checks_;
  Cluster cluster_;
  Instant begin_{};  // the zero of the scenario's times
  std::string limit_;
};

}  // namespace

RunOutcome run_scenario(const Scenario& scenario, const RunInputs& inputs,
                        const RunOptions& options) {
  Simulation simulation(scenario, inputs, options);
  return simulation.run();
}

}  // namespace weir
