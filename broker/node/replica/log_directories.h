// The directories of partitions on this broker's disk: whose they are, making and removing them.
//
// A directory is called topic-partition, and partition.metadata in it says of which topic, by id:
// so that what a deleted topic left behind is never taken for a new one of the same name
// (KIP-516). It is the first file to come and the last to go. A directory with a log but without it
// is not ours to judge: it is refused, never touched.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/ports/disk.h"
#include "broker/ports/task.h"
#include "broker/replica/partition_state.h"
#include "broker/wire/uuid.h"

namespace weir {

struct LogDirectory {
  std::string name;
  std::string topic;
  std::int32_t index = 0;
  std::optional<Uuid> topic_id = {};  // none: begun, and never finished; there is no log in it
};

struct FoundDirectories {
  std::vector<LogDirectory> directories;  // in the order of their names
  std::string complaint = {};             // not empty: the disk must not be used, and why
};

[[nodiscard]] std::string log_directory_name(std::string_view topic, std::int32_t index);
// Nothing where the name is that of no partition's directory, or of the metadata log's.
[[nodiscard]] std::optional<LogDirectory> parse_log_directory_name(std::string_view name);

[[nodiscard]] Task<FoundDirectories> find_log_directories(Disk& disk);

// Makes the directory of a partition that is new here; durable. What another topic of that name has
// left there goes first. Fine where it is there already.
[[nodiscard]] Task<Result<void>> make_log_directory(Disk& disk, std::string name, Uuid topic_id);

// With the files in it; what is not there is removed already. Durable when it returns.
[[nodiscard]] Task<Result<void>> remove_log_directory(Disk& disk, std::string name);

}  // namespace weir
