// The names of snapshot files in the metadata log's directory.
//
// Kafka's: "<end offset, 20 digits>-<epoch, 10 digits>.checkpoint". While it is written or fetched
// it has ".part" at its end; ".deleted" while it waits for its removal.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "broker/raft/raft_types.h"

namespace weir::raft {

inline constexpr std::string_view kSnapshotSuffix = ".checkpoint";
inline constexpr std::string_view kPartialSnapshotSuffix = ".part";
inline constexpr std::string_view kDeletedSnapshotSuffix = ".deleted";
// Made when the node's directory is formatted: it holds the first voters (KIP-853).
inline constexpr SnapshotId kBootstrapSnapshot{};

enum class SnapshotFileKind : std::uint8_t { complete, partial, deleted };

struct SnapshotFileName {
  SnapshotId id;
  SnapshotFileKind kind = SnapshotFileKind::complete;
  friend bool operator==(const SnapshotFileName&, const SnapshotFileName&) = default;
};

[[nodiscard]] std::string snapshot_file_name(SnapshotId,
                                             SnapshotFileKind = SnapshotFileKind::complete);
// Nothing where the name is none of a snapshot.
[[nodiscard]] std::optional<SnapshotFileName> parse_snapshot_file_name(std::string_view);

}  // namespace weir::raft
