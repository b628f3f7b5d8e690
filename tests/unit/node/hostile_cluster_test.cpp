// Hostile words between nodes: damaged frames, and well-formed ones with epochs of the past and of
// the future. Nobody fails, and the cluster goes on.
#include <rapidcheck.h>

#include "broker/node/quorum/raft_wire.h"
#include "broker/wire/messages/allocate_producer_ids.h"
#include "broker/wire/messages/alter_partition.h"
#include "broker/wire/messages/broker_heartbeat.h"
#include "broker/wire/messages/broker_registration.h"
#include "broker/wire/messages/list_offsets.h"
#include "broker/wire/messages/offset_for_leader_epoch.h"
#include "broker/wire/request_header.h"
#include "cluster_lab.h"

namespace weir::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

template <class Request>
std::string frame_of(const Request& request) {
  const auto slices = encode_request(request, Request::kVersions.max, 1, std::string("x")).value();
  std::string bytes;
  for (const Slice& slice : slices) bytes += slice.text();
  return bytes;
}

AlterPartitionRequest alter_partition(ClusterLab& lab) {
  AlterPartitionRequest request;
  request.broker_id = 1;
  request.broker_epoch = lab.node("b1").lifecycle->epoch().value();
  auto& topic = request.topics.emplace_back();
  topic.topic_id = lab.node("b1").image()->topic("orders")->id;
  auto& partition = topic.partitions.emplace_back();
  partition.leader_epoch = 0;
  partition.partition_epoch = 0;
  partition.new_isr_with_epochs = {{1, -1}, {2, -1}};
  return request;
}

FetchRequest replica_fetch(ClusterLab& lab) {
  FetchRequest request;
  request.replica_state = {2, lab.node("b2").lifecycle->epoch().value()};
  request.max_bytes = 1000;
  auto& topic = request.topics.emplace_back();
  topic.topic_id = lab.node("b1").image()->topic("orders")->id;
  FetchRequest::FetchPartition partition;
  partition.current_leader_epoch = 0;
  partition.partition_max_bytes = 1000;
  topic.partitions.push_back(partition);
  return request;
}

std::vector<std::string> words_between_nodes(ClusterLab& lab) {
  const std::string cluster = BrokerConfig{}.cluster_id;
  const raft::ReplicaKey c1{BrokerId{101}, {}}, c2{BrokerId{102}, {}};
  BrokerRegistrationRequest registration;
  registration.broker_id = 3;
  registration.cluster_id = cluster;
  registration.incarnation_id = Uuid{1, 3};
  BrokerHeartbeatRequest beat;
  beat.broker_id = 2;
  beat.broker_epoch = lab.node("b2").lifecycle->epoch().value();
  AllocateProducerIdsRequest ids;
  ids.broker_id = 1;
  ids.broker_epoch = lab.node("b1").lifecycle->epoch().value();
  OffsetForLeaderEpochRequest ends;
  ends.replica_id = 2;
  ends.topics = {{"orders", {{0, 0, 0}}}};
  ListOffsetsRequest starts;
  starts.replica_id = 2;
  starts.topics = {{"orders", {{0, 0, -2}}}};
  return {
      frame_of(to_wire(raft::VoteRequest{cluster, c1, LeaderEpoch{3}, c2, {}, Offset{9}, true})),
      frame_of(to_wire(raft::VoteRequest{cluster, c1, LeaderEpoch{3}, c2, {}, Offset{9}, false})),
      frame_of(
          to_wire(raft::BeginQuorumEpochRequest{cluster, c1, BrokerId{102}, LeaderEpoch{3}, {}})),
      frame_of(
          to_wire(raft::EndQuorumEpochRequest{cluster, BrokerId{102}, LeaderEpoch{1}, {c1}, {}})),
      frame_of(to_wire(raft::FetchRequest{cluster, c2, LeaderEpoch{1}, Offset{2}, LeaderEpoch{1},
                                          Offset{0}, Offset{1}, milliseconds(1), 100})),
      frame_of(to_wire(
          raft::FetchSnapshotRequest{cluster, c2, LeaderEpoch{1}, {Offset{2}, {}}, 0, 100})),
      frame_of(registration),
      frame_of(beat),
      frame_of(ids),
      frame_of(alter_partition(lab)),
      frame_of(replica_fetch(lab)),
      frame_of(ends),
      frame_of(starts),
  };
}

// A few bytes of the body are others; the length of the frame stays right, mostly.
std::string damage(std::string bytes, Random& random) {
  for (std::uint64_t n = random.below(4); n > 0; --n) {
    const std::size_t at = (random.below(8) == 0 ? 0 : 12) + random.below(bytes.size() - 12);
    bytes[at] = static_cast<char>(random.below(2) == 0 ? random.below(256)
                                                       : bytes[at] ^ (1 << random.below(8)));
  }
  if (random.below(10) == 0) bytes.resize(random.below(bytes.size()));
  return bytes;
}

TEST(HostileCluster, DamagedWordsHarmNobody) {
  EXPECT_TRUE(rc::check([](std::uint64_t key) {
    Random random(key);
    ClusterLab lab(3, 2);
    RC_ASSERT(lab.create_topic("b1", "orders", 1, 2) == ErrorCode::none);
    lab.run_for(seconds(1));
    const std::vector<std::string> words = words_between_nodes(lab);
    const char* nodes[] = {"c1", "c2", "c3", "b1", "b2"};
    for (int i = 0; i < 60; ++i) {
      const std::string node = nodes[random.below(5)];
      const std::uint16_t port = node[0] == 'c' ? kControllerPort : kBrokerPort;
      lab.throw_at(node, port, damage(words[random.below(words.size())], random));
    }
    lab.run_for(seconds(20));
    for (const char* node : nodes) {
      RC_ASSERT(!lab.world().failed(lab.id(node)));
      RC_ASSERT(lab.world().alive(lab.id(node)));
    }
    RC_ASSERT(lab.facts(FactKind::assertion_failed).empty());
    RC_ASSERT(lab.facts(FactKind::node_failed).empty());
    RC_ASSERT(lab.create_topic("b1", "payments", 1, 2) == ErrorCode::none);
  }));
}

// Each epoch of a leader's proposal is compared with what was committed (KIP-497, KIP-903).
TEST(HostileCluster, ProposalsOfStaleAndFutureEpochsAreRefused) {
  ClusterLab lab(1, 2);
  ASSERT_EQ(lab.create_topic("b1", "orders", 1, 2), ErrorCode::none);
  lab.run_for(seconds(1));
  const auto image = lab.node("c1").image();
  const PartitionImage partition = image->topic("orders")->partitions[0];
  const std::string leader = "b" + std::to_string(partition.leader.value());
  const auto ask = [&](auto change) {
    AlterPartitionRequest request = alter_partition(lab);
    request.broker_id = partition.leader.value();
    request.broker_epoch = lab.node(leader).lifecycle->epoch().value();
    auto& asked = request.topics[0].partitions[0];
    asked.leader_epoch = partition.leader_epoch.value();
    asked.partition_epoch = partition.partition_epoch.value();
    asked.new_isr_with_epochs = {{partition.leader.value(), request.broker_epoch}};
    change(request, asked);
    const auto answer = lab.ask_controller("c1", request);
    if (answer.error_code != 0) return error_code_of(answer.error_code);
    return error_code_of(answer.topics.at(0).partitions.at(0).error_code);
  };
  EXPECT_EQ(ask([](auto& r, auto&) { --r.broker_epoch; }), ErrorCode::stale_broker_epoch);
  EXPECT_EQ(ask([](auto& r, auto&) { r.broker_id = 9; }), ErrorCode::stale_broker_epoch);
  EXPECT_EQ(ask([](auto&, auto& p) { --p.leader_epoch; }), ErrorCode::fenced_leader_epoch);
  EXPECT_EQ(ask([](auto&, auto& p) { ++p.leader_epoch; }), ErrorCode::not_controller);
  EXPECT_EQ(ask([](auto&, auto& p) { --p.partition_epoch; }), ErrorCode::invalid_update_version);
  EXPECT_EQ(ask([](auto&, auto& p) { ++p.partition_epoch; }), ErrorCode::not_controller);
  EXPECT_EQ(ask([](auto&, auto& p) { p.new_isr_with_epochs.clear(); }), ErrorCode::invalid_request);
  EXPECT_EQ(ask([](auto&, auto& p) { p.new_isr_with_epochs.push_back({7, 1}); }),
            ErrorCode::invalid_request);
  EXPECT_EQ(lab.node("c1").image()->topic("orders")->partitions[0], partition) << "nothing changed";
}

// A follower of another epoch or life is told so, and counts for nothing.
TEST(HostileCluster, FetchesOfStaleAndFutureEpochsAreRefused) {
  ClusterLab lab(1, 2);
  ASSERT_EQ(lab.create_topic("b1", "orders", 1, 2), ErrorCode::none);
  lab.run_for(seconds(1));
  const PartitionImage partition = lab.node("c1").image()->topic("orders")->partitions[0];
  const std::string leader = "b" + std::to_string(partition.leader.value());
  const std::int32_t follower = 3 - partition.leader.value();
  const auto ask = [&](auto change) {
    FetchRequest request = replica_fetch(lab);
    request.replica_state.replica_id = follower;
    request.replica_state.replica_epoch =
        lab.node("b" + std::to_string(follower)).lifecycle->epoch().value();
    auto& asked = request.topics[0].partitions[0];
    asked.current_leader_epoch = partition.leader_epoch.value();
    change(request, asked);
    const auto answer = lab.ask_broker(leader, request);
    if (answer.error_code != 0) return error_code_of(answer.error_code);
    return error_code_of(answer.responses.at(0).partitions.at(0).error_code);
  };
  EXPECT_EQ(ask([](auto&, auto&) {}), ErrorCode::none);
  EXPECT_EQ(ask([](auto&, auto& p) { --p.current_leader_epoch; }), ErrorCode::fenced_leader_epoch);
  EXPECT_EQ(ask([](auto&, auto& p) { ++p.current_leader_epoch; }), ErrorCode::unknown_leader_epoch);
  EXPECT_EQ(ask([](auto& r, auto&) { --r.replica_state.replica_epoch; }),
            ErrorCode::not_leader_or_follower);
  EXPECT_EQ(ask([](auto& r, auto&) { r.replica_state.replica_id = 7; }),
            ErrorCode::unknown_leader_epoch);
  EXPECT_EQ(ask([](auto&, auto& p) { p.fetch_offset = 1 << 20; }), ErrorCode::offset_out_of_range);
  EXPECT_EQ(ask([](auto&, auto& p) { p.fetch_offset = -5; }), ErrorCode::offset_out_of_range);
}

// A quorum believes a later epoch, which is how it goes on; what it had committed stays.
TEST(HostileCluster, AVoteOfAFarEpochCostsAnElectionAndNothingElse) {
  ClusterLab lab(3, 1);
  ASSERT_EQ(lab.create_topic("b1", "orders", 1, 1), ErrorCode::none);
  const std::string active = lab.active();
  raft::VoteRequest vote;
  vote.cluster_id = BrokerConfig{}.cluster_id;
  vote.voter = {BrokerId{-1}, {}};
  vote.replica = {BrokerId{102}, Uuid{9, 9}};
  vote.replica_epoch = LeaderEpoch{1'000'000};
  const auto far = lab.ask_controller(active, to_wire(vote));
  EXPECT_FALSE(far.topics.at(0).partitions.at(0).vote_granted) << "its log is empty";
  vote.replica_epoch = LeaderEpoch{INT32_MAX};
  const auto last = lab.ask_controller(active, to_wire(vote));
  EXPECT_EQ(error_code_of(last.topics.at(0).partitions.at(0).error_code),
            ErrorCode::invalid_request);
  lab.run_for(seconds(10));
  EXPECT_FALSE(lab.active().empty());
  EXPECT_NE(lab.node(lab.active()).image()->topic("orders"), nullptr);
  EXPECT_EQ(lab.create_topic("b1", "payments", 1, 1), ErrorCode::none);
}

}  // namespace
}  // namespace weir::test
