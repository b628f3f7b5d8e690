// Reading and replacing small text files, and the directory that says whose it is.
#include "broker/storage/log/checkpoint_file.h"

#include <utility>

#include "broker/storage/log/disk_files.h"

namespace weir {
namespace {

// The complaint of a format, with the file that it is about.
template <class T>
ParsedText<T> in_file(const std::string& path, ParsedText<T> parsed) {
  if (!parsed.complaint.empty()) parsed.complaint.insert(0, path + ": ");
  return parsed;
}

}  // namespace

CheckpointFile::CheckpointFile(Disk& disk, std::string_view directory, std::string_view name)
    : disk_(disk), directory_(directory), path_(path_in(directory, name)) {}

Task<ParsedText<std::string>> CheckpointFile::read() {
  ParsedText<std::string> parsed;
  const Result<Slice> content = co_await read_file(disk_, path_);
  if (content) {
    parsed.value = std::string(content->text());
  } else if (content.error() != Errc::not_found) {
    parsed.complaint = path_ + " cannot be read: " + content.error().message();
  }
  co_return parsed;
}

Task<Result<void>> CheckpointFile::write(std::string text) {
  const Slice content = Slice::copy_of(text);
  Result<void> done = co_await replace_file(disk_, path_, content);
  if (!done) co_return done;
  done = co_await disk_.sync_directory(directory_);
  co_return done;
}

Task<ParsedText<PartitionOffsets>> CheckpointFile::read_offsets() {
  const ParsedText<std::string> text = co_await read();
  ParsedText<PartitionOffsets> parsed{.value = {}, .complaint = text.complaint};
  if (text.ok()) parsed = in_file(path_, decode_offset_checkpoints(*text.value));
  co_return parsed;
}

Task<Result<void>> CheckpointFile::write_offsets(const PartitionOffsets& offsets) {
  std::string text = encode_offset_checkpoints(offsets);
  Result<void> done = co_await write(std::move(text));
  co_return done;
}

Task<ParsedText<Uuid>> read_topic_id(Disk& disk, std::string directory) {
  CheckpointFile file(disk, directory, kPartitionMetadataName);
  const ParsedText<std::string> text = co_await file.read();
  ParsedText<Uuid> parsed{.value = {}, .complaint = text.complaint};
  if (text.ok()) parsed = in_file(file.path(), decode_partition_metadata(*text.value));
  co_return parsed;
}

Task<Result<void>> write_topic_id(Disk& disk, std::string directory, Uuid topic_id) {
  CheckpointFile file(disk, directory, kPartitionMetadataName);
  std::string text = encode_partition_metadata(topic_id);
  Result<void> done = co_await file.write(std::move(text));
  co_return done;
}

Task<ParsedText<MetaProperties>> read_meta_properties(Disk& disk) {
  CheckpointFile file(disk, "", kMetaPropertiesName);
  const ParsedText<std::string> text = co_await file.read();
  ParsedText<MetaProperties> parsed{.value = {}, .complaint = text.complaint};
  if (text.ok()) parsed = in_file(file.path(), decode_meta_properties(*text.value));
  co_return parsed;
}

Task<ParsedText<MetaProperties>> claim_directory(Disk& disk, MetaProperties ours) {
  ParsedText<MetaProperties> found = co_await read_meta_properties(disk);
  if (found.ok()) {
    const std::string why = why_not_ours(*found.value, ours);
    if (!why.empty()) {
      found = ParsedText<MetaProperties>::wrong(std::string(kMetaPropertiesName) + ": " + why);
    }
    co_return found;
  }
  if (!found.missing()) co_return found;
  CheckpointFile file(disk, "", kMetaPropertiesName);
  std::string text = encode_meta_properties(ours);
  const Result<void> done = co_await file.write(std::move(text));
  if (done) {
    found.value = std::move(ours);
  } else {
    found.complaint = file.path() + " cannot be written: " + done.error().message();
  }
  co_return found;
}

}  // namespace weir
