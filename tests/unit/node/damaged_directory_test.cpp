// What a node finds on its disk and must not believe: it halts with a sentence that says what and
// where, and overwrites nothing; the others go on without it.
#include <algorithm>

#include "broker/wire/record_batch.h"
#include "broker/wire/records.h"
#include "broker/wire/records/metadata_record.h"
#include "cluster_lab.h"

namespace weir::test {
namespace {

using std::chrono::seconds;

const std::string kElsewhere = "weir-cluster-00000000Q";

// All files of a node, durable and as the page cache shows them.
std::map<std::string, std::string> contents(ClusterLab& lab, const std::string& name) {
  std::map<std::string, std::string> all;
  DiskModel& disk = lab.world().disk(lab.id(name));
  for (const std::string& path : disk.files()) all[path] = disk.read(path)->text();
  return all;
}

std::string content(ClusterLab& lab, const std::string& name, const std::string& path) {
  const std::optional<Slice> bytes = lab.world().disk(lab.id(name)).read(path);
  return bytes ? std::string(bytes->text()) : std::string();
}

// The node is started and halts; its files stay as they were.
void expect_refusal(ClusterLab& lab, const std::string& name, const std::string& sentence) {
  const auto before = contents(lab, name);
  EXPECT_EQ(lab.halt_of(name), sentence);
  EXPECT_EQ(contents(lab, name), before) << "something was written";
}

TEST(Directory, OfAnotherClusterOrNodeIsRefused) {
  ClusterLab lab(1, 2);
  const BrokerConfig own = lab.config("b1");
  lab.kill("b1");
  lab.config("b1").cluster_id = kElsewhere;
  const std::string advice = ": give the node its own directory, or empty this one";
  expect_refusal(lab, "b1",
                 "meta.properties: the directory belongs to cluster \"" + own.cluster_id +
                     "\", this node to \"" + kElsewhere + "\"" + advice);
  lab.config("b1") = own;
  lab.config("b1").id = BrokerId{2};
  expect_refusal(lab, "b1",
                 "meta.properties: the directory belongs to node 1, this node is 2" + advice);
  lab.config("b1") = own;
  EXPECT_EQ(lab.halt_of("b1"), "");
  EXPECT_FALSE(lab.node("b2").image()->broker(BrokerId{1})->fenced);
}

TEST(Directory, OfAnotherControllerIsRefused) {
  ClusterLab lab(3, 1);
  const std::string down = lab.another_controller_than(lab.active());
  lab.kill(down);
  lab.config(down).cluster_id = kElsewhere;
  const auto before = contents(lab, down);
  EXPECT_NE(lab.halt_of(down).find("belongs to cluster"), std::string::npos);
  EXPECT_EQ(contents(lab, down), before);
  EXPECT_EQ(lab.create_topic("b1", "orders", 1, 1), ErrorCode::none);
}

TEST(Directory, WithADamagedIdentityIsRefused) {
  ClusterLab lab(1, 1);
  lab.kill("b1");
  lab.write_file("b1", "meta.properties", "version=1\nnode.id=one\n");
  const auto before = contents(lab, "b1");
  const std::string why = lab.halt_of("b1");
  EXPECT_TRUE(why.starts_with("meta.properties")) << why;
  EXPECT_EQ(contents(lab, "b1"), before);
}

TEST(QuorumState, ThatIsDamagedOrOfAnotherClusterIsNotBelieved) {
  ClusterLab lab(3, 1);
  const std::string path = "__cluster_metadata-0/quorum-state";
  const std::string down = lab.another_controller_than(lab.active());
  const std::string own = content(lab, down, path);
  ASSERT_FALSE(own.empty());
  lab.kill(down);
  const std::string said = "the file quorum-state cannot be used: quorum-state: ";
  lab.write_file(down, path, own.substr(0, own.size() / 2));
  const auto before = contents(lab, down);
  EXPECT_TRUE(lab.halt_of(down).starts_with(said));
  EXPECT_EQ(contents(lab, down), before);
  lab.write_file(down, path, "");
  expect_refusal(lab, down, said + "the file is empty");
  std::string other = own;
  const std::string cluster = lab.config(down).cluster_id;
  other.replace(other.find(cluster), cluster.size(), "elsewhere");
  lab.write_file(down, path, other);
  expect_refusal(lab, down,
                 said + "it is of the cluster \"elsewhere\", this node is of \"" + cluster + "\"");
  EXPECT_EQ(lab.create_topic("b1", "orders", 1, 1), ErrorCode::none) << "two of three go on";
  lab.write_file(down, path, own);
  EXPECT_EQ(lab.halt_of(down), "");
  EXPECT_EQ(lab.node(down).image()->digest(), lab.node(lab.active()).image()->digest());
}

TEST(MetadataSnapshot, ThatIsDamagedIsNotLoaded) {
  ClusterLab lab(1, 1, {{"metadata.log.max.record.bytes.between.snapshots", "2000"}});
  for (int i = 0; i < 10; ++i) {
    ASSERT_EQ(lab.create_topic("b1", "t" + std::to_string(i), 5, 1), ErrorCode::none);
  }
  lab.run_for(seconds(10));
  for (const char* name : {"c1", "b1"}) {
    lab.kill(name);
    std::string snapshot;
    for (const auto& [path, bytes] : contents(lab, name)) {
      if (path.ends_with(".checkpoint") && path.starts_with("__cluster")) snapshot = path;
    }
    ASSERT_FALSE(snapshot.empty()) << name;
    const std::string file = snapshot.substr(snapshot.find('/') + 1);
    DiskModel& disk = lab.world().disk(lab.id(name));
    const std::size_t size = content(lab, name, snapshot).size();
    ASSERT_TRUE(disk.rot(snapshot, size / 2));
    const auto rotten = contents(lab, name);
    const std::string why = lab.halt_of(name);
    EXPECT_TRUE(why.starts_with("the latest snapshot of the metadata log is damaged: " + file))
        << why;
    EXPECT_EQ(contents(lab, name), rotten);
    ASSERT_TRUE(disk.rot(snapshot, size / 2));  // made good again
    lab.write_file(name, snapshot, content(lab, name, snapshot).substr(0, size - 80));
    EXPECT_TRUE(lab.halt_of(name).starts_with(
        "the latest snapshot of the metadata log is damaged: " + file))
        << "without its end";
    lab.world().kill(lab.id(name));
  }
}

// Who was away fetches the leader's snapshot, piece by piece, and believes it when it was checked.
TEST(MetadataSnapshot, ThatRottedAtTheLeaderIsNotLoadedByAnybody) {
  ClusterLab lab(1, 2, {{"metadata.log.max.record.bytes.between.snapshots", "12000"}});
  lab.kill("b2");
  for (int i = 0; i < 20; ++i) {
    ASSERT_EQ(lab.create_topic("b1", "t" + std::to_string(i), 5, 1), ErrorCode::none);
  }
  lab.run_for(seconds(10));
  const auto is_snapshot = [](const auto& file) {
    return file.first.starts_with("__cluster") && file.first.ends_with(".checkpoint");
  };
  const auto of_leader = contents(lab, "c1");
  const auto snapshot = std::ranges::find_if(of_leader, is_snapshot);
  ASSERT_NE(snapshot, of_leader.end());
  const std::uint64_t middle = snapshot->second.size() / 2;
  ASSERT_TRUE(lab.world().disk(lab.id("c1")).rot(snapshot->first, middle));
  EXPECT_EQ(lab.halt_of("b2"), "") << "it asks again";
  EXPECT_TRUE(lab.facts(FactKind::snapshot_loaded).empty());
  EXPECT_TRUE(std::ranges::none_of(contents(lab, "b2"), is_snapshot));
  ASSERT_TRUE(lab.world().disk(lab.id("c1")).rot(snapshot->first, middle));
  lab.run_for(seconds(10));
  EXPECT_EQ(lab.node("b2").image()->digest(), lab.node("b1").image()->digest());
  EXPECT_FALSE(lab.facts(FactKind::snapshot_loaded).empty());
}

TEST(MetadataLogFile, ThatRottedIsNotReplayed) {
  ClusterLab lab(1, 1);
  ASSERT_EQ(lab.create_topic("b1", "orders", 3, 1), ErrorCode::none);
  lab.run_for(seconds(1));
  lab.world().stop(lab.id("b1"));
  lab.run_for(seconds(8));
  const std::string path = "__cluster_metadata-0/00000000000000000000.log";
  const std::size_t size = content(lab, "b1", path).size();
  ASSERT_GT(size, 400u);
  ASSERT_TRUE(lab.world().disk(lab.id("b1")).rot(path, 200));
  const std::string rotten = content(lab, "b1", path);
  const std::string why = lab.halt_of("b1");
  EXPECT_NE(why.find("metadata log"), std::string::npos) << why;
  EXPECT_EQ(content(lab, "b1", path), rotten);
}

TEST(MetadataRecord, OfAnUnknownVersionStopsWhoReadsIt) {
  ClusterLab lab(1, 1);
  const std::string path = "__cluster_metadata-0/00000000000000000000.log";
  lab.world().stop(lab.id("c1"));
  lab.run_for(seconds(8));
  std::string log = content(lab, "c1", path);
  ASSERT_FALSE(log.empty());
  Offset next{0};
  LeaderEpoch epoch{0};
  const Result<std::vector<RecordBatch>> batches = whole_batches(Slice::copy_of(log));
  ASSERT_TRUE(batches.has_value());
  for (const RecordBatch& batch : *batches) {
    next = batch.header.next_offset();
    epoch = batch.header.partition_leader_epoch;
  }
  // A PartitionChangeRecord of version 9.
  const std::string future("\x01\x05\x09\x00", 4);
  RecordBatchBuilder builder;
  builder.append({.value = as_bytes(future)});
  Codecs codecs;
  BatchOptions options;
  options.base_offset = next;
  Slice batch = builder.build(options, codecs);
  std::string bytes(batch.text());
  assign_in_place(std::as_writable_bytes(std::span(bytes)), next, epoch);
  lab.write_file("c1", path, log + bytes);
  const std::string written = content(lab, "c1", path);
  const std::string why = lab.halt_of("c1");
  EXPECT_EQ(why, "cannot read a record of the metadata log: offset " +
                     std::to_string(next.value()) +
                     ": PartitionChangeRecord v9: only versions 0 to 2 are known");
  EXPECT_TRUE(content(lab, "c1", path).starts_with(written)) << "it may have begun an epoch";
}

// A checkpoint of offsets that cannot be read is not taken for "nothing": that would truncate.
TEST(OffsetCheckpoint, ThatIsDamagedIsNotBelieved) {
  for (const char* file : {"replication-offset-checkpoint", "recovery-point-offset-checkpoint"}) {
    ClusterLab lab(1, 1);
    ASSERT_EQ(lab.create_topic("b1", "orders", 3, 1), ErrorCode::none);
    lab.run_for(seconds(1));
    lab.world().stop(lab.id("b1"));
    lab.run_for(seconds(8));
    lab.write_file("b1", file, "0\n2\norders 0 1");
    const auto before = contents(lab, "b1");
    const std::string why = lab.halt_of("b1");
    EXPECT_NE(why.find(file), std::string::npos) << why;
    EXPECT_EQ(contents(lab, "b1"), before) << file;
  }
}

TEST(PartitionDirectory, WithoutItsTopicsIdIsNotServed) {
  ClusterLab lab(1, 1);
  ASSERT_EQ(lab.create_topic("b1", "orders", 1, 1), ErrorCode::none);
  lab.run_for(seconds(1));
  const std::string own = content(lab, "b1", "orders-0/partition.metadata");
  ASSERT_FALSE(own.empty());
  lab.kill("b1");
  lab.write_file("b1", "orders-0/partition.metadata", "version: 0\ntopic_id: nobody\n");
  const auto before = contents(lab, "b1");
  const std::string why = lab.halt_of("b1");
  EXPECT_NE(why.find("partition.metadata"), std::string::npos) << why;
  EXPECT_EQ(contents(lab, "b1"), before);
  lab.write_file("b1", "orders-0/partition.metadata", own);
  EXPECT_EQ(lab.halt_of("b1"), "");
}

// The proof of a clean stop proves nothing when it is damaged.
TEST(CleanStop, ThatIsDamagedIsNone) {
  ClusterLab lab(1, 1);
  lab.world().stop(lab.id("b1"));
  lab.run_for(seconds(8));
  ASSERT_FALSE(content(lab, "b1", "clean-stop").empty());
  lab.write_file("b1", "clean-stop", "weir-clean-stop 1 broker-epoch many\n");
  EXPECT_EQ(lab.halt_of("b1"), "");
  EXPECT_EQ(lab.facts(FactKind::broker_registered).back().why, "unclean");
}

}  // namespace
}  // namespace weir::test
