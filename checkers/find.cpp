// find(): all checks over one history, and what no check judges yet.
#include <algorithm>
#include <set>

#include "checkers/checkers.h"
#include "checkers/report.h"

namespace weir {
namespace {

using analysis::FindingBuilder;
using analysis::LogIndex;
using analysis::Report;

// Nothing acknowledged, read or owned: the run proves nothing and must not pass for valid.
void check_vacuity(const LogIndex& index, Report& report) {
  if (index.sends_acknowledged > 0 || index.records_polled > 0) return;
  for (const HistoryOp& op : index.history.ops) {
    if (op.function == OpFunction::assigned) return;
  }
  if (!report.room(FindingKind::vacuous_history)) return;
  FindingBuilder f(index, FindingKind::vacuous_history, analysis::kNone);
  f.because("no record was acknowledged and none was read: nothing was tested");
  report.add(f);
}

}  // namespace

Findings find(const History& history) {
  Report report;
  if (history.family != "log") return report.take();
  LogIndex index(history);
  check_vacuity(index, report);
  analysis::check_reads(index, report);
  analysis::check_loss(index, report);
  analysis::check_offsets(index, report);
  analysis::check_order(index, report);
  analysis::check_positions(index, report);
  analysis::check_ownership(index, report);
  analysis::check_commits(index, report);
  analysis::check_handling(index, report);
  return report.take();
}

std::vector<std::string> not_judged(const History& history) {
  if (history.family != "log") {
    return {"histories of the family " + history.family + " (only \"log\" is judged)"};
  }
  std::set<std::string> what;
  for (const HistoryOp& op : history.ops) {
    switch (op.function) {
      case OpFunction::txn:
      case OpFunction::begin:
      case OpFunction::commit_txn:
      case OpFunction::abort_txn:
      case OpFunction::init_txns:
        what.insert("transactions: atomicity, isolation beyond aborted reads, cycles, fencing");
        break;
      case OpFunction::other:
        if (op.name != kNoName && op.type != OpType::event) {
          what.insert("operations of the function " + std::string(history.name(op.name)));
        }
        break;
      default: break;
    }
  }
  if (history.config.pipeline) what.insert("pipelines: inputs processed once, twice or never");
  return {what.begin(), what.end()};
}

}  // namespace weir
