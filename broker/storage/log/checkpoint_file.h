// CheckpointFile: a small text file that is replaced as a whole: after a crash either the old or
// the new content is there.
//
// Written under a temporary name, synced, renamed, the directory synced. For offsets of all
// partitions of a data directory, and for the files that say whose a directory is.
#pragma once

#include <string>
#include <string_view>

#include "broker/ports/disk.h"
#include "broker/ports/task.h"
#include "broker/storage/directory_identity.h"
#include "broker/storage/offset_checkpoint.h"
#include "broker/storage/parsed_text.h"

namespace weir {

class CheckpointFile {
 public:
  // `directory` "" is the data directory itself.
  CheckpointFile(Disk& disk, std::string_view directory, std::string_view name);

  [[nodiscard]] const std::string& path() const { return path_; }

  // missing(): there is none. The complaint tells an error of the disk, too.
  [[nodiscard]] Task<ParsedText<std::string>> read();
  // Durable when it yields success. One at a time for each file.
  [[nodiscard]] Task<Result<void>> write(std::string text);

  // The same, with the format of the file. Complaints name the file.
  [[nodiscard]] Task<ParsedText<PartitionOffsets>> read_offsets();
  [[nodiscard]] Task<Result<void>> write_offsets(const PartitionOffsets& offsets);

 private:
  Disk& disk_;
  std::string directory_;
  std::string path_;
};

// partition.metadata of a partition's directory.
[[nodiscard]] Task<ParsedText<Uuid>> read_topic_id(Disk& disk, std::string directory);
[[nodiscard]] Task<Result<void>> write_topic_id(Disk& disk, std::string directory, Uuid topic_id);

// meta.properties of the data directory. claim: a directory without one becomes ours; one of
// another cluster or node is refused with the reason, and nothing is written. Yields what the file
// says afterwards (the directory id may be older than ours).
[[nodiscard]] Task<ParsedText<MetaProperties>> read_meta_properties(Disk& disk);
[[nodiscard]] Task<ParsedText<MetaProperties>> claim_directory(Disk& disk, MetaProperties ours);

}  // namespace weir
