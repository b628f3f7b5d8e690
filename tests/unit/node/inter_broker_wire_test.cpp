// What nodes send to each other is written at the highest version that both serve, and says the
// same when it is read: a field that a version lacks must not be set (ReplicaId of Fetch since 15).
#include <gtest/gtest.h>

#include "broker/node/quorum/raft_wire.h"
#include "broker/node/replica/fetch_wire.h"
#include "broker/node/replica/isr_wire.h"

namespace weir {
namespace {

using std::chrono::milliseconds;

constexpr raft::ReplicaKey kVoter{BrokerId{102}, Uuid{7, 2}};
constexpr raft::ReplicaKey kSelf{BrokerId{101}, Uuid{7, 1}};

// Written at the highest version, and read.
template <class Message>
Message carried(const Message& message, std::int16_t version = Message::kVersions.max) {
  std::string why;
  Writer writer;
  const Result<void> written = encode(message, version, writer, &why);
  EXPECT_TRUE(written.has_value()) << why;
  if (!written) return {};
  std::string bytes;
  for (const Slice& slice : std::move(writer).finish()) bytes += slice.text();
  const Slice whole = Slice::copy_of(bytes);
  Result<Message> read = decode<Message>(Reader(whole), version, &why);
  EXPECT_TRUE(read.has_value()) << why;
  return read ? *read : Message{};
}

TEST(InterBrokerWire, TheQuorumsRequestsArriveAsTheyWereMeant) {
  raft::VoteRequest vote;
  vote.cluster_id = "c";
  vote.voter = kVoter;
  vote.replica_epoch = LeaderEpoch{9};
  vote.replica = kSelf;
  vote.last_offset_epoch = LeaderEpoch{8};
  vote.last_offset = Offset{77};
  vote.pre_vote = true;
  const auto got_vote = from_wire(carried(to_wire(vote)));
  ASSERT_TRUE(got_vote);
  EXPECT_EQ(got_vote->cluster_id, "c");
  EXPECT_EQ(got_vote->voter, kVoter);
  EXPECT_EQ(got_vote->replica, kSelf);
  EXPECT_EQ(got_vote->replica_epoch, LeaderEpoch{9});
  EXPECT_EQ(got_vote->last_offset_epoch, LeaderEpoch{8});
  EXPECT_EQ(got_vote->last_offset, Offset{77});
  EXPECT_TRUE(got_vote->pre_vote);

  const raft::Endpoint listener{"CONTROLLER", "c1", 9093};
  const auto got_begin = from_wire(carried(to_wire(
      raft::BeginQuorumEpochRequest{"c", kVoter, BrokerId{101}, LeaderEpoch{9}, {listener}})));
  ASSERT_TRUE(got_begin);
  EXPECT_EQ(got_begin->voter, kVoter);
  EXPECT_EQ(got_begin->leader_id, BrokerId{101});
  EXPECT_EQ(got_begin->leader_epoch, LeaderEpoch{9});
  ASSERT_EQ(got_begin->leader_endpoints.size(), 1u);
  EXPECT_EQ(got_begin->leader_endpoints[0].port, 9093);

  const auto got_end = from_wire(carried(to_wire(
      raft::EndQuorumEpochRequest{"c", BrokerId{101}, LeaderEpoch{9}, {kVoter}, {listener}})));
  ASSERT_TRUE(got_end);
  EXPECT_EQ(got_end->preferred_candidates, std::vector<raft::ReplicaKey>{kVoter});
  EXPECT_EQ(got_end->leader_epoch, LeaderEpoch{9});
}

TEST(InterBrokerWire, AFetchOfTheMetadataLogArrivesAsItWasMeant) {
  raft::FetchRequest fetch;
  fetch.cluster_id = "c";
  fetch.replica = kSelf;
  fetch.current_leader_epoch = LeaderEpoch{9};
  fetch.fetch_offset = Offset{77};
  fetch.last_fetched_epoch = LeaderEpoch{8};
  fetch.log_start = Offset{5};
  fetch.high_watermark = Offset{70};
  fetch.max_wait = milliseconds(500);
  fetch.max_bytes = 1 << 20;
  const auto got = from_wire(carried(to_wire(fetch)));
  ASSERT_TRUE(got);
  EXPECT_EQ(got->cluster_id, "c");
  EXPECT_EQ(got->replica, kSelf);
  EXPECT_EQ(got->current_leader_epoch, LeaderEpoch{9});
  EXPECT_EQ(got->fetch_offset, Offset{77});
  EXPECT_EQ(got->last_fetched_epoch, LeaderEpoch{8});
  EXPECT_EQ(got->log_start, Offset{5});
  EXPECT_EQ(got->high_watermark, Offset{70});
  EXPECT_EQ(got->max_wait, milliseconds(500));
  EXPECT_EQ(got->max_bytes, 1 << 20);

  raft::FetchSnapshotRequest snapshot;
  snapshot.cluster_id = "c";
  snapshot.replica = kSelf;
  snapshot.current_leader_epoch = LeaderEpoch{9};
  snapshot.snapshot_id = {Offset{60}, LeaderEpoch{7}};
  snapshot.position = 4096;
  snapshot.max_bytes = 1024;
  const auto got_snapshot = from_wire(carried(to_wire(snapshot)));
  ASSERT_TRUE(got_snapshot);
  EXPECT_EQ(got_snapshot->replica, kSelf);
  EXPECT_EQ(got_snapshot->snapshot_id, (SnapshotId{Offset{60}, LeaderEpoch{7}}));
  EXPECT_EQ(got_snapshot->position, 4096);
}

// Before version 15 a replica stands in a field that later versions lack: a request for both is not
// written at all, and these are written for the later ones alone.
TEST(InterBrokerWire, AFollowersFetchNamesItsReplicaForTheLaterVersionsAlone) {
  const PartitionKey orders{Uuid{1, 2}, 0}, more{Uuid{1, 2}, 4};
  ReplicaFetchRound round;
  round.leader = BrokerId{2};
  round.parts = {{orders, {}}, {more, {}}};
  round.parts[0].position.leader_epoch = LeaderEpoch{6};
  round.parts[0].position.offset = Offset{17};
  round.parts[0].position.last_fetched_epoch = LeaderEpoch{5};
  round.parts[0].position.log_start = Offset{3};
  const ReplicaFetchContext context{BrokerId{1}, BrokerEpoch{41}, {"orders"}};
  const FetchRequest request = to_wire(round, {}, context);
  const FetchRequest got = carried(request);
  EXPECT_EQ(got.replica_state.replica_id, 1);
  EXPECT_EQ(got.replica_state.replica_epoch, 41);
  EXPECT_EQ(got.max_wait_ms, 500);
  ASSERT_EQ(got.topics.size(), 1u);
  EXPECT_EQ(got.topics[0].topic_id, (Uuid{1, 2}));
  ASSERT_EQ(got.topics[0].partitions.size(), 2u);
  const auto& first = got.topics[0].partitions[0];
  EXPECT_EQ(first.current_leader_epoch, 6);
  EXPECT_EQ(first.fetch_offset, 17);
  EXPECT_EQ(first.last_fetched_epoch, 5);
  EXPECT_EQ(first.log_start_offset, 3);
  EXPECT_EQ(first.high_watermark, INT64_MAX) << "nobody answers early for it";
  EXPECT_EQ(carried(request, 15).replica_state.replica_epoch, 41);
  Writer writer;
  EXPECT_FALSE(encode(request, 14, writer).has_value()) << "it would pass for a consumer's";
  FetchRequest both = request;
  both.replica_id = 1;
  Writer another;
  EXPECT_FALSE(encode(both, FetchRequest::kVersions.max, another).has_value());
}

TEST(InterBrokerWire, AFollowersQuestionForEndsAndALeadersProposalArrive) {
  const ListOffsetsRequest ends =
      carried(ends_request(BrokerId{1}, "orders", 4, LeaderEpoch{6}, kEarliestTimestamp));
  EXPECT_EQ(ends.replica_id, 1);
  ASSERT_EQ(ends.topics.size(), 1u);
  EXPECT_EQ(ends.topics[0].name, "orders");
  EXPECT_EQ(ends.topics[0].partitions.at(0).partition_index, 4);
  EXPECT_EQ(ends.topics[0].partitions[0].current_leader_epoch, 6);
  EXPECT_EQ(ends.topics[0].partitions[0].timestamp, -2);

  IsrRequest proposals{BrokerId{1}, BrokerEpoch{41}, {}};
  IsrProposal& proposal = proposals.proposals.emplace_back();
  proposal.partition = {Uuid{1, 2}, 4};
  proposal.leader_epoch = LeaderEpoch{6};
  proposal.partition_epoch = PartitionEpoch{12};
  proposal.isr = {{BrokerId{1}, BrokerEpoch{41}}, {BrokerId{3}, BrokerEpoch{43}}};
  const AlterPartitionRequest got = carried(to_wire(proposals));
  EXPECT_EQ(got.broker_id, 1);
  EXPECT_EQ(got.broker_epoch, 41);
  ASSERT_EQ(got.topics.size(), 1u);
  const auto& partition = got.topics[0].partitions.at(0);
  EXPECT_EQ(partition.partition_index, 4);
  EXPECT_EQ(partition.leader_epoch, 6);
  EXPECT_EQ(partition.partition_epoch, 12);
  ASSERT_EQ(partition.new_isr_with_epochs.size(), 2u);
  EXPECT_EQ(partition.new_isr_with_epochs[1].broker_id, 3);
  EXPECT_EQ(partition.new_isr_with_epochs[1].broker_epoch, 43);
}

// Answers: what a leader says of its quorum, its log and its verdicts.
TEST(InterBrokerWire, AnswersOfTheQuorumArriveAsTheyWereMeant) {
  raft::FetchResponse answer;
  answer.leader_id = BrokerId{102};
  answer.leader_epoch = LeaderEpoch{9};
  answer.high_watermark = Offset{70};
  answer.log_start = Offset{5};
  answer.diverging_epoch = raft::Divergence{LeaderEpoch{7}, Offset{66}};
  answer.leader_endpoint = raft::Endpoint{{}, "c2", 9093};
  const auto got = from_wire(carried(to_wire(answer, Slice{})));
  ASSERT_TRUE(got);
  EXPECT_EQ(got->leader_id, BrokerId{102});
  EXPECT_EQ(got->high_watermark, Offset{70});
  EXPECT_EQ(got->diverging_epoch, answer.diverging_epoch);
  EXPECT_FALSE(got->snapshot_id);
  ASSERT_TRUE(got->leader_endpoint);
  EXPECT_EQ(got->leader_endpoint->host, "c2");

  raft::VoteResponse vote;
  vote.error = ErrorCode::fenced_leader_epoch;
  vote.leader_epoch = LeaderEpoch{11};
  vote.vote_granted = false;
  const auto got_vote = from_wire(carried(to_wire(vote)));
  ASSERT_TRUE(got_vote);
  EXPECT_EQ(got_vote->error, ErrorCode::fenced_leader_epoch);
  EXPECT_EQ(got_vote->leader_epoch, LeaderEpoch{11});
}

// A message that names another partition, or more than one, is not about this quorum.
TEST(InterBrokerWire, MessagesOfAnotherPartitionAreNoneOfTheQuorum) {
  VoteRequest vote = to_wire(raft::VoteRequest{});
  vote.topics[0].topic_name = "orders";
  EXPECT_FALSE(from_wire(vote));
  vote = to_wire(raft::VoteRequest{});
  vote.topics[0].partitions[0].partition_index = 1;
  EXPECT_FALSE(from_wire(vote));
  vote = to_wire(raft::VoteRequest{});
  vote.topics.push_back(vote.topics[0]);
  EXPECT_FALSE(from_wire(vote));
  FetchRequest fetch = to_wire(raft::FetchRequest{});
  fetch.topics[0].partitions.push_back(fetch.topics[0].partitions[0]);
  EXPECT_FALSE(from_wire(fetch));
  FetchSnapshotRequest snapshot = to_wire(raft::FetchSnapshotRequest{});
  snapshot.topics.clear();
  EXPECT_FALSE(from_wire(snapshot));
  BeginQuorumEpochRequest begin = to_wire(raft::BeginQuorumEpochRequest{});
  begin.topics[0].partitions.clear();
  EXPECT_FALSE(from_wire(begin));
}

}  // namespace
}  // namespace weir
