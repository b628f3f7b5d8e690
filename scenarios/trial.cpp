// A trial is loaded like any scenario, swept like any, and its first failure is run once more for
// its words and then shrunk.
#include "scenarios/trial.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <optional>

#include "broker/base/text.h"
#include "scenarios/cpu_budget.h"
#include "scenarios/draw.h"
#include "scenarios/exit_code.h"
#include "scenarios/load.h"
#include "scenarios/outcome.h"
#include "scenarios/run_folder.h"
#include "scenarios/shrink.h"
#include "scenarios/shrunk_file.h"
#include "scenarios/sweep.h"
#include "scenarios/verdict_table.h"

namespace weir {
namespace {

namespace fs = std::filesystem;

constexpr const char* kThisTest = " and this test alone (--gtest_filter)\n";

// Of what is left of a failure, so many lines are shown.
constexpr std::size_t kListed = 12;

std::string from_environment(const char* name) {
  const char* text = std::getenv(name);
  return text == nullptr ? std::string() : std::string(text);
}

// "1..10000"; nothing where it is no such range.
std::optional<Seeds> parse_seeds(const std::string& text) {
  const std::size_t dots = text.find("..");
  if (dots == std::string::npos) return std::nullopt;
  const auto first = parse_unsigned(std::string_view(text).substr(0, dots));
  const auto last = parse_unsigned(std::string_view(text).substr(dots + 2));
  if (!first || !last || *first > *last) return std::nullopt;
  return Seeds{*first, *last - *first + 1};
}

TrialResult mistake(std::string text) {
  TrialResult result;
  result.text = std::move(text);
  return result;
}

std::string looked_at(const Seeds& seeds, const std::string& name) {
  return grouped(static_cast<std::int64_t>(seeds.count)) + " seeds of " + name +
         ": every promise holds";
}

}  // namespace

struct Trial::Made {
  Loaded loaded;
  std::string error;
};

SweepSubject Trial::subject_of(const Made& made) {
  SweepSubject subject;
  subject.label = made.loaded.scenario.name;
  subject.scenario = made.loaded.profile;
  subject.inputs = made.loaded.inputs;
  return subject;
}

Trial::Trial(std::string scenario, const std::string& share) : name_(std::move(scenario)) {
  const std::string installed = share + "/scenarios/library/" + name_ + ".json";
  if (!share.empty() && fs::is_regular_file(installed)) name_ = installed;
}

Trial& Trial::app(const std::string& client, MakeApp make) {
  inputs_.apps[client] = std::move(make);
  return *this;
}

Trial& Trial::client(const ClientSpec& spec, MakeApp make) {
  clients_.push_back(spec);
  return app(spec.id, std::move(make));
}

Trial& Trial::set(std::string path_and_value) {
  settings_.push_back(std::move(path_and_value));
  return *this;
}

Trial& Trial::change(std::function<void(Scenario&)> by) {
  changes_.push_back(std::move(by));
  return *this;
}

Trial& Trial::check(OwnCheck own) {
  inputs_.checks.push_back(std::move(own));
  return *this;
}

Trial& Trial::shrink_within(Duration cpu_time) {
  shrink_within_ = cpu_time;
  return *this;
}

Trial& Trial::keep_in(std::string folder) {
  top_ = std::move(folder);
  return *this;
}

// A kept scenario is whole: what the test would change is in it already.
Trial::Made Trial::make(const std::string& file) const {
  Made made;
  LoadRequest request;
  request.name = file;
  request.apps = inputs_.apps;
  if (file == name_) {
    request.settings = settings_;
    request.change = [this](Scenario& scenario) {
      for (const ClientSpec& spec : clients_) scenario.clients.push_back(spec);
      for (const auto& change : changes_) change(scenario);
    };
  }
  made.loaded = load(request, made.error);
  made.loaded.inputs.checks = inputs_.checks;
  return made;
}

TrialResult Trial::explore(Seeds seeds) const {
  const std::string kept = from_environment("WEIR_SCENARIO");
  Made made = make(kept.empty() ? name_ : kept);
  if (!made.error.empty()) return mistake(std::move(made.error));
  if (!kept.empty()) {
    return one(made, made.loaded.scenario.seed);
  }
  if (const std::string text = from_environment("WEIR_SEED"); !text.empty()) {
    const std::optional<std::uint64_t> seed = parse_seed(text);
    if (!seed) return mistake("WEIR_SEED=" + text + ": expected a number, or 0x and hex digits");
    TrialResult result = one(made, *seed);
    if (!result.holds) make_small(made, result);
    return result;
  }
  if (const std::string text = from_environment("WEIR_SEEDS"); !text.empty()) {
    const std::optional<Seeds> asked = parse_seeds(text);
    if (!asked) return mistake("WEIR_SEEDS=" + text + ": expected A..B");
    seeds = *asked;
  }
  SweepPlan plan;
  plan.options.first_seed = seeds.first;
  plan.options.seeds = seeds.count;
  plan.options.jobs = static_cast<unsigned>(std::max(1L, ::sysconf(_SC_NPROCESSORS_ONLN)));
  plan.subjects.push_back(subject_of(made));
  const SweepResult swept = sweep(plan, {}, [](const SeedResult&, bool) {});
  const auto failed = std::ranges::find_if(
      swept.results, [](const SeedResult& r) { return r.exit_code != kExitOk; });
  TrialResult result;
  if (failed == swept.results.end()) {
    result.holds = true;
    result.text = looked_at(seeds, made.loaded.scenario.name);
  } else if (!failed->trouble.empty()) {
    result = mistake("seed " + format_hex(failed->seed) + ": " + failed->trouble);
  } else if (!failed->same) {
    result = mistake("seed " + format_hex(failed->seed) +
                     ": not deterministic: two runs had different fingerprints");
  } else {
    result = one(made, failed->seed);
    make_small(made, result);
  }
  result.seeds = swept.results.size();
  if (failed != swept.results.end()) result.seed = failed->seed;
  return result;
}

TrialResult Trial::run(std::uint64_t seed, std::vector<Fault> faults) const {
  Made made = make(name_);
  if (!made.error.empty()) return mistake(std::move(made.error));
  made.loaded.profile.faults.fired = std::move(faults);
  return one(made, seed);
}

std::vector<Fault> Trial::faults_of(std::uint64_t seed) const {
  Made made = make(name_);
  if (!made.error.empty()) return {};
  return plan_of(at_seed(made.loaded.profile, seed, made.error)).faults;
}

TrialResult Trial::one(Made& made, std::uint64_t seed) const {
  made.loaded.scenario = at_seed(made.loaded.profile, seed, made.error);
  if (!made.error.empty()) return mistake(std::move(made.error));
  made.loaded.inputs = inputs_of(subject_of(made), made.loaded.scenario);
  const RunOutcome outcome = run_scenario(made.loaded.scenario, made.loaded.inputs);
  TrialResult result;
  result.seeds = 1;
  result.holds = judgement_of(made.loaded.scenario, outcome).exit_code == kExitOk;
  if (result.holds) {
    result.text = "seed " + format_hex(seed) + ": every promise holds";
    return result;
  }
  result = failure(made);
  result.seed = seed;
  return result;
}

// The same run with its traces, which are kept; and its words.
TrialResult Trial::failure(const Made& made) const {
  RunOptions traced;
  traced.trace = true;
  const RunOutcome outcome = run_scenario(made.loaded.scenario, made.loaded.inputs, traced);
  const Judgement judgement = judgement_of(made.loaded.scenario, outcome);
  TrialResult result;
  result.seeds = 1;
  const Verdict* violated = unexpected_violation(made.loaded.scenario, outcome);
  if (violated != nullptr) result.guarantee = violated->id;
  std::string error;
  const std::string folder =
      write_run_folder(made.loaded, outcome, judgement, {top_, "weir", 0}, error);
  // A test runs wherever its builder runs it, so whole paths are told.
  if (error.empty()) result.kept = fs::absolute(folder).string();
  TableOptions table;
  result.text = head_text(made.loaded, outcome, table) + "\n" + verdicts_text(outcome) + "\n";
  if (!judgement.reason.empty()) result.text += judgement.reason + "\n";
  result.text += error.empty() ? "kept     " + result.kept + "\n" : error + "\n";
  result.text += "again    WEIR_SEED=" + format_hex(made.loaded.scenario.seed) + kThisTest;
  return result;
}

// What is left of the failure once all is gone that it does not need, beside the run itself.
void Trial::make_small(const Made& made, TrialResult& result) const {
  if (shrink_within_ <= Duration(0) || result.guarantee.empty() || result.kept.empty()) return;
  ShrinkOptions options;
  options.guarantee = result.guarantee;
  options.out_of_time = cpu_budget(shrink_within_);
  const Shrunk small = shrink(made.loaded, options);
  if (!small.failed_because.empty()) {
    result.text += "not shrunk: " + small.failed_because + "\n";
    return;
  }
  const std::string path = (fs::path(result.kept) / "shrunk.json").string();
  std::string error;
  write_shrunk(path, presentable(small, made.loaded.scenario), made.loaded.files, "records-",
               error);
  result.text += "\nshrunk to " + size_text(small) + ", which violate " + result.guarantee +
                 " in the same way" +
                 (small.out_of_time ? "; not the smallest, for lack of time" : "") + "\n" +
                 listing_text(small.scenario, kListed);
  if (!error.empty()) {
    result.text += error + "\n";
    return;
  }
  result.shrunk = path;
  result.faults = small.faults;
  result.operations = small.operations;
  result.text += "kept     " + path + "\nagain    WEIR_SCENARIO=" + path + kThisTest;
}

}  // namespace weir
