// Which findings break which guarantee: the one table from findings to verdicts.
//
// What a configuration permits is a note and breaks nothing, with one exception: the contracts of
// delivery are about what happened, so what a permitted repetition or loss did counts there.
#pragma once

#include <cstdint>

#include "checkers/finding.h"

namespace weir::judging {

// Acknowledged, and not there. Where no log was read back, what no reader found is lost.
inline constexpr auto kLost = {FindingKind::lost_write};
inline constexpr auto kNotRead = {FindingKind::unseen};

inline constexpr auto kStoredTwice = {FindingKind::duplicate};

// Between the producer and the log, and between the log and its readers.
inline constexpr auto kOutOfOrder = {
    FindingKind::nonmonotonic_send,     FindingKind::int_nonmonotonic_send,
    FindingKind::nonmonotonic_poll,     FindingKind::int_nonmonotonic_poll,
    FindingKind::realtime_append_order, FindingKind::inconsistent_offsets};

inline constexpr auto kWrongReads = {FindingKind::garbage_read, FindingKind::misrouted_record,
                                     FindingKind::g1a, FindingKind::future_read};
inline constexpr auto kVanished = {FindingKind::vanished_read};

// Handed on again without a cause.
inline constexpr auto kHandedAgain = {
    FindingKind::nonmonotonic_poll, FindingKind::int_nonmonotonic_poll, FindingKind::unowned_poll,
    FindingKind::start_below_committed, FindingKind::duplicate_processing};

// There, and not handed on.
inline constexpr auto kPassedOver = {
    FindingKind::unseen,        FindingKind::misrouted_record,      FindingKind::poll_skip,
    FindingKind::int_poll_skip, FindingKind::start_above_committed, FindingKind::missed_processing,
    FindingKind::torn_txn};

// What delivery came to, whatever was promised.
struct Delivery {
  std::int64_t stored_twice = 0;
  std::int64_t handed_again = 0;     // without a cause
  std::int64_t redelivered = 0;      // with one: after a rebalance, a crash, an abort
  std::int64_t lost = 0;             // though it was promised to stay
  std::int64_t lost_unpromised = 0;  // acknowledged all the same
  std::int64_t unconfirmed = 0;      // lost, of what nobody acknowledged
  std::int64_t passed_over = 0;

  [[nodiscard]] std::int64_t repeated() const { return stored_twice + handed_again + redelivered; }
};
[[nodiscard]] Delivery delivery_of(const HistoryConfig&, const Findings&);

}  // namespace weir::judging
