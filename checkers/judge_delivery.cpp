// delivery.at-most-once, .at-least-once, .exactly-once; progress after the faults; node.sound.
//
// Delivery is stored and handed on: a record twice in a log, or handed twice to one consumer,
// breaks at-most-once; an acknowledged record that is on no log, or that the full read at the end
// passed over, breaks at-least-once. Without a complete drain what was not read proves nothing.
// Progress is demanded within the limit after the last fault, and only of who asked for something
// in time.
#include <algorithm>

#include "broker/base/text.h"
#include "checkers/judge.h"

namespace weir::judging {
namespace {

std::string ms(std::int64_t ns) { return readable_duration(Duration(ns)); }

std::int64_t stored(const Evidence& e) {
  std::int64_t n = 0;
  for (const ReadbackLog& log : e.logs) n += static_cast<std::int64_t>(log.records.size());
  return n;
}

}  // namespace

Verdict judge_at_most_once(const Evidence& e, const std::vector<Repeated>& repeated) {
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
  const std::int64_t looked_at = stored(e);
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

Verdict judge_produce_progress(const Evidence& e) {
  Verdict v = begin("progress.produce", e.run, {true, {"always, after the last fault"}});
  const FactChecks& f = e.facts;
  const std::int64_t limit = e.run.liveness_limit.count();
  const Instant healed = f.has_healed ? f.healed : e.run.healed;
  // Counted from when there was something to acknowledge.
  const std::int64_t asked = std::max<std::int64_t>(f.first_send_after_heal, 0);
  const std::int64_t waited = (e.run.end - healed).count() - asked;
  std::int64_t breaches = 0;
  bool exercised = true, settled = true;
  if (f.first_ack_after_heal >= 0) {
    const std::int64_t took = f.first_ack_after_heal;
    v.text = "first ack " + ms(took) + " after heal (limit " + ms(limit) + ")";
    // A send that came after the heal has its own clock.
    const bool open_before = f.first_send_after_heal < 0 || f.first_send_after_heal > took;
    breaches = took - (open_before ? 0 : asked) > limit;
  } else if (f.first_send_after_heal < 0) {
    exercised = false;
    v.text = "nothing was sent after the last fault";
  } else {
    v.text = "no ack within " + ms(waited) + " after the first send behind the last fault (limit " +
             ms(limit) + ")";
    breaches = waited > limit;
    settled = breaches > 0;
  }
  if (breaches > 0) keep(v, {"", -1, -1, {}, {v.text}});
  v.looked_at = {{"first_ack_ns", f.first_ack_after_heal}, {"limit_ns", limit}};
  conclude(v, e.run, breaches, exercised);
  if (!settled && v.word == VerdictWord::holds) v.word = VerdictWord::unknown;
  return v;
}

Verdict judge_consume_progress(const Evidence& e) {
  Verdict v = begin("progress.consume", e.run, {true, {"always, after the last fault"}});
  const FactChecks& f = e.facts;
  const std::int64_t limit = e.run.liveness_limit.count();
  std::int64_t breaches = 0;
  bool exercised = true, settled = true;
  const Instant healed = f.has_healed ? f.healed : e.run.healed;
  const std::int64_t since_poll =
      (e.run.end - healed).count() - std::max<std::int64_t>(f.first_poll_after_heal, 0);
  if (f.first_poll_after_heal < 0) {
    exercised = false;
    v.text = "nobody polled after the last fault";
  } else if (f.first_record_after_heal >= 0) {
    // Counted from when somebody asked, and there was surely something to read.
    const std::int64_t took = f.first_record_after_heal - f.first_poll_after_heal;
    v.text =
        "first record " + ms(f.first_record_after_heal) + " after heal (limit " + ms(limit) + ")";
    const bool waiting = f.acks > f.polled.looked_at || f.first_ack_after_heal < 0;
    breaches = took > limit && waiting && e.run.final_drain && !e.run.drain_complete;
  } else if (f.consumed >= stored(e)) {
    exercised = false;
    v.text = "nothing was left to read after the last fault";
  } else {
    v.text = "no record within " + ms(since_poll) + " of polling (limit " + ms(limit) + ")";
    breaches = since_poll > limit;
    settled = breaches > 0;
  }
  if (breaches == 0 && e.run.final_drain && !e.run.drain_complete && e.run.limit.empty()) {
    v.text += "; the drain did not reach every end";
    breaches = since_poll > limit && exercised;
  }
  if (breaches > 0) keep(v, {"", -1, -1, {}, {v.text}});
  v.looked_at = {{"first_record_ns", f.first_record_after_heal}, {"limit_ns", limit}};
  conclude(v, e.run, breaches, exercised);
  if (!settled && v.word == VerdictWord::holds) v.word = VerdictWord::unknown;
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
