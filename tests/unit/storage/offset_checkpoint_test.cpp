// Kafka's checkpoint files, and the files that say whose a directory is: text in, text out, and
// what is refused with which words.
#include "broker/storage/offset_checkpoint.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "broker/storage/directory_identity.h"
#include "broker/storage/snapshot_id.h"

namespace weir {
namespace {

TEST(OffsetCheckpoints, LookLikeKafkas) {
  const PartitionOffsets offsets = {{{"orders", 0}, Offset{12}}, {{"a.b_c-d", 10}, Offset{0}}};
  const std::string text = encode_offset_checkpoints(offsets);
  EXPECT_EQ(text, "0\n2\na.b_c-d 10 0\norders 0 12\n");
  EXPECT_EQ(decode_offset_checkpoints(text).value, offsets);
  EXPECT_EQ(encode_offset_checkpoints({}), "0\n0\n");
  EXPECT_TRUE(decode_offset_checkpoints("0\n0\n").ok());
}

TEST(OffsetCheckpoints, AreReadBack) {
  EXPECT_TRUE(rc::check([](const std::vector<std::pair<std::uint8_t, std::uint32_t>>& draws) {
    PartitionOffsets offsets;
    for (const auto& [topic, number] : draws) {
      offsets[{"t" + std::to_string(topic), static_cast<std::int32_t>(number % 7)}] =
          Offset{number};
    }
    RC_ASSERT(decode_offset_checkpoints(encode_offset_checkpoints(offsets)).value == offsets);
  }));
}

TEST(OffsetCheckpoints, TellWhichLineIsWrong) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "the file ends before the number of its entries"},
      {"0\n", "the file ends before the number of its entries"},
      {"1\n0\n", "line 1: version \"1\", not 0"},
      {"0\nx\n", "line 2: \"x\" is no count"},
      {"0\n1\norders 0\n", "line 3: \"orders 0\" is not \"topic partition offset\""},
      {"0\n1\norders 0 -4\n", "line 3: \"orders 0 -4\" is not \"topic partition offset\""},
      {"0\n1\norders 0 4", "line 3: the line does not end"},
      {"0\n2\norders 0 4\n", "there are 1 entries, line 2 says 2"},
      {"0\n2\na 0 4\na 0 5\n", "line 4: \"a 0 5\" names a partition for the second time"},
      {std::string("0\n1\n") + '\0' + '\0', "line 3: the line does not end"},
  };
  for (const auto& [text, complaint] : cases) {
    const ParsedText<PartitionOffsets> parsed = decode_offset_checkpoints(text);
    EXPECT_FALSE(parsed.ok());
    EXPECT_FALSE(parsed.missing());
    EXPECT_EQ(parsed.complaint, complaint);
  }
}

TEST(OffsetCheckpoints, AnyTextIsReadOrRefused) {
  EXPECT_TRUE(rc::check([](const std::string& text) {
    const ParsedText<PartitionOffsets> parsed = decode_offset_checkpoints("0\n1\n" + text);
    RC_ASSERT(parsed.ok() == parsed.complaint.empty());
    RC_ASSERT(decode_meta_properties(text).ok() == decode_meta_properties(text).complaint.empty());
    RC_ASSERT(decode_partition_metadata(text).ok() ==
              decode_partition_metadata(text).complaint.empty());
  }));
}

constexpr Uuid kTopic{0x0123456789abcdef, 0xfedcba9876543210};

TEST(PartitionMetadata, NamesTheTopicById) {
  const std::string text = encode_partition_metadata(kTopic);
  EXPECT_EQ(text, "version: 0\ntopic_id: " + to_text(kTopic));
  EXPECT_EQ(decode_partition_metadata(text).value, kTopic);
  EXPECT_EQ(decode_partition_metadata(text + "\n").value, kTopic);
  EXPECT_EQ(decode_partition_metadata("topic_id: x").complaint, "version is missing");
  EXPECT_EQ(decode_partition_metadata("version: 1\n").complaint, "version is \"1\", not 0");
  EXPECT_EQ(decode_partition_metadata("version: 0\n").complaint, "topic_id is missing");
  EXPECT_EQ(decode_partition_metadata("version: 0\ntopic_id: x").complaint,
            "topic_id \"x\" is no id");
  EXPECT_EQ(decode_partition_metadata("version: 0\ntopic_id: AAAAAAAAAAAAAAAAAAAAAA").complaint,
            "topic_id is zero, which is no topic's");
}

TEST(MetaProperties, AreReadAsJavaWritesThem) {
  const ParsedText<MetaProperties> parsed = decode_meta_properties(
      "#\r\n#Fri Jan 05 12:00:00 UTC 2024\r\ncluster.id=abc\\=d\r\n"
      "directory.id=ASNFZ4mrze_-3LqYdlQyEA\r\nnode.id = 3\r\nsomething=else\r\nversion=1\r\n");
  ASSERT_TRUE(parsed.ok()) << parsed.complaint;
  EXPECT_EQ(parsed.value->cluster_id, "abc=d");
  EXPECT_EQ(parsed.value->node_id, BrokerId{3});
  EXPECT_EQ(parsed.value->directory_id, kTopic);
  EXPECT_EQ(decode_meta_properties(encode_meta_properties(*parsed.value)).value, parsed.value);
}

TEST(MetaProperties, TellWhichKeyIsWrong) {
  EXPECT_EQ(decode_meta_properties("").complaint, "version is missing");
  EXPECT_EQ(decode_meta_properties("version=0\n").complaint, "version is \"0\", not 1");
  EXPECT_EQ(decode_meta_properties("version=1\nnode.id=1\n").complaint, "cluster.id is missing");
  EXPECT_EQ(decode_meta_properties("version=1\ncluster.id=c\nnode.id=-1").complaint,
            "node.id \"-1\" is no node's");
  EXPECT_EQ(decode_meta_properties("version=1\ncluster.id=c\nnode.id=1\ndirectory.id=1").complaint,
            "directory.id \"1\" is no id");
}

TEST(MetaProperties, OfAnotherClusterOrNodeAreNotOurs) {
  const MetaProperties ours{.cluster_id = "c", .node_id = BrokerId{1}, .directory_id = kTopic};
  EXPECT_EQ(why_not_ours(ours, ours), "");
  MetaProperties found = ours;
  found.directory_id.reset();
  EXPECT_EQ(why_not_ours(found, ours), "");
  found.node_id = BrokerId{2};
  EXPECT_EQ(why_not_ours(found, ours),
            "the directory belongs to node 2, this node is 1: give the node its own directory, or "
            "empty this one");
  found.cluster_id = "d";
  EXPECT_EQ(why_not_ours(found, ours),
            "the directory belongs to cluster \"d\", this node to \"c\": give the node its own "
            "directory, or empty this one");
}

TEST(SnapshotIds, AreNamesOfFiles) {
  const SnapshotId id{Offset{100}, LeaderEpoch{3}};
  EXPECT_EQ(to_file_name(id), "00000000000000000100-0000000003.checkpoint");
  EXPECT_EQ(parse_snapshot_file_name(to_file_name(id)), id);
  EXPECT_TRUE(is_partial_snapshot(to_file_name(id) + ".part"));
  EXPECT_FALSE(is_partial_snapshot(to_file_name(id)));
  for (const char* name :
       {"", "00000000000000000100.log", "00000000000000000100-0000000003.checkpoint.part",
        "00000000000000000100-000000003.checkpoint", "00000000000000000100-9999999999.checkpoint",
        "0000000000000000010x-0000000003.checkpoint", "00000000000000000100_0000000003.checkpoint",
        "-0000000000000000100-0000000003.checkpoint", "leader-epoch-checkpoint"}) {
    EXPECT_EQ(parse_snapshot_file_name(name), std::nullopt) << name;
  }
  EXPECT_LT((SnapshotId{Offset{99}, LeaderEpoch{9}}), id);
}

}  // namespace
}  // namespace weir
