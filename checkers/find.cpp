// find(): all checks over one history, and what no check judges yet.
#include <algorithm>
#include <set>

#include "checkers/checkers.h"
#include "checkers/cycles/list_append.h"
#include "checkers/linear/objects.h"
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

// Of the families without logs: whether anything happened for certain.
void check_any_ok(const History& history, Report& report) {
  const bool lists = history.family == "list-append";
  for (const HistoryOp& op : history.ops) {
    if (op.type != OpType::ok) continue;
    if (!lists) return;
    for (const HistoryItem& item : history.items_of(op)) {
      if (item.kind == ItemKind::append || !history.list_of(item).empty()) return;
    }
  }
  if (!report.room(FindingKind::vacuous_history)) return;
  FindingBuilder f(history, FindingKind::vacuous_history);
  f.because(lists ? "no transaction appended or read anything: nothing was tested"
                  : "no operation completed: nothing was tested");
  report.add(f);
}

void find_in_log(const History& history, Report& report) {
  LogIndex index(history);
  Examined& n = report.examined();
  n.sent = static_cast<std::int64_t>(index.sends.size());
  n.polled = index.records_polled;
  for (const analysis::Log& log : index.logs) {
    n.stored += static_cast<std::int64_t>(log.stored.size());
  }
  for (const analysis::Identity& identity : index.identities) n.identified += identity.stored > 0;
  if (!index.read_back()) n.acknowledged = index.sends_acknowledged;
  check_vacuity(index, report);
  analysis::check_reads(index, report);
  analysis::check_loss(index, report);
  analysis::check_offsets(index, report);
  analysis::check_order(index, report);
  analysis::check_positions(index, report);
  analysis::check_ownership(index, report);
  analysis::check_commits(index, report);
  analysis::check_committed(index, report);
  analysis::check_transactions(index, report);
  analysis::check_zombies(index, report);
  analysis::check_log_cycles(index, report);
  analysis::check_pipeline(index, report);
  analysis::check_bounds(index, report);
  analysis::check_handling(index, report);
}

}  // namespace

Findings find(const History& history) {
  Report report;
  if (history.family == "log") {
    find_in_log(history, report);
  } else if (history.family == "list-append") {
    check_any_ok(history, report);
    analysis::check_list_append(history, report);
  } else if (history.family == "register") {
    check_any_ok(history, report);
    analysis::check_register(history, report);
  } else if (history.family == "stream") {
    check_any_ok(history, report);
    analysis::check_stream(history, report);
  }
  return report.take();
}

std::vector<std::string> not_judged(const History& history) {
  if (history.family == "list-append") return analysis::unknown_models(history.config);
  if (history.family == "register" || history.family == "stream") return {};
  if (history.family != "log") return {"histories of the family " + history.family};
  std::set<std::string> what;
  for (const HistoryOp& op : history.ops) {
    if (op.function == OpFunction::other && op.name != kNoName && op.type != OpType::event) {
      what.insert("operations of the function " + std::string(history.name(op.name)));
    }
  }
  return {what.begin(), what.end()};
}

}  // namespace weir
