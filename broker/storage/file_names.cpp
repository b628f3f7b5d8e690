// File names, the small checkpoints, and the plan for a directory after a crash.
#include "broker/storage/file_names.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace weir {
namespace {

constexpr std::size_t kOffsetDigits = 20;
constexpr std::string_view kSegmentSuffix = ".log";
constexpr std::string_view kOffsetIndexSuffix = ".index";
constexpr std::string_view kTimeIndexSuffix = ".timeindex";
constexpr std::string_view kProducerSnapshotSuffix = ".snapshot";

std::string numbered(Offset offset, std::string_view suffix) {
  std::string digits = std::to_string(offset.value());
  std::string name(kOffsetDigits - std::min(kOffsetDigits, digits.size()), '0');
  name += digits;
  name += suffix;
  return name;
}

Leftover strip_leftover(std::string_view& name) {
  static constexpr std::pair<std::string_view, Leftover> kSuffixes[] = {
      {kDeletedSuffix, Leftover::deleted},
      {kCleanedSuffix, Leftover::cleaned},
      {kSwapSuffix, Leftover::swap},
      {kTemporarySuffix, Leftover::temporary}};
  for (const auto& [suffix, leftover] : kSuffixes) {
    if (!name.ends_with(suffix)) continue;
    name.remove_suffix(suffix.size());
    return leftover;
  }
  return Leftover::none;
}

}  // namespace

std::string segment_file_name(Offset base) { return numbered(base, kSegmentSuffix); }
std::string offset_index_file_name(Offset base) { return numbered(base, kOffsetIndexSuffix); }
std::string time_index_file_name(Offset base) { return numbered(base, kTimeIndexSuffix); }
std::string snapshot_file_name(Offset at) { return numbered(at, kProducerSnapshotSuffix); }

std::optional<std::int64_t> parse_decimal(std::string_view text) {
  std::int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || error != std::errc{} || at != end) return std::nullopt;
  return value;
}

LogFileName parse_log_file_name(std::string_view name) {
  LogFileName parsed;
  parsed.leftover = strip_leftover(name);
  if (name.size() <= kOffsetDigits) return parsed;
  const std::optional<std::int64_t> offset = parse_decimal(name.substr(0, kOffsetDigits));
  const std::string_view suffix = name.substr(kOffsetDigits);
  if (!offset || *offset < 0) return parsed;
  if (suffix == kSegmentSuffix) parsed.kind = LogFileKind::segment;
  if (suffix == kOffsetIndexSuffix) parsed.kind = LogFileKind::offset_index;
  if (suffix == kTimeIndexSuffix) parsed.kind = LogFileKind::time_index;
  if (suffix == kProducerSnapshotSuffix) parsed.kind = LogFileKind::snapshot;
  if (parsed.kind != LogFileKind::other) parsed.offset = Offset{*offset};
  return parsed;
}

DirectoryPlan plan_directory(std::span<const std::string> names) {
  DirectoryPlan plan;
  std::vector<Offset> swapped;
  for (const std::string& name : names) {
    const LogFileName parsed = parse_log_file_name(name);
    if (parsed.leftover == Leftover::none) {
      if (parsed.kind == LogFileKind::segment) plan.segments.push_back(parsed.offset);
      if (parsed.kind == LogFileKind::snapshot) plan.snapshots.push_back(parsed.offset);
      if (name == kCleanShutdownName) plan.has_clean_marker = true;
      continue;
    }
    if (parsed.leftover == Leftover::swap && parsed.kind == LogFileKind::segment) {
      swapped.push_back(parsed.offset);
      plan.rename.push_back({name, segment_file_name(parsed.offset)});
    } else {
      plan.remove.push_back(name);
    }
  }
  for (const Offset base : swapped) {
    for (const std::string& index : {offset_index_file_name(base), time_index_file_name(base)}) {
      if (std::ranges::find(names, index) != names.end()) plan.remove.push_back(index);
    }
  }
  std::ranges::sort(plan.segments);
  std::ranges::sort(plan.snapshots);
  return plan;
}

std::string encode_offset_checkpoint(Offset offset) {
  return "0\n" + std::to_string(offset.value()) + "\n";
}

std::optional<Offset> decode_offset_checkpoint(std::string_view text) {
  if (!text.starts_with("0\n") || !text.ends_with('\n') || text.size() < 4) return std::nullopt;
  const std::optional<std::int64_t> value = parse_decimal(text.substr(2, text.size() - 3));
  if (!value || *value < 0) return std::nullopt;
  return Offset{*value};
}

}  // namespace weir
