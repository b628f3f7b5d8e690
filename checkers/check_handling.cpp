// Handling: what the application has finished with, where the history records it.
//
// Handled twice by one group, or never though a commit covers it and the consumer that had it is
// gone: both are notes, since the log and the protocol did nothing wrong. Which of them a contract
// allows is the contract's business.
#include <map>
#include <set>
#include <tuple>

#include "checkers/members.h"
#include "checkers/report.h"

namespace weir::analysis {
namespace {

struct Handling {
  const LogIndex& index;
  Report& report;
  const History& h;
  Members members;
  using Place = std::pair<std::uint64_t, std::uint32_t>;                // (group, log)
  std::map<Place, std::map<std::int64_t, std::uint32_t>> handled = {};  // offset -> times
  std::map<Place, std::map<std::int64_t, std::int64_t>> held = {};      // offset -> process
  std::map<Place, std::int64_t> committed = {};
  std::set<std::int64_t> gone = {};
  std::map<Place, std::set<std::int64_t>> released = {};  // processes that lost the partition

  void step(std::uint32_t i) {
    const HistoryOp& op = h.ops[i];
    members.see(op);
    const std::uint64_t group = members.group_of(op.process);
    const bool poll = LogIndex::polls(op) && op.type == OpType::ok;
    if (op.function == OpFunction::crash) gone.insert(op.process);
    for (const HistoryItem& item : h.items_of(op)) {
      const std::uint32_t log = index.log_at(item.key, i);
      if (log == kNone) continue;
      const Place place{group, log};
      if (poll && item.kind == ItemKind::record) {
        held[place].insert_or_assign(item.offset, op.process);
      } else if (op.function == OpFunction::handle && op.type == OpType::ok) {
        ++handled[place][item.offset];
      } else if (op.function == OpFunction::commit && op.type == OpType::ok) {
        std::int64_t& next = committed[place];
        next = std::max(next, item.offset);
      } else if (op.function == OpFunction::revoked || op.function == OpFunction::lost) {
        released[place].insert(op.process);
      }
    }
  }

  void note(FindingKind kind, std::uint32_t log, const std::vector<std::int64_t>& offsets,
            const std::string& what) {
    if (offsets.empty() || !report.room_for_note(kind)) return;
    const std::string key(h.name(index.logs[log].key));
    FindingBuilder f(index, kind, log);
    f.with("count", static_cast<std::int64_t>(offsets.size())).with_inputs("inputs", key, offsets);
    f.because(std::to_string(offsets.size()) + " records of " + key + " " + what);
    report.note(f);
  }

  void finish() {
    for (const auto& [place, times] : handled) {
      std::vector<std::int64_t> twice;
      for (const auto& [offset, count] : times) {
        if (count > 1) twice.push_back(offset);
      }
      note(FindingKind::duplicate_processing, place.second, twice, "were handled more than once");
    }
    for (const auto& [place, records] : held) {
      std::vector<std::int64_t> missed;
      for (const auto& [offset, process] : records) {
        const bool over = gone.contains(process) || released[place].contains(process);
        if (over && offset < committed[place] && !handled[place].contains(offset)) {
          missed.push_back(offset);
        }
      }
      note(FindingKind::missed_processing, place.second, missed,
           "were delivered and committed, but never handled");
    }
  }
};

}  // namespace

void check_handling(const LogIndex& index, Report& report) {
  if (!index.history.config.handling_recorded) return;
  Handling handling{index, report, index.history, Members(index.history)};
  for (std::uint32_t i = 0; i < index.history.ops.size(); ++i) handling.step(i);
  handling.finish();
}

}  // namespace weir::analysis
