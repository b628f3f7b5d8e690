// Findings: facts that contradict the model of a log, independent of any contract.
//
// A finding names its kind (spelled as in the table of kinds), the partition, the record and an
// address: the operations and events that prove it. Notes have the same shape and fail nothing:
// they show what the configuration permits.
#pragma once

#include <cstdint>
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
  // About consumers that work for a group.
  start_above_committed,
  start_below_committed,
  commit_ahead,
  commit_regression,
  zombie_commit,
  unowned_poll,
  overlapping_ownership,
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

struct Findings {
  std::vector<Finding> findings;
  std::vector<Finding> notes;
  // Per kind beyond the limit of kMaxFindingsPerKind: how many were found and not kept.
  std::uint64_t suppressed = 0;
};

inline constexpr std::size_t kMaxFindingsPerKind = 1'000;

}  // namespace weir
