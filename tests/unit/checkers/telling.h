// Facts as the nodes of a cluster would tell them, one a millisecond, for the online checks.
//
// Brokers are b1, b2, ...; controllers c1, c2, ...; the partition is orders-0 unless another is
// named. What the checks found is asked for by sentence.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "checkers/fact_checks.h"

namespace weir::test {

// QuorumRole of broker/raft, by its numbers.
enum Role : std::int64_t { unattached, prospective, candidate, leader, follower, resigned };

class Telling {
 public:
  virtual ~Telling() = default;

  // Its number.
  std::int64_t tell(std::string_view node, Fact fact) {
    ++sequence_;
    at_.ns += 1'000'000;
    checks.on(node, at_, sequence_, fact);
    heard(node, fact);
    return sequence_;
  }
  void wait(Duration time) { at_ = at_ + time; }
  [[nodiscard]] Instant now() const { return at_; }
  [[nodiscard]] std::int64_t last() const { return sequence_; }

  // The log of `topic`.
  [[nodiscard]] Fact of(FactKind kind) const {
    return {.kind = kind, .partition = 0, .topic = topic};
  }
  std::int64_t opens(std::string_view node, std::int64_t end, std::int64_t start = 0) {
    Fact f = of(FactKind::log_opened);
    f.old = start;
    f.value = end;
    return tell(node, f);
  }
  // One batch of records [base, last]; equal digests are equal batches.
  std::int64_t appends(std::string_view node, std::int64_t base, std::int64_t last,
                       std::int32_t epoch = 0, std::uint64_t digest = 7) {
    Fact f = of(FactKind::log_appended);
    f.old = base;
    f.value = last;
    f.epoch = epoch;
    f.digest = digest + static_cast<std::uint64_t>(base) * 1000;
    return tell(node, f);
  }
  std::int64_t cuts(std::string_view node, std::int64_t from, std::int64_t to) {
    Fact f = of(FactKind::log_truncated);
    f.old = from;
    f.value = to;
    return tell(node, f);
  }
  std::int64_t says(std::string_view node, FactKind kind, std::int64_t value,
                    std::int32_t epoch = -1) {
    Fact f = of(kind);
    f.value = value;
    f.epoch = epoch;
    return tell(node, f);
  }
  std::int64_t synced(std::string_view node, std::int64_t up_to) {
    return says(node, FactKind::log_synced, up_to);
  }
  std::int64_t shows(std::string_view node, std::int64_t high_watermark, std::int32_t epoch = 0) {
    return says(node, FactKind::hw_advanced, high_watermark, epoch);
  }
  std::int64_t start_moves(std::string_view node, std::int64_t start) {
    return says(node, FactKind::log_start_advanced, start);
  }
  std::int64_t leads(std::string_view node, std::int32_t epoch, std::int64_t log_end = 0) {
    return says(node, FactKind::replica_leads, log_end, epoch);
  }
  std::int64_t follows(std::string_view node, std::int32_t epoch, std::int64_t leader_id) {
    return says(node, FactKind::replica_follows, leader_id, epoch);
  }
  std::int64_t starts(std::string_view node) {
    return tell(node, {.kind = FactKind::node_started});
  }
  std::int64_t dies(std::string_view node) { return tell(node, {.kind = FactKind::node_killed}); }
  std::int64_t deletes_topic(std::string_view node) {
    return tell(node, {.kind = FactKind::topic_deleted, .topic = topic});
  }

  // What a controller tells of its decisions.
  std::int64_t takes_office(std::string_view node, std::int32_t epoch) {
    return tell(node, {.kind = FactKind::controller_activated, .epoch = epoch});
  }
  std::int64_t changes(std::string_view node, std::int64_t partition_epoch,
                       std::int32_t leader_epoch, std::int64_t leader_id, std::string_view state,
                       std::string_view why = "") {
    Fact f = of(FactKind::partition_changed);
    f.old = partition_epoch;
    f.epoch = leader_epoch;
    f.value = leader_id;
    f.record = state;
    f.why = why;
    return tell(node, f);
  }
  std::int64_t about_broker(std::string_view node, FactKind kind, std::int32_t broker,
                            std::string_view why = "") {
    return tell(node, {.kind = kind, .sequence = broker, .why = why});
  }

  // The quorum.
  std::int64_t moves(std::string_view node, std::int32_t epoch, Role from, Role to,
                     std::string_view leader_id = "-1") {
    return tell(node, {.kind = FactKind::quorum_state,
                       .partition = 0,
                       .epoch = epoch,
                       .topic = "__cluster_metadata",
                       .old = from,
                       .value = to,
                       .peer = leader_id});
  }
  std::int64_t votes(std::string_view node, std::int32_t epoch, std::int64_t whom) {
    return tell(node, {.kind = FactKind::quorum_voted, .epoch = epoch, .value = whom});
  }

  // Everything that any check of a cluster objects to: one line a breach.
  [[nodiscard]] std::vector<std::string> breaches() const {
    std::vector<std::string> found;
    for (const FactTally* tally :
         {&checks.sequences, &checks.served, &checks.polled, &checks.agreement.batches,
          &checks.agreement.openings, &checks.epochs.leaders, &checks.epochs.quorum,
          &checks.watermarks.steps, &checks.watermarks.elections, &checks.metadata.images,
          &checks.partitions.states, &checks.partitions.elections}) {
      for (const FactBreach& b : tally->kept) {
        found.push_back((b.record.empty() ? "" : b.record + ": ") + b.about);
      }
    }
    return found;
  }

  FactChecks checks;
  std::string topic = "orders";

 protected:
  virtual void heard(std::string_view, const Fact&) {}

 private:
  std::int64_t sequence_ = 0;
  Instant at_{};
};

using Lines = std::vector<std::string>;

// The one breach of a tally, with its place in the run.
inline void expect_one(const FactTally& tally, const std::string& record, std::int64_t made,
                       std::int64_t broken, const std::string& about) {
  ASSERT_EQ(tally.kept.size(), 1u);
  EXPECT_EQ(tally.breaches, 1);
  EXPECT_EQ(tally.kept[0].record, record);
  EXPECT_EQ(tally.kept[0].made, made);
  EXPECT_EQ(tally.kept[0].broken, broken);
  EXPECT_EQ(tally.kept[0].about, about);
}

}  // namespace weir::test
