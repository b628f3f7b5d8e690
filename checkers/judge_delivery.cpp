// delivery.at-most-once, .at-least-once, .exactly-once; node.sound.
//
// Delivery is stored and handed on: a record twice in a log, or handed twice to one consumer,
// breaks at-most-once; an acknowledged record that is on no log, or that the full read at the end
// passed over, breaks at-least-once. Without a complete drain what was not read proves nothing.
#include <algorithm>

#include "broker/base/text.h"
#include "checkers/judge.h"

namespace weir::judging {
namespace {

// Each record once, whatever the number of its replicas.
std::int64_t stored(const Shelf& shelf, const Copies& copies) {
  std::int64_t n = 0;
  for (const std::uint32_t log : copies.reference_logs()) {
    n += static_cast<std::int64_t>(shelf.logs()[log].records.size());
  }
  return n;
}

}  // namespace

Verdict judge_at_most_once(const Evidence& e, const Shelf& shelf, const Copies& copies,
                           const std::vector<Repeated>& repeated) {
  Verdict v = begin("delivery.at-most-once", e.run, promise_at_most_once(e.run));
  std::int64_t twice = static_cast<std::int64_t>(repeated.size()), again = 0;
  for (const Repeated& r : repeated) {
    Violation b;
    b.record = r.log->topic + "-" + std::to_string(r.log->partition) + "@" +
               std::to_string(r.offsets.back());
    if (const SentRecord* sent = e.facts.find_sent(r.id); sent != nullptr) b.made = sent->invoked;
    b.argument.push_back(std::string(r.id) + " is stored " +
                         counted(static_cast<std::int64_t>(r.offsets.size()), "time", "times") +
                         ", first at offset " + grouped(r.offsets.front()));
    keep(v, std::move(b));
  }
  for (const Finding& f : e.findings.findings) {
    const bool redelivered = f.kind == FindingKind::nonmonotonic_poll ||
                             f.kind == FindingKind::int_nonmonotonic_poll ||
                             f.kind == FindingKind::start_below_committed;
    if (!redelivered) continue;
    ++again;
    keep(v, violation_of(f));
  }
  std::int64_t allowed = 0;
  for (const Finding& f : e.findings.notes) {
    if (f.kind == FindingKind::redelivery) allowed += f.integer("count", 0);
  }
  const std::int64_t looked_at = stored(shelf, copies);
  v.looked_at = {{"stored", looked_at}, {"stored_twice", twice}, {"redelivered", again + allowed}};
  v.text = grouped(looked_at) + " stored, " + grouped(twice) + " twice, " +
           grouped(again + allowed) + " redelivered";
  conclude(v, e.run, twice + again + allowed, looked_at > 0);
  return v;
}

Verdict judge_at_least_once(const Evidence& e, const Survey& s) {
  Verdict v = begin("delivery.at-least-once", e.run, promise_at_least_once(e.run));
  std::int64_t missing = 0;
  for (const Missing& m : s.missing) {
    if (!m.promised && v.promised) continue;
    ++missing;
    Violation b;
    b.record = m.sent->topic + "-" + std::to_string(m.sent->partition);
    if (m.sent->offset >= 0) b.record += "@" + std::to_string(m.sent->offset);
    b.made = m.sent->completed;
    b.argument.push_back(*m.id + (m.sent->offset >= 0 ? " was acknowledged, " : " was sent, ") +
                         event_at(m.sent->completed) + ", and is on no log");
    keep(v, std::move(b));
  }
  const std::int64_t unstored = missing + (s.claimed ? 0 : s.unconfirmed_missing);
  std::int64_t passed_over = 0;
  for (const Finding& f : e.findings.findings) {
    // Losses are counted above, from the logs; here what is stored and was not handed on.
    const bool unread = (f.kind == FindingKind::unseen && s.missing.empty()) ||
                        f.kind == FindingKind::poll_skip || f.kind == FindingKind::int_poll_skip ||
                        f.kind == FindingKind::start_above_committed;
    if (!unread) continue;
    ++passed_over;
    keep(v, violation_of(f));
  }
  const std::int64_t looked_at = s.acknowledged + s.unconfirmed;
  v.looked_at = {{"acked", s.acknowledged},
                 {"missing", unstored},
                 {"passed_over", passed_over},
                 {"drained", e.run.drain_complete ? 1 : 0}};
  v.text = counted(looked_at, "record", "records") + ", " + grouped(unstored) + " missing, " +
           grouped(passed_over) + " passed over";
  conclude(v, e.run, missing + passed_over, looked_at > 0);
  if (v.word == VerdictWord::holds && e.run.final_drain && !e.run.drain_complete) {
    v.word = VerdictWord::unknown;
    v.text += "; the drain did not reach every end";
  } else if (!e.run.final_drain) {
    v.text += " (stored; nothing was drained)";
  }
  return v;
}

Verdict judge_exactly_once(const Evidence& e, const Verdict& most, const Verdict& least) {
  Verdict v = begin("delivery.exactly-once", e.run, promise_exactly_once(e.run));
  const auto count = [](const Verdict& from, std::string_view name) {
    for (const auto& [key, n] : from.looked_at) {
      if (key == name) return n;
    }
    return std::int64_t{0};
  };
  const std::int64_t twice = count(most, "stored_twice"), again = count(most, "redelivered");
  const std::int64_t missing = count(least, "missing") + count(least, "passed_over");
  v.looked_at = {{"stored", count(most, "stored")},
                 {"stored_twice", twice},
                 {"redelivered", again},
                 {"missing", missing}};
  v.text = grouped(missing) + " missing, " + grouped(twice) + " stored twice, " + grouped(again) +
           " redelivered";
  for (const Violation& b : most.violations) keep(v, b);
  for (const Violation& b : least.violations) keep(v, b);
  conclude(v, e.run, twice + again + missing, count(most, "stored") > 0);
  if (v.word == VerdictWord::holds && least.word == VerdictWord::unknown) v.word = least.word;
  return v;
}

Verdict judge_soundness(const Evidence& e) {
  Verdict v = begin("node.sound", e.run, {true, {"always"}});
  const FactTally& a = e.facts.assertions;
  for (const FactBreach& b : a.kept) keep(v, violation_of(b));
  v.looked_at = {{"lives", a.looked_at}, {"assertions_failed", a.breaches}};
  v.text = counted(a.looked_at, "life of a node", "lives of nodes") + ", " + grouped(a.breaches) +
           (a.breaches == 1 ? " assertion failed" : " assertions failed");
  conclude(v, e.run, a.breaches, a.looked_at > 0);
  return v;
}

}  // namespace weir::judging
