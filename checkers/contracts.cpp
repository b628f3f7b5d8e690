// Contracts: from findings to true, false or null.
//
// False needs proof only. True needs more: something was read, the history is whole, and nothing in
// it is left to checkers that do not exist yet; otherwise the answer is null. at-most-once: no
// record is stored or handed on twice. at-least-once: nothing acknowledged (or, where handling is
// recorded, covered by a commit) goes missing. exactly-once: both.
#include <algorithm>

#include "checkers/breaches.h"
#include "checkers/checkers.h"
#include "checkers/cycles/list_append.h"

namespace weir {
namespace {

using Kind = FindingKind;

bool about_transactions(Kind kind) {
  return kind == Kind::g1a || kind == Kind::garbage_read || kind == Kind::future_read ||
         (kind >= Kind::dirty_read && kind < Kind::not_linearizable);
}

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
  const judging::Delivery d = judging::delivery_of(history.config, found);
  const bool twice = d.repeated() > 0;
  const bool missing = d.lost + d.lost_unpromised + d.unconfirmed + d.passed_over > 0;
  const bool read = history.config.final_drain || found.examined.polled > 0;
  c.at_most_once = kept(twice, whole && !vacuous && read);
  c.at_least_once = kept(missing, whole && !vacuous && read);
  if (twice || missing) {
    c.exactly_once = false;
  } else if (c.at_most_once.has_value() && c.at_least_once.has_value()) {
    c.exactly_once = true;
  }
  const auto kinds = {Kind::nonmonotonic_send, Kind::int_nonmonotonic_send};
  const bool repeated = found.found_of({Kind::duplicate}) + found.found_of(kinds) > 0;
  c.idempotence = kept(repeated || found.noted_of(kinds) > 0, whole && !vacuous && read);
}

}  // namespace

Contracts judge_contracts(const History& history, const Findings& found) {
  Contracts c;
  const bool vacuous = found.found_of({Kind::vacuous_history}) > 0;
  const bool whole = history.complete && not_judged(history).empty() && found.unknown.empty();
  if (history.family == "log") judge_log(history, found, vacuous, whole, c);
  if (history.family == "log" || history.family == "list-append") {
    c.serializable = kept(breaking(found, "serializable") > 0, whole && !vacuous);
    c.kafka = kept(found.circle_of_reads || breaking(found, "kafka") > 0, whole && !vacuous);
  }
  if (history.family == "stream" || history.family == "register") {
    c.linearizable = kept(found.found_of({Kind::not_linearizable}) > 0, whole && !vacuous);
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

}  // namespace weir
