// The administrator against scripted brokers: whom each call asks, what it repeats, what comes out.
#include "broker/client/shell/admin.h"

#include "broker/client/admin_calls.h"
#include "failover_lab.h"

namespace weir::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

std::string outcome(const std::string& what, std::int16_t code) {
  return what + ' ' + std::string(code == 0 ? "fine" : name_of(error_code_of(code)));
}

Task<> change_topics(Machine& machine, Failover& lab) {
  Admin admin(machine, AdminOptions::from(lab.options()).value());
  co_await admin.start();
  std::vector<NewTopic> topics = {{"u", 3, 3}};
  auto made = co_await admin.create_topics(std::move(topics));
  for (const TopicOutcome& o : *made) lab.notes.push_back(outcome(o.topic, o.code));
  std::vector<NewPartitions> more = {{"u", 6}, {"v", 600}};
  auto grown = co_await admin.create_partitions(std::move(more));
  for (const TopicOutcome& o : *grown) lab.notes.push_back(outcome(o.topic, o.code));
  lab.notes.push_back(grown->at(1).why);
  co_await admin.close();
}

TEST_F(Failover, ChangesGoToTheController) {
  cluster.controller = 2;
  cluster.told_controller = 2;
  run(change_topics);
  run_until_done();
  EXPECT_EQ(notes, (std::vector<std::string>{"u fine", "u fine", "v INVALID_PARTITIONS",
                                             "INVALID_PARTITIONS: as scripted"}));
  EXPECT_EQ(cluster.times("b2 CreateTopics"), 1u);
  EXPECT_EQ(cluster.times("b2 CreatePartitions"), 1u);
}

TEST_F(Failover, ABrokerThatIsNotTheControllerIsNotTheLastWord) {
  cluster.controller = 3;  // metadata still says 1
  run(change_topics);
  run_for(milliseconds(600));
  EXPECT_GE(cluster.times("b1 CreateTopics"), 1u);
  cluster.told_controller = 3;
  run_until_done();
  ASSERT_EQ(notes.size(), 4u);
  EXPECT_EQ(notes[0], "u fine");
}

TEST_F(Failover, AnybodyStandsInForAControllerThatCannotBeReached) {
  world.kill(cluster.nodes[1]);
  cluster.controller = FakeCluster::kAnyBroker;  // metadata still says 1
  run(change_topics);
  run_until_done(seconds(30));
  ASSERT_EQ(notes.size(), 4u);
  EXPECT_EQ(notes[0], "u fine");
}

Task<> never_settled(Machine& machine, Failover& lab) {
  Admin admin(machine, AdminOptions::from(lab.options()).value());
  co_await admin.start();
  std::vector<NewTopic> topics = {{"u", 3, 3}};
  auto made = co_await admin.create_topics(std::move(topics));
  for (const TopicOutcome& o : *made) lab.notes.push_back(outcome(o.topic, o.code));
  auto log_dirs = co_await admin.describe_log_dirs(9);
  lab.notes.push_back(std::to_string(log_dirs.error().code));
  co_await admin.close();
}

TEST_F(Failover, WhatIsNotSettledInTimeIsToldAsItStands) {
  settings = {{"default.api.timeout.ms", "5000"}};
  cluster.controller = 9;
  run(never_settled);
  run_until_done(seconds(11));
  EXPECT_EQ(notes, (std::vector<std::string>{"u NOT_CONTROLLER", "7"}));
}

Task<> change_partitions(Machine& machine, Failover& lab) {
  Admin admin(machine, AdminOptions::from(lab.options()).value());
  co_await admin.start();
  const auto note = [&lab](const std::vector<PartitionOutcome>& outcomes) {
    for (const PartitionOutcome& o : outcomes) {
      lab.notes.push_back(outcome(to_text(o.tp), o.code));
    }
  };
  std::vector<TopicPartition> both = {{"t", 0}, {"t", 1}};
  auto elected = co_await admin.elect_leaders(LeaderElection::preferred, both);
  note(*elected);
  std::vector<Reassignment> moves;
  moves.push_back({{"t", 0}, std::vector<std::int32_t>{2, 3}});
  auto moved = co_await admin.reassign(std::move(moves));
  note(*moved);
  auto going_on = co_await admin.list_reassignments();
  lab.notes.push_back(to_text(going_on->at(0).tp) + " adds " +
                      std::to_string(going_on->at(0).adding.at(0)));
  co_await admin.close();
}

TEST_F(Failover, ElectionsAndMovesTellAnOutcomeForEachPartition) {
  run(change_partitions);
  run_until_done();
  EXPECT_EQ(notes, (std::vector<std::string>{"t-0 fine", "t-1 ELECTION_NOT_NEEDED", "t-0 fine",
                                             "t-0 adds 3"}));
  EXPECT_EQ(cluster.times("b1 ElectLeaders"), 1u) << "not needed is an answer, not an obstacle";
}

Task<> delete_some(Machine& machine, Failover& lab) {
  Admin admin(machine, AdminOptions::from(lab.options()).value());
  co_await admin.start();
  std::map<TopicPartition, Offset> before;
  before[{"t", 0}] = Offset{5};
  before[{"t", 1}] = Offset{7};
  auto deleted = co_await admin.delete_records(std::move(before));
  for (const DeletedRecords& d : *deleted) {
    lab.notes.push_back(outcome(to_text(d.tp) + ' ' + std::to_string(d.log_start.value()), d.code));
  }
  co_await admin.close();
}

TEST_F(Failover, RecordsAreDeletedByTheLeaders) {
  cluster.elect(1, 3);
  run(delete_some);
  run_until_done();
  EXPECT_EQ(notes, (std::vector<std::string>{"t-0 5 fine", "t-1 7 fine"}));
  EXPECT_EQ(cluster.times("b1 DeleteRecords"), 1u);
  EXPECT_EQ(cluster.times("b3 DeleteRecords"), 1u);
}

Task<> list_some(Machine& machine, Failover& lab) {
  Admin admin(machine, AdminOptions::from(lab.options()).value());
  co_await admin.start();
  std::map<TopicPartition, std::int64_t> places;
  places[{"t", 0}] = kEarliestOffset;
  places[{"t", 1}] = kLatestOffset;
  auto listed = co_await admin.list_offsets(std::move(places));
  for (const ListedOffset& o : *listed) {
    lab.notes.push_back(outcome(to_text(o.tp) + ' ' + std::to_string(o.offset.value()), o.code));
  }
  co_await admin.close();
}

TEST_F(Failover, LogsAreAskedAboutAtTheirLeaders) {
  cluster.elect(1, 3);
  run(list_some);
  run_until_done();
  EXPECT_EQ(notes, (std::vector<std::string>{"t-0 0 fine", "t-1 0 fine"}));
  EXPECT_EQ(cluster.times("b1 ListOffsets"), 1u);
  EXPECT_EQ(cluster.times("b3 ListOffsets"), 1u);
}

Task<> describe_everything(Machine& machine, Failover& lab) {
  Admin admin(machine, AdminOptions::from(lab.options()).value());
  co_await admin.start();
  std::vector<ConfigResource> resources = {{ConfigResourceType::topic, "t"},
                                           {ConfigResourceType::broker, "3"}};
  auto configs = co_await admin.describe_configs(std::move(resources));
  for (const ConfigDescription& d : *configs) {
    if (d.resource.name == "3") lab.notes.push_back("settings of 3 by " + *d.values.at(0).value);
  }
  std::vector<ConfigChanges> changes = {
      {{ConfigResourceType::topic, "t"}, {{ConfigOperation::set, "retention.ms", "1"}}}};
  auto changed = co_await admin.alter_configs(std::move(changes));
  lab.notes.push_back(outcome(changed->at(0).resource.name, changed->at(0).code));
  auto brokers = co_await admin.describe_cluster(true);
  for (const BrokerDescription& b : brokers->brokers) {
    lab.notes.push_back(b.address.host + ' ' + b.rack + (b.fenced ? " fenced" : ""));
  }
  auto quorum = co_await admin.describe_quorum();
  lab.notes.push_back("quorum led by " + std::to_string(quorum->leader) + ", " +
                      std::to_string(quorum->voters.at(1).id) + " at " +
                      std::to_string(quorum->voters.at(1).log_end.value()));
  auto topics = co_await admin.describe();
  lab.notes.push_back(std::to_string(topics->topics.at(0).partitions.size()) + " partitions");
  co_await admin.close();
}

TEST_F(Failover, DescriptionsComeFromWhoeverKnows) {
  run(describe_everything);
  run_until_done();
  EXPECT_EQ(notes, (std::vector<std::string>{"settings of 3 by 3", "t fine", "b1 ", "b2 r2 fenced",
                                             "quorum led by 3, 3 at 1240", "2 partitions"}));
}

TEST(AdminCalls, DefiniteAnswersAreFinalAndLeadershipIsNot) {
  for (const ErrorCode code : {ErrorCode::unknown_topic_or_partition,
                               ErrorCode::topic_already_exists, ErrorCode::election_not_needed,
                               ErrorCode::preferred_leader_not_available, ErrorCode::none}) {
    EXPECT_FALSE(admin_retries(code)) << name_of(code);
  }
  for (const ErrorCode code : {ErrorCode::not_controller, ErrorCode::not_leader_or_follower,
                               ErrorCode::request_timed_out}) {
    EXPECT_TRUE(admin_retries(code)) << name_of(code);
  }
}

TEST(AdminCalls, OnlyWhatIsOpenIsAskedAgain) {
  CreateTopicsCall call({{"a", 1, 1}, {"b", 1, 1}});
  CreateTopicsResponse response;
  response.topics.resize(2);
  response.topics[0].name = "a";
  response.topics[1].name = "b";
  response.topics[1].error_code = code_of(ErrorCode::not_controller);
  call.take(response, false);
  EXPECT_FALSE(call.done());
  ASSERT_EQ(call.request(100).topics.size(), 1u);
  EXPECT_EQ(call.request(100).topics[0].name, "b");
  call.take(response, true);
  EXPECT_TRUE(call.done());
  EXPECT_EQ(call.result()->at(1).why, "NOT_CONTROLLER");
}

TEST(AdminCalls, ABrokersOwnSettingsAreItsOwn) {
  EXPECT_EQ(owner_of({ConfigResourceType::broker, "3"}), 3);
  EXPECT_EQ(owner_of({ConfigResourceType::broker, ""}), -1);
  EXPECT_EQ(owner_of({ConfigResourceType::broker, "3x"}), -1);
  EXPECT_EQ(owner_of({ConfigResourceType::topic, "3"}), -1);
}

}  // namespace
}  // namespace weir::test
