// Appends, commits and elections of the model.
#include "replica_model.h"

#include <algorithm>

namespace weir::test {

ReplicaModel::Verdict ReplicaModel::append(std::int32_t node, const ProducerBatch& batch) {
  const std::int32_t p = batch.tp.partition;
  Verdict verdict{{.tp = batch.tp}};
  const auto refuse = [&](ErrorCode code) {
    verdict.answer.code = code;
    verdict.answer.error = name_of(code);
    return verdict;
  };
  if (believed(node, p).leader != node) return refuse(ErrorCode::not_leader_or_follower);
  Log& entries = log(node, p);
  Entry entry;
  for (const BufferedRecord& r : batch.records) entry.tokens.push_back(r.token);
  std::int64_t offset = 0;
  for (const Entry& e : entries) offset += static_cast<std::int64_t>(e.tokens.size());
  if (batch.has_sequence()) {
    entry.epoch = batch.producer_epoch.value();
    entry.first = batch.base_sequence;
    entry.last = sequence_after(entry.first, entry.tokens.size() - 1);
    // Kafka remembers the last five batches of a producer.
    const std::size_t known = std::min<std::size_t>(entries.size(), 5);
    std::int64_t before = offset;
    for (std::size_t i = entries.size(); i-- > entries.size() - known;) {
      const Entry& e = entries[i];
      before -= static_cast<std::int64_t>(e.tokens.size());
      if (e.epoch != entry.epoch || e.first != entry.first || e.last != entry.last) continue;
      verdict.answer.base_offset = before;
      verdict.when_committed = i + 1;
      return verdict;
    }
    if (!entries.empty()) {
      const Entry& last = entries.back();
      if (entry.epoch < last.epoch) return refuse(ErrorCode::invalid_producer_epoch);
      const std::int32_t expected = entry.epoch > last.epoch ? 0 : sequence_after(last.last, 1);
      if (entry.first != expected) return refuse(ErrorCode::out_of_order_sequence_number);
    }
  }
  entries.push_back(std::move(entry));
  verdict.answer.base_offset = offset;
  verdict.when_committed = entries.size();
  return verdict;
}

void ReplicaModel::commit(std::int32_t p) {
  const std::int32_t leader = truth_[at(p)].leader;
  if (!leads(leader, p)) return;
  for (std::int32_t n = 1; n <= kBrokers; ++n) {
    if (n == leader) continue;
    // Whoever fetches from the leader knows it.
    beliefs_.at(n)[at(p)] = truth_[at(p)];
    log(n, p) = log(leader, p);
  }
  committed_[at(p)] = log(leader, p).size();
}

void ReplicaModel::fetch(std::int32_t p, std::int32_t node, std::size_t entries) {
  const std::int32_t leader = truth_[at(p)].leader;
  if (node == leader || !leads(leader, p)) return;
  beliefs_.at(node)[at(p)] = truth_[at(p)];
  const Log& source = log(leader, p);
  Log& mine = log(node, p);
  std::size_t same = 0;
  while (same < mine.size() && same < source.size() && mine[same] == source[same]) ++same;
  mine.resize(same);
  while (entries-- > 0 && mine.size() < source.size()) mine.push_back(source[mine.size()]);
}

void ReplicaModel::elect(std::int32_t p, std::int32_t node) {
  Leadership& truth = truth_[at(p)];
  if (node == truth.leader) return;
  truth = {node, truth.epoch + 1};
}

void ReplicaModel::learn(std::int32_t node) {
  for (std::int32_t p = 0; p < kPartitions; ++p) {
    beliefs_.at(node)[at(p)] = truth_[at(p)];
    const std::int32_t leader = truth_[at(p)].leader;
    if (node != leader) fetch(p, node, 0);
  }
}

std::vector<std::uint64_t> ReplicaModel::records(std::int32_t p) const {
  std::vector<std::uint64_t> out;
  for (const Entry& e : logs_.at(truth_[at(p)].leader)[at(p)]) {
    out.insert(out.end(), e.tokens.begin(), e.tokens.end());
  }
  return out;
}

}  // namespace weir::test
