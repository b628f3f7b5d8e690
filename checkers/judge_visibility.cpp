// read.visibility: nothing beyond the watermark is shown, everything shown is what was sent, and it
// stays where it was read (A9).
//
// What a client polled lay below a watermark, so it must be at that offset in every in-sync log at
// the end, as long as the faults left whole copies; unless retention took it, or compaction.
#include <algorithm>

#include "broker/base/text.h"
#include "checkers/judge.h"

namespace weir::judging {
namespace {

std::vector<Violation> find_gone(const Evidence& e, const Shelf& shelf, const Copies& copies) {
  std::vector<Violation> all;
  std::map<std::string, bool, std::less<>> kept;  // topics that keep what was shown
  for (const TopicSummary& t : e.run.topics) {
    kept[t.name] = copies_survive(e.run, t).promised && !is_compacted(t);
  }
  for (const auto& [id, sent] : e.facts.sent()) {
    if (sent.read_at < 0) continue;
    const auto topic = kept.find(sent.topic);
    if (topic == kept.end() || !topic->second) continue;
    const std::string key = sent.topic + "-" + std::to_string(sent.partition);
    const auto start = e.facts.start_moved.find(key);
    if (start != e.facts.start_moved.end() && sent.read_at < start->second) continue;
    const Copies::Holders& holders = copies.holders(sent.topic, sent.partition);
    const auto has = [&, &wanted = id, at = sent.read_at](std::uint32_t log) {
      return shelf.lies_at(log, wanted, at);
    };
    const auto lacks = std::find_if_not(holders.logs.begin(), holders.logs.end(), has);
    const bool there = holders.each ? lacks == holders.logs.end()
                                    : std::any_of(holders.logs.begin(), holders.logs.end(), has);
    if (there) continue;
    Violation v;
    v.record = key + "@" + std::to_string(sent.read_at);
    v.made = sent.read_event;
    v.argument.push_back(
        id + " was read at offset " + grouped(sent.read_at) + ", " + event_at(sent.read_event) +
        ", and at the end it is not there in the log of " + shelf.logs()[*lacks].node);
    all.push_back(std::move(v));
  }
  return all;
}

}  // namespace

Verdict judge_visibility(const Evidence& e, const Shelf& shelf, const Copies& copies) {
  Verdict v = begin("read.visibility", e.run, {true, {"always"}});
  std::int64_t breaches = e.facts.served.breaches + e.facts.polled.breaches;
  for (const FactBreach& b : e.facts.served.kept) keep(v, violation_of(b));
  for (const FactBreach& b : e.facts.polled.kept) keep(v, violation_of(b));
  for (const Finding& f : e.findings.findings) {
    // What the facts already told is not counted twice.
    const bool more = f.kind == FindingKind::future_read ||
                      f.kind == FindingKind::misrouted_record ||
                      (e.facts.polled.breaches == 0 &&
                       (f.kind == FindingKind::garbage_read || f.kind == FindingKind::g1a));
    if (!more) continue;
    ++breaches;
    keep(v, violation_of(f));
  }
  const std::vector<Violation> gone = find_gone(e, shelf, copies);
  breaches += static_cast<std::int64_t>(gone.size());
  for (const Violation& violation : gone) keep(v, violation);
  const std::int64_t reads = e.facts.polled.looked_at;
  v.looked_at = {{"reads", reads}, {"served", e.facts.served.looked_at}, {"breaches", breaches}};
  v.text = counted(reads, "read", "reads") + ", " + grouped(e.facts.served.breaches) +
           " above HW or LSO";
  const auto vanished = static_cast<std::int64_t>(gone.size());
  if (breaches > e.facts.served.breaches + vanished) {
    v.text += ", " + grouped(breaches - e.facts.served.breaches - vanished) + " not what was sent";
  }
  if (vanished > 0) v.text += ", " + grouped(vanished) + " no more where they were read";
  conclude(v, e.run, breaches, reads > 0 || e.facts.served.looked_at > 0);
  return v;
}

}  // namespace weir::judging
