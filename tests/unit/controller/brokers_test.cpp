// Registration, heartbeats, fencing, controlled shutdown: who is part of the cluster.
#include <gtest/gtest.h>

#include "controller_lab.h"

namespace weir {
namespace {

using namespace std::chrono_literals;

ControllerOptions two_in_sync() {
  ControllerOptions options;
  options.min_insync_replicas = 2;
  return options;
}

ErrorCode code(std::int16_t error) { return error_code_of(error); }

TEST(BrokerRegistration, GivesTheOffsetOfItsRecordAsEpoch) {
  ControllerLab lab;
  const auto end = static_cast<std::int64_t>(lab.log.size());
  const auto response = lab.ask(lab.registration(1, 1));
  EXPECT_EQ(response.broker_epoch, end);
  EXPECT_TRUE(std::holds_alternative<RegisterBrokerRecord>(lab.log[lab.log.size() - 1].record));
  EXPECT_TRUE(lab.image().broker(BrokerId{1})->fenced);
  EXPECT_EQ(lab.image().broker(BrokerId{1})->host, "b1");
}

TEST(BrokerRegistration, OfTheSameLifeKeepsItsEpochAndWritesNothingNew) {
  ControllerLab lab({}, 1);
  const auto end = lab.log.size();
  const auto again = lab.ask(lab.registration(1, 1));
  EXPECT_EQ(again.broker_epoch, lab.image().broker(BrokerId{1})->epoch.value());
  EXPECT_EQ(lab.log.size(), end);
  EXPECT_FALSE(lab.image().broker(BrokerId{1})->fenced);
}

TEST(BrokerRegistration, IsRefusedWhileTheFormerLifeMayBeAlive) {
  ControllerLab lab({}, 1);
  EXPECT_EQ(code(lab.ask(lab.registration(1, 2)).error_code),
            ErrorCode::duplicate_broker_registration);
  lab.now = lab.now + 9s;
  EXPECT_EQ(lab.ask(lab.registration(1, 2)).error_code, 0);
}

TEST(BrokerRegistration, RefusesWhatDoesNotBelongHere) {
  ControllerLab lab({}, 1);
  auto other_cluster = lab.registration(2, 1);
  other_cluster.cluster_id = "weir-cluster-00000000B";
  EXPECT_EQ(code(lab.ask(other_cluster).error_code), ErrorCode::inconsistent_cluster_id);
  auto no_listener = lab.registration(2, 1);
  no_listener.listeners.clear();
  EXPECT_EQ(code(lab.ask(no_listener).error_code), ErrorCode::invalid_registration);
  auto old_build = lab.registration(2, 1);
  for (auto& f : old_build.features) {
    if (f.name == kMetadataVersionFeature) f.max_supported_version = 20;
  }
  EXPECT_EQ(code(lab.ask(old_build).error_code), ErrorCode::unsupported_version);
  auto same_disk = lab.registration(2, 1);
  same_disk.log_dirs = {{100, 1}};
  EXPECT_EQ(code(lab.ask(same_disk).error_code), ErrorCode::invalid_registration);
  auto negative = lab.registration(-1, 1);
  EXPECT_EQ(code(lab.ask(negative).error_code), ErrorCode::invalid_registration);
  EXPECT_EQ(lab.image().brokers().size(), 1u);
}

TEST(BrokerHeartbeat, UnfencesOnlyWhoHasAppliedItsOwnRegistration) {
  ControllerLab lab;
  const auto epoch = lab.ask(lab.registration(1, 1)).broker_epoch;
  BrokerHeartbeatRequest request;
  request.broker_id = 1;
  request.broker_epoch = epoch;
  request.current_metadata_offset = epoch - 1;
  auto response = lab.ask(request);
  EXPECT_TRUE(response.is_fenced);
  EXPECT_FALSE(response.is_caught_up);
  // The log grows meanwhile: that does not put the broker off (KAFKA-13959).
  lab.pass(500ms);
  request.current_metadata_offset = epoch;
  response = lab.ask(request);
  EXPECT_FALSE(response.is_fenced);
  EXPECT_TRUE(response.is_caught_up);
}

TEST(BrokerHeartbeat, OfAnotherEpochIsStale) {
  ControllerLab lab({}, 1);
  BrokerHeartbeatRequest request;
  request.broker_id = 1;
  request.broker_epoch = lab.image().broker(BrokerId{1})->epoch.value() - 1;
  EXPECT_EQ(code(lab.ask(request).error_code), ErrorCode::stale_broker_epoch);
  request.broker_id = 9;
  EXPECT_EQ(code(lab.ask(request).error_code), ErrorCode::stale_broker_epoch);
}

TEST(BrokerSession, ThatEndsFencesTheBrokerAndMovesItsLeaders) {
  ControllerLab lab(two_in_sync(), 3);
  lab.create_topic("orders", {{1, 2, 3}});
  lab.lose_all_but({2, 3});
  EXPECT_TRUE(lab.image().broker(BrokerId{1})->fenced);
  EXPECT_EQ(lab.state("orders"), "leader=2/1 isr=2,3");
}

TEST(BrokerSession, TwoThatEndTogetherDoNotUndoEachOther) {
  ControllerLab lab(two_in_sync(), 3);
  lab.create_topic("orders", {{1, 2, 3}});
  lab.lose_all_but({3});
  EXPECT_EQ(lab.state("orders"), "leader=3/2 isr=3 elr=2");
}

TEST(BrokerSession, OfABrokerThatDiedDuringAFailoverEndsToo) {
  ControllerLab lab(two_in_sync(), 3);
  lab.create_topic("orders", {{1, 2, 3}});
  lab.fail_over();
  EXPECT_EQ(lab.controller.sessions().next_expiry(lab.image()), lab.now + 9s);
  lab.lose_all_but({2, 3});
  EXPECT_EQ(lab.state("orders"), "leader=2/1 isr=2,3");
}

TEST(BrokerRestart, AfterAnUncleanStopIsInNeitherIsrNorElr) {
  ControllerLab lab(two_in_sync(), 3);
  lab.create_topic("orders", {{1, 2, 3}});
  lab.lose_all_but({3});
  ASSERT_EQ(lab.state("orders"), "leader=3/2 isr=3 elr=2");
  lab.start_broker(2, 2, -1);
  EXPECT_EQ(lab.state("orders"), "leader=3/2 isr=3");
}

TEST(BrokerRestart, AfterACleanStopStaysEligible) {
  ControllerLab lab(two_in_sync(), 3);
  lab.create_topic("orders", {{1, 2, 3}});
  const auto epoch = lab.image().broker(BrokerId{2})->epoch.value();
  lab.lose_all_but({3});
  lab.start_broker(2, 2, epoch);
  EXPECT_EQ(lab.state("orders"), "leader=3/2 isr=3 elr=2");
}

TEST(BrokerRestart, OfAWrongFormerEpochIsUnclean) {
  ControllerLab lab(two_in_sync(), 3);
  lab.create_topic("orders", {{1, 2, 3}});
  const auto epoch = lab.image().broker(BrokerId{2})->epoch.value();
  lab.lose_all_but({3});
  lab.start_broker(2, 2, epoch - 1);
  EXPECT_EQ(lab.state("orders"), "leader=3/2 isr=3");
}

TEST(BrokerRestart, FasterThanItsFencingStillLeavesTheIsr) {
  ControllerLab lab(two_in_sync(), 3);
  lab.create_topic("orders", {{1, 2, 3}});
  const auto before = lab.partition("orders").partition_epoch;
  lab.now = lab.now + 9s;  // its session has ended, and nobody has looked yet
  lab.heartbeat(2);
  lab.heartbeat(3);
  lab.start_broker(1, 2, -1);
  EXPECT_EQ(lab.state("orders"), "leader=2/1 isr=2,3");
  EXPECT_GT(lab.partition("orders").partition_epoch, before);
}

TEST(ControlledShutdown, WaitsUntilTheOthersKnowTheNewLeaders) {
  ControllerLab lab(two_in_sync(), 3);
  lab.create_topic("orders", {{1, 2, 3}});
  const auto answer = lab.heartbeat(1, false, true);
  EXPECT_FALSE(answer.should_shut_down);
  EXPECT_EQ(lab.state("orders"), "leader=2/1 isr=2,3");
  EXPECT_TRUE(lab.image().broker(BrokerId{1})->in_controlled_shutdown);
  EXPECT_FALSE(lab.heartbeat(1, false, true).should_shut_down);
  lab.heartbeat(2);
  EXPECT_FALSE(lab.heartbeat(1, false, true).should_shut_down);
  lab.heartbeat(3);
  EXPECT_TRUE(lab.heartbeat(1, false, true).should_shut_down);
  EXPECT_TRUE(lab.image().broker(BrokerId{1})->fenced);
}

TEST(ControlledShutdown, OfTheLastReplicaLeavesItEligible) {
  ControllerLab lab({}, 2);
  lab.create_topic("orders", {{1}});
  lab.heartbeat(1, false, true);
  EXPECT_EQ(lab.state("orders"), "leader=-1/1 isr= elr=1 last=1");
  lab.heartbeat(2);
  EXPECT_TRUE(lab.heartbeat(1, false, true).should_shut_down);
  lab.start_broker(1, 2, lab.image().broker(BrokerId{1})->epoch.value());
  EXPECT_EQ(lab.state("orders"), "leader=1/2 isr=1");
}

TEST(Unregistration, ForgetsTheBroker) {
  ControllerLab lab({}, 2);
  UnregisterBrokerRequest request;
  request.broker_id = 2;
  EXPECT_EQ(lab.ask(request).error_code, 0);
  EXPECT_EQ(lab.image().broker(BrokerId{2}), nullptr);
  EXPECT_EQ(code(lab.ask(request).error_code), ErrorCode::broker_id_not_registered);
}

TEST(ControllerRegistration, IsKeptAndWrittenOnce) {
  ControllerLab lab;
  ControllerRegistrationRequest request;
  request.controller_id = 3000;
  request.incarnation_id = {5, 5};
  request.listeners.push_back({"CONTROLLER", "c1", 9093, 0});
  for (const FeatureRange& f : supported_features()) {
    request.features.push_back({f.name, f.min, f.max});
  }
  EXPECT_EQ(lab.ask(request).error_code, 0);
  const auto end = lab.log.size();
  EXPECT_EQ(lab.ask(request).error_code, 0);
  EXPECT_EQ(lab.log.size(), end);
  ASSERT_NE(lab.image().controller(BrokerId{3000}), nullptr);
  EXPECT_EQ(lab.image().controller(BrokerId{3000})->listeners.at(0).host, "c1");
}

TEST(Idleness, WritesARecordEveryHalfSecondAndNothingSooner) {
  ControllerLab lab;
  const auto end = lab.log.size();
  EXPECT_EQ(lab.controller.next_deadline(), lab.now + 500ms);
  lab.pass(499ms);
  EXPECT_EQ(lab.log.size(), end);
  const std::uint64_t digest = lab.image().digest();
  lab.pass(1ms);
  ASSERT_EQ(lab.log.size(), end + 1);
  EXPECT_TRUE(std::holds_alternative<NoOpRecord>(lab.log.back().record));
  EXPECT_EQ(lab.image().digest(), digest);
}

TEST(Failover, KeepsNothingOfTheFormerOffice) {
  ControllerLab lab({}, 2);
  lab.heartbeat(1, false, true);
  lab.controller.resign();
  EXPECT_EQ(lab.controller.next_deadline(), Instant::never());
  EXPECT_FALSE(lab.controller.active());
  lab.epoch = lab.epoch + 1;
  lab.append(lab.controller.activate(lab.standby, lab.epoch, lab.now));
  EXPECT_EQ(lab.controller.sessions().find(BrokerId{1}, lab.image().broker(BrokerId{1})->epoch),
            nullptr);  // it is fenced: it was allowed to stop
  EXPECT_NE(lab.controller.sessions().find(BrokerId{2}, lab.image().broker(BrokerId{2})->epoch),
            nullptr);
}

}  // namespace
}  // namespace weir
