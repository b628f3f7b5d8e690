// Controllers and brokers together: elections, registration, topics over failovers.
#include "broker/wire/messages/broker_heartbeat.h"
#include "broker/wire/messages/unregister_broker.h"
#include "cluster_lab.h"

namespace weir::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(Cluster, ThreeControllersElectOneAndABrokerIsRegisteredAndUnfenced) {
  ClusterLab lab(3, 1);
  const std::string active = lab.active();
  ASSERT_FALSE(active.empty());
  EXPECT_FALSE(lab.node("b1").lifecycle->fenced());
  for (const char* name : {"c1", "c2", "c3", "b1"}) {
    const auto image = lab.node(name).image();
    ASSERT_NE(image->broker(BrokerId{1}), nullptr) << name;
    EXPECT_FALSE(image->broker(BrokerId{1})->fenced) << name;
    EXPECT_EQ(image->broker(BrokerId{1})->host, "b1");
    EXPECT_EQ(image->broker(BrokerId{1})->epoch, lab.node("b1").lifecycle->epoch());
    EXPECT_EQ(image->controllers().size(), 3u) << name;
    EXPECT_EQ(image->feature("metadata.version"), 25) << name;
  }
  const auto activated = lab.facts(FactKind::controller_activated);
  ASSERT_FALSE(activated.empty());
  EXPECT_EQ(activated.back().node, active);
  const auto registered = lab.facts(FactKind::broker_registered);
  ASSERT_EQ(registered.size(), 1u);
  EXPECT_EQ(registered[0].why, "first");
  EXPECT_EQ(registered[0].old, -1);
  EXPECT_EQ(registered[0].sequence, 1);
  const auto unfenced = lab.facts(FactKind::broker_unfenced);
  ASSERT_EQ(unfenced.size(), 1u);
  EXPECT_EQ(unfenced[0].value, registered[0].value);
}

TEST(Cluster, ATopicIsCreatedByWhicheverBrokerIsAskedAndSurvivesAFailover) {
  ClusterLab lab(3, 3);
  EXPECT_EQ(lab.create_topic("b2", "orders", 2, 3), ErrorCode::none);
  EXPECT_EQ(lab.create_topic("b1", "orders", 2, 3), ErrorCode::topic_already_exists);
  const Uuid id = lab.node("b2").image()->topic("orders")->id;
  const std::string first = lab.active();
  lab.kill(first);
  lab.run_for(seconds(10));
  const std::string second = lab.active();
  ASSERT_FALSE(second.empty());
  EXPECT_NE(second, first);
  EXPECT_EQ(lab.node(second).image()->topic("orders")->id, id);
  EXPECT_EQ(lab.create_topic("b3", "orders", 1, 1), ErrorCode::topic_already_exists);
  EXPECT_EQ(lab.create_topic("b3", "payments", 1, 3), ErrorCode::none);
  lab.start(first);
  lab.run_for(seconds(5));
  EXPECT_EQ(lab.node(first).image()->digest(), lab.node(second).image()->digest());
  EXPECT_NE(lab.node(first).image()->topic("payments"), nullptr);
  // Each partition was told when it was committed, by the one who decided.
  int told = 0;
  for (const ClusterFact& f : lab.facts(FactKind::partition_changed)) {
    if (f.topic != "orders" || f.why == "failover") continue;
    ++told;
    EXPECT_EQ(f.node, first);
    EXPECT_NE(f.record.find("isr="), std::string::npos);
  }
  EXPECT_EQ(told, 2);
}

TEST(Cluster, ARequestUnderWayFindsTheNextControllerWhenTheActiveOneIsCutOff) {
  ClusterLab lab(3, 3);
  const std::string old = lab.active();
  const NodeId gone = lab.id(old);
  for (const char* other : {"c1", "c2", "c3", "b1", "b2", "b3", "C1"}) {
    if (other == old) continue;
    lab.world().network().cut(gone, lab.id(other));
    lab.world().network().cut(lab.id(other), gone);
  }
  EXPECT_EQ(lab.create_topic("b1", "orders", 1, 3), ErrorCode::none);
  const std::string now = lab.active();
  EXPECT_NE(now, old);
  // Who was cut off gives up by itself (KIP-595: 1.5 times the fetch timeout without a majority).
  lab.run_for(seconds(2));
  EXPECT_FALSE(lab.node(old).controller->active());
  lab.world().network().heal_all();
  lab.run_for(seconds(5));
  EXPECT_NE(lab.node(old).image()->topic("orders"), nullptr);
  EXPECT_FALSE(lab.facts(FactKind::controller_resigned).empty());
}

TEST(Cluster, ABrokerThatDiesIsFencedAndItsNextLifeIsAnotherRegistration) {
  ClusterLab lab(3, 3);
  ASSERT_EQ(lab.create_topic("b1", "orders", 3, 3), ErrorCode::none);
  const BrokerEpoch before = lab.node("b1").lifecycle->epoch();
  lab.kill("b1");
  lab.run_for(seconds(12));
  const auto image = lab.node("b2").image();
  ASSERT_TRUE(image->broker(BrokerId{1})->fenced);
  for (const PartitionImage& partition : image->topic("orders")->partitions) {
    EXPECT_EQ(partition.isr.size(), 2u);
    EXPECT_NE(partition.leader, BrokerId{1});
  }
  lab.start("b1");
  lab.run_for(seconds(5));
  EXPECT_GT(lab.node("b1").lifecycle->epoch(), before);
  EXPECT_FALSE(lab.node("b2").image()->broker(BrokerId{1})->fenced);
  const auto registered = lab.facts(FactKind::broker_registered);
  EXPECT_EQ(registered.back().why, "unclean");
  EXPECT_EQ(registered.back().old, before.value());
  const auto fenced = lab.facts(FactKind::broker_fenced);
  ASSERT_FALSE(fenced.empty());
  EXPECT_EQ(fenced.back().why, "session expired");
}

TEST(Cluster, ABrokerThatComesBackBeforeItsSessionEndedWaitsForThat) {
  ClusterLab lab(1, 1);
  const BrokerEpoch before = lab.node("b1").lifecycle->epoch();
  lab.kill("b1");
  lab.start("b1");
  lab.run_for(seconds(3));
  EXPECT_EQ(lab.node("b1").lifecycle->epoch(), kNoBrokerEpoch);
  lab.run_for(seconds(12));
  EXPECT_GT(lab.node("b1").lifecycle->epoch(), before);
  EXPECT_FALSE(lab.node("b1").lifecycle->fenced());
}

TEST(Cluster, ABrokerThatStopsHandsItsLeadersOverAndProvesItAtItsReturn) {
  ClusterLab lab(3, 3);
  ASSERT_EQ(lab.create_topic("b1", "orders", 3, 3), ErrorCode::none);
  lab.world().stop(lab.id("b1"));
  lab.run_for(seconds(8));
  ASSERT_FALSE(lab.world().alive(lab.id("b1")));
  for (const PartitionImage& partition : lab.node("b2").image()->topic("orders")->partitions) {
    EXPECT_NE(partition.leader, BrokerId{1});
    EXPECT_EQ(partition.isr.size(), 2u);
  }
  lab.start("b1");
  lab.run_for(seconds(5));
  EXPECT_EQ(lab.facts(FactKind::broker_registered).back().why, "clean");
  EXPECT_FALSE(lab.node("b1").lifecycle->fenced());
  // It vouches for one life only.
  lab.kill("b1");
  lab.start("b1");
  lab.run_for(seconds(15));
  EXPECT_EQ(lab.facts(FactKind::broker_registered).back().why, "unclean");
}

TEST(Cluster, ABrokerThatWasUnregisteredRegistersAgain) {
  ClusterLab lab(1, 2);
  const BrokerEpoch before = lab.node("b2").lifecycle->epoch();
  UnregisterBrokerRequest request;
  request.broker_id = 2;
  EXPECT_EQ(lab.ask_broker("b1", request).error_code, 0);
  lab.run_for(seconds(5));
  EXPECT_GT(lab.node("b2").lifecycle->epoch(), before);
  EXPECT_FALSE(lab.node("b1").image()->broker(BrokerId{2})->fenced);
}

TEST(Cluster, NobodyRegistersWhereThereIsNoMajorityAndAfterAMinuteTheBrokerGivesUp) {
  ClusterLab lab(3, 1, {}, false);
  lab.start("c1");
  lab.start("b1");
  lab.run_for(seconds(50));
  EXPECT_TRUE(lab.active().empty());
  EXPECT_TRUE(lab.world().alive(lab.id("b1")));
  lab.run_for(seconds(15));
  EXPECT_FALSE(lab.world().alive(lab.id("b1")));
}

TEST(Cluster, TheWholeClusterIsWhatItWasAfterAPowerLossOfAll) {
  ClusterLab lab(3, 3);
  ASSERT_EQ(lab.create_topic("b1", "orders", 3, 3), ErrorCode::none);
  lab.run_for(seconds(1));
  const std::shared_ptr<const TopicImage> topic = lab.node("b1").image()->topic("orders");
  ASSERT_NE(topic, nullptr);
  const Uuid id = topic->id;
  for (const char* name : {"c1", "c2", "c3", "b1", "b2", "b3"})
    lab.world().power_loss(lab.id(name));
  for (const char* name : {"c1", "c2", "c3", "b1", "b2", "b3"}) lab.start(name);
  lab.run_for(seconds(25));
  ASSERT_NE(lab.node("b1").image()->topic("orders"), nullptr);
  EXPECT_EQ(lab.node("b1").image()->topic("orders")->id, id);
  EXPECT_FALSE(lab.node("b1").lifecycle->fenced());
  for (const PartitionImage& p : lab.node("b1").image()->topic("orders")->partitions) {
    EXPECT_GE(p.leader_epoch, LeaderEpoch{1});
  }
}

TEST(Cluster, SnapshotsAreTakenByAllAndWhoWasAwayBeginsWithOne) {
  ClusterLab lab(3, 2, {{"metadata.log.max.record.bytes.between.snapshots", "2000"}});
  ASSERT_EQ(lab.create_topic("b1", "orders", 3, 2), ErrorCode::none);
  lab.kill("b2");
  for (int i = 0; i < 10; ++i) {
    ASSERT_EQ(lab.create_topic("b1", "t" + std::to_string(i), 5, 1), ErrorCode::none);
  }
  lab.run_for(seconds(10));
  EXPECT_FALSE(lab.facts(FactKind::snapshot_taken).empty());
  lab.start("b2");
  lab.run_for(seconds(20));
  EXPECT_EQ(lab.node("b2").image()->digest(), lab.node("b1").image()->digest());
  EXPECT_FALSE(lab.facts(FactKind::snapshot_loaded).empty());
  EXPECT_EQ(lab.node("b2").image()->topics().size(), 11u);
}

}  // namespace
}  // namespace weir::test
