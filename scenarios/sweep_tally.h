// A sweep counted: the one fold from which its text, its page and every report for machines are
// made, so that they cannot disagree.
//
// Saved failures belong to no statistics, since they were chosen for having failed; they count for
// the exit code, and have a list of their own.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "scenarios/coverage.h"
#include "scenarios/statistics.h"
#include "scenarios/sweep.h"

namespace weir {

struct ShapeTally {
  std::size_t subject = 0;
  std::string shape;
  std::uint64_t runs = 0;             // that failed so
  const SeedResult* first = nullptr;  // by index
  std::vector<std::uint64_t> seeds;   // the first few
};
inline constexpr std::size_t kSeedsOfShape = 8;

struct GuaranteeTally {
  std::map<std::string, std::uint64_t> words;  // verdict word -> runs
  std::uint64_t failures = 0;                  // runs that failed because of it
  const SeedResult* first_failure = nullptr;

  [[nodiscard]] std::uint64_t runs_of(const std::string& word) const;
  [[nodiscard]] std::uint64_t exercised() const { return runs_of("holds") + runs_of("violated"); }
  // The word for all runs: the gravest of violated (where it failed), unknown, holds, not promised
  // and not exercised.
  [[nodiscard]] std::string worst() const;
};

// How many runs visited each cell of the matrix.
class CoverageTally {
 public:
  void add(const SeedResult&);
  void add(const CoverageTally&);

  [[nodiscard]] std::uint64_t runs() const { return runs_; }
  [[nodiscard]] std::uint64_t struck(FaultKind) const;
  [[nodiscard]] std::uint64_t seen(ProtocolState) const;
  [[nodiscard]] std::uint64_t met(FaultKind, ProtocolState) const;
  // ... in which the guarantee was put to the test, too.
  [[nodiscard]] std::uint64_t met(FaultKind, ProtocolState, const std::string& guarantee) const;
  [[nodiscard]] const std::map<std::string, std::uint64_t>& exercised() const { return exercised_; }

 private:
  using Row = std::array<std::uint64_t, kProtocolStates>;
  using Matrix = std::vector<Row>;  // by FaultKind
  std::uint64_t runs_ = 0;
  std::vector<std::uint64_t> struck_ = std::vector<std::uint64_t>(fault_catalogue().size());
  Row seen_{};
  Matrix met_ = Matrix(fault_catalogue().size());
  std::map<std::string, Matrix> of_guarantee_;
  std::map<std::string, std::uint64_t> exercised_;  // guarantee -> runs
};

struct SubjectTally {
  std::uint64_t runs = 0;
  std::uint64_t failures = 0;
  std::map<std::string, GuaranteeTally> guarantees;
  std::vector<std::string> order;  // of the guarantees, as the judges have it
  CoverageTally coverage;
  std::map<std::string, std::uint64_t> witnessed;
  // What check.require_covered and check.require_witnessed ask for, and no run was, in words.
  std::vector<std::string> lacking;
};

struct SweepTally {
  std::vector<SubjectTally> subjects;  // as in the plan, those of the corpus empty
  std::vector<ShapeTally> shapes;      // by subject and shape
  CoverageTally coverage;              // of all
  std::uint64_t runs = 0;
  std::uint64_t seeds = 0;  // of the scenario that has most
  std::uint64_t doubled = 0;
  std::uint64_t identical = 0;
  std::int64_t simulated_ms = 0;
  std::vector<const SeedResult*> saved;         // every saved failure that was run
  std::vector<const SeedResult*> troubles;      // internal errors
  std::vector<const SeedResult*> differing;     // not deterministic
  std::vector<const SeedResult*> inconclusive;  // exit code 2
  std::uint64_t last_new = 0;                   // runs behind the first failure of the newest shape
  int exit_code = 0;

  [[nodiscard]] std::size_t lacking() const;
};

// The tally points into `result`.
[[nodiscard]] SweepTally tally(const SweepPlan&, const SweepResult& result);

}  // namespace weir
