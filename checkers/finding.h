// Findings: facts that contradict the model of a log, independent of any contract.
//
// A finding names its kind (spelled as in the table of kinds), the partition, the record and an
// address: the operations and events that prove it. Notes have the same shape and fail nothing:
// they show what the configuration permits.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "checkers/history.h"

namespace weir {

enum class FindingKind : std::uint8_t {
  lost_write,
  unseen,
  duplicate,
  inconsistent_offsets,
  ack_offset_mismatch,
  garbage_read,
  misrouted_record,
  g1a,
  future_read,
  vanished_read,
  poll_skip,
  int_poll_skip,
  nonmonotonic_poll,
  int_nonmonotonic_poll,
  nonmonotonic_send,
  int_nonmonotonic_send,
  int_send_skip,
  realtime_append_order,
  leader_epoch_regression,
  offset_gap_unexplained,
  staleness,
  vacuous_history,
  hw_regression,
  stuck_lso,
  // About transactions.
  dirty_read,
  precommitted_read,
  torn_txn,
  zombie_write,
  aborted_offset_commit,
  g0,
  g1b,
  g1c,
  g_single,
  g_nonadjacent,
  g2_item,
  g0_process,
  g1c_process,
  g_single_process,
  g_nonadjacent_process,
  g2_item_process,
  g0_realtime,
  g1c_realtime,
  g_single_realtime,
  g_nonadjacent_realtime,
  g2_item_realtime,
  lost_update,
  incompatible_order,
  duplicate_elements,
  dirty_update,
  internal,
  not_linearizable,
  // About consumers that work for a group.
  start_above_committed,
  start_below_committed,
  commit_ahead,
  commit_regression,
  zombie_commit,
  unowned_poll,
  overlapping_ownership,
  orphan_partition,
  rebalance_storm,
  duplicate_processing,
  missed_processing,
  // Notes only.
  lag,
  missed_by_retention,
  redelivery,
  unacknowledged_missing,
  count_,  // not a kind
};

[[nodiscard]] std::string_view name_of(FindingKind);
// The kind of that name, or count_.
[[nodiscard]] FindingKind finding_kind_named(std::string_view);

using FieldValue = std::variant<std::int64_t, Datum, std::vector<std::int64_t>, std::vector<Datum>>;

// One particular of a finding, by the name that it has in JSON: "offset", "values", "skipped".
struct FindingField {
  std::string name;
  FieldValue value;
};

struct Finding {
  FindingKind kind{};
  std::string key;                   // "orders-0", or empty
  std::vector<FindingField> fields;  // in the order in which they are printed
  std::vector<std::int64_t> events;  // numbers of the events that prove it, where known
  std::string argument;              // one sentence for people

  // The field of that name, or null.
  [[nodiscard]] const FieldValue* field(std::string_view name) const;
  [[nodiscard]] std::int64_t integer(std::string_view name, std::int64_t otherwise) const;
};

// How much was looked at, in a history of logs.
struct Examined {
  std::int64_t sent = 0;
  std::int64_t polled = 0;
  std::int64_t acknowledged = 0;  // sends, with acks=1 or all
  std::int64_t unconfirmed = 0;   // with acks=0
  // Where the logs were read back:
  std::int64_t promised = 0;  // acknowledged, and promised to survive
  std::int64_t unconfirmed_missing = 0;
  std::int64_t retired = 0;     // below a log start that moved on purpose
  std::int64_t superseded = 0;  // gone from a compacted log, with what is newer of its key there
  std::int64_t compacted = 0;   // not looked for: of a compacted log, and its key is not told
  std::int64_t stored = 0;      // records, of one log of each partition
  std::int64_t identified = 0;  // of them, different ones of recorded clients
  std::int64_t ordered = 0;     // pairs of records whose order was promised
};

struct Findings {
  std::vector<Finding> findings;
  std::vector<Finding> notes;
  Examined examined;
  // Per kind, those that were not kept counted in.
  std::array<std::int64_t, static_cast<std::size_t>(FindingKind::count_)> found{};
  std::array<std::int64_t, static_cast<std::size_t>(FindingKind::count_)> noted{};
  // Per kind beyond the limit of kMaxFindingsPerKind: how many were found and not kept.
  std::uint64_t suppressed = 0;
  std::vector<std::string> unknown;  // what could not be told, in words
  bool circle_of_reads = false;      // wr dependencies alone form a cycle

  [[nodiscard]] std::int64_t found_of(std::initializer_list<FindingKind> kinds) const {
    std::int64_t n = 0;
    for (const FindingKind kind : kinds) n += found[static_cast<std::size_t>(kind)];
    return n;
  }
  [[nodiscard]] std::int64_t noted_of(std::initializer_list<FindingKind> kinds) const {
    std::int64_t n = 0;
    for (const FindingKind kind : kinds) n += noted[static_cast<std::size_t>(kind)];
    return n;
  }
};

inline constexpr std::size_t kMaxFindingsPerKind = 1'000;

}  // namespace weir
