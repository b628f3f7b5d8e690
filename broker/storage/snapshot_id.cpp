// Names of snapshot files.
#include "broker/storage/snapshot_id.h"

#include <algorithm>
#include <limits>

#include "broker/storage/file_names.h"

namespace weir {
namespace {

constexpr std::size_t kSnapshotOffsetDigits = 20;
constexpr std::size_t kEpochDigits = 10;
constexpr std::size_t kStem = kSnapshotOffsetDigits + 1 + kEpochDigits;

std::string padded(std::int64_t number, std::size_t digits) {
  std::string text = std::to_string(number);
  text.insert(0, digits - std::min(digits, text.size()), '0');
  return text;
}

}  // namespace

std::string to_file_name(const SnapshotId& id) {
  std::string name = padded(id.end_offset.value(), kSnapshotOffsetDigits) + "-" +
                     padded(id.epoch.value(), kEpochDigits);
  name += kSnapshotSuffix;
  return name;
}

std::optional<SnapshotId> parse_snapshot_file_name(std::string_view name) {
  if (name.size() != kStem + kSnapshotSuffix.size() || !name.ends_with(kSnapshotSuffix)) {
    return std::nullopt;
  }
  if (name[kSnapshotOffsetDigits] != '-') return std::nullopt;
  const auto offset = parse_decimal(name.substr(0, kSnapshotOffsetDigits));
  const auto epoch = parse_decimal(name.substr(kSnapshotOffsetDigits + 1, kEpochDigits));
  if (!offset || *offset < 0 || !epoch || *epoch < 0) return std::nullopt;
  if (*epoch > std::numeric_limits<std::int32_t>::max()) return std::nullopt;
  return SnapshotId{Offset{*offset}, LeaderEpoch{static_cast<std::int32_t>(*epoch)}};
}

bool is_partial_snapshot(std::string_view name) {
  if (!name.ends_with(kPartialSuffix)) return false;
  name.remove_suffix(kPartialSuffix.size());
  return parse_snapshot_file_name(name).has_value();
}

}  // namespace weir
