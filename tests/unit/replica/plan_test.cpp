// Fetchers, AlterPartition requests, roles.
#include <gtest/gtest.h>

#include <array>

#include "broker/replica/fetch_plan.h"
#include "broker/replica/isr_channel.h"
#include "broker/replica/role_change.h"

namespace weir {
namespace {

constexpr Instant at_ms(std::int64_t ms) { return {ms * 1'000'000}; }
PartitionKey key(int index) { return {Uuid{1, 1}, index}; }

PartitionState led_by(int leader, int epoch) {
  return {.leader = BrokerId{leader},
          .leader_epoch = LeaderEpoch{epoch},
          .partition_epoch = PartitionEpoch{epoch},
          .replicas = {BrokerId{1}, BrokerId{2}, BrokerId{3}},
          .isr = {BrokerId{leader}}};
}

ReplicaFollower follower_of(int leader) {
  return ReplicaFollower({}, led_by(leader, 1), {}, Offset{0}, {});
}

std::vector<int> indexes(const std::optional<ReplicaFetchRound>& round) {
  std::vector<int> found;
  if (!round) return found;
  for (const ReplicaFetchRound::Part& part : round->parts) found.push_back(part.key.index);
  return found;
}

TEST(FetchPlan, HasOneFetcherALeaderAndOneFetchUnderWay) {
  std::array followers{follower_of(2), follower_of(3), follower_of(2)};
  FetchPlan plan({});
  for (int i = 0; i < 3; ++i) plan.add(key(i), followers[static_cast<std::size_t>(i)]);
  EXPECT_EQ(plan.leaders(), (std::vector{BrokerId{2}, BrokerId{3}}));
  const auto round = plan.next(BrokerId{2}, at_ms(0));
  EXPECT_EQ(indexes(round), (std::vector{0, 2}));
  EXPECT_FALSE(plan.next(BrokerId{2}, at_ms(0)));
  EXPECT_EQ(plan.next_deadline(BrokerId{2}), Instant::never());
  EXPECT_EQ(indexes(plan.next(BrokerId{3}, at_ms(0))), (std::vector{1}));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(plan.fetchers_of(key(i)), 1u);
}

TEST(FetchPlan, SendsPartitionsThatBroughtRecordsToTheEndOfTheLine) {
  std::array followers{follower_of(2), follower_of(2), follower_of(2)};
  FetchPlan plan({});
  for (int i = 0; i < 3; ++i) plan.add(key(i), followers[static_cast<std::size_t>(i)]);
  auto round = plan.next(BrokerId{2}, at_ms(0));
  ReplicaFetchAnswer nothing;
  for (std::size_t i = 0; i < 3; ++i) {
    static_cast<void>(
        followers[i].on_fetch_answer(round->parts[i].position, nothing, {}, at_ms(1)));
    static_cast<void>(followers[i].on_log_changed({}, {}));
  }
  const PartitionKey busy[] = {key(0)};
  plan.finish(*round, busy, at_ms(1));
  EXPECT_EQ(indexes(plan.next(BrokerId{2}, at_ms(1))), (std::vector{1, 2, 0}));
}

TEST(FetchPlan, ServesAllInTurnWhereOneRequestCannotHoldThem) {
  std::array followers{follower_of(2), follower_of(2), follower_of(2)};
  FetchPlan plan({.max_partitions = 2});
  for (int i = 0; i < 3; ++i) plan.add(key(i), followers[static_cast<std::size_t>(i)]);
  const auto round = plan.next(BrokerId{2}, at_ms(0));
  EXPECT_EQ(indexes(round), (std::vector{0, 1}));
  plan.finish(*round, {}, at_ms(0));
  EXPECT_EQ(indexes(plan.next(BrokerId{2}, at_ms(5'000))), (std::vector{2, 0}));
}

TEST(FetchPlan, BacksOffAsAWholeAfterAFailure) {
  ReplicaFollower follower = follower_of(2);
  FetchPlan plan({});
  plan.add(key(0), follower);
  const auto round = plan.next(BrokerId{2}, at_ms(0));
  plan.fail(*round, at_ms(10));
  EXPECT_FALSE(follower.fetching());
  EXPECT_EQ(plan.next_deadline(BrokerId{2}), at_ms(1'010));
  EXPECT_FALSE(plan.next(BrokerId{2}, at_ms(1'009)));
  EXPECT_TRUE(plan.next(BrokerId{2}, at_ms(1'010)));
}

TEST(FetchPlan, MovesAPartitionToItsNewLeaderEvenWhileItIsFetched) {
  ReplicaFollower follower = follower_of(2);
  FetchPlan plan({});
  plan.add(key(0), follower);
  const auto round = plan.next(BrokerId{2}, at_ms(0));
  follower.update(led_by(3, 2));
  plan.refresh(key(0));
  EXPECT_EQ(plan.fetched_from(key(0)), BrokerId{3});
  EXPECT_EQ(plan.fetchers_of(key(0)), 1u);
  EXPECT_EQ(indexes(plan.next(BrokerId{3}, at_ms(0))), (std::vector{0}));
  plan.finish(*round, {}, at_ms(1));
  EXPECT_TRUE(follower.fetching()) << "the end of the old round is not the end of the new one";
  EXPECT_EQ(plan.leaders(), (std::vector{BrokerId{3}}));
  plan.remove(key(0));
  EXPECT_EQ(plan.fetchers_of(key(0)), 0u);
}

IsrProposal proposal(int index, std::uint64_t number) {
  return {.partition = key(index),
          .number = number,
          .leader_epoch = LeaderEpoch{1},
          .partition_epoch = PartitionEpoch{1},
          .isr = {{BrokerId{1}}, {BrokerId{2}, BrokerEpoch{22}}}};
}

IsrOutcome outcome(int index, ErrorCode error) {
  IsrOutcome made;
  made.partition = key(index);
  made.error = error;
  return made;
}

TEST(IsrChannel, SendsAllProposalsInOneRequestAndOneRequestAtATime) {
  IsrChannel channel({.self = BrokerId{1}});
  channel.submit(proposal(0, 1));
  EXPECT_FALSE(channel.next_request(at_ms(0))) << "not registered";
  channel.on_registered(BrokerEpoch{11}, at_ms(0));
  channel.submit(proposal(1, 1));
  const auto request = channel.next_request(at_ms(0));
  ASSERT_TRUE(request);
  EXPECT_EQ(request->broker_epoch, BrokerEpoch{11});
  ASSERT_EQ(request->proposals.size(), 2u);
  EXPECT_EQ(request->proposals[0].isr[0].epoch, BrokerEpoch{11}) << "its own epoch";
  EXPECT_EQ(request->proposals[0].isr[1].epoch, BrokerEpoch{22}) << "as it was judged";
  channel.submit(proposal(2, 1));
  EXPECT_FALSE(channel.next_request(at_ms(1)));
  const IsrOutcome parts[] = {outcome(0, ErrorCode::none), outcome(1, ErrorCode::none)};
  EXPECT_EQ(channel.on_response(ErrorCode::none, parts, at_ms(2)).size(), 2u);
  EXPECT_EQ(channel.next_request(at_ms(2))->proposals.size(), 1u);
}

TEST(IsrChannel, TriesAgainWithTheSameProposalUntilTheControllerHasJudged) {
  IsrChannel channel({.self = BrokerId{1}});
  channel.on_registered(BrokerEpoch{11}, at_ms(0));
  channel.submit(proposal(0, 1));
  const auto first = channel.next_request(at_ms(0));
  channel.on_failure(at_ms(0));
  EXPECT_FALSE(channel.next_request(at_ms(49)));
  EXPECT_EQ(channel.next_request(at_ms(50))->proposals, first->proposals);
  EXPECT_TRUE(channel.on_response(ErrorCode::not_controller, {}, at_ms(50)).empty());
  EXPECT_TRUE(channel.next_request(at_ms(100)));
  const IsrOutcome unsure[] = {outcome(0, ErrorCode::not_controller)};
  EXPECT_TRUE(channel.on_response(ErrorCode::none, unsure, at_ms(100)).empty());
  EXPECT_TRUE(channel.next_request(at_ms(150)));
  EXPECT_TRUE(channel.on_response(ErrorCode::none, {}, at_ms(150)).empty()) << "not mentioned";
  EXPECT_TRUE(channel.next_request(at_ms(200)));
  const IsrOutcome judged[] = {outcome(0, ErrorCode::invalid_update_version)};
  const auto outcomes = channel.on_response(ErrorCode::none, judged, at_ms(200));
  ASSERT_EQ(outcomes.size(), 1u);
  EXPECT_EQ(outcomes[0].number, 1u);
  EXPECT_EQ(channel.waiting(), 0u);
}

TEST(IsrChannel, DoesNotReportARefusalWhileAnEarlierAttemptMayStillBeAccepted) {
  IsrChannel channel({.self = BrokerId{1}});
  channel.on_registered(BrokerEpoch{11}, at_ms(0));
  channel.submit(proposal(0, 1));
  static_cast<void>(channel.next_request(at_ms(0)));
  channel.on_failure(at_ms(100));
  const IsrOutcome refused[] = {outcome(0, ErrorCode::ineligible_replica)};
  static_cast<void>(channel.next_request(at_ms(200)));
  EXPECT_TRUE(channel.on_response(ErrorCode::none, refused, at_ms(200)).empty());
  static_cast<void>(channel.next_request(at_ms(30'100)));
  EXPECT_EQ(channel.on_response(ErrorCode::none, refused, at_ms(30'100)).size(), 1u);
}

TEST(IsrChannel, TellsNothingOfProposalsThatWereReplacedOrWithdrawn) {
  IsrChannel channel({.self = BrokerId{1}});
  channel.on_registered(BrokerEpoch{11}, at_ms(0));
  channel.submit(proposal(0, 1));
  channel.submit(proposal(1, 1));
  static_cast<void>(channel.next_request(at_ms(0)));
  channel.submit(proposal(0, 2));
  channel.withdraw(key(1));
  channel.submit(proposal(1, 1));  // of a later office, numbered anew
  const IsrOutcome parts[] = {outcome(0, ErrorCode::none), outcome(1, ErrorCode::none)};
  EXPECT_TRUE(channel.on_response(ErrorCode::none, parts, at_ms(1)).empty());
  EXPECT_EQ(channel.next_request(at_ms(1))->proposals.size(), 2u);
}

TEST(IsrChannel, ServesAllInTurnWhereOneRequestCannotHoldThem) {
  IsrChannel channel({.self = BrokerId{1}, .max_proposals = 2});
  channel.on_registered(BrokerEpoch{11}, at_ms(0));
  for (int i = 0; i < 3; ++i) channel.submit(proposal(i, 1));
  static_cast<void>(channel.next_request(at_ms(0)));
  channel.on_failure(at_ms(0));
  EXPECT_EQ(channel.next_request(at_ms(50))->proposals[0].partition.index, 2);
}

TEST(RoleChange, FollowsFromTheOldAndTheNewState) {
  const PartitionState by_one = led_by(1, 4);
  PartitionState by_one_newer = led_by(1, 4);
  by_one_newer.partition_epoch = PartitionEpoch{5};
  const PartitionState by_one_again = led_by(1, 6);
  const PartitionState by_two = led_by(2, 7);
  PartitionState by_two_newer = led_by(2, 7);
  by_two_newer.partition_epoch = PartitionEpoch{8};
  const PartitionState by_two_again = led_by(2, 9);
  PartitionState by_nobody = led_by(-1, 8);
  PartitionState elsewhere = led_by(2, 10);
  elsewhere.replicas = {BrokerId{2}, BrokerId{3}};
  struct Row {
    const char* rule;
    const PartitionState* before;
    const PartitionState* after;
    RoleChange expected;
  };
  const Row rows[] = {
      {"new here, leads", nullptr, &by_one, RoleChange::lead},
      {"new here, follows", nullptr, &by_two, RoleChange::follow},
      {"new here, nobody leads", nullptr, &by_nobody, RoleChange::follow},
      {"not ours", nullptr, &elsewhere, RoleChange::unchanged},
      {"nothing", nullptr, nullptr, RoleChange::unchanged},
      {"only the partition epoch, leading", &by_one, &by_one_newer, RoleChange::lead_update},
      {"leads on in a new epoch", &by_one, &by_one_again, RoleChange::lead_new_epoch},
      {"loses the office", &by_one, &by_two, RoleChange::follow},
      {"loses the office to nobody", &by_one, &by_nobody, RoleChange::follow},
      {"wins it", &by_nobody, &by_two_again, RoleChange::follow_new_epoch},
      {"only the partition epoch, following", &by_two, &by_two_newer, RoleChange::follow_update},
      {"the same leader in a new epoch", &by_two, &by_two_again, RoleChange::follow_new_epoch},
      {"an older state", &by_two, &by_one, RoleChange::unchanged},
      {"taken away", &by_two, &elsewhere, RoleChange::remove},
      {"deleted", &by_two, nullptr, RoleChange::remove},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(role_change(row.before, row.after, BrokerId{1}), row.expected) << row.rule;
  }
}

}  // namespace
}  // namespace weir
