// The checkers as a library: a history in, findings and contracts out.
//
// find() is linear sweeps over columns; it never crashes and never looks at a contract. Contracts
// map findings to true, false or null (cannot be told): null where the history proves nothing, was
// cut off, or uses what is not judged yet.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "checkers/finding.h"
#include "checkers/history.h"
#include "checkers/verdict.h"

namespace weir {

// All findings and notes, in the order of their kinds, then of the history.
[[nodiscard]] Findings find(const History&);

struct Contracts {
  std::optional<bool> at_most_once;
  std::optional<bool> at_least_once;
  std::optional<bool> exactly_once;
  std::optional<bool> idempotence;   // no send is stored twice, none overtakes another
  std::optional<bool> linearizable;  // of streams and registers
  std::optional<bool> serializable;  // of transactions
  std::optional<bool> kafka;         // what Kafka's isolation promises them
  std::optional<bool> valid;         // null: the run proves nothing
};
// The answer of a contract by its name; nullopt within for "cannot be told", no value for a name
// that is none.
[[nodiscard]] std::optional<std::optional<bool>> contract_named(const Contracts&,
                                                                std::string_view name);
[[nodiscard]] Contracts judge_contracts(const History&, const Findings&);

// The guarantees that a history can tell of, in the order of the table: with the truth of a run
// told (tell_truth), as the run itself judges them; else as configured. `facts`: of that run, where
// it is at hand; they add to arguments only.
[[nodiscard]] std::vector<Verdict> judge_guarantees(const History&, const Findings&,
                                                    const FactChecks* facts = nullptr);
// The same, and those that only nodes can tell of: as the run judged them by its facts, where the
// history tells that, else `not exercised`.
[[nodiscard]] std::vector<Verdict> judge_history(const History&, const Findings&);

// What this history contains and no checker judges yet, in words; empty when all is judged.
[[nodiscard]] std::vector<std::string> not_judged(const History&);

// `weir check FILE`.
struct CheckOptions {
  std::string contract;             // overrides the one that the history declares
  std::optional<bool> final_drain;  // --assume final_drain: absence is evidence
};

struct CheckReport {
  int exit_code = 0;  // 0 kept, 1 broken, 2 cannot be told, 64 no history at all
  std::string error;  // with exit 64: file, line, JSON path, value, expectation
  std::string name;
  std::string family = "log";
  std::int64_t operations = 0;
  std::int64_t records_sent = 0;
  std::int64_t records_polled = 0;
  bool complete = true;
  bool broken = false;    // it could be read only to a mistake, which not_judged tells
  bool of_a_run = false;  // it tells what its run promised: that decides, unless a contract does
  std::string contract;
  Findings found;
  Contracts contracts;
  std::vector<Verdict> guarantees;  // as far as a history alone can tell
  std::vector<std::string> not_judged;
};

[[nodiscard]] CheckReport check_history(const History&, const CheckOptions& = {});
[[nodiscard]] CheckReport check_text(std::string_view text, const std::string& file_name,
                                     const CheckOptions& = {});
[[nodiscard]] CheckReport check_file(const std::string& path, const CheckOptions& = {});

// The whole report: one JSON object and a newline; and as text for people.
[[nodiscard]] std::string to_json(const CheckReport&);
[[nodiscard]] std::string to_text(const CheckReport&);

}  // namespace weir
