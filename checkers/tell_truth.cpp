// tell_truth: what a run's facts, disks and configuration add to what its clients saw.
#include <algorithm>
#include <map>
#include <set>

#include "checkers/judge.h"

namespace weir {
namespace {

using namespace judging;

// Whether an acknowledged record may be gone for all that was promised: also where a leader alone
// acknowledged it.
bool loss_is_allowed(const RunSummary& run) {
  const bool some_wait_less =
      std::any_of(run.clients.begin(), run.clients.end(),
                  [](const ClientSummary& c) { return c.producer && !waits_for_all(c); });
  return std::any_of(run.topics.begin(), run.topics.end(), [&](const TopicSummary& topic) {
    return (topic.replicas > 1 && some_wait_less) || !copies_survive(run, topic).promised;
  });
}

PromiseTruth told_promise(const RunSummary& run, std::string id, Promise promise) {
  PromiseTruth told;
  told.claimed = claimed(run, id);
  told.promised = promise.promised || told.claimed;
  told.because = std::move(promise.because);
  if (told.claimed && !promise.promised) told.because.push_back("claimed by the scenario");
  told.guarantee = std::move(id);
  return told;
}

void tell_promises(RunTruth& truth, const RunSummary& run) {
  truth.promises = {
      told_promise(run, "durability.acked", promise_durability(run)),
      told_promise(run, "order.partition", promise_order(run)),
      told_promise(run, "dup.idempotent", promise_no_duplicates(run)),
      told_promise(run, "read.visibility", {true, {"always"}}),
      told_promise(run, "delivery.at-most-once", promise_at_most_once(run)),
      told_promise(run, "delivery.at-least-once", promise_at_least_once(run)),
      told_promise(run, "delivery.exactly-once", promise_exactly_once(run)),
  };
  for (const TopicSummary& t : run.topics) {
    truth.topics.push_back({t.name, copies_survive(run, t).promised, is_compacted(t)});
  }
  for (const ClientSummary& c : run.clients) {
    if (!c.producer) continue;
    const std::string_view acks = setting(c.config, "acks", "all");
    truth.clients.push_back({c.id, std::string(acks == "-1" ? std::string_view("all") : acks),
                             is_idempotent(c), keeps_order(c)});
  }
}

// The replicas of each partition, the one that tells what is stored first.
class Readback {
 public:
  Readback(History& history, RunTruth& truth, const Evidence& e, const Shelf& shelf,
           const Copies& copies)
      : history_(history), truth_(truth), e_(e), shelf_(shelf), copies_(copies) {}

  void tell() {
    for (const std::uint32_t first : copies_.reference_logs()) {
      const ReadbackLog& log = e_.logs[first];
      const Copies::Holders& holders = copies_.holders(log.topic, log.partition);
      PartitionTruth& partition = truth_.partitions.emplace_back();
      const std::string key = log.topic + "-" + std::to_string(log.partition);
      partition.key = history_.names.intern(key);
      const auto start = e_.facts.start_moved.find(key);
      partition.start = start == e_.facts.start_moved.end() ? 0 : start->second;
      partition.each = holders.each;
      std::vector<std::uint32_t> replicas = {first};
      for (const std::uint32_t l : shelf_.replicas(log.topic, log.partition)) {
        if (l != first) replicas.push_back(l);
      }
      for (const std::uint32_t l : replicas) {
        const bool holds = std::ranges::count(holders.logs, l) > 0;
        partition.replicas.push_back(replica(l, first, holds));
      }
      find_out_of_line(log);
    }
  }

 private:
  ReplicaTruth replica(std::uint32_t l, std::uint32_t first, bool holds) {
    const ReadbackLog& log = e_.logs[l];
    ReplicaTruth told{log.node, holds, 0, {}, log.damage};
    const std::vector<ReadbackRecord>& ahead = e_.logs[first].records;
    // Where a disk has lied, records lie in no order, and nothing is shared.
    if (l != first && std::ranges::is_sorted(ahead, std::less<>{}, &ReadbackRecord::offset)) {
      const auto same = [](const ReadbackRecord& a, const ReadbackRecord& b) {
        return a.offset == b.offset && a.id == b.id && a.producer_id == b.producer_id &&
               a.producer_epoch == b.producer_epoch;
      };
      const auto differ = std::ranges::mismatch(log.records, ahead, same);
      told.shared = static_cast<std::uint32_t>(differ.in1 - log.records.begin());
    }
    told.records.reserve(log.records.size() - told.shared);
    for (std::size_t i = told.shared; i < log.records.size(); ++i) {
      const ReadbackRecord& r = log.records[i];
      const ValueId value = r.id.empty() ? kNoValue : history_.text_value(r.id);
      told.records.push_back({r.offset, value, session(r)});
    }
    return told;
  }

  std::int32_t session(const ReadbackRecord& r) {
    if (r.producer_id < 0) return -1;
    const std::pair<std::int64_t, std::int64_t> id{r.producer_id, r.producer_epoch};
    const auto count = static_cast<std::int32_t>(truth_.sessions.size());
    const auto [it, fresh] = sessions_.try_emplace(id, count);
    if (fresh) truth_.sessions.push_back(id);
    return it->second;
  }

  // The sequences that lie in a log: of each producer id and epoch they follow each other without a
  // gap (unless compaction made it) and none comes again. What the facts already told of sequences
  // is not counted twice.
  void find_out_of_line(const ReadbackLog& log) {
    constexpr std::uint32_t kSequences = 0x7fffffff;  // they wrap behind it
    if (e_.facts.sequences.breaches > 0) return;
    const bool gaps_are_legal = is_compacted(e_.run, log.topic) || !log.damage.empty();
    std::map<std::pair<std::int64_t, std::int16_t>, std::uint32_t> next;
    std::set<std::int64_t> told;
    for (const ReadbackRecord& record : log.records) {
      if (record.producer_id < 0 || record.sequence < 0) continue;
      const auto sequence = static_cast<std::uint32_t>(record.sequence);
      const auto [it, first] =
          next.try_emplace({record.producer_id, record.producer_epoch}, sequence);
      const std::uint32_t ahead = (sequence - it->second) & kSequences;
      const bool again = ahead > kSequences / 2;
      if (!first && ahead != 0 && (again || !gaps_are_legal) && told.insert(record.offset).second) {
        WatchTruth& watch = truth_.sequences;
        ++watch.breaches;
        if (watch.kept.size() < kMaxBreachesKept) {
          watch.kept.push_back({log.topic + "-" + std::to_string(log.partition) + "@" +
                                    std::to_string(record.offset),
                                -1, -1,
                                "producer " + std::to_string(record.producer_id) + " epoch " +
                                    std::to_string(record.producer_epoch) + ": the log of " +
                                    log.node + " holds sequence " + std::to_string(sequence) +
                                    " where " + std::to_string(it->second) +
                                    (again ? " was next: stored again" : " was next: a gap")});
        }
      }
      it->second = (sequence + 1) & kSequences;
    }
  }

  History& history_;
  RunTruth& truth_;
  const Evidence& e_;
  const Shelf& shelf_;
  const Copies& copies_;
  std::map<std::pair<std::int64_t, std::int64_t>, std::int32_t> sessions_;
};

WatchTruth watched(const FactTally& tally) { return {tally.looked_at, tally.breaches, tally.kept}; }

// A leader that lacks what was shown before has lost it, where nothing may get lost.
WatchTruth short_leaders(const Evidence& e) {
  const FactTally& seen = e.facts.watermarks.elections;
  WatchTruth told{seen.looked_at, 0, {}};
  for (const TopicSummary& topic : e.run.topics) {
    const auto count = seen.of_topic.find(topic.name);
    const bool promised =
        claimed(e.run, "durability.acked") || copies_survive(e.run, topic).promised;
    if (count == seen.of_topic.end() || !promised) continue;
    told.breaches += count->second;
    for (const FactBreach& b : seen.kept) {
      if (b.record.starts_with(topic.name + "-")) told.kept.push_back(b);
    }
  }
  return told;
}

// Of the producers to whom it is promised that none is stored twice; of all, where of none.
std::int64_t count_retries(const RunTruth& truth, const Evidence& e) {
  const PromiseTruth& promise = *truth.promise("dup.idempotent");
  std::int64_t retries = 0;
  for (const auto& [id, sent] : e.facts.sent()) {
    if (sent.attempts < 2) continue;
    const ClientTruth* client = truth.client(client_of_id(id));
    const bool counts = promise.claimed || (client != nullptr && client->idempotent);
    if (counts || !promise.promised) retries += sent.attempts - 1;
  }
  return retries;
}

}  // namespace

void tell_truth(History& history, const Evidence& e) {
  RunTruth truth;
  tell_promises(truth, e.run);
  truth.loss_allowed = loss_is_allowed(e.run);
  truth.drain_asked = e.run.final_drain;
  truth.drained = e.run.drain_complete;
  truth.limit = e.run.limit;
  truth.retries = count_retries(truth, e);
  truth.deduplicated = e.facts.deduplicated;
  truth.sequences = watched(e.facts.sequences);
  const Shelf shelf(e.logs);
  truth.served = watched(e.facts.served);
  truth.searched = judge_searches(e, shelf);
  truth.acknowledged = watched(e.facts.answers.appends);
  truth.elections = short_leaders(e);
  const Copies copies(e, shelf);
  Readback(history, truth, e, shelf, copies).tell();
  truth.judged = judge_nodes(e, shelf, copies);
  truth.required = e.run.require_exercised;
  history.truth = std::move(truth);
}

}  // namespace weir
