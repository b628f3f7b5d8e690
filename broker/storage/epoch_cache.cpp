// The epoch cache by Kafka's rules, and its text form, of which nothing doubtful is believed.
#include "broker/storage/epoch_cache.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "broker/storage/file_names.h"

namespace weir {

bool EpochCache::assign(LeaderEpoch epoch, Offset start) {
  if (epoch < LeaderEpoch{0} || start < Offset{0}) return false;
  if (!entries_.empty() && entries_.back().epoch == epoch && entries_.back().start <= start) {
    return false;
  }
  while (!entries_.empty() && (entries_.back().epoch >= epoch || entries_.back().start >= start)) {
    entries_.pop_back();
  }
  entries_.push_back({epoch, start});
  return true;
}

EpochEnd EpochCache::end_of(LeaderEpoch epoch, Offset log_end) const {
  if (epoch < LeaderEpoch{0} || entries_.empty() || epoch > latest()) return {};
  if (epoch == latest()) return {epoch, log_end};
  const auto after = std::ranges::upper_bound(entries_, epoch, {}, &EpochStart::epoch);
  if (after == entries_.begin()) return {epoch, after->start};
  return {std::prev(after)->epoch, after->start};
}

LeaderEpoch EpochCache::latest() const {
  return entries_.empty() ? kNoLeaderEpoch : entries_.back().epoch;
}

LeaderEpoch EpochCache::epoch_at(Offset offset) const {
  const auto after = std::ranges::upper_bound(entries_, offset, {}, &EpochStart::start);
  return after == entries_.begin() ? kNoLeaderEpoch : std::prev(after)->epoch;
}

bool EpochCache::truncate_from_end(Offset end) {
  return std::erase_if(entries_, [end](const EpochStart& e) { return e.start >= end; }) > 0;
}

bool EpochCache::truncate_from_start(Offset start) {
  const auto after = std::ranges::upper_bound(entries_, start, {}, &EpochStart::start);
  if (after == entries_.begin()) return false;
  const auto kept = std::prev(after);
  const bool changes = kept != entries_.begin() || kept->start != start;
  kept->start = start;
  entries_.erase(entries_.begin(), kept);
  return changes;
}

std::string EpochCache::encode() const {
  std::string text = "0\n" + std::to_string(entries_.size()) + "\n";
  for (const EpochStart& entry : entries_) {
    text += std::to_string(entry.epoch.value()) + " " + std::to_string(entry.start.value()) + "\n";
  }
  return text;
}

namespace {

// Cuts the first line off; nothing where no line ends.
std::optional<std::string_view> take_whole_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

std::optional<EpochStart> parse_epoch_entry(std::string_view line) {
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos) return std::nullopt;
  const std::optional<std::int64_t> epoch = parse_decimal(line.substr(0, space));
  const std::optional<std::int64_t> start = parse_decimal(line.substr(space + 1));
  if (!epoch || !start || *epoch < 0 || *start < 0) return std::nullopt;
  if (*epoch > std::numeric_limits<std::int32_t>::max()) return std::nullopt;
  return EpochStart{LeaderEpoch{static_cast<std::int32_t>(*epoch)}, Offset{*start}};
}

}  // namespace

Result<EpochCache> EpochCache::decode(std::string_view text) {
  const std::optional<std::string_view> version = take_whole_line(text);
  const std::optional<std::string_view> count_line = take_whole_line(text);
  if (!version || *version != "0" || !count_line) return Errc::malformed;
  const std::optional<std::int64_t> count = parse_decimal(*count_line);
  EpochCache cache;
  while (const std::optional<std::string_view> line = take_whole_line(text)) {
    const std::optional<EpochStart> entry = parse_epoch_entry(*line);
    if (!entry) return Errc::malformed;
    const bool ascends = cache.entries_.empty() || (cache.entries_.back().epoch < entry->epoch &&
                                                    cache.entries_.back().start < entry->start);
    if (!ascends) return Errc::malformed;
    cache.entries_.push_back(*entry);
  }
  const bool complete =
      text.empty() && count && *count == static_cast<std::int64_t>(cache.entries_.size());
  if (!complete) return Errc::malformed;
  return cache;
}

}  // namespace weir
