// JSON with a fixed order of keys.
#include "scenarios/sweep_summary.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "broker/base/text.h"
#include "scenarios/build_id.h"

namespace weir {
namespace {

using Json = nlohmann::ordered_json;

Json guarantees_json(const SubjectTally& subject) {
  Json list = Json::array();
  for (const std::string& id : subject.order) {
    const GuaranteeTally& guarantee = subject.guarantees.at(id);
    Json words = Json::object();
    for (const auto& [word, runs] : guarantee.words) words[word] = runs;
    list.push_back({{"id", id},
                    {"word", guarantee.worst()},
                    {"failures", guarantee.failures},
                    {"runs", std::move(words)}});
  }
  return list;
}

Json counts_json(const SweepSubject& subject, const SubjectTally& counts) {
  Json witnessed = Json::object();
  for (const auto& [name, runs] : counts.witnessed) witnessed[name] = runs;
  return {{"label", subject.label},
          {"about", subject.scenario.about},
          {"runs", counts.runs},
          {"failures", counts.failures},
          {"fails_on_fewer_than_one_in",
           counts.failures == 0 ? rule_of_three(counts.runs) : std::uint64_t{0}},
          {"guarantees", guarantees_json(counts)},
          {"witnessed", std::move(witnessed)},
          {"lacking", counts.lacking}};
}

Json shape_json(const SweepPlan& plan, const SweepTally& sweep, const ShapeTally& shape) {
  const std::uint64_t of = sweep.subjects[shape.subject].runs;
  const Interval interval = wilson(shape.runs, of);
  return {{"scenario", plan.subjects[shape.subject].label},
          {"shape", shape.shape},
          {"guarantee", shape.first->violated},
          {"runs", shape.runs},
          {"of", of},
          {"percent", percent_text(static_cast<double>(shape.runs) / static_cast<double>(of))},
          {"low", percent_text(interval.low)},
          {"high", percent_text(interval.high)},
          {"story", shape.first->story},
          {"headline", shape.first->headline},
          {"seeds", shape.seeds}};
}

Json saved_json(const SweepPlan& plan, const SeedResult& saved) {
  return {{"scenario", plan.subjects[saved.subject].label},
          {"seed", saved.seed},
          {"exit", saved.exit_code},
          {"violated", saved.violated},
          {"shape", saved.shape}};
}

Json matrix_json(const CoverageTally& coverage) {
  Json struck = Json::array();
  Json rows = Json::array();
  for (const FaultTraits& fault : fault_catalogue()) {
    struck.push_back(coverage.struck(fault.kind));
    Json row = Json::array();
    for (std::size_t s = 0; s < kProtocolStates; ++s) {
      row.push_back(coverage.met(fault.kind, static_cast<ProtocolState>(s)));
    }
    rows.push_back(std::move(row));
  }
  Json seen = Json::array();
  for (std::size_t s = 0; s < kProtocolStates; ++s) {
    seen.push_back(coverage.seen(static_cast<ProtocolState>(s)));
  }
  return {{"runs", coverage.runs()},          {"faults", fault_names()},
          {"states", protocol_state_names()}, {"struck", std::move(struck)},
          {"seen", std::move(seen)},          {"met", std::move(rows)}};
}

}  // namespace

std::string summary_json(const SweepPlan& plan, const SweepResult& result,
                         const std::vector<OldShape>& old_shapes) {
  const SweepTally sweep = tally(plan, result);
  Json json = {{"format", "weir-sweep-summary/1"},
               {"build", build_id()},
               {"first_seed", plan.options.first_seed},
               {"seeds", sweep.seeds},
               {"runs", sweep.runs},
               {"simulated_ms", sweep.simulated_ms},
               {"doubled", sweep.doubled},
               {"identical", sweep.identical},
               {"interrupted", result.interrupted},
               {"exit", sweep.exit_code},
               {"scenarios", Json::array()},
               {"shapes", Json::array()},
               {"before", Json::array()},
               {"saved", Json::array()},
               {"coverage", matrix_json(sweep.coverage)}};
  for (std::size_t i = 0; i < plan.swept(); ++i) {
    json["scenarios"].push_back(counts_json(plan.subjects[i], sweep.subjects[i]));
  }
  for (const ShapeTally& shape : sweep.shapes) {
    json["shapes"].push_back(shape_json(plan, sweep, shape));
  }
  for (const OldShape& old : old_shapes) {
    json["before"].push_back(old_shape_text(old, plan, sweep));
  }
  for (const SeedResult* saved : sweep.saved) json["saved"].push_back(saved_json(plan, *saved));
  return json.dump(2) + "\n";
}

std::string old_shape_text(const OldShape& old, const SweepPlan& plan, const SweepTally& sweep) {
  std::uint64_t runs = 0;
  std::uint64_t again = 0;
  for (std::size_t i = 0; i < plan.swept(); ++i) {
    if (plan.subjects[i].label == old.label) runs = sweep.subjects[i].runs;
  }
  for (const ShapeTally& shape : sweep.shapes) {
    if (plan.subjects[shape.subject].label == old.label && shape.shape == old.shape) {
      again = shape.runs;
    }
  }
  const double rate = old.of == 0 ? 0 : static_cast<double>(old.runs) / static_cast<double>(old.of);
  std::string text = "shape " + old.shape + " of " + old.label + " was " + percent_text(rate) +
                     " % before (build " + old.build + ")";
  const auto number = [](std::uint64_t n) { return grouped(static_cast<std::int64_t>(n)); };
  if (again > 0) return text + "; it is " + rate_text(again, runs) + " now: still there";
  const std::uint64_t needed = clean_seeds_needed(rate);
  const std::uint64_t at_low_end = clean_seeds_needed(wilson(old.runs, old.of).low);
  text += "; " + number(needed) + " clean seeds needed for 95 % at that rate, " +
          number(at_low_end) + " at the low end of its interval; you ran " + number(runs) + ": ";
  if (runs >= at_low_end) return text + "gone";
  return text + (runs >= needed ? "probably gone" : "too few to say");
}

CellCount cells_of(const CoverageTally& coverage) {
  CellCount cells;
  for (const FaultTraits& fault : fault_catalogue()) {
    if (coverage.struck(fault.kind) == 0) continue;
    for (std::size_t s = 0; s < kProtocolStates; ++s) {
      const auto state = static_cast<ProtocolState>(s);
      if (coverage.seen(state) == 0) continue;
      ++cells.all;
      cells.visited += coverage.met(fault.kind, state) > 0 ? 1 : 0;
    }
  }
  return cells;
}

}  // namespace weir
