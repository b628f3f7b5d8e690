// A leader among brokers 1, 2 and 3, and short words for what tests do to it.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "broker/replica/replica_leader.h"

namespace weir {

inline constexpr BrokerId kOne{1};
inline constexpr BrokerId kTwo{2};
inline constexpr BrokerId kThree{3};

constexpr Instant at_ms(std::int64_t ms) { return {ms * 1'000'000}; }

class LeaderLab {
 public:
  struct Start {
    std::vector<BrokerId> isr = {kOne, kTwo, kThree};
    std::int32_t min_isr = 1;
    Offset log_end{10};
    Offset high_watermark{10};
    LeaderEpoch epoch{5};
    bool only_flushed = false;
    bool recovering = false;
    Offset log_start{0};
  };

  explicit LeaderLab(const Start& start) {
    for (const BrokerId id : {kOne, kTwo, kThree}) stand(id, id.value());
    state = {.leader = kOne,
             .leader_epoch = start.epoch,
             .partition_epoch = PartitionEpoch{7},
             .replicas = {kOne, kTwo, kThree},
             .isr = start.isr,
             .recovering = start.recovering};
    cache.assign(LeaderEpoch{1}, Offset{0});
    const LeaderConfig config{.self = kOne,
                              .min_insync_replicas = start.min_isr,
                              .only_flushed_counts = start.only_flushed};
    leader = std::make_unique<ReplicaLeader>(PartitionKey{}, config, brokers, state,
                                             LogBounds{start.log_start, start.log_end},
                                             start.high_watermark, at_ms(0));
    note(leader->take_office(at_ms(0)));
  }

  void stand(BrokerId id, std::int64_t epoch, bool fenced = false, bool stopping = false) {
    brokers.put(
        {.id = id, .epoch = BrokerEpoch{epoch}, .fenced = fenced, .shutting_down = stopping});
  }

  [[nodiscard]] FollowerFetch fetch(BrokerId id, std::int64_t offset) const {
    return {.replica = id,
            .broker_epoch = brokers.find(id)->epoch,
            .leader_epoch = leader->leader_epoch(),
            .fetch_offset = Offset{offset},
            .last_fetched_epoch = cache.epoch_at(Offset{offset - 1}),
            .log_start = Offset{0}};
  }

  // Judges, and counts where it may be read.
  ErrorCode fetches(BrokerId id, std::int64_t offset, std::int64_t ms) {
    return fetches(fetch(id, offset), ms);
  }
  ErrorCode fetches(const FollowerFetch& asked, std::int64_t ms) {
    const FetchVerdict verdict = leader->judge_fetch(asked, cache);
    if (verdict.may_read()) note(leader->count_fetch(asked, verdict, at_ms(ms)));
    return verdict.error;
  }
  void appends(std::int64_t log_end, std::int64_t ms) {
    cache.assign(leader->leader_epoch(), leader->log().log_end);
    note(leader->on_append(Offset{log_end}, at_ms(ms)));
  }
  void outcome(ErrorCode error, std::vector<BrokerId> isr, int partition_epoch, std::int64_t ms) {
    note(leader->on_isr_outcome({.partition = {},
                                 .number = leader->pending() ? leader->pending()->number : 0,
                                 .error = error,
                                 .leader = kOne,
                                 .leader_epoch = leader->leader_epoch(),
                                 .partition_epoch = PartitionEpoch{partition_epoch},
                                 .isr = std::move(isr)},
                                at_ms(ms)));
  }
  void updates(const PartitionState& newer, std::int64_t ms) {
    note(leader->update(newer, at_ms(ms)));
  }
  void note(LeaderEffects effects) {
    last = std::move(effects);
    if (last.assign_epoch) cache.assign(last.assign_epoch->epoch, last.assign_epoch->start);
  }

  [[nodiscard]] std::int64_t watermark() const { return leader->high_watermark().value(); }
  // "1 2 3" of the proposal under way, or "-".
  [[nodiscard]] std::string proposed() const {
    if (!leader->pending()) return "-";
    std::string text;
    for (const IsrMember& member : leader->pending()->isr) {
      text += (text.empty() ? "" : " ") + std::to_string(member.id.value());
    }
    return text;
  }

  LiveBrokers brokers;
  PartitionState state;
  EpochCache cache;
  std::unique_ptr<ReplicaLeader> leader;
  LeaderEffects last;
};

}  // namespace weir
