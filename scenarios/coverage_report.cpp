// The coverage of a sweep, in words and as JSON.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "broker/base/text.h"
#include "scenarios/build_id.h"
#include "scenarios/sweep_summary.h"

namespace weir {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMatrixColumns = 100;

std::vector<ProtocolState> all_states() {
  std::vector<ProtocolState> states;
  for (std::size_t s = 0; s < kProtocolStates; ++s) states.push_back(static_cast<ProtocolState>(s));
  return states;
}

// "title  a, b, c", broken into lines that begin below a.
std::string wrapped(const std::string& title, const std::vector<std::string>& items) {
  std::string text;
  std::string line = title;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const std::string item = items[i] + (i + 1 < items.size() ? "," : "");
    if (line.size() + item.size() + 1 > kMatrixColumns && line.size() > title.size()) {
      text += line + "\n";
      line = std::string(title.size(), ' ');
    }
    line += (line.size() == title.size() ? "" : " ") + item;
  }
  return text + line + "\n";
}

std::string to_width(std::string text, std::size_t width) {
  text.resize(std::max(width, text.size()), ' ');
  return text;
}

std::string row_text(const CoverageTally& coverage, const FaultTraits& fault) {
  std::vector<std::string> met;
  std::vector<std::string> never;
  for (const ProtocolState state : all_states()) {
    const std::uint64_t runs = coverage.met(fault.kind, state);
    if (runs > 0) {
      met.push_back(std::string(name_of(state)) + " " + count_text(runs));
    } else if (coverage.seen(state) > 0) {
      never.emplace_back(name_of(state));
    }
  }
  const std::string title = "  " + to_width(std::string(fault.name), 16) + " ";
  std::string text = wrapped(title + to_width(count_text(coverage.struck(fault.kind)), 8), met);
  if (!never.empty()) text += wrapped(std::string(title.size(), ' ') + "never:  ", never);
  return text;
}

// Pairs that met, but in no run in which the guarantee was put to the test.
std::vector<std::string> untested_pairs(const CoverageTally& coverage, const std::string& id) {
  std::vector<std::string> pairs;
  for (const FaultTraits& fault : fault_catalogue()) {
    for (const ProtocolState state : all_states()) {
      if (coverage.met(fault.kind, state) > 0 && coverage.met(fault.kind, state, id) == 0) {
        pairs.push_back(std::string(fault.name) + " x " + std::string(name_of(state)));
      }
    }
  }
  return pairs;
}

std::string tested_text(const CoverageTally& coverage, const std::vector<std::string>& ids) {
  constexpr std::size_t kShown = 6;
  std::string text = "guarantees, by runs that put them to the test\n";
  for (const std::string& id : ids) {
    const auto found = coverage.exercised().find(id);
    const std::uint64_t runs = found == coverage.exercised().end() ? 0 : found->second;
    text += "  " + to_width(id, 24) + to_width(count_text(runs), 8);
    if (runs == 0) {
      text += "NEVER, or not promised\n";
      continue;
    }
    std::vector<std::string> pairs = untested_pairs(coverage, id);
    if (pairs.empty()) {
      text += "with every pair that met\n";
      continue;
    }
    const std::size_t all = pairs.size();
    pairs.resize(std::min(all, kShown));
    if (all > kShown) pairs.push_back("and " + count_text(all - kShown) + " other pairs");
    text += "\n" + wrapped(std::string(26, ' ') + "never:  ", pairs);
  }
  return text;
}

// In the order of the judges, each once.
std::vector<std::string> guarantees_of(const SweepTally& sweep) {
  std::vector<std::string> ids;
  for (const SubjectTally& subject : sweep.subjects) {
    for (const std::string& id : subject.order) {
      if (id != "expect" && std::ranges::find(ids, id) == ids.end()) ids.push_back(id);
    }
  }
  return ids;
}

}  // namespace

std::string coverage_text(const SweepPlan& plan, const SweepTally& sweep) {
  const CoverageTally& coverage = sweep.coverage;
  const CellCount cells = cells_of(coverage);
  std::string text = count_text(coverage.runs()) +
                     " runs: kinds of faults, and the states of the " +
                     "protocol that they met; by runs\n";
  std::vector<std::string> idle;
  for (const FaultTraits& fault : fault_catalogue()) {
    if (coverage.struck(fault.kind) > 0) {
      text += row_text(coverage, fault);
    } else {
      idle.emplace_back(fault.name);
    }
  }
  std::vector<std::string> unseen;
  for (const ProtocolState state : all_states()) {
    if (coverage.seen(state) == 0) unseen.emplace_back(name_of(state));
  }
  text += count_text(cells.visited) + " of " + count_text(cells.all) + " pairs met\n";
  if (!idle.empty()) text += wrapped("never struck: ", idle);
  if (!unseen.empty()) text += wrapped("never seen: ", unseen);
  text += tested_text(coverage, guarantees_of(sweep));
  for (std::size_t i = 0; i < plan.swept(); ++i) {
    for (const auto& [witness, runs] : sweep.subjects[i].witnessed) {
      text += "witness  " + to_width(witness, 24) + count_text(runs) + " runs of " +
              plan.subjects[i].label + "\n";
    }
    for (const std::string& what : sweep.subjects[i].lacking) {
      text += "INCONCLUSIVE  " + plan.subjects[i].label + ": " + what + "\n";
    }
  }
  return text;
}

std::string coverage_json(const SweepPlan& plan, const SweepTally& sweep) {
  const CoverageTally& coverage = sweep.coverage;
  const std::vector<std::string> ids = guarantees_of(sweep);
  Json json = {{"format", "weir-coverage/1"},      {"build", build_id()},
               {"runs", coverage.runs()},          {"faults", fault_names()},
               {"states", protocol_state_names()}, {"guarantees", Json::object()},
               {"cells", Json::array()},           {"never", Json::array()},
               {"lacking", Json::array()}};
  for (const std::string& id : ids) {
    const auto found = coverage.exercised().find(id);
    json["guarantees"][id] = found == coverage.exercised().end() ? 0 : found->second;
  }
  for (const FaultTraits& fault : fault_catalogue()) {
    for (const ProtocolState state : all_states()) {
      const std::uint64_t runs = coverage.met(fault.kind, state);
      if (runs == 0) {
        json["never"].push_back({{"fault", fault.name}, {"state", name_of(state)}});
        continue;
      }
      Json of = Json::object();
      for (const std::string& id : ids) {
        const std::uint64_t tested = coverage.met(fault.kind, state, id);
        if (tested > 0) of[id] = tested;
      }
      json["cells"].push_back({{"fault", fault.name},
                               {"state", name_of(state)},
                               {"runs", runs},
                               {"guarantees", std::move(of)}});
    }
  }
  for (std::size_t i = 0; i < plan.swept(); ++i) {
    for (const std::string& what : sweep.subjects[i].lacking) {
      json["lacking"].push_back({{"scenario", plan.subjects[i].label}, {"what", what}});
    }
  }
  return json.dump(2) + "\n";
}

}  // namespace weir
