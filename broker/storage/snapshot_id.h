// SnapshotId: what a snapshot of the metadata log is of, and the name of its file.
//
// `<end offset, 20 digits>-<epoch, 10 digits>.checkpoint` (KIP-630): it holds the state of all
// records below the end offset, the last of which was written in that epoch.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "broker/base/id.h"

namespace weir {

struct SnapshotId {
  Offset end_offset{0};
  LeaderEpoch epoch{0};
  friend constexpr auto operator<=>(const SnapshotId&, const SnapshotId&) = default;
};

inline constexpr std::string_view kSnapshotSuffix = ".checkpoint";
// While it is being written; whoever opens the directory removes such files.
inline constexpr std::string_view kPartialSuffix = ".part";

[[nodiscard]] std::string to_file_name(const SnapshotId&);
// Of whole snapshots only.
[[nodiscard]] std::optional<SnapshotId> parse_snapshot_file_name(std::string_view name);
// "00000000000000000100-0000000003.checkpoint.part"
[[nodiscard]] bool is_partial_snapshot(std::string_view name);

}  // namespace weir
