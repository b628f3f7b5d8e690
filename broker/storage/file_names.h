// The names of the files in a partition's directory, and what each may be after a crash.
//
// Kafka's names: `<base offset, 20 digits>.log`, `.index`, `.timeindex`, `<offset>.snapshot` (the
// producer state before that offset), `leader-epoch-checkpoint`. Of our own: the checkpoint of the
// log start and the marker of a clean shutdown, which Kafka keeps one per disk, not per partition.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "broker/base/id.h"

namespace weir {

inline constexpr std::string_view kEpochCheckpointName = "leader-epoch-checkpoint";
inline constexpr std::string_view kLogStartCheckpointName = "log-start-offset-checkpoint";
inline constexpr std::string_view kCleanerCheckpointName = "cleaner-offset-checkpoint";
inline constexpr std::string_view kCleanShutdownName = "clean-shutdown";
// Files are written under their name with this suffix, synced, and then renamed.
inline constexpr std::string_view kTemporarySuffix = ".tmp";
inline constexpr std::string_view kCleanedSuffix = ".cleaned";
inline constexpr std::string_view kSwapSuffix = ".swap";
inline constexpr std::string_view kDeletedSuffix = ".deleted";

[[nodiscard]] std::string segment_file_name(Offset base);
[[nodiscard]] std::string offset_index_file_name(Offset base);
[[nodiscard]] std::string time_index_file_name(Offset base);
[[nodiscard]] std::string snapshot_file_name(Offset at);

enum class LogFileKind : std::uint8_t { segment, offset_index, time_index, snapshot, other };
// What a deletion or a cleaning in its course left behind ("00..0.log.deleted").
enum class Leftover : std::uint8_t { none, deleted, cleaned, swap, temporary };

struct LogFileName {
  LogFileKind kind = LogFileKind::other;
  Leftover leftover = Leftover::none;
  Offset offset{-1};  // of the kinds that have one
};
[[nodiscard]] LogFileName parse_log_file_name(std::string_view name);

struct Rename {
  std::string from;
  std::string to;
  friend bool operator==(const Rename&, const Rename&) = default;
};

// What to do with the entries of a directory before anything is read.
struct DirectoryPlan {
  std::vector<std::string> remove;  // in this order, then `rename`, then sync the directory
  std::vector<Rename> rename;       // segments whose cleaning was complete but for the last step
  std::vector<Offset> segments;     // as they are before the renames, ascending
  std::vector<Offset> snapshots;    // ascending
  bool has_clean_marker = false;
};

// A cleaning makes one segment of one or more: its rename from .cleaned, synced, to .swap is the
// moment from which it counts. So .cleaned goes, and .swap takes the place of the segment of its
// name; older segments that it covers are known by its end, once it was read. The indexes of its
// name go first: they may be those of the segment that it replaces.
[[nodiscard]] DirectoryPlan plan_directory(std::span<const std::string> names);

// Small checkpoints hold one number, as text: "0\n<number>\n" (0 is the version).
[[nodiscard]] std::string encode_offset_checkpoint(Offset offset);
[[nodiscard]] std::optional<Offset> decode_offset_checkpoint(std::string_view text);

// Decimal digits only, no sign but '-', nothing left over.
[[nodiscard]] std::optional<std::int64_t> parse_decimal(std::string_view text);

}  // namespace weir
