// The lines of a checkpoint, printed and read back; nothing doubtful is believed.
#include "broker/storage/offset_checkpoint.h"

#include <limits>
#include <optional>

#include "broker/base/text.h"
#include "broker/storage/file_names.h"

namespace weir {
namespace {

constexpr std::string_view kCheckpointVersion = "0";

std::optional<std::pair<std::pair<std::string, std::int32_t>, Offset>> parse_entry(
    std::string_view line) {
  const std::size_t last = line.rfind(' ');
  if (last == std::string_view::npos || last == 0) return std::nullopt;
  const std::size_t first = line.rfind(' ', last - 1);
  if (first == std::string_view::npos || first == 0) return std::nullopt;
  const std::string_view topic = line.substr(0, first);
  if (topic.find(' ') != std::string_view::npos) return std::nullopt;
  const auto partition = parse_decimal(line.substr(first + 1, last - first - 1));
  const auto offset = parse_decimal(line.substr(last + 1));
  if (!partition || *partition < 0 || *partition > std::numeric_limits<std::int32_t>::max()) {
    return std::nullopt;
  }
  if (!offset || *offset < 0) return std::nullopt;
  return std::pair{std::pair{std::string(topic), static_cast<std::int32_t>(*partition)},
                   Offset{*offset}};
}

}  // namespace

std::string encode_offset_checkpoints(const PartitionOffsets& offsets) {
  std::string text(kCheckpointVersion);
  text += "\n" + std::to_string(offsets.size()) + "\n";
  for (const auto& [partition, offset] : offsets) {
    text += partition.first + " " + std::to_string(partition.second) + " " +
            std::to_string(offset.value()) + "\n";
  }
  return text;
}

ParsedText<PartitionOffsets> decode_offset_checkpoints(std::string_view text) {
  using Parsed = ParsedText<PartitionOffsets>;
  PartitionOffsets offsets;
  std::optional<std::int64_t> count;
  std::int64_t number = 0;
  while (!text.empty()) {
    ++number;
    const std::string where = "line " + std::to_string(number) + ": ";
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return Parsed::wrong(where + "the line does not end");
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    if (number == 1) {
      if (line != kCheckpointVersion)
        return Parsed::wrong(where + "version " + quoted(line) + ", not 0");
    } else if (number == 2) {
      count = parse_decimal(line);
      if (!count || *count < 0) return Parsed::wrong(where + quoted(line) + " is no count");
    } else {
      std::optional entry = parse_entry(line);
      if (!entry) {
        return Parsed::wrong(where + quoted(line) + " is not \"topic partition offset\"");
      }
      if (!offsets.insert(std::move(*entry)).second) {
        return Parsed::wrong(where + quoted(line) + " names a partition for the second time");
      }
    }
  }
  if (!count) return Parsed::wrong("the file ends before the number of its entries");
  if (*count != static_cast<std::int64_t>(offsets.size())) {
    return Parsed::wrong("there are " + std::to_string(offsets.size()) + " entries, line 2 says " +
                         std::to_string(*count));
  }
  return {.value = std::move(offsets)};
}

}  // namespace weir
