// AlterPartition, elections, eligible leader replicas, reassignments: what a partition goes
// through.
#include <gtest/gtest.h>

#include "controller_lab.h"

namespace weir {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

constexpr std::int8_t kTopicResource = 2;

ControllerOptions min_isr(std::int32_t n) {
  ControllerOptions options;
  options.min_insync_replicas = n;
  return options;
}

ControllerOptions without_elr() {
  ControllerOptions options = min_isr(2);
  options.bootstrap_features["eligible.leader.replicas.version"] = 0;
  return options;
}

AlterPartitionRequest::PartitionData& only(AlterPartitionRequest& request) {
  return request.topics.at(0).partitions.at(0);
}

TEST(AlterPartition, ShrinksAndExpandsForTheLeader) {
  ControllerLab lab(min_isr(2), 3);
  lab.create_topic("orders", {{1, 2, 3}});
  EXPECT_EQ(lab.ask_isr(lab.alter_isr("orders", {1, 2})), ErrorCode::none);
  EXPECT_EQ(lab.state("orders"), "leader=1/0 isr=1,2");
  EXPECT_EQ(lab.ask_isr(lab.alter_isr("orders", {1, 2, 3})), ErrorCode::none);
  EXPECT_EQ(lab.state("orders"), "leader=1/0 isr=1,2,3");
  EXPECT_EQ(lab.partition("orders").partition_epoch, PartitionEpoch{2});
}

TEST(AlterPartition, AnswersEachMistakeByItsOwnError) {
  ControllerLab lab(min_isr(2), 3);
  lab.create_topic("orders", {{1, 2, 3}});
  lab.lose_all_but({2, 3});  // leader=2/1, partition epoch 1
  const auto asked = [&](auto change) {
    AlterPartitionRequest request = lab.alter_isr("orders", {2});
    change(request);
    return lab.ask_isr(request);
  };
  EXPECT_EQ(asked([](auto& r) { r.broker_epoch += 1; }), ErrorCode::stale_broker_epoch);
  EXPECT_EQ(asked([](auto& r) { r.topics[0].topic_id = {1, 1}; }), ErrorCode::unknown_topic_id);
  EXPECT_EQ(asked([](auto& r) { only(r).partition_index = 1; }),
            ErrorCode::unknown_topic_or_partition);
  EXPECT_EQ(asked([](auto& r) { only(r).leader_epoch += 1; }), ErrorCode::not_controller);
  EXPECT_EQ(asked([](auto& r) { only(r).partition_epoch += 1; }), ErrorCode::not_controller);
  EXPECT_EQ(asked([](auto& r) { only(r).leader_epoch -= 1; }), ErrorCode::fenced_leader_epoch);
  EXPECT_EQ(asked([](auto& r) { only(r).partition_epoch -= 1; }),
            ErrorCode::invalid_update_version);
  EXPECT_EQ(asked([&](auto& r) {
              r.broker_id = 3;
              r.broker_epoch = lab.image().broker(BrokerId{3})->epoch.value();
            }),
            ErrorCode::invalid_request);
  EXPECT_EQ(asked([](auto& r) { only(r).new_isr_with_epochs.push_back({9, -1}); }),
            ErrorCode::invalid_request);
  EXPECT_EQ(asked([](auto& r) { only(r).new_isr_with_epochs = {{3, -1}}; }),
            ErrorCode::invalid_request);
  EXPECT_EQ(asked([](auto& r) { only(r).new_isr_with_epochs = {{2, -1}, {2, -1}}; }),
            ErrorCode::invalid_request);
  EXPECT_EQ(asked([](auto& r) { only(r).leader_recovery_state = 1; }), ErrorCode::invalid_request);
  EXPECT_EQ(asked([](auto& r) { only(r).leader_recovery_state = 2; }), ErrorCode::invalid_request);
  EXPECT_EQ(asked([](auto& r) { only(r).new_isr_with_epochs.push_back({1, -1}); }),
            ErrorCode::ineligible_replica);  // fenced
  EXPECT_EQ(asked([&](auto& r) {
              only(r).new_isr_with_epochs.push_back(
                  {3, lab.image().broker(BrokerId{3})->epoch.value() - 1});
            }),
            ErrorCode::ineligible_replica);  // of a former life
  EXPECT_EQ(lab.state("orders"), "leader=2/1 isr=2,3");
  EXPECT_EQ(lab.partition("orders").partition_epoch, PartitionEpoch{1});
}

TEST(AlterPartition, ThatWasCarriedOutAlreadyIsTold) {
  ControllerLab lab(min_isr(2), 3);
  lab.create_topic("orders", {{1, 2, 3}});
  const AlterPartitionRequest request = lab.alter_isr("orders", {1, 2});
  EXPECT_EQ(lab.ask_isr(request), ErrorCode::none);
  const auto end = lab.log.size();
  const auto retry = lab.ask(request).topics.at(0).partitions.at(0);
  EXPECT_EQ(retry.error_code, 0);
  EXPECT_EQ(retry.partition_epoch, 1);
  EXPECT_EQ(lab.log.size(), end);
}

TEST(AlterPartition, DoesNotTakeAReplicaThatIsStopping) {
  ControllerLab lab(min_isr(2), 3);
  lab.create_topic("orders", {{1, 2, 3}});
  lab.create_topic("led-by-3", {{3}});
  lab.heartbeat(3, false, true);
  ASSERT_EQ(lab.state("orders"), "leader=1/0 isr=1,2");
  EXPECT_EQ(lab.ask_isr(lab.alter_isr("orders", {1, 2, 3})), ErrorCode::ineligible_replica);
}

TEST(EligibleReplicas, AreThoseThatLeftASmallIsrUntilItIsLargeAgain) {
  ControllerLab lab(min_isr(2), 3);
  lab.create_topic("orders", {{1, 2, 3}});
  lab.ask_isr(lab.alter_isr("orders", {1, 2}));
  EXPECT_EQ(lab.state("orders"), "leader=1/0 isr=1,2");  // still enough: nobody is eligible beside
  lab.ask_isr(lab.alter_isr("orders", {1}));
  EXPECT_EQ(lab.state("orders"), "leader=1/0 isr=1 elr=2");
  lab.ask_isr(lab.alter_isr("orders", {1, 3}));
  EXPECT_EQ(lab.state("orders"), "leader=1/0 isr=1,3");
}

TEST(EligibleReplicas, LeadWhenNobodyIsInSync) {
  ControllerLab lab(min_isr(2), 3);
  lab.create_topic("orders", {{1, 2, 3}});
  lab.ask_isr(lab.alter_isr("orders", {1, 2}));
  lab.ask_isr(lab.alter_isr("orders", {1}));
  lab.lose_all_but({2, 3});
  EXPECT_EQ(lab.state("orders"), "leader=2/1 isr=2 elr=1");  // 3 is alive, but not eligible
}

TEST(EligibleReplicas, GoneAsWellTheLastLeaderIsRemembered) {
  ControllerLab lab(min_isr(2), 3);
  lab.create_topic("orders", {{1, 2, 3}});
  lab.lose_all_but({});
  // Fenced one after the other: 3 led last.
  EXPECT_EQ(lab.state("orders"), "leader=-1/3 isr= elr=2,3 last=3");
  lab.start_broker(1, 2);  // uncleanly, and long out of it: nobody to lead
  EXPECT_EQ(lab.state("orders"), "leader=-1/3 isr= elr=2,3 last=3");
  lab.start_broker(2, 2);
  EXPECT_EQ(lab.state("orders"), "leader=-1/3 isr= elr=3 last=3");
  // The last one too stopped uncleanly: now it is the last known leader, and recovers.
  lab.start_broker(3, 2);
  EXPECT_EQ(lab.state("orders"), "leader=3/4 isr=3 recovering");
}

TEST(EligibleReplicas, AFencedLastLeaderIsNotElected) {
  ControllerLab lab(min_isr(1), 2);
  lab.create_topic("orders", {{1, 2}});
  lab.ask_isr(lab.alter_isr("orders", {1}));
  lab.lose_all_but({2});
  ASSERT_EQ(lab.state("orders"), "leader=-1/1 isr= elr=1 last=1");
  ASSERT_EQ(lab.ask(lab.registration(1, 2)).error_code, 0);
  EXPECT_EQ(lab.state("orders"), "leader=-1/1 isr= last=1");  // registered, but fenced still
  lab.heartbeat(1);
  EXPECT_EQ(lab.state("orders"), "leader=1/2 isr=1 recovering");
}

TEST(EligibleReplicas, AreClearedWhenMinInsyncReplicasChanges) {
  ControllerLab lab(min_isr(2), 3);
  lab.create_topic("orders", {{1, 2, 3}});
  lab.create_topic("other", {{1, 2, 3}});
  for (const char* topic : {"orders", "other"}) {
    lab.ask_isr(lab.alter_isr(topic, {1, 2}));
    lab.ask_isr(lab.alter_isr(topic, {1}));
  }
  EXPECT_EQ(lab.set_config(kTopicResource, "orders", "min.insync.replicas", "1"), ErrorCode::none);
  EXPECT_EQ(lab.state("orders"), "leader=1/0 isr=1");
  EXPECT_EQ(lab.state("other"), "leader=1/0 isr=1 elr=2");
  EXPECT_EQ(lab.set_config(4, "", "min.insync.replicas", "1"), ErrorCode::none);
  EXPECT_EQ(lab.state("other"), "leader=1/0 isr=1");
}

TEST(EligibleReplicas, OfAPartitionWithoutIsrAreKept) {
  ControllerLab lab(min_isr(1), 2);
  lab.create_topic("orders", {{1}});
  lab.lose_all_but({2});
  EXPECT_EQ(lab.set_config(kTopicResource, "orders", "min.insync.replicas", "2"), ErrorCode::none);
  EXPECT_EQ(lab.state("orders"), "leader=-1/1 isr= elr=1 last=1");
}

TEST(WithoutElr, TheLastMemberStaysInTheIsr) {
  ControllerLab lab(without_elr(), 3);
  lab.create_topic("orders", {{1, 2, 3}});
  lab.lose_all_but({3});
  EXPECT_EQ(lab.state("orders"), "leader=3/2 isr=3");
  lab.lose_all_but({});
  EXPECT_EQ(lab.state("orders"), "leader=-1/3 isr=3");
  lab.start_broker(1, 2);
  EXPECT_EQ(lab.state("orders"), "leader=-1/3 isr=3");
  lab.start_broker(3, 2);
  EXPECT_EQ(lab.state("orders"), "leader=3/4 isr=3");
}

TEST(UncleanElection, HappensWhereItIsAllowedAndMustRecover) {
  ControllerLab lab(without_elr(), 3);
  lab.create_topic("orders", {{1, 2, 3}}, {{"unclean.leader.election.enable", "true"}});
  lab.ask_isr(lab.alter_isr("orders", {1}));
  lab.lose_all_but({2, 3});
  EXPECT_EQ(lab.state("orders"), "leader=2/1 isr=2 recovering");
  AlterPartitionRequest request = lab.alter_isr("orders", {2, 3});
  only(request).leader_recovery_state = 1;
  EXPECT_EQ(lab.ask_isr(request), ErrorCode::invalid_request);  // not before it has recovered
  EXPECT_EQ(lab.ask_isr(lab.alter_isr("orders", {2})), ErrorCode::none);
  EXPECT_EQ(lab.state("orders"), "leader=2/1 isr=2");
}

TEST(UncleanElection, FollowsAtOnceWhenItIsAllowed) {
  ControllerLab lab(without_elr(), 3);
  lab.create_topic("orders", {{1, 2, 3}});
  lab.ask_isr(lab.alter_isr("orders", {1}));
  lab.lose_all_but({2, 3});
  ASSERT_EQ(lab.state("orders"), "leader=-1/1 isr=1");
  lab.set_config(kTopicResource, "orders", "unclean.leader.election.enable", "true");
  EXPECT_EQ(lab.state("orders"), "leader=2/2 isr=2 recovering");
}

ErrorCode elect(ControllerLab& lab, std::int8_t type, const std::string& topic) {
  ElectLeadersRequest request;
  request.election_type = type;
  request.topic_partitions = {{topic, {0}}};
  const auto response = lab.ask(request);
  if (response.error_code != 0) return error_code_of(response.error_code);
  return error_code_of(response.replica_election_results.at(0).partition_result.at(0).error_code);
}

TEST(ElectLeaders, BringsThePreferredLeaderBack) {
  ControllerLab lab(min_isr(2), 3);
  lab.create_topic("orders", {{1, 2, 3}});
  EXPECT_EQ(elect(lab, 0, "orders"), ErrorCode::election_not_needed);
  lab.lose_all_but({2, 3});
  EXPECT_EQ(elect(lab, 0, "orders"), ErrorCode::preferred_leader_not_available);
  lab.start_broker(1, 2);
  EXPECT_EQ(elect(lab, 0, "orders"), ErrorCode::preferred_leader_not_available);  // not in sync
  lab.ask_isr(lab.alter_isr("orders", {2, 3, 1}));
  EXPECT_EQ(elect(lab, 0, "orders"), ErrorCode::none);
  EXPECT_EQ(lab.state("orders"), "leader=1/2 isr=2,3,1");
  EXPECT_EQ(elect(lab, 7, "orders"), ErrorCode::invalid_request);
  EXPECT_EQ(elect(lab, 0, "nothing"), ErrorCode::unknown_topic_or_partition);
}

TEST(ElectLeaders, ElectsUncleanlyWhatIsAskedFor) {
  ControllerLab lab(without_elr(), 3);
  lab.create_topic("orders", {{1, 2, 3}});
  EXPECT_EQ(elect(lab, 1, "orders"), ErrorCode::election_not_needed);
  lab.ask_isr(lab.alter_isr("orders", {1}));
  lab.lose_all_but({3});
  EXPECT_EQ(elect(lab, 1, "orders"), ErrorCode::none);
  EXPECT_EQ(lab.state("orders"), "leader=3/2 isr=3 recovering");
  lab.lose_all_but({});
  EXPECT_EQ(elect(lab, 1, "orders"), ErrorCode::eligible_leaders_not_available);
}

TEST(Rebalance, BringsPreferredLeadersBackInTime) {
  ControllerOptions options = min_isr(2);
  options.max_idle = 0ms;
  ControllerLab lab(options, 3);
  lab.create_topic("orders", {{1, 2, 3}});
  lab.lose_all_but({2, 3});
  lab.start_broker(1, 2);
  lab.ask_isr(lab.alter_isr("orders", {2, 3, 1}));
  lab.now = lab.now + 300s;
  for (int id = 1; id <= 3; ++id) lab.heartbeat(id);
  lab.pass(0s);
  EXPECT_EQ(lab.state("orders"), "leader=1/2 isr=2,3,1");
}

TEST(Reassignment, EndsWhenAllAddedReplicasAreInSync) {
  ControllerLab lab(min_isr(2), 5);
  lab.create_topic("orders", {{1, 2, 3}});
  EXPECT_EQ(lab.reassign("orders", {{4, 5, 1}}), ErrorCode::none);
  EXPECT_EQ(lab.state("orders"), "leader=1/0 isr=1,2,3 adding=4,5 removing=2,3");
  ListPartitionReassignmentsRequest list;
  const auto ongoing = lab.ask(list).topics.at(0).partitions.at(0);
  EXPECT_EQ(ongoing.replicas, (std::vector<std::int32_t>{4, 5, 1, 2, 3}));
  lab.ask_isr(lab.alter_isr("orders", {1, 2, 3, 4}));
  EXPECT_EQ(lab.state("orders"), "leader=1/0 isr=1,2,3,4 adding=4,5 removing=2,3");
  EXPECT_EQ(lab.ask_isr(lab.alter_isr("orders", {1, 2, 3, 4, 5})), ErrorCode::none);
  // Replicas were removed: the leader epoch rises though the leader stays.
  EXPECT_EQ(lab.state("orders"), "leader=1/1 isr=1,4,5");
  EXPECT_EQ(to_numbers(lab.partition("orders").replicas), (std::vector<std::int32_t>{4, 5, 1}));
  EXPECT_EQ(lab.partition("orders").directories.size(), 3u);
  EXPECT_TRUE(lab.ask(list).topics.empty());
}

TEST(Reassignment, TellsALeaderThatItMovesAway) {
  ControllerLab lab(min_isr(1), 2);
  lab.create_topic("orders", {{1}});
  EXPECT_EQ(lab.reassign("orders", {{2}}), ErrorCode::none);
  EXPECT_EQ(lab.ask_isr(lab.alter_isr("orders", {1, 2})), ErrorCode::new_leader_elected);
  EXPECT_EQ(lab.state("orders"), "leader=2/1 isr=2");
}

TEST(Reassignment, DoesNotWaitForADeadReplicaThatStays) {
  ControllerLab lab(min_isr(1), 4);
  lab.create_topic("orders", {{1, 2, 3}});
  lab.lose_all_but({1, 3, 4});
  lab.reassign("orders", {{1, 2, 4}});
  lab.ask_isr(lab.alter_isr("orders", {1, 3, 4}));
  EXPECT_EQ(lab.state("orders"), "leader=1/1 isr=1,4");
}

TEST(Reassignment, CanBeCancelled) {
  ControllerLab lab(min_isr(1), 4);
  lab.create_topic("orders", {{1, 2}});
  EXPECT_EQ(lab.reassign("orders", std::nullopt), ErrorCode::no_reassignment_in_progress);
  lab.reassign("orders", {{3, 4}});
  lab.ask_isr(lab.alter_isr("orders", {1, 2, 3}));
  EXPECT_EQ(lab.reassign("orders", std::nullopt), ErrorCode::none);
  EXPECT_EQ(lab.state("orders"), "leader=1/1 isr=1,2");
  EXPECT_EQ(to_numbers(lab.partition("orders").replicas), (std::vector<std::int32_t>{1, 2}));
}

TEST(Reassignment, IsNotCancelledAtTheCostOfData) {
  ControllerLab lab(min_isr(1), 4);
  lab.create_topic("orders", {{1, 2}});
  lab.reassign("orders", {{3, 4}});
  lab.ask_isr(lab.alter_isr("orders", {1, 2, 3}));
  lab.lose_all_but({3, 4});
  ASSERT_EQ(lab.state("orders"), "leader=3/1 isr=3 adding=3,4 removing=1,2");
  EXPECT_EQ(lab.reassign("orders", std::nullopt), ErrorCode::invalid_replica_assignment);
}

TEST(Reassignment, ThatIsChangedStillCountsFromTheFirstReplicas) {
  ControllerLab lab(min_isr(1), 5);
  lab.create_topic("orders", {{1, 2}});
  lab.reassign("orders", {{3, 4}});
  lab.reassign("orders", {{4, 5}});
  EXPECT_EQ(lab.state("orders"), "leader=1/0 isr=1,2 adding=4,5 removing=3,1,2");
  lab.reassign("orders", {{1, 2}});
  EXPECT_EQ(lab.state("orders"), "leader=1/1 isr=1,2");
  EXPECT_EQ(to_numbers(lab.partition("orders").replicas), (std::vector<std::int32_t>{1, 2}));
}

TEST(Reassignment, RefusesImpossibleReplicas) {
  ControllerLab lab(min_isr(1), 2);
  lab.create_topic("orders", {{1, 2}});
  EXPECT_EQ(lab.reassign("orders", {{1, 1}}), ErrorCode::invalid_replica_assignment);
  EXPECT_EQ(lab.reassign("orders", {{1, 9}}), ErrorCode::invalid_replica_assignment);
  EXPECT_EQ(lab.reassign("orders", {std::vector<std::int32_t>{}}),
            ErrorCode::invalid_replica_assignment);
  EXPECT_EQ(lab.reassign("nothing", {{1}}), ErrorCode::unknown_topic_or_partition);
  AlterPartitionReassignmentsRequest request;
  request.allow_replication_factor_change = false;
  request.topics.push_back({"orders", {{0, std::vector<std::int32_t>{1}}}});
  EXPECT_EQ(error_code_of(lab.ask(request).responses.at(0).partitions.at(0).error_code),
            ErrorCode::invalid_replication_factor);
}

}  // namespace
}  // namespace weir
