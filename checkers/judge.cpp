// judge(): every guarantee in the order of the table, and what the judges share.
#include "checkers/judge.h"

#include <algorithm>

#include "broker/base/text.h"

namespace weir {
namespace judging {
namespace {

std::string place_of(std::string_view topic, std::int32_t partition) {
  return std::string(topic) + "-" + std::to_string(partition);
}

}  // namespace

Shelf::Shelf(const std::vector<ReadbackLog>& logs) : logs_(logs), places_(logs.size()) {
  for (std::uint32_t l = 0; l < logs.size(); ++l) {
    replicas_[place_of(logs[l].topic, logs[l].partition)].push_back(l);
    in_order_.push_back(
        std::ranges::is_sorted(logs[l].records, std::less<>{}, &ReadbackRecord::offset));
  }
}

const std::vector<std::uint32_t>& Shelf::replicas(std::string_view topic,
                                                  std::int32_t partition) const {
  const auto it = replicas_.find(place_of(topic, partition));
  return it == replicas_.end() ? none_ : it->second;
}

bool Shelf::lies_at(std::uint32_t log, std::string_view id, std::int64_t offset) const {
  if (!in_order_[log]) {
    const std::vector<std::int64_t> offsets = offsets_of(log, id);
    return std::binary_search(offsets.begin(), offsets.end(), offset);
  }
  const std::vector<ReadbackRecord>& records = logs_[log].records;
  auto at = std::lower_bound(
      records.begin(), records.end(), offset,
      [](const ReadbackRecord& record, std::int64_t wanted) { return record.offset < wanted; });
  for (; at != records.end() && at->offset == offset; ++at) {
    if (at->id == id) return true;
  }
  return false;
}

std::vector<std::int64_t> Shelf::offsets_of(std::uint32_t log, std::string_view id) const {
  std::optional<Places>& places = places_[log];
  if (!places) {
    places.emplace();
    for (const ReadbackRecord& record : logs_[log].records) {
      if (!record.id.empty()) places->emplace_back(record.id, record.offset);
    }
    std::sort(places->begin(), places->end());
  }
  std::vector<std::int64_t> offsets;
  auto it = std::lower_bound(places->begin(), places->end(), std::pair(id, std::int64_t{-1}));
  for (; it != places->end() && it->first == id; ++it) offsets.push_back(it->second);
  return offsets;
}

bool Shelf::anywhere(std::string_view topic, std::string_view id) const {
  for (std::uint32_t l = 0; l < logs_.size(); ++l) {
    if (logs_[l].topic == topic && !offsets_of(l, id).empty()) return true;
  }
  return false;
}

Verdict begin(std::string id, const RunSummary& run, Promise promise) {
  Verdict v;
  v.id = std::move(id);
  v.promised = promise.promised;
  v.because = std::move(promise.because);
  if (claimed(run, v.id) && !v.promised) {
    v.promised = true;
    v.because.push_back("claimed by the scenario");
  }
  return v;
}

void conclude(Verdict& v, const RunSummary& run, std::int64_t breaches, bool exercised) {
  if (!v.promised) {
    v.word = VerdictWord::not_promised;
  } else if (breaches > 0) {
    v.word = VerdictWord::violated;
  } else if (!run.limit.empty()) {
    v.word = VerdictWord::unknown;
    v.text += (v.text.empty() ? "" : "; ") + std::string("the run was cut short: ") + run.limit;
  } else {
    v.word = exercised ? VerdictWord::holds : VerdictWord::not_exercised;
  }
}

void keep(Verdict& v, Violation violation) {
  if (v.violations.size() < kMaxViolationsKept) v.violations.push_back(std::move(violation));
}

Violation violation_of(const Finding& f) {
  Violation v;
  const std::int64_t offset = f.integer("offset", kNoOffset);
  v.record = offset == kNoOffset ? f.key : f.key + "@" + std::to_string(offset);
  if (!f.events.empty()) v.made = f.events.front();
  if (f.events.size() > 1) v.seen.assign(f.events.begin() + 1, f.events.end());
  v.argument.push_back(std::string(name_of(f.kind)) + ": " + f.argument);
  return v;
}

Violation violation_of(const FactBreach& b) {
  Violation v;
  v.record = b.record;
  v.made = b.made;
  v.broken = b.broken;
  v.argument.push_back(b.about + ", " + event_at(b.broken));
  return v;
}

std::string counted(std::int64_t n, std::string_view one, std::string_view many) {
  return grouped(n) + " " + std::string(n == 1 ? one : many);
}

std::string event_at(std::int64_t event) { return "event #" + grouped(event); }

}  // namespace judging

std::vector<Verdict> judge(const Evidence& e) {
  using namespace judging;
  const Shelf shelf(e.logs);
  const Copies copies(e, shelf);
  const bool more = claimed(e.run, "durability.acked") ||
                    claimed(e.run, "delivery.at-least-once") ||
                    claimed(e.run, "delivery.exactly-once");
  const Survey found = survey(e, shelf, copies, more);
  const std::vector<Repeated> repeated =
      find_repeated(e, shelf, copies,
                    claimed(e.run, "dup.idempotent") || claimed(e.run, "delivery.exactly-once"));
  std::vector<Verdict> verdicts;
  verdicts.push_back(judge_durability(e, found));
  verdicts.push_back(judge_order(e, shelf, copies));
  verdicts.push_back(judge_duplicates(e, shelf, copies, repeated));
  if (e.run.cluster) {
    verdicts.push_back(judge_agreement(e, shelf, copies));
    verdicts.push_back(judge_single_leader(e));
    verdicts.push_back(judge_watermarks(e));
  }
  verdicts.push_back(judge_visibility(e, shelf, copies));
  const Verdict most = judge_at_most_once(e, shelf, copies, repeated);
  const Verdict least = judge_at_least_once(e, found);
  verdicts.push_back(most);
  verdicts.push_back(least);
  verdicts.push_back(judge_exactly_once(e, most, least));
  verdicts.push_back(judge_produce_progress(e));
  verdicts.push_back(judge_consume_progress(e, copies));
  if (e.run.cluster) {
    verdicts.push_back(judge_controller_progress(e));
    verdicts.push_back(judge_metadata(e));
    verdicts.push_back(judge_isr(e));
    verdicts.push_back(judge_elections(e));
  }
  verdicts.push_back(judge_soundness(e));
  return verdicts;
}

Verdict judge_determinism(std::int64_t doubled, std::int64_t differing, const std::string& where) {
  Verdict v;
  v.id = "determinism";
  v.promised = true;
  v.because = {"always"};
  v.looked_at = {{"doubled", doubled}, {"differing", differing}};
  if (differing > 0) {
    v.word = VerdictWord::violated;
    v.text = judging::counted(differing, "run", "runs") + " of " + grouped(doubled) +
             " doubled had another fingerprint";
    Violation violation;
    violation.argument.push_back(where.empty() ? "the fingerprints differ" : where);
    v.violations.push_back(std::move(violation));
  } else {
    v.word = doubled > 0 ? VerdictWord::holds : VerdictWord::not_exercised;
    v.text = doubled > 0 ? judging::counted(doubled, "run", "runs") + " doubled, all identical"
                         : "no run was doubled (--double)";
  }
  return v;
}

}  // namespace weir
