// Snapshots of the metadata log, and the voters that stand in it.
#include <algorithm>

#include "broker/node/quorum/metadata_log.h"
#include "broker/raft/snapshot_format.h"
#include "broker/wire/records/control_record.h"

namespace weir {
namespace {

constexpr std::size_t kReadBytes = 1 << 20;
// A snapshot is read into memory as a whole.
constexpr std::uint64_t kMaxSnapshotInMemory = std::uint64_t{1} << 30;
constexpr std::size_t kRecordsPerBatch = 1000;

}  // namespace

Task<Result<std::vector<raft::VotersAt>>> MetadataLog::find_voters() {
  std::vector<raft::VotersAt> found;
  if (const auto latest = snapshots_.latest()) {
    const ParsedText<WholeSnapshot> snapshot = co_await whole_snapshot(*latest);
    if (!snapshot.ok()) co_return make_error_code(Errc::corrupt);
    for (const RecordBatch& batch : snapshot.value->batches) {
      auto voters = raft::voters_in(batch, codecs_);
      if (!voters) co_return voters.error();
      for (raft::VotersAt& at : *voters) found.push_back({latest->end_offset - 1, at.voters});
    }
  }
  Offset from = log_->log_start_offset();
  while (from < log_->log_end_offset()) {
    const ReadOutcome read = co_await log_->read(from, kReadBytes, PartitionLog::kNoBound, true);
    if (read.error != ErrorCode::none) co_return make_error_code(Errc::io_error);
    auto batches = whole_batches(read.batches);
    if (!batches) co_return batches.error();
    for (const RecordBatch& batch : *batches) {
      auto voters = raft::voters_in(batch, codecs_);
      if (!voters) co_return voters.error();
      found.insert(found.end(), voters->begin(), voters->end());
    }
    from = read.next_offset;
  }
  co_return found;
}

Task<ParsedText<MetadataLog::WholeSnapshot>> MetadataLog::whole_snapshot(SnapshotId id) {
  const std::string name = to_file_name(id) + ": ";
  using Checked = ParsedText<WholeSnapshot>;
  const Result<std::uint64_t> size = co_await snapshots_.size(id);
  if (!size) co_return Checked::wrong(name + size.error().message());
  if (*size > kMaxSnapshotInMemory) co_return Checked::wrong(name + "too large");
  const SnapshotChunk read = co_await snapshots_.read(id, 0, static_cast<std::size_t>(*size));
  if (read.error != ErrorCode::none) co_return Checked::wrong(name + "it cannot be read");
  auto batches = whole_batches(read.bytes);
  if (!batches) co_return Checked::wrong(name + batches.error().message());
  raft::SnapshotCheck check;
  for (const RecordBatch& batch : *batches) {
    if (!check.see(batch, codecs_)) co_return Checked::wrong(name + check.problem());
  }
  if (!check.finish()) co_return Checked::wrong(name + check.problem());
  Checked checked;
  checked.value = WholeSnapshot{std::move(*batches), check.voters()};
  co_return checked;
}

Task<Result<std::vector<MetadataRecord>>> MetadataLog::read_snapshot(SnapshotId id) {
  const ParsedText<WholeSnapshot> snapshot = co_await whole_snapshot(id);
  if (!snapshot.ok()) co_return make_error_code(Errc::corrupt);
  std::vector<MetadataRecord> all;
  for (const RecordBatch& batch : snapshot.value->batches) {
    if (batch.header.is_control()) continue;
    auto records = read_metadata_batch(batch, codecs_);
    if (!records) co_return records.error();
    for (MetadataRecord& record : *records) all.push_back(std::move(record));
  }
  co_return all;
}

// The file is whole: it is checked, made durable, and takes the place of the log.
Task<Result<void>> MetadataLog::load_snapshot(SnapshotId id) {
  snapshot_loaded_ = false;
  const Result<void> frozen = co_await snapshots_.freeze(*download_);
  if (!frozen) co_return frozen;
  download_.reset();
  const ParsedText<WholeSnapshot> snapshot = co_await whole_snapshot(id);
  if (!snapshot.ok()) {
    co_return co_await snapshots_.remove(id);
  }
  const ErrorCode error =
      co_await log_->truncate_fully_and_start_at(id.end_offset, "replaced by a snapshot");
  if (error != ErrorCode::none) co_return make_error_code(Errc::io_error);
  snapshot_voters_ = snapshot.value->voters;
  snapshot_loaded_ = true;
  emit(FactKind::snapshot_loaded, id.epoch, id.end_offset.value());
  co_return Result<void>();
}

Task<> MetadataLog::take_snapshot(SnapshotId id, std::vector<VersionedRecord> state) {
  const raft::LogView log = view();
  const ReadOutcome at_end = co_await log_->read(id.end_offset, 1, PartitionLog::kNoBound, true);
  const bool boundary = id.end_offset == log.end ||
                        (at_end.error == ErrorCode::none && at_end.first_offset == id.end_offset);
  const auto refusal = raft::may_take_snapshot(log, high_watermark(), id, boundary);
  if (refusal != raft::SnapshotRefusal::none) co_return;
  auto writer = co_await snapshots_.create(id);
  if (!writer) co_return;
  std::vector<Slice> batches;
  Offset next{0};
  const WallTime now = machine_.clock.wall();
  std::vector<ControlRecord> head;
  head.push_back(SnapshotHeaderRecord{0, now.ms});
  const raft::VoterSet& voters = quorum_.voter_history().before(id.end_offset);
  if (!voters.empty()) {
    head.push_back(KRaftVersionRecord{0, 1});
    head.push_back(raft::to_record(voters));
  }
  const auto add = [&](const Result<Slice>& batch, std::size_t records) {
    if (batch) batches.push_back(*batch);
    next = next + static_cast<std::int64_t>(records);
    return batch.has_value();
  };
  bool built = add(build_control_batch(head, {next, id.epoch, now}), head.size());
  for (std::size_t i = 0; built && i < state.size(); i += kRecordsPerBatch) {
    const auto some = std::span(state).subspan(i, std::min(kRecordsPerBatch, state.size() - i));
    built = add(build_metadata_batch(some, {next, id.epoch, now}), some.size());
  }
  const std::vector<ControlRecord> tail = {SnapshotFooterRecord{}};
  built = built && add(build_control_batch(tail, {next, id.epoch, now}), tail.size());
  Result<void> done = built ? Result<void>() : Result<void>(make_error_code(Errc::malformed));
  for (std::size_t i = 0; done && i < batches.size(); ++i) {
    done = co_await (*writer)->append(batches[i]);
  }
  if (done) {
    done = co_await snapshots_.freeze(**writer);
  } else {
    static_cast<void>(co_await (*writer)->abandon());
  }
  if (!done) {
    halt("cannot write a snapshot of the metadata", done.error().message());
    co_return;
  }
  emit(FactKind::snapshot_taken, id.epoch, id.end_offset.value());
  if (!raft::may_start_log_at(view(), high_watermark(), id)) co_return;
  const ErrorCode error = co_await log_->advance_log_start(id.end_offset);
  if (error != ErrorCode::none) halt("cannot trim the metadata log", log_->failure());
  static_cast<void>(co_await snapshots_.remove_before(id.end_offset));
}

}  // namespace weir
