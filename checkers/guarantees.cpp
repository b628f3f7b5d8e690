// The guarantees of a history: from findings to words, for the run that is judged as it ends and
// for the history that somebody hands to `weir check`.
//
// Where the truth of a run was told, it says what was promised and what lies in the logs; else the
// configuration of the history promises, and what the clients saw is all there is. Not exercised
// means that nothing could have broken the guarantee: durability without an acknowledgement, order
// without two records of one producer in a partition, dup without a retry of an idempotent one.
#include <algorithm>

#include "broker/base/text.h"
#include "checkers/breaches.h"
#include "checkers/checkers.h"
#include "checkers/judge.h"

namespace weir {
namespace judging {

Delivery delivery_of(const HistoryConfig& config, const Findings& found) {
  Delivery d;
  d.stored_twice = found.found_of(kStoredTwice) + found.noted_of(kStoredTwice);
  d.handed_again =
      found.found_of(kHandedAgain) + found.noted_of({FindingKind::duplicate_processing});
  d.lost = found.found_of(kLost);
  d.lost_unpromised = found.noted_of(kLost);
  d.passed_over = found.found_of(kPassedOver) + found.noted_of({FindingKind::missed_processing});
  for (const Finding& f : found.notes) {
    // Where handling is told, being handed a record again is not yet to handle it again.
    const bool handled = config.handling_recorded || config.pipeline.has_value();
    if (f.kind == FindingKind::redelivery && !handled) d.redelivered += f.integer("count", 1);
    if (f.kind == FindingKind::unacknowledged_missing) d.unconfirmed += f.integer("count", 1);
  }
  return d;
}

namespace {

class Guarantees {
 public:
  Guarantees(const History& history, const Findings& found, const FactChecks* facts)
      : h_(history),
        found_(found),
        n_(found.examined),
        teller_(history, facts),
        delivery_(delivery_of(history.config, found)),
        whole_(history.complete && not_judged(history).empty()) {
    if (history.truth) truth_ = &*history.truth;
  }

  std::vector<Verdict> judge() {
    verdicts_ = {durability(), order(), duplicates(), visibility()};
    verdicts_.push_back(at_most_once());
    verdicts_.push_back(at_least_once());
    verdicts_.push_back(exactly_once(verdicts_.back().word));
    return std::move(verdicts_);
  }

 private:
  Verdict begin(std::string id, bool promised, std::vector<std::string> because) const {
    Verdict v;
    const PromiseTruth* told = truth_ == nullptr ? nullptr : truth_->promise(id);
    v.promised = told == nullptr ? promised : told->promised;
    v.because = told == nullptr ? std::move(because) : told->because;
    v.id = std::move(id);
    return v;
  }

  // Of delivery a history must declare what it wants.
  Verdict begin_delivery(const std::string& contract) const {
    const bool declared = h_.config.contract == contract;
    return begin("delivery." + contract, declared,
                 {declared ? "declared by the history" : "no contract was declared"});
  }

  void conclude(Verdict& v, std::int64_t breaches, bool exercised, bool settled = true) const {
    if (truth_ != nullptr) return judging::conclude(v, truth_->limit, breaches, exercised);
    judging::conclude(v, {}, breaches, exercised);
    if (v.word == VerdictWord::holds && !(settled && whole_)) v.word = VerdictWord::unknown;
  }

  using Telling = Violation (Teller::*)(const Finding&) const;
  template <class Kinds>
  void tell_of(const std::vector<Finding>& list, Verdict& v, const Kinds& kinds, Telling as) const {
    for (const Finding& f : list) {
      if (std::ranges::count(kinds, f.kind) > 0) keep(v, (teller_.*as)(f));
    }
  }
  template <class Kinds>
  void tell(Verdict& v, const Kinds& kinds, Telling as) const {
    tell_of(found_.findings, v, kinds, as);
  }
  // And what is allowed, where nothing is promised.
  template <class Kinds>
  void tell_all(Verdict& v, const Kinds& kinds, Telling as) const {
    tell(v, kinds, as);
    if (!v.promised) tell_of(found_.notes, v, kinds, as);
  }

  void tell(Verdict& v, const WatchTruth& seen) const {
    for (const FactBreach& b : seen.kept) keep(v, violation_of(b));
  }

  Verdict durability() const {
    Verdict v = begin("durability.acked", h_.config.acks == AckLevel::all,
                      {h_.config.acks == AckLevel::all ? "acks=all" : "acks is not all"});
    const std::int64_t lost = found_.found_of(kLost);
    if (truth_ == nullptr) {
      const std::int64_t gone = lost + found_.found_of(kNotRead);
      v.looked_at = {{"acked", n_.acknowledged}, {"missing", gone}};
      v.text = grouped(n_.acknowledged) + " acknowledged, " + grouped(gone) + " of them lost";
      tell(v, kLost, &Teller::plain);
      tell(v, kNotRead, &Teller::plain);
      conclude(v, gone, n_.acknowledged > 0, h_.config.final_drain && h_.config.values_unique);
      return v;
    }
    const std::int64_t gone = lost + found_.noted_of(kLost);
    v.looked_at = {{"acked", n_.acknowledged}, {"missing", gone}};
    if (n_.unconfirmed > 0) {
      v.looked_at.emplace_back("sent_with_acks_0", n_.unconfirmed);
      v.looked_at.emplace_back("sent_with_acks_0_missing", n_.unconfirmed_missing);
    }
    v.text = text_of_loss(gone);
    tell_all(v, kLost, &Teller::loss);
    const WatchTruth& leaders = truth_->elections;
    tell(v, leaders);
    if (leaders.looked_at > 0) {
      v.looked_at.emplace_back("leaders_without_what_was_shown", leaders.breaches);
    }
    if (leaders.breaches > 0) {
      v.text += "; " + counted(leaders.breaches, "new leader lacks", "new leaders lack") +
                " what was shown before";
    }
    const WatchTruth& answers = truth_->acknowledged;
    tell(v, answers);
    if (answers.looked_at > 0) v.looked_at.emplace_back("answers", answers.looked_at);
    if (answers.breaches > 0) {
      v.text +=
          "; " + counted(answers.breaches, "answer", "answers") + " of what was not replicated yet";
    }
    const bool exercised = n_.promised > 0 || (truth_->claimed(v.id) && n_.unconfirmed > 0);
    conclude(v, lost + leaders.breaches + answers.breaches, exercised);
    return v;
  }

  [[nodiscard]] std::string text_of_loss(std::int64_t gone) const {
    std::string text;
    const std::int64_t acked = n_.acknowledged;
    if (acked > 0 && gone == 0) {
      text = grouped(acked) + " acknowledged, all " + grouped(acked - n_.retired - n_.compacted) +
             " on every surviving in-sync log";
      if (n_.retired > 0) text += " (" + grouped(n_.retired) + " removed by retention)";
      if (n_.superseded > 0) {
        text += " (" + grouped(n_.superseded) + " by what is newer of its key)";
      }
      if (n_.compacted > 0) {
        text += " (" + grouped(n_.compacted) + " in compacted logs, their keys not told)";
      }
    } else if (acked > 0) {
      text = grouped(gone) + " of " + grouped(acked) + " acknowledged " +
             (acked == 1  ? "record is"
              : gone == 1 ? "records is"
                          : "records are") +
             " on no surviving log";
    }
    if (n_.unconfirmed > 0) {
      text += (text.empty() ? "" : "; ") + grouped(n_.unconfirmed_missing) + " of " +
              grouped(n_.unconfirmed) + " sent with acks=0 are not there";
    }
    return text.empty() ? "nothing was acknowledged" : text;
  }

  Verdict order() const {
    const HistoryConfig& c = h_.config;
    const bool ordered = c.idempotence || c.max_in_flight == 1 || !c.retries;
    const std::int64_t inversions = found_.found_of(kOutOfOrder);
    // What remains a finding without the promise breaks the log itself, not the producer's order.
    Verdict v = begin("order.partition", ordered || inversions > 0,
                      {c.idempotence          ? "idempotent"
                       : c.max_in_flight == 1 ? "one request in flight"
                       : ordered              ? "no retries"
                                              : "retries, several requests in flight"});
    const std::int64_t looked_at = truth_ == nullptr ? n_.sent : n_.identified;
    v.looked_at = {{"records", looked_at}, {"inversions", inversions}};
    v.text = counted(looked_at, "record", "records") + ", " +
             counted(inversions, "inversion", "inversions");
    tell(v, kOutOfOrder, &Teller::plain);
    conclude(v, inversions, truth_ == nullptr ? n_.sent > 1 : n_.ordered > 0);
    return v;
  }

  Verdict duplicates() const {
    const bool promised = h_.config.idempotence;
    Verdict v =
        begin("dup.idempotent", promised, {promised ? "idempotent" : "enable.idempotence=false"});
    const std::int64_t repeated = found_.found_of(kStoredTwice);
    if (truth_ == nullptr) {
      v.looked_at = {{"polled", n_.polled}, {"duplicates", repeated}};
      v.text = grouped(repeated) + " records at more than one offset";
      tell(v, kStoredTwice, &Teller::plain);
      conclude(v, repeated, n_.polled > 0, h_.config.values_unique);
      return v;
    }
    const std::int64_t all = repeated + found_.noted_of(kStoredTwice);
    const std::int64_t out_of_line = truth_->sequences.breaches;
    v.looked_at = {{"retries", truth_->retries},
                   {"duplicates", all},
                   {"batches", truth_->sequences.looked_at},
                   {"deduplicated", truth_->deduplicated}};
    v.text = counted(truth_->retries, "retry", "retries") + ", " +
             counted(all, "duplicate", "duplicates");
    if (out_of_line > 0) {
      v.text += ", " + counted(out_of_line, "sequence", "sequences") + " out of line";
    }
    tell(v, truth_->sequences);
    tell_all(v, kStoredTwice, &Teller::duplicate);
    conclude(v, out_of_line + repeated, truth_->retries > 0);
    return v;
  }

  Verdict visibility() const {
    Verdict v = begin("read.visibility", true, {"always"});
    const std::int64_t wrong = found_.found_of(kWrongReads);
    const std::int64_t vanished = found_.found_of(kVanished);
    const WatchTruth none;
    const WatchTruth& served = truth_ == nullptr ? none : truth_->served;
    const WatchTruth& searched = truth_ == nullptr ? none : truth_->searched;
    const std::int64_t breaches = served.breaches + searched.breaches + wrong + vanished;
    tell(v, served);
    tell(v, searched);
    tell(v, kWrongReads, &Teller::plain);
    tell(v, kVanished, &Teller::vanished);
    v.looked_at = {{"reads", n_.polled}};
    if (truth_ != nullptr) {
      v.looked_at.emplace_back("served", served.looked_at);
      v.looked_at.emplace_back("searched", searched.looked_at);
    }
    v.looked_at.emplace_back("breaches", breaches);
    v.text = counted(n_.polled, "read", "reads");
    if (truth_ != nullptr) v.text += ", " + grouped(served.breaches) + " above HW or LSO";
    if (searched.breaches > 0) {
      v.text += ", " + counted(searched.breaches, "search", "searches") + " by time wrong";
    }
    if (wrong > 0 || truth_ == nullptr) v.text += ", " + grouped(wrong) + " not what was sent";
    if (vanished > 0) v.text += ", " + grouped(vanished) + " no more where they were read";
    conclude(v, breaches, n_.polled > 0 || served.looked_at + searched.looked_at > 0);
    return v;
  }

  // Whether enough was seen for the absence of findings to say something of delivery.
  [[nodiscard]] bool tells_delivery() const {
    return found_.unknown.empty() && found_.found_of({FindingKind::vacuous_history}) == 0 &&
           (h_.config.final_drain || n_.polled > 0);
  }

  Verdict at_most_once() const {
    Verdict v = begin_delivery("at-most-once");
    const Delivery& d = delivery_;
    const std::int64_t again = d.handed_again + d.redelivered;
    const std::int64_t looked_at = truth_ == nullptr ? n_.polled : n_.stored;
    v.looked_at = {{truth_ == nullptr ? "polled" : "stored", looked_at},
                   {"stored_twice", d.stored_twice},
                   {"redelivered", again}};
    v.text = grouped(looked_at) + (truth_ == nullptr ? " polled, " : " stored, ") +
             grouped(d.stored_twice) + " twice, " + grouped(again) + " redelivered";
    tell(v, kStoredTwice, &Teller::stored_twice);
    tell_of(found_.notes, v, kStoredTwice, &Teller::stored_twice);
    tell(v, kHandedAgain, &Teller::plain);
    conclude(v, d.repeated(), truth_ == nullptr || looked_at > 0, tells_delivery());
    return v;
  }

  // What is lost counts where it was promised to stay, and for whom nothing is promised.
  [[nodiscard]] std::int64_t missing(bool promised) const {
    return delivery_.lost + (promised && truth_ != nullptr ? 0 : delivery_.lost_unpromised);
  }

  Verdict at_least_once() const {
    Verdict v = begin_delivery("at-least-once");
    const std::int64_t gone = missing(v.promised);
    const std::int64_t passed_over = delivery_.passed_over;
    const std::int64_t looked_at = n_.acknowledged + n_.unconfirmed;
    const bool drained = truth_ == nullptr ? h_.config.final_drain : truth_->drained;
    v.looked_at = {{"acked", n_.acknowledged},
                   {"missing", gone + delivery_.unconfirmed},
                   {"passed_over", passed_over},
                   {"drained", drained ? 1 : 0}};
    v.text = counted(looked_at, "record", "records") + ", " +
             grouped(gone + delivery_.unconfirmed) + " missing, " + grouped(passed_over) +
             " passed over";
    tell_all(v, kLost, &Teller::missing);
    tell(v, kPassedOver, &Teller::plain);
    if (truth_ == nullptr) {
      conclude(v, gone + delivery_.unconfirmed + passed_over, true, tells_delivery());
      return v;
    }
    conclude(v, gone + passed_over, looked_at > 0);
    if (v.word == VerdictWord::holds && truth_->drain_asked && !drained) {
      v.word = VerdictWord::unknown;
      v.text += "; the drain did not reach every end";
    } else if (!truth_->drain_asked) {
      v.text += " (stored; nothing was drained)";
    }
    return v;
  }

  Verdict exactly_once(VerdictWord at_least) const {
    Verdict v = begin_delivery("exactly-once");
    const Delivery& d = delivery_;
    const Verdict& most = verdicts_[verdicts_.size() - 2];
    const Verdict& least = verdicts_.back();
    const std::int64_t gone = missing(least.promised) + d.unconfirmed + d.passed_over;
    const std::int64_t again = d.handed_again + d.redelivered;
    v.looked_at = {most.looked_at[0],
                   {"stored_twice", d.stored_twice},
                   {"redelivered", again},
                   {"missing", gone}};
    v.text = grouped(gone) + " missing, " + grouped(d.stored_twice) + " stored twice, " +
             grouped(again) + " redelivered";
    for (const Verdict* of : {&most, &least}) {
      for (const Violation& b : of->violations) keep(v, b);
    }
    conclude(v, d.repeated() + gone, truth_ == nullptr || n_.stored > 0, tells_delivery());
    if (v.word == VerdictWord::holds && at_least == VerdictWord::unknown) v.word = at_least;
    return v;
  }

  const History& h_;
  const Findings& found_;
  const Examined& n_;
  Teller teller_;
  Delivery delivery_;
  bool whole_;
  const RunTruth* truth_ = nullptr;
  std::vector<Verdict> verdicts_;
};

}  // namespace
}  // namespace judging

std::vector<Verdict> judge_guarantees(const History& history, const Findings& found,
                                      const FactChecks* facts) {
  if (history.family != "log") return {};
  return judging::Guarantees(history, found, facts).judge();
}

std::vector<Verdict> judge_history(const History& history, const Findings& found) {
  std::vector<Verdict> verdicts = judge_guarantees(history, found);
  if (verdicts.empty()) return verdicts;
  std::vector<const char*> untold = {"determinism"};
  if (history.truth) {
    verdicts = judging::whole_table(std::move(verdicts), history.truth->judged);
  } else {
    untold = {"log.agreement", "epoch.single-leader", "hw.monotonic", "node.sound", "determinism"};
  }
  for (const char* id : untold) {
    Verdict& v = verdicts.emplace_back();
    v.id = id;
    v.promised = true;
    v.because = {"always"};
    v.word = VerdictWord::not_exercised;
    v.text = "no facts of nodes in a history";
  }
  return verdicts;
}

}  // namespace weir
