// A model of three brokers that replicate two partitions, for the producer's property test: leaders
// append and commit as Kafka's do, lose their office without knowing it, and answer late, wrongly
// or never.
//
// A partition's truth is its leader, its epoch and how much of the leader's log is committed; each
// broker has its own log and its own belief of who leads. Only the true leader that knows of its
// office can commit; a deposed one goes on appending to a log that is cut off when it learns of its
// successor. Elections choose a broker that has all that is committed, with any part of the rest.
#pragma once

#include <deque>
#include <map>
#include <vector>

#include "broker/client/producer_core.h"

namespace weir::test {

inline constexpr int kBrokers = 3;
inline constexpr std::int32_t kPartitions = 2;

class ReplicaModel {
 public:
  struct Entry {
    std::int16_t epoch = -1;  // of the producer
    std::int32_t first = -1;
    std::int32_t last = -1;
    std::vector<std::uint64_t> tokens;
    friend bool operator==(const Entry&, const Entry&) = default;
  };
  using Log = std::vector<Entry>;
  struct Leadership {
    std::int32_t leader = 1;
    std::int32_t epoch = 0;
  };
  // What a leader makes of a batch: an answer now, or one when so much of its log is committed.
  struct Verdict {
    PartitionAnswer answer;
    std::size_t when_committed = 0;  // 0: now
  };

  ReplicaModel() {
    for (int n = 1; n <= kBrokers; ++n)
      logs_[n].resize(kPartitions), beliefs_[n].resize(kPartitions);
  }

  [[nodiscard]] const Leadership& believed(std::int32_t node, std::int32_t p) const {
    return beliefs_.at(node)[at(p)];
  }
  [[nodiscard]] bool leads(std::int32_t node, std::int32_t p) const {
    return truth_[at(p)].leader == node && believed(node, p).epoch == truth_[at(p)].epoch;
  }
  [[nodiscard]] std::size_t committed(std::int32_t p) const { return committed_[at(p)]; }

  Verdict append(std::int32_t node, const ProducerBatch& batch);
  // The followers of the true leader fetch all it has, if it knows of its office.
  void commit(std::int32_t p);
  // One broker alone fetches some of it.
  void fetch(std::int32_t p, std::int32_t node, std::size_t entries);
  void elect(std::int32_t p, std::int32_t node);
  // The broker hears of all elections; a deposed leader, or a follower, cuts off what the leader
  // has not.
  void learn(std::int32_t node);

  // All that the true leader has, record by record; committed or not.
  [[nodiscard]] std::vector<std::uint64_t> records(std::int32_t p) const;

 private:
  static std::size_t at(std::int32_t p) { return static_cast<std::size_t>(p); }
  [[nodiscard]] Log& log(std::int32_t node, std::int32_t p) { return logs_.at(node)[at(p)]; }

  std::map<std::int32_t, std::vector<Log>> logs_;
  std::map<std::int32_t, std::vector<Leadership>> beliefs_;
  std::vector<Leadership> truth_ = std::vector<Leadership>(kPartitions);
  std::vector<std::size_t> committed_ = std::vector<std::size_t>(kPartitions);
};

}  // namespace weir::test
