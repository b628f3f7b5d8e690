// Counting in the order of the indexes.
#include "scenarios/sweep_tally.h"

#include <algorithm>
#include <bit>

#include "scenarios/exit_code.h"

namespace weir {
namespace {

bool is_exercised(const std::string& word) { return word == "holds" || word == "violated"; }

void count_verdicts(SubjectTally& subject, const SeedResult& result) {
  for (const auto& [id, word] : result.verdicts) {
    GuaranteeTally& guarantee = subject.guarantees[id];
    if (guarantee.words.empty()) subject.order.push_back(id);
    ++guarantee.words[word];
  }
  if (result.shape.empty()) return;
  if (!subject.guarantees.contains(result.violated)) subject.order.push_back(result.violated);
  GuaranteeTally& broken = subject.guarantees[result.violated];
  ++broken.failures;
  if (broken.first_failure == nullptr) broken.first_failure = &result;
}

std::string cell_text(const RequiredCell& cell) {
  return cell.fault + " x " + cell.state + (cell.guarantee.empty() ? "" : " x " + cell.guarantee);
}

std::vector<std::string> lacking_of(const CheckSpec& check, const SubjectTally& subject) {
  std::vector<std::string> lacking;
  for (const RequiredCell& cell : check.require_covered) {
    const auto fault = fault_kind_named(cell.fault);
    const auto state = protocol_state_named(cell.state);
    if (!fault || !state) continue;  // the reader of scenarios lets none pass
    const std::uint64_t runs = cell.guarantee.empty()
                                   ? subject.coverage.met(*fault, *state)
                                   : subject.coverage.met(*fault, *state, cell.guarantee);
    if (runs == 0) lacking.push_back(cell_text(cell) + " was never visited");
  }
  for (const std::string& witness : check.require_witnessed) {
    if (!subject.witnessed.contains(witness)) {
      lacking.push_back("the witness " + witness + " never appeared");
    }
  }
  return lacking;
}

void count_shape(std::map<std::pair<std::size_t, std::string>, ShapeTally>& shapes,
                 const SeedResult& result, SweepTally& sweep) {
  if (result.shape.empty()) return;
  ShapeTally& shape = shapes[{result.subject, result.shape}];
  if (shape.first == nullptr) {
    shape.subject = result.subject;
    shape.shape = result.shape;
    shape.first = &result;
    sweep.last_new = 0;
  }
  ++shape.runs;
  if (shape.seeds.size() < kSeedsOfShape) shape.seeds.push_back(result.seed);
}

void count_lists(SweepTally& sweep, const SeedResult& result) {
  if (!result.trouble.empty()) sweep.troubles.push_back(&result);
  if (!result.same) sweep.differing.push_back(&result);
  if (result.exit_code == kExitInconclusive) sweep.inconclusive.push_back(&result);
  if (result.saved) sweep.saved.push_back(&result);
  sweep.exit_code = worse_exit(sweep.exit_code, result.exit_code);
}

}  // namespace

std::uint64_t GuaranteeTally::runs_of(const std::string& word) const {
  const auto found = words.find(word);
  return found == words.end() ? 0 : found->second;
}

std::string GuaranteeTally::worst() const {
  if (failures > 0) return "violated";
  for (const char* word : {"unknown", "violated", "holds", "not promised", "not exercised"}) {
    if (runs_of(word) > 0) return word;
  }
  return "not exercised";
}

void CoverageTally::add(const SeedResult& result) {
  const std::optional<Coverage> coverage = coverage_from(result.coverage);
  if (!coverage) return;  // of a run that died
  ++runs_;
  std::vector<Matrix*> matrices = {&met_};
  for (const auto& [id, word] : result.verdicts) {
    if (!is_exercised(word)) continue;
    ++exercised_[id];
    matrices.push_back(&of_guarantee_.try_emplace(id, fault_catalogue().size()).first->second);
  }
  for (std::size_t kind = 0; kind < coverage->met.size(); ++kind) {
    const std::uint64_t states = coverage->met[kind].bits;
    if (states != 0) ++struck_[kind];
    for (std::uint64_t left = states; left != 0; left &= left - 1) {
      const auto state = static_cast<std::size_t>(std::countr_zero(left));
      for (Matrix* matrix : matrices) ++(*matrix)[kind][state];
    }
  }
  for (std::uint64_t left = coverage->seen().bits; left != 0; left &= left - 1) {
    ++seen_[static_cast<std::size_t>(std::countr_zero(left))];
  }
}

void CoverageTally::add(const CoverageTally& other) {
  const auto add_matrix = [](Matrix& mine, const Matrix& theirs) {
    for (std::size_t kind = 0; kind < mine.size(); ++kind) {
      for (std::size_t s = 0; s < kProtocolStates; ++s) mine[kind][s] += theirs[kind][s];
    }
  };
  runs_ += other.runs_;
  for (std::size_t kind = 0; kind < struck_.size(); ++kind) struck_[kind] += other.struck_[kind];
  for (std::size_t s = 0; s < kProtocolStates; ++s) seen_[s] += other.seen_[s];
  add_matrix(met_, other.met_);
  for (const auto& [id, matrix] : other.of_guarantee_) {
    add_matrix(of_guarantee_.try_emplace(id, fault_catalogue().size()).first->second, matrix);
  }
  for (const auto& [id, runs] : other.exercised_) exercised_[id] += runs;
}

std::uint64_t CoverageTally::struck(FaultKind kind) const {
  return struck_[static_cast<std::size_t>(kind)];
}
std::uint64_t CoverageTally::seen(ProtocolState state) const {
  return seen_[static_cast<std::size_t>(state)];
}
std::uint64_t CoverageTally::met(FaultKind kind, ProtocolState state) const {
  return met_[static_cast<std::size_t>(kind)][static_cast<std::size_t>(state)];
}
std::uint64_t CoverageTally::met(FaultKind kind, ProtocolState state,
                                 const std::string& guarantee) const {
  const auto found = of_guarantee_.find(guarantee);
  if (found == of_guarantee_.end()) return 0;
  return found->second[static_cast<std::size_t>(kind)][static_cast<std::size_t>(state)];
}

std::size_t SweepTally::lacking() const {
  std::size_t n = 0;
  for (const SubjectTally& subject : subjects) n += subject.lacking.size();
  return n;
}

SweepTally tally(const SweepPlan& plan, const SweepResult& result) {
  SweepTally sweep;
  sweep.subjects.resize(plan.subjects.size());
  std::map<std::pair<std::size_t, std::string>, ShapeTally> shapes;
  for (const SeedResult& run : result.results) {
    count_lists(sweep, run);
    if (run.doubled) ++sweep.doubled;
    if (run.doubled && run.same) ++sweep.identical;
    if (run.saved) continue;
    ++sweep.runs;
    ++sweep.last_new;
    sweep.simulated_ms += run.simulated_ns / 1'000'000;
    SubjectTally& subject = sweep.subjects[run.subject];
    ++subject.runs;
    if (!run.shape.empty()) ++subject.failures;
    count_verdicts(subject, run);
    subject.coverage.add(run);
    for (const std::string& witness : run.witnessed) ++subject.witnessed[witness];
    count_shape(shapes, run, sweep);
    sweep.seeds = std::max(sweep.seeds, subject.runs);
  }
  for (auto& [key, shape] : shapes) sweep.shapes.push_back(std::move(shape));
  for (std::size_t i = 0; i < plan.swept(); ++i) {
    SubjectTally& subject = sweep.subjects[i];
    sweep.coverage.add(subject.coverage);
    // A part of a sweep cannot know what the others saw: the whole is asked when it is merged.
    if (plan.options.shard.parts == 1 && subject.runs > 0) {
      subject.lacking = lacking_of(plan.subjects[i].scenario.check, subject);
    }
  }
  if (sweep.lacking() > 0) sweep.exit_code = worse_exit(sweep.exit_code, kExitInconclusive);
  if (result.interrupted && sweep.exit_code == kExitOk) sweep.exit_code = kExitInterrupted;
  return sweep;
}

}  // namespace weir
