// judge(): every guarantee in the order of the table, and what the judges share.
#include "checkers/judge.h"

#include <algorithm>

#include "broker/base/text.h"
#include "checkers/checkers.h"

namespace weir {
namespace judging {
namespace {

std::string place_of(std::string_view topic, std::int32_t partition) {
  return std::string(topic) + "-" + std::to_string(partition);
}

}  // namespace

Shelf::Shelf(const std::vector<ReadbackLog>& logs) : logs_(logs) {
  for (std::uint32_t l = 0; l < logs.size(); ++l) {
    replicas_[place_of(logs[l].topic, logs[l].partition)].push_back(l);
  }
}

const std::vector<std::uint32_t>& Shelf::replicas(std::string_view topic,
                                                  std::int32_t partition) const {
  const auto it = replicas_.find(place_of(topic, partition));
  return it == replicas_.end() ? none_ : it->second;
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

void conclude(Verdict& v, const std::string& limit, std::int64_t breaches, bool exercised) {
  if (!v.promised) {
    v.word = VerdictWord::not_promised;
  } else if (breaches > 0) {
    v.word = VerdictWord::violated;
  } else if (!limit.empty()) {
    v.word = VerdictWord::unknown;
    v.text += (v.text.empty() ? "" : "; ") + std::string("the run was cut short: ") + limit;
  } else {
    v.word = exercised ? VerdictWord::holds : VerdictWord::not_exercised;
  }
}

void keep(Verdict& v, Violation violation) {
  if (v.violations.size() < kMaxViolationsKept) v.violations.push_back(std::move(violation));
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

std::vector<Verdict> judge_nodes(const Evidence& e, const Shelf& shelf, const Copies& copies) {
  std::vector<Verdict> verdicts;
  if (e.run.cluster) {
    verdicts = {judge_agreement(e, shelf, copies), judge_single_leader(e), judge_watermarks(e)};
  }
  verdicts.push_back(judge_produce_progress(e));
  verdicts.push_back(judge_consume_progress(e, copies));
  if (e.run.cluster) {
    verdicts.push_back(judge_replica_progress(e));
    verdicts.push_back(judge_controller_progress(e));
    verdicts.push_back(judge_metadata(e));
    verdicts.push_back(judge_isr(e));
    verdicts.push_back(judge_elections(e));
  }
  verdicts.push_back(judge_soundness(e));
  return verdicts;
}

// The logs and their leaders stand between what producers and what readers are promised.
std::vector<Verdict> whole_table(std::vector<Verdict> clients, const std::vector<Verdict>& nodes) {
  const auto between = [](const Verdict& v) {
    return v.id == "log.agreement" || v.id == "epoch.single-leader" || v.id == "hw.monotonic";
  };
  const auto rest = std::ranges::find_if_not(nodes, between);
  const auto reads = std::ranges::find(clients, "read.visibility", &Verdict::id);
  clients.insert(reads, nodes.begin(), rest);
  clients.insert(clients.end(), rest, nodes.end());
  return clients;
}

}  // namespace judging

std::vector<Verdict> judge(const History& history, const Findings& found, const Evidence& e) {
  return judging::whole_table(judge_guarantees(history, found, &e.facts), history.truth->judged);
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
