// Finding, making and removing directories, in orders that a crash may cut anywhere.
#include "broker/node/replica/log_directories.h"

#include <algorithm>

#include "broker/node/quorum/raft_wire.h"
#include "broker/storage/file_names.h"
#include "broker/storage/log/checkpoint_file.h"

namespace weir {
namespace {

constexpr std::int64_t kMaxIndex = 2147483647;

bool has_log(const std::vector<std::string>& names) {
  return std::ranges::any_of(names, [](const std::string& name) {
    return parse_log_file_name(name).kind == LogFileKind::segment;
  });
}

// Empty, or why it cannot be used.
Task<std::string> identify(Disk& disk, LogDirectory& directory) {
  const ParsedText<Uuid> id = co_await read_topic_id(disk, directory.name);
  directory.topic_id = id.value;
  if (id.ok()) co_return std::string();
  if (!id.missing()) co_return id.complaint;
  const Result<std::vector<std::string>> names = co_await disk.list(directory.name);
  if (!names) co_return directory.name + " cannot be listed: " + names.error().message();
  if (has_log(*names)) {
    co_return directory.name + " holds a log, but no " + std::string(kPartitionMetadataName) +
        " that says of which topic";
  }
  co_return std::string();
}

}  // namespace

std::string log_directory_name(std::string_view topic, std::int32_t index) {
  return std::string(topic) + '-' + std::to_string(index);
}

std::optional<LogDirectory> parse_log_directory_name(std::string_view name) {
  const std::size_t dash = name.rfind('-');
  if (dash == std::string_view::npos || dash == 0) return std::nullopt;
  const std::optional<std::int64_t> index = parse_decimal(name.substr(dash + 1));
  if (!index || *index < 0 || *index > kMaxIndex) return std::nullopt;
  LogDirectory directory{std::string(name), std::string(name.substr(0, dash)),
                         static_cast<std::int32_t>(*index)};
  const bool same = log_directory_name(directory.topic, directory.index) == name;
  if (!same || directory.topic == kMetadataTopic) return std::nullopt;
  return directory;
}

Task<FoundDirectories> find_log_directories(Disk& disk) {
  FoundDirectories found;
  const Result<std::vector<std::string>> names = co_await disk.list("");
  if (!names) {
    found.complaint = "the data directory cannot be listed: " + names.error().message();
    co_return found;
  }
  for (const std::string& entry : *names) {
    if (!entry.ends_with('/')) continue;
    const std::string_view name = std::string_view(entry).substr(0, entry.size() - 1);
    std::optional<LogDirectory> directory = parse_log_directory_name(name);
    if (!directory) continue;
    found.complaint = co_await identify(disk, *directory);
    if (!found.complaint.empty()) co_return found;
    found.directories.push_back(std::move(*directory));
  }
  co_return found;
}

Task<Result<void>> make_log_directory(Disk& disk, std::string name, Uuid topic_id) {
  const ParsedText<Uuid> there = co_await read_topic_id(disk, name);
  if (there.ok() && *there.value == topic_id) co_return Result<void>{};
  Result<void> done;
  if (there.ok()) {
    done = co_await remove_log_directory(disk, name);
    if (!done) co_return done;
  }
  done = co_await disk.make_directory(name);
  if (!done) co_return done;
  done = co_await disk.sync_directory("");
  if (!done) co_return done;
  done = co_await write_topic_id(disk, name, topic_id);
  co_return done;
}

Task<Result<void>> remove_log_directory(Disk& disk, std::string name) {
  Result<std::vector<std::string>> names = co_await disk.list(name);
  if (!names) {
    if (names.error() == Errc::not_found) co_return Result<void>{};
    co_return names.error();
  }
  if (std::erase(*names, kPartitionMetadataName) > 0) names->emplace_back(kPartitionMetadataName);
  Result<void> done;
  for (const std::string& file : *names) {
    if (file == kPartitionMetadataName) {
      done = co_await disk.sync_directory(name);
      if (!done) co_return done;
    }
    std::string path = name + '/' + file;
    done = co_await disk.remove(std::move(path));
    if (!done) co_return done;
  }
  done = co_await disk.sync_directory(name);
  if (!done) co_return done;
  done = co_await disk.remove(name);
  if (!done) co_return done;
  done = co_await disk.sync_directory("");
  co_return done;
}

}  // namespace weir
