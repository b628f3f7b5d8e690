// Contracts: from findings to true, false or null, and the guarantees that a history can tell of.
//
// False needs proof only. True needs more: something was read, the history is whole, and nothing in
// it is left to checkers that do not exist yet; otherwise the answer is null. at-most-once: no
// record is stored or handed on twice. at-least-once: nothing acknowledged (or, where handling is
// recorded, covered by a commit) goes missing. exactly-once: both.
#include <algorithm>
#include <array>

#include "broker/base/text.h"
#include "checkers/checkers.h"
#include "checkers/cycles/list_append.h"

namespace weir {
namespace {

using Kind = FindingKind;

std::int64_t count_of(const std::vector<Finding>& list, std::initializer_list<Kind> kinds) {
  return std::count_if(list.begin(), list.end(), [&](const Finding& f) {
    return std::find(kinds.begin(), kinds.end(), f.kind) != kinds.end();
  });
}

struct Tally {
  std::int64_t acknowledged = 0;
  std::int64_t sent = 0;
  std::int64_t polled = 0;
  bool polls = false;
};

Tally tally_of(const History& history) {
  Tally t;
  for (const HistoryOp& op : history.ops) {
    const bool told = op.type == OpType::ok || op.type == OpType::info || op.type == OpType::fail;
    for (const HistoryItem& item : history.items_of(op)) {
      t.sent += item.kind == ItemKind::send && op.type == OpType::invoke;
      t.acknowledged += item.kind == ItemKind::send && op.type == OpType::ok &&
                        history.config.acks != AckLevel::none;
      t.polled += item.kind == ItemKind::record && told;
      t.polls |= item.kind == ItemKind::poll && told;
    }
  }
  return t;
}

bool about_transactions(Kind kind) {
  return kind == Kind::g1a || kind == Kind::garbage_read || kind == Kind::future_read ||
         (kind >= Kind::dirty_read && kind < Kind::not_linearizable);
}

VerdictWord word_for(bool promised, std::int64_t breaches, bool exercised, bool settled) {
  if (breaches > 0) return promised ? VerdictWord::violated : VerdictWord::not_promised;
  if (!promised) return VerdictWord::not_promised;
  if (!exercised) return VerdictWord::not_exercised;
  return settled ? VerdictWord::holds : VerdictWord::unknown;
}

struct Judged {
  const History& history;
  const Findings& found;
  std::vector<Verdict> verdicts = {};

  Verdict& add(std::string id, bool promised, std::vector<std::string> because, VerdictWord word,
               std::string text) {
    Verdict& v = verdicts.emplace_back();
    v.id = std::move(id);
    v.word = word;
    v.promised = promised;
    v.because = std::move(because);
    v.text = std::move(text);
    return v;
  }

  void breaches(Verdict& v, const std::vector<Finding>& list, std::initializer_list<Kind> kinds) {
    for (const Finding& f : list) {
      if (std::find(kinds.begin(), kinds.end(), f.kind) == kinds.end()) continue;
      if (v.violations.size() == kMaxViolationsKept) return;
      Violation& b = v.violations.emplace_back();
      const std::int64_t offset = f.integer("offset", kNoOffset);
      b.record = offset == kNoOffset ? f.key : f.key + "@" + std::to_string(offset);
      if (!f.events.empty()) b.made = f.events.front();
      if (f.events.size() > 1) b.seen = {f.events.back()};
      b.argument = {std::string(name_of(f.kind)) + ": " + f.argument};
    }
  }
};

// False needs proof; true needs a whole history as well.
std::optional<bool> kept(bool broken, bool whole) {
  if (broken) return false;
  return whole ? std::optional(true) : std::nullopt;
}

std::int64_t breaking(const Findings& found, std::string_view model) {
  std::int64_t n = 0;
  for (const auto* list : {&found.findings, &found.notes}) {
    n += std::count_if(list->begin(), list->end(), [&](const Finding& f) {
      return about_transactions(f.kind) && analysis::forbidden_by(model, f.kind);
    });
  }
  return n;
}

void judge_log(const History& history, const Findings& found, bool vacuous, bool whole,
               Contracts& c) {
  const Tally tally = tally_of(history);
  const bool handled = history.config.handling_recorded;
  const std::int64_t twice =
      count_of(found.findings,
               {Kind::duplicate, Kind::nonmonotonic_poll, Kind::int_nonmonotonic_poll,
                Kind::unowned_poll, Kind::start_below_committed, Kind::duplicate_processing}) +
      count_of(found.notes, {Kind::duplicate_processing, Kind::duplicate}) +
      (handled || history.config.pipeline ? 0 : count_of(found.notes, {Kind::redelivery}));
  const std::int64_t missing =
      count_of(found.findings, {Kind::lost_write, Kind::unseen, Kind::misrouted_record,
                                Kind::poll_skip, Kind::int_poll_skip, Kind::start_above_committed,
                                Kind::missed_processing, Kind::torn_txn}) +
      count_of(found.notes, {Kind::missed_processing, Kind::unacknowledged_missing});
  const bool read = tally.polled > 0 || history.config.final_drain;
  c.at_most_once = kept(twice > 0, whole && !vacuous && read);
  c.at_least_once = kept(missing > 0, whole && !vacuous && read);
  if (twice > 0 || missing > 0) {
    c.exactly_once = false;
  } else if (c.at_most_once.has_value() && c.at_least_once.has_value()) {
    c.exactly_once = true;
  }
  const std::int64_t repeated = count_of(
      found.findings, {Kind::duplicate, Kind::nonmonotonic_send, Kind::int_nonmonotonic_send});
  c.idempotence = kept(
      repeated + count_of(found.notes, {Kind::nonmonotonic_send, Kind::int_nonmonotonic_send}) > 0,
      whole && !vacuous && read);
}

}  // namespace

Contracts judge_contracts(const History& history, const Findings& found) {
  Contracts c;
  const bool vacuous = count_of(found.findings, {Kind::vacuous_history}) > 0;
  const bool whole = history.complete && not_judged(history).empty() && found.unknown.empty();
  if (history.family == "log") judge_log(history, found, vacuous, whole, c);
  if (history.family == "log" || history.family == "list-append") {
    c.serializable = kept(breaking(found, "serializable") > 0, whole && !vacuous);
    c.kafka = kept(found.circle_of_reads || breaking(found, "kafka") > 0, whole && !vacuous);
  }
  if (history.family == "stream" || history.family == "register") {
    c.linearizable =
        kept(count_of(found.findings, {Kind::not_linearizable}) > 0, whole && !vacuous);
  }
  const bool bad = found.findings.size() > (vacuous ? 1u : 0u);
  c.valid = kept(bad, whole && !vacuous);
  return c;
}

std::optional<std::optional<bool>> contract_named(const Contracts& c, std::string_view name) {
  if (name == "at-most-once") return c.at_most_once;
  if (name == "at-least-once") return c.at_least_once;
  if (name == "exactly-once") return c.exactly_once;
  if (name == "idempotence") return c.idempotence;
  if (name == "linearizable") return c.linearizable;
  if (name == "serializable") return c.serializable;
  if (name == "kafka") return c.kafka;
  if (name == "valid") return c.valid;
  return std::nullopt;
}

std::vector<Verdict> judge_history(const History& history, const Findings& found,
                                   const Contracts& contracts) {
  if (history.family != "log") return {};
  const Tally tally = tally_of(history);
  const HistoryConfig& c = history.config;
  const bool whole = history.complete && not_judged(history).empty();
  Judged judged{history, found};
  const auto& list = found.findings;
  {
    const std::int64_t n = count_of(list, {Kind::lost_write, Kind::unseen});
    const bool promised = c.acks == AckLevel::all;
    Verdict& v = judged.add(
        "durability.acked", promised, {promised ? "acks=all" : "acks is not all"},
        word_for(promised, n, tally.acknowledged > 0, whole && c.final_drain && c.values_unique),
        grouped(tally.acknowledged) + " acknowledged, " + grouped(n) + " of them lost");
    v.looked_at = {{"acked", tally.acknowledged}, {"lost", n}};
    judged.breaches(v, list, {Kind::lost_write, Kind::unseen});
  }
  {
    const auto kinds = {Kind::nonmonotonic_send, Kind::int_nonmonotonic_send,
                        Kind::realtime_append_order, Kind::inconsistent_offsets};
    const bool ordered = c.idempotence || c.max_in_flight == 1 || !c.retries;
    const std::int64_t n = count_of(list, kinds);
    // What remains a finding without the promise breaks the log itself, not the producer's order.
    Verdict& v = judged.add("order.partition", ordered || n > 0,
                            {c.idempotence          ? "idempotent"
                             : c.max_in_flight == 1 ? "one request in flight"
                             : ordered              ? "no retries"
                                                    : "retries, several requests in flight"},
                            word_for(ordered || n > 0, n, tally.sent > 1, whole),
                            grouped(tally.sent) + " sent, " + grouped(n) + " out of order");
    v.looked_at = {{"sent", tally.sent}, {"inversions", n}};
    judged.breaches(v, list, kinds);
  }
  {
    const std::int64_t n = count_of(list, {Kind::duplicate});
    Verdict& v = judged.add("dup.idempotent", c.idempotence,
                            {c.idempotence ? "idempotent" : "enable.idempotence=false"},
                            word_for(c.idempotence, n, tally.polled > 0, whole && c.values_unique),
                            grouped(n) + " records at more than one offset");
    v.looked_at = {{"polled", tally.polled}, {"duplicates", n}};
    judged.breaches(v, list, {Kind::duplicate});
  }
  {
    const auto kinds = {Kind::garbage_read, Kind::misrouted_record, Kind::g1a, Kind::future_read};
    const std::int64_t n = count_of(list, kinds);
    Verdict& v = judged.add(
        "read.visibility", true, {"always"}, word_for(true, n, tally.polled > 0, whole),
        grouped(tally.polled) + " reads, " + grouped(n) + " of what was not there to be read");
    v.looked_at = {{"reads", tally.polled}, {"breaches", n}};
    judged.breaches(v, list, kinds);
  }
  const auto delivery = [&](const char* id, const char* contract, std::optional<bool> kept) {
    const bool promised = c.contract == contract;
    VerdictWord word = VerdictWord::not_promised;
    if (promised) {
      word = !kept.has_value() ? VerdictWord::unknown
             : *kept           ? VerdictWord::holds
                               : VerdictWord::violated;
    }
    judged.add(id, promised, {promised ? "declared by the history" : "no contract was declared"},
               word,
               !kept.has_value() ? "cannot be told"
               : *kept           ? "kept"
                                 : "not kept");
  };
  delivery("delivery.at-most-once", "at-most-once", contracts.at_most_once);
  delivery("delivery.at-least-once", "at-least-once", contracts.at_least_once);
  delivery("delivery.exactly-once", "exactly-once", contracts.exactly_once);
  for (const char* id :
       {"log.agreement", "epoch.single-leader", "hw.monotonic", "node.sound", "determinism"}) {
    judged.add(id, true, {"always"}, VerdictWord::not_exercised, "no facts of nodes in a history");
  }
  return std::move(judged.verdicts);
}

}  // namespace weir
