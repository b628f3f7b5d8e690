// log.agreement, epoch.single-leader, hw.monotonic, controller.metadata, .isr and .election.
//
// What was watched online becomes verdicts here, with what only the configuration can tell: how
// many in-sync replicas a topic wants (as it was created), whether it may elect uncleanly, whether
// it is compacted. log.agreement also compares the logs read back, record by record.
#include <algorithm>
#include <charconv>
#include <set>

#include "broker/base/text.h"
#include "checkers/judge.h"

namespace weir::judging {
namespace {

std::int64_t number(const ConfigTexts& config, std::string_view key, std::int64_t otherwise) {
  const std::string_view text = setting(config, key, "");
  std::int64_t value = otherwise;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

bool struck(const RunSummary& run, std::initializer_list<std::string_view> kinds) {
  return std::any_of(run.faults.begin(), run.faults.end(), [&](const FaultSummary& f) {
    return std::find(kinds.begin(), kinds.end(), f.kind) != kinds.end();
  });
}

// No checksum covers a batch's offset and epoch, so a disk that lies may change them.
Promise while_disks_are_honest(const RunSummary& run) {
  if (!struck(run, {"bit_rot", "misdirected"})) return {true, {"always"}};
  return {false, {"a disk returned other bytes than it was given"}};
}

void keep_all(Verdict& v, const FactTally& tally) {
  for (const FactBreach& b : tally.kept) keep(v, violation_of(b));
}

std::string topic_of(const FactBreach& b) {
  const std::string place = b.record.substr(0, b.record.rfind('@'));
  return place.substr(0, place.rfind('-'));
}

// Breaches of the topics for which it matters.
template <class Test>
std::int64_t keep_of_topics(Verdict& v, const FactTally& tally, Test matters) {
  std::int64_t breaches = 0;
  for (const auto& [topic, count] : tally.of_topic) {
    if (matters(topic)) breaches += count;
  }
  for (const FactBreach& b : tally.kept) {
    if (matters(topic_of(b))) keep(v, violation_of(b));
  }
  return breaches;
}

// Counted events that break the topic's wish for in-sync replicas. `below`: fewer than it wants,
// otherwise as many or more. Only counts below the number of replicas are there.
std::int64_t keep_counted(Verdict& v, const Evidence& e,
                          const watching::ByNode<CountedEvents>& events, bool below) {
  std::int64_t breaches = 0;
  for (const TopicSummary& topic : e.run.topics) {
    const auto found = events.find(topic.name);
    if (found == events.end()) continue;
    const std::int64_t wanted = number(topic.config, "min.insync.replicas", 1);
    for (std::size_t n = 0; n < CountedEvents::kMost; ++n) {
      const bool wrong = (static_cast<std::int64_t>(n) < wanted) == below;
      if (!wrong || found->second.first[n] < 0) continue;
      ++breaches;
      Violation violation;
      violation.record = topic.name;
      violation.broken = found->second.first[n];
      violation.argument.push_back(found->second.about[n] + "; min.insync.replicas is " +
                                   std::to_string(wanted) + ", " +
                                   event_at(found->second.first[n]));
      keep(v, std::move(violation));
    }
  }
  return breaches;
}

std::string and_answers(const FactTally& answers) {
  if (answers.looked_at == 0) return {};
  return ", " + counted(answers.looked_at, "answer", "answers");
}

bool same_record(const ReadbackRecord& a, const ReadbackRecord& b) {
  return a.digest == b.digest && a.id == b.id && a.producer_id == b.producer_id &&
         a.producer_epoch == b.producer_epoch && a.sequence == b.sequence;
}

struct Comparison {
  std::int64_t records = 0;
  std::int64_t differences = 0;
};

// Two replicas, record by record. `agreed_below`: up to there all must be equal, and there.
void compare(const ReadbackLog& a, const ReadbackLog& b, std::int64_t agreed_below, bool gaps,
             Comparison& total, Verdict& v) {
  const std::string key = a.topic + "-" + std::to_string(a.partition);
  const auto differs = [&](std::int64_t offset, const std::string& what) {
    if (++total.differences > 1 && v.violations.size() >= kMaxViolationsKept) return;
    Violation violation;
    violation.record = key + "@" + std::to_string(offset);
    violation.argument.push_back("at the end the logs of " + a.node + " and " + b.node + " " +
                                 what + " at offset " + grouped(offset));
    keep(v, std::move(violation));
  };
  const std::int64_t from = std::max(a.log_start, b.log_start);
  auto x = a.records.begin();
  auto y = b.records.begin();
  while (x != a.records.end() || y != b.records.end()) {
    const std::int64_t at_x = x == a.records.end() ? INT64_MAX : x->offset;
    const std::int64_t at_y = y == b.records.end() ? INT64_MAX : y->offset;
    const std::int64_t offset = std::min(at_x, at_y);
    if (offset >= from) {
      ++total.records;
      const bool agreed = offset < agreed_below;
      if (at_x != at_y) {
        if (agreed && !gaps) differs(offset, "differ: only one has a record");
      } else if (x->leader_epoch == y->leader_epoch ? !same_record(*x, *y) : agreed) {
        differs(offset,
                x->leader_epoch == y->leader_epoch
                    ? "have different records of leader epoch " + std::to_string(x->leader_epoch)
                    : "have records of different leader epochs");
      }
    }
    if (at_x == offset) ++x;
    if (at_y == offset) ++y;
  }
}

}  // namespace

Verdict judge_agreement(const Evidence& e, const Shelf& shelf, const Copies& copies) {
  Verdict v = begin("log.agreement", e.run, while_disks_are_honest(e.run));
  const std::int64_t online = keep_of_topics(
      v, e.facts.agreement.batches, [&](const auto& topic) { return !is_compacted(e.run, topic); });
  const std::int64_t shorter = e.facts.agreement.openings.breaches;
  keep_all(v, e.facts.agreement.openings);
  std::set<std::string, std::less<>> whole;  // topics that keep what was shown
  for (const TopicSummary& t : e.run.topics) {
    if (copies_survive(e.run, t).promised) whole.insert(t.name);
  }
  Comparison total;
  const auto& logs = shelf.logs();
  for (std::uint32_t a = 0; a < logs.size(); ++a) {
    const Copies::Holders& holders = copies.holders(logs[a].topic, logs[a].partition);
    const auto in_sync = [&](std::uint32_t log) {
      return holders.each &&
             std::find(holders.logs.begin(), holders.logs.end(), log) != holders.logs.end();
    };
    for (std::uint32_t b = a + 1; b < logs.size(); ++b) {
      if (logs[a].topic != logs[b].topic || logs[a].partition != logs[b].partition) continue;
      // What was shown is on every in-sync log alike (A1); elsewhere only equal epochs bind.
      const bool bound = in_sync(a) && in_sync(b) && whole.contains(logs[a].topic) &&
                         logs[a].damage.empty() && logs[b].damage.empty();
      const std::int64_t shown =
          bound ? e.facts.watermarks.ghost(logs[a].topic, logs[a].partition) : 0;
      compare(logs[a], logs[b], shown, is_compacted(e.run, logs[a].topic), total, v);
    }
  }
  v.looked_at = {{"batches", e.facts.agreement.batches.looked_at},
                 {"records", total.records},
                 {"openings", e.facts.agreement.openings.looked_at},
                 {"differences", online + total.differences},
                 {"shorter_than_synced", shorter}};
  v.text = counted(e.facts.agreement.batches.looked_at, "batch", "batches") +
           " compared when appended, " + counted(total.records, "record", "records") +
           " at the end, " + counted(online + total.differences, "difference", "differences");
  if (shorter > 0) v.text += ", " + counted(shorter, "log", "logs") + " shorter than synced";
  conclude(v, e.run.limit, online + total.differences + shorter,
           e.facts.agreement.batches.looked_at + total.records > 0);
  return v;
}

Verdict judge_single_leader(const Evidence& e) {
  Verdict v = begin("epoch.single-leader", e.run, {true, {"always"}});
  const EpochWatch& w = e.facts.epochs;
  keep_all(v, w.leaders);
  keep_all(v, w.quorum);
  // A voter that lost or changed what it had voted for is outside of what a quorum survives.
  const bool honest = !struck(e.run, {"bit_rot", "misdirected", "wipe"});
  const std::int64_t incomplete = keep_of_topics(
      v, e.facts.watermarks.elections,
      [&](const std::string& topic) { return honest && topic == watching::kMetadataTopic; });
  const std::int64_t breaches = w.leaders.breaches + w.quorum.breaches + incomplete;
  v.looked_at = {{"terms", w.leaders.looked_at},
                 {"quorum_steps", w.quorum.looked_at},
                 {"votes", w.votes},
                 {"breaches", breaches}};
  v.text = counted(w.leaders.looked_at, "term of office", "terms of office") + ", " +
           counted(w.quorum.looked_at, "step of the quorum", "steps of the quorum") + ", " +
           counted(w.votes, "vote", "votes");
  conclude(v, e.run.limit, breaches, w.leaders.looked_at + w.quorum.looked_at > 0);
  return v;
}

Verdict judge_watermarks(const Evidence& e) {
  Verdict v = begin("hw.monotonic", e.run, {true, {"always"}});
  const WatermarkWatch& w = e.facts.watermarks;
  keep_all(v, w.steps);
  keep_all(v, e.facts.in_sync.steps);
  const FactTally& answers = e.facts.answers.offsets;
  keep_all(v, answers);
  const std::int64_t breaches = w.steps.breaches + e.facts.in_sync.steps.breaches +
                                answers.breaches + keep_counted(v, e, w.moved_with_copies, true);
  v.looked_at = {
      {"steps", w.steps.looked_at}, {"answers", answers.looked_at}, {"breaches", breaches}};
  v.text = counted(w.steps.looked_at, "step", "steps") + and_answers(answers) + ", " +
           counted(breaches, "breach", "breaches");
  conclude(v, e.run.limit, breaches, w.steps.looked_at > 0);
  return v;
}

Verdict judge_metadata(const Evidence& e) {
  Verdict v = begin("controller.metadata", e.run, while_disks_are_honest(e.run));
  const MetadataWatch& w = e.facts.metadata;
  const FactTally& answers = e.facts.answers.metadata;
  keep_all(v, w.images);
  keep_all(v, answers);
  const std::int64_t breaches = w.images.breaches + answers.breaches;
  v.looked_at = {{"images", w.images.looked_at},
                 {"snapshots_loaded", w.snapshots_loaded},
                 {"answers", answers.looked_at},
                 {"breaches", breaches}};
  v.text = counted(w.images.looked_at, "image", "images") + and_answers(answers) + ", " +
           counted(breaches, "difference", "differences");
  conclude(v, e.run.limit, breaches, w.images.looked_at > 0);
  return v;
}

Verdict judge_isr(const Evidence& e) {
  Verdict v = begin("controller.isr", e.run, {true, {"always"}});
  const PartitionWatch& w = e.facts.partitions;
  keep_all(v, w.states);
  keep_all(v, e.facts.in_sync.joins);
  const std::int64_t breaches = w.states.breaches + e.facts.in_sync.joins.breaches +
                                keep_counted(v, e, w.eligible_beside_isr, false);
  v.looked_at = {{"states", w.states.looked_at}, {"breaches", breaches}};
  v.text = counted(w.states.looked_at, "state of a partition", "states of partitions") + ", " +
           counted(breaches, "breach", "breaches");
  conclude(v, e.run.limit, breaches, w.states.looked_at > 0);
  return v;
}

Verdict judge_elections(const Evidence& e) {
  Verdict v = begin("controller.election", e.run, {true, {"always"}});
  const FactTally& elections = e.facts.partitions.elections;
  const std::int64_t illegal = keep_of_topics(v, elections, [&](const std::string& name) {
    const auto topic = std::find_if(e.run.topics.begin(), e.run.topics.end(),
                                    [&](const TopicSummary& t) { return t.name == name; });
    return topic != e.run.topics.end() &&
           setting(topic->config, "unclean.leader.election.enable", "false") == "false";
  });
  v.looked_at = {{"elections", elections.looked_at},
                 {"unclean", elections.breaches - illegal},
                 {"illegal", illegal}};
  v.text = counted(elections.looked_at, "election", "elections") + ", " +
           grouped(elections.breaches - illegal) + " unclean, " + grouped(illegal) + " illegal";
  conclude(v, e.run.limit, illegal, elections.looked_at > 0);
  return v;
}

Verdict judge_soundness(const Evidence& e) {
  Verdict v = begin("node.sound", e.run, {true, {"always"}});
  const FactTally& a = e.facts.assertions;
  for (const FactBreach& b : a.kept) keep(v, violation_of(b));
  v.looked_at = {{"lives", a.looked_at}, {"assertions_failed", a.breaches}};
  v.text = counted(a.looked_at, "life of a node", "lives of nodes") + ", " + grouped(a.breaches) +
           (a.breaches == 1 ? " assertion failed" : " assertions failed");
  conclude(v, e.run.limit, a.breaches, a.looked_at > 0);
  return v;
}

}  // namespace weir::judging
