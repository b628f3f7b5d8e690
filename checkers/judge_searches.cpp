// read.visibility: searches by time against the records themselves (ListOffsets; E6).
//
// A record of the logs read back was there to be found when it lies between the log start and the
// bound of the search, and is of the leader epoch that the searched log had there: equal offset and
// epoch mean one record. It was found as it is, or it is too old, or lies behind what was found. A
// log that is compacted may have lost it by then and have got it again from another replica, so
// there only what was found is compared. A disk that lies proves nothing.
#include <algorithm>

#include "checkers/judge.h"

namespace weir::judging {
namespace {

using Search = AnswerWatch::Search;
constexpr std::int64_t kMaxTimestamp = -3;

bool disks_are_honest(const RunSummary& run) {
  return std::none_of(run.faults.begin(), run.faults.end(), [](const FaultSummary& f) {
    return f.kind == "bit_rot" || f.kind == "misdirected";
  });
}

// What is wrong with the answer, given this record; empty: nothing.
std::string objection(const Search& search, const ReadbackRecord& record, bool compacted) {
  const bool was_there = record.offset >= search.start && record.offset < search.bound &&
                         record.leader_epoch == search.copy.epoch_at(record.offset);
  if (!was_there) return {};
  if (record.offset == search.offset) {
    if (record.timestamp == search.timestamp) return {};
    return "told its timestamp as " + std::to_string(search.timestamp) + ", but it is " +
           std::to_string(record.timestamp);
  }
  if (compacted) return {};
  const std::string other =
      std::to_string(record.offset) + " with timestamp " + std::to_string(record.timestamp);
  if (search.target == kMaxTimestamp) {
    return record.timestamp > search.timestamp ? "passed over the newer offset " + other : "";
  }
  const bool before = search.offset < 0 || record.offset < search.offset;
  return before && record.timestamp >= search.target ? "passed over offset " + other : "";
}

}  // namespace

WatchTruth judge_searches(const Evidence& e, const Shelf& shelf) {
  const FactTally& online = e.facts.answers.searched;
  WatchTruth told{online.looked_at, online.breaches, online.kept};
  if (!disks_are_honest(e.run)) return told;
  for (const Search& search : e.facts.answers.searches) {
    const bool compacted = is_compacted(e.run, search.topic);
    std::string wrong;
    for (const std::uint32_t l : shelf.replicas(search.topic, search.partition)) {
      for (const ReadbackRecord& record : shelf.logs()[l].records) {
        if (wrong.empty()) wrong = objection(search, record, compacted);
      }
    }
    if (wrong.empty()) continue;
    ++told.breaches;
    if (told.kept.size() >= kMaxBreachesKept) continue;
    const std::string place = search.topic + "-" + std::to_string(search.partition);
    const std::string asked = search.target == kMaxTimestamp
                                  ? std::string("the largest timestamp")
                                  : "timestamp " + std::to_string(search.target);
    told.kept.push_back({place + "@" + std::to_string(search.offset), -1, search.event,
                         search.node + " found offset " + std::to_string(search.offset) + " for " +
                             asked + " and " + wrong});
  }
  return told;
}

}  // namespace weir::judging
