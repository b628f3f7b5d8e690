// Checkpoints, the identity of directories and snapshots on a disk that crashes.
#include "broker/storage/log/checkpoint_file.h"
#include "broker/storage/log/snapshot_store.h"
#include "tests/unit/storage_log/shell_lab.h"

namespace weir {
namespace {

PartitionOffsets version(int n) {
  return {{{"orders", 0}, Offset{n}}, {{"orders", 1}, Offset{10 * n}}};
}

Task<> write_checkpoints(Machine& machine, ShellLab& lab) {
  CheckpointFile file(machine.disk, "", kHighWatermarkCheckpointName);
  for (int n = 1; n <= 3; ++n) {
    const PartitionOffsets offsets = version(n);
    const Result<void> written = co_await file.write_offsets(offsets);
    EXPECT_TRUE(written.has_value());
    lab.done = n;
  }
}

Task<> look_at_checkpoint(Machine& machine, ShellLab& lab) {
  CheckpointFile file(machine.disk, "", kHighWatermarkCheckpointName);
  const ParsedText<PartitionOffsets> read = co_await file.read_offsets();
  EXPECT_EQ(read.complaint, "");
  const bool old = lab.done == 0 ? read.missing() : read.value == version(lab.done);
  EXPECT_TRUE(old || read.value == version(lab.done + 1));
}

TEST(CheckpointFileTest, ACrashLeavesTheOldOrTheNewOne) {
  crash_everywhere(write_checkpoints, look_at_checkpoint);
}

TEST(CheckpointFileTest, ComplaintsNameTheFile) {
  ShellLab lab;
  lab.look([](Machine& machine, ShellLab& l) -> Task<> {
    CheckpointFile file(machine.disk, "", "cleaner-offset-checkpoint");
    const Result<void> written = co_await file.write("0\nx\n");
    EXPECT_TRUE(written.has_value());
    ParsedText<PartitionOffsets> read = co_await file.read_offsets();
    EXPECT_EQ(read.complaint, "cleaner-offset-checkpoint: line 2: \"x\" is no count");
    l.disk().fail({.operation = DiskOperation::read});
    read = co_await file.read_offsets();
    EXPECT_FALSE(read.missing());
    EXPECT_EQ(read.complaint, "cleaner-offset-checkpoint cannot be read: disk error");
  });
}

MetaProperties node_of(std::string cluster, std::int32_t id) {
  return {.cluster_id = std::move(cluster), .node_id = BrokerId{id}, .directory_id = Uuid{1, 2}};
}

TEST(DirectoryIdentity, OfAnotherClusterOrNodeIsRefusedAndNotOverwritten) {
  ShellLab lab;
  lab.look([](Machine& machine, ShellLab&) -> Task<> {
    MetaProperties ours = node_of("c", 1);
    ParsedText<MetaProperties> claimed = co_await claim_directory(machine.disk, ours);
    EXPECT_EQ(claimed.value, ours);
    claimed = co_await claim_directory(machine.disk, ours);
    EXPECT_EQ(claimed.value, ours);
    MetaProperties other = node_of("c", 2);
    claimed = co_await claim_directory(machine.disk, other);
    EXPECT_EQ(claimed.complaint.find("meta.properties: the directory belongs to node 1"), 0u);
    other = node_of("d", 1);
    claimed = co_await claim_directory(machine.disk, other);
    EXPECT_EQ(claimed.complaint.find("meta.properties: the directory belongs to cluster \"c\""),
              0u);
    claimed = co_await read_meta_properties(machine.disk);
    EXPECT_EQ(claimed.value, ours);
  });
}

TEST(DirectoryIdentity, ADamagedFileIsToldNotReplaced) {
  ShellLab lab;
  lab.look([](Machine& machine, ShellLab&) -> Task<> {
    CheckpointFile file(machine.disk, "", kMetaPropertiesName);
    const Result<void> written = co_await file.write("version=7\n");
    EXPECT_TRUE(written.has_value());
    MetaProperties ours = node_of("c", 1);
    const ParsedText<MetaProperties> claimed = co_await claim_directory(machine.disk, ours);
    EXPECT_EQ(claimed.complaint, "meta.properties: version is \"7\", not 1");
    const ParsedText<std::string> text = co_await file.read();
    EXPECT_EQ(text.value, "version=7\n");
  });
}

Task<> claim_and_name(Machine& machine, ShellLab& lab) {
  MetaProperties ours = node_of("c", 1);
  const ParsedText<MetaProperties> claimed = co_await claim_directory(machine.disk, ours);
  EXPECT_TRUE(claimed.ok());
  lab.done = 1;
  Result<void> made = co_await machine.disk.make_directory("orders-0");
  EXPECT_TRUE(made.has_value());
  made = co_await machine.disk.sync_directory("");
  const Uuid topic{3, 4};
  made = co_await write_topic_id(machine.disk, "orders-0", topic);
  EXPECT_TRUE(made.has_value());
  lab.done = 2;
}

Task<> look_at_identity(Machine& machine, ShellLab& lab) {
  const ParsedText<MetaProperties> meta = co_await read_meta_properties(machine.disk);
  EXPECT_EQ(meta.complaint, "");
  EXPECT_TRUE(meta.ok() || lab.done < 1);
  const ParsedText<Uuid> topic = co_await read_topic_id(machine.disk, "orders-0");
  EXPECT_EQ(topic.complaint, "");
  EXPECT_TRUE(topic.ok() || lab.done < 2);
}

TEST(DirectoryIdentity, IsWrittenWholeOrNotAtAll) {
  crash_everywhere(claim_and_name, look_at_identity);
}

Slice chunk(int n) { return Slice::copy_of(std::string(700, static_cast<char>('a' + n))); }

constexpr SnapshotId id_of(int n) { return {Offset{10 * n}, LeaderEpoch{n}}; }

Task<> take_snapshots(Machine& machine, ShellLab& lab) {
  SnapshotStore store(machine.disk, "__cluster_metadata-0");
  const Result<void> opened = co_await store.open();
  EXPECT_TRUE(opened.has_value());
  for (int n = 1; n <= 3; ++n) {
    Result<std::unique_ptr<SnapshotWriter>> writer = co_await store.create(id_of(n));
    EXPECT_TRUE(writer.has_value());
    if (!writer) co_return;
    for (int part = 0; part < 2; ++part) {
      const Slice bytes = chunk(n);
      const Result<void> appended = co_await (*writer)->append(bytes);
      EXPECT_TRUE(appended.has_value());
    }
    const Result<void> frozen = co_await store.freeze(**writer);
    EXPECT_TRUE(frozen.has_value());
    lab.done = n;
    const Result<void> removed = co_await store.remove_before(id_of(n - 1).end_offset);
    EXPECT_TRUE(removed.has_value());
  }
}

Task<> look_at_snapshots(Machine& machine, ShellLab& lab) {
  SnapshotStore store(machine.disk, "__cluster_metadata-0");
  const Result<void> opened = co_await store.open();
  EXPECT_TRUE(opened.has_value());
  const int latest = store.list().empty() ? 0 : store.list().back().epoch.value();
  EXPECT_GE(latest, lab.done);
  EXPECT_LE(latest, lab.done + 1);
  for (const SnapshotId& id : store.list()) {
    const SnapshotChunk read = co_await store.read(id, 700, 5000);
    EXPECT_EQ(read.error, ErrorCode::none);
    EXPECT_EQ(read.size, 1400u);
    EXPECT_EQ(read.bytes.text(), chunk(id.epoch.value()).text());
  }
  for (const std::string& path : lab.disk().files()) EXPECT_FALSE(path.ends_with(".part"));
}

TEST(Snapshots, AreThereAsAWholeOrNotAtAll) { crash_everywhere(take_snapshots, look_at_snapshots); }

TEST(Snapshots, AreReadInChunksAndRefusedByKafkasCodes) {
  ShellLab lab;
  lab.look([](Machine& machine, ShellLab& l) -> Task<> {
    co_await take_snapshots(machine, l);
    SnapshotStore store(machine.disk, "__cluster_metadata-0");
    const Result<void> opened = co_await store.open();
    EXPECT_TRUE(opened.has_value());
    EXPECT_EQ(store.list(), (std::vector<SnapshotId>{id_of(2), id_of(3)}));
    EXPECT_EQ(store.latest(), id_of(3));
    SnapshotChunk read = co_await store.read(id_of(3), 1399, 100);
    EXPECT_EQ(read.bytes.text(), "d");
    read = co_await store.read(id_of(3), 1400, 100);
    EXPECT_EQ(read.error, ErrorCode::position_out_of_range);
    read = co_await store.read(id_of(1), 0, 100);
    EXPECT_EQ(read.error, ErrorCode::snapshot_not_found);
    l.disk().fail({.operation = DiskOperation::read});
    read = co_await store.read(id_of(3), 0, 100);
    EXPECT_EQ(read.error, ErrorCode::kafka_storage_error);
    const Result<std::uint64_t> size = co_await store.size(id_of(2));
    EXPECT_EQ(*size, 1400u);
    Result<std::unique_ptr<SnapshotWriter>> again = co_await store.create(id_of(2));
    EXPECT_FALSE(again.has_value());
    const Result<void> removed = co_await store.remove_before(Offset{1000});
    EXPECT_TRUE(removed.has_value());
    EXPECT_EQ(store.list(), std::vector<SnapshotId>{id_of(3)});  // the latest stays
  });
}

TEST(Snapshots, AfterAFailedWriteOrSyncNothingIsListed) {
  for (const DiskOperation operation :
       {DiskOperation::write, DiskOperation::sync, DiskOperation::rename}) {
    ShellLab lab;
    lab.disk().fail({.operation = operation, .path_contains = ".part"});
    lab.look([](Machine& machine, ShellLab&) -> Task<> {
      SnapshotStore store(machine.disk, "m");
      const Result<void> opened = co_await store.open();
      Result<std::unique_ptr<SnapshotWriter>> writer = co_await store.create(id_of(1));
      EXPECT_TRUE(opened && writer);
      if (!writer) co_return;
      const Slice bytes = chunk(1);
      const Result<void> appended = co_await (*writer)->append(bytes);
      const Result<void> frozen = co_await store.freeze(**writer);
      EXPECT_FALSE(appended && frozen);
      EXPECT_TRUE(store.list().empty());
      const Result<void> again = co_await (*writer)->freeze();
      EXPECT_FALSE(again.has_value());
    });
  }
}

}  // namespace
}  // namespace weir
