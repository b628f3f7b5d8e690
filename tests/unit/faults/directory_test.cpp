// The directory: roles and the fault budget, from facts alone.
#include "faults/directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Three brokers, three controllers, orders-0 on all brokers, and a record that all of them hold.
class Cluster {
 public:
  Cluster() : directory(shape()) {
    for (const char* node : {"b1", "b2", "b3", "k1", "k2", "k3"}) {
      see(node, {.kind = FactKind::node_started});
    }
    see("k1", {.kind = FactKind::controller_activated, .epoch = 1});
    changed(0, "replicas=1,2,3 isr=1,2,3");
    see("b1", on({.kind = FactKind::replica_leads, .epoch = 1}));
    for (const char* node : {"b3", "b2"}) {
      see(node, on({.kind = FactKind::replica_follows, .epoch = 1, .value = 1}));
    }
    for (const char* node : {"b1", "b2", "b3"}) reaches(node, 10);
    see("b1", on({.kind = FactKind::hw_advanced, .epoch = 1, .value = 10}));
  }

  static ClusterShape shape() {
    ClusterShape shape;
    shape.brokers = {"b1", "b2", "b3"};
    shape.clients = {"P1"};
    shape.controllers = {"k1", "k2", "k3"};
    shape.min_insync_replicas = {{"orders", 2}};
    return shape;
  }
  static Fact on(Fact fact) {
    fact.topic = "orders";
    fact.partition = 0;
    return fact;
  }
  void see(std::string_view node, const Fact& fact) {
    directory.on({++sequence_, {}, NodeId(1), node, 1, 0, fact});
  }
  void changed(std::int64_t partition_epoch, std::string_view record) {
    see("k1", on({.kind = FactKind::partition_changed,
                  .epoch = 1,
                  .old = partition_epoch,
                  .value = 1,
                  .record = record}));
  }
  void reaches(std::string_view node, std::int64_t end) {
    see(node, on({.kind = FactKind::log_opened, .value = 0}));
    see(node, on({.kind = FactKind::log_appended, .old = 0, .value = end - 1}));
  }
  std::string replicated(const std::string& victim, Loss loss = Loss::unsynced,
                         const NodeNames& unreachable = {}) {
    return directory.obstacle(Guard::replicated, {victim}, unreachable, loss);
  }

  Directory directory;

 private:
  std::uint64_t sequence_ = 0;
};

TEST(Directory, TheLeaderIsTheOneOfTheNewestEpoch) {
  Cluster c;
  EXPECT_EQ(c.directory.node_of("leader:orders-0", {}), "b1");
  c.see("b2", Cluster::on({.kind = FactKind::replica_leads, .epoch = 3}));
  c.see("b1", Cluster::on({.kind = FactKind::replica_leads, .epoch = 2}));  // late news
  EXPECT_EQ(c.directory.node_of("leader:orders-0", {}), "b2");
  EXPECT_EQ(c.directory.node_of("leader:orders-1", {}), std::nullopt);
}

TEST(Directory, WhereNoReplicaTellsItsRoleTheLeaderOpenedTheLogLast) {
  Directory directory(Cluster::shape());
  const Fact opened = Cluster::on({.kind = FactKind::log_opened});
  directory.on({1, {}, NodeId(1), "b2", 1, 0, opened});
  EXPECT_EQ(directory.node_of("leader:orders-0", {}), "b2");
}

TEST(Directory, AFollowerIsAliveAndFollowsTheNewestEpoch) {
  Cluster c;
  EXPECT_EQ(c.directory.node_of("follower:orders-0", {}), "b2");
  c.see("b2", {.kind = FactKind::node_killed});
  EXPECT_EQ(c.directory.node_of("follower:orders-0", {}), "b3");
  c.see("b2", Cluster::on({.kind = FactKind::replica_leads, .epoch = 2}));
  EXPECT_EQ(c.directory.node_of("follower:orders-0", {}), std::nullopt);
  c.see("b3", Cluster::on({.kind = FactKind::replica_follows, .epoch = 2, .value = 2}));
  EXPECT_EQ(c.directory.node_of("follower:orders-0", {}), "b3");
}

TEST(Directory, AJoinerIsWhomTheLeaderHasAskedToLetIntoTheIsr) {
  Cluster c;
  const EventRoles at_orders{"b1", "", "orders-0"};
  EXPECT_EQ(c.directory.node_of("event:joiner", at_orders), std::nullopt);
  c.changed(1, "replicas=1,2,3 isr=1,2");
  EXPECT_EQ(c.directory.node_of("event:joiner", at_orders), std::nullopt);
  c.see("b1", Cluster::on({.kind = FactKind::isr_proposed, .old = 1, .record = "isr=1,2,3"}));
  EXPECT_EQ(c.directory.node_of("event:joiner", at_orders), "b3");
  EXPECT_EQ(c.directory.node_of("event:leader", at_orders), "b1");
  EXPECT_EQ(c.directory.node_of("event:follower", at_orders), "b2");
  EXPECT_EQ(c.directory.node_of("event:joiner", {}), std::nullopt) << "of no partition";
  c.changed(2, "replicas=1,2,3 isr=1,2,3");
  EXPECT_EQ(c.directory.node_of("event:joiner", at_orders), std::nullopt);
  c.see("b1", Cluster::on({.kind = FactKind::isr_proposed, .old = 2, .record = "isr=1"}));
  EXPECT_EQ(c.directory.node_of("event:joiner", at_orders), std::nullopt) << "it asks for fewer";
}

TEST(Directory, TheActiveControllerIsTheOneOfTheHighestEpochUntilItResignsOrDies) {
  Cluster c;
  EXPECT_EQ(c.directory.node_of("controller:active", {}), "k1");
  c.see("k2", {.kind = FactKind::controller_activated, .epoch = 2});
  c.see("k1", {.kind = FactKind::controller_resigned, .epoch = 1});
  EXPECT_EQ(c.directory.node_of("controller:active", {}), "k2");
  c.see("k2", {.kind = FactKind::node_killed});
  EXPECT_EQ(c.directory.node_of("controller:active", {}), std::nullopt);
}

TEST(Directory, SetsStandForManyNodesEachOnce) {
  Cluster c;
  EXPECT_THAT(c.directory.nodes_of({"leader:orders-0", "brokers"}, {}),
              ElementsAre("b1", "b2", "b3"));
  EXPECT_THAT(c.directory.nodes_of({"controllers"}, {}), ElementsAre("k1", "k2", "k3"));
  c.changed(1, "replicas=2,3 isr=2,3 elr=");
  EXPECT_THAT(c.directory.nodes_of({"replicas:orders-0"}, {}), ElementsAre("b2", "b3"));
  EXPECT_THAT(c.directory.nodes_of({"replicas:payments-0"}, {}), IsEmpty());
}

TEST(Budget, OneWholeReplicaMayGoWhileTwoAreLeft) {
  Cluster c;
  EXPECT_EQ(c.replicated("b1"), "");
  c.see("b1", {.kind = FactKind::node_killed});
  EXPECT_EQ(c.replicated("b2"),
            "guard replicated: orders-0 would keep 1 whole in-sync replicas of 2");
  EXPECT_EQ(c.replicated("b1"), "");  // it is down already, and the others are whole
}

TEST(Budget, AReplicaThatIsOutOfSyncOrBehindOrHeldBackDoesNotCount) {
  Cluster behind;
  behind.see("b3", Cluster::on({.kind = FactKind::log_truncated, .old = 10, .value = 9}));
  EXPECT_NE(behind.replicated("b1"), "");
  Cluster out;
  out.changed(1, "replicas=1,2,3 isr=1,2");
  EXPECT_NE(out.replicated("b1"), "");
  EXPECT_EQ(out.replicated("b3"), "");
  Cluster asked;
  asked.see("b1", Cluster::on({.kind = FactKind::isr_proposed, .record = "isr=1,2"}));
  EXPECT_NE(asked.replicated("b1"), "");
  Cluster paused;
  paused.see("b3", {.kind = FactKind::node_paused});
  EXPECT_NE(paused.replicated("b1"), "");
  Cluster cut_off;
  EXPECT_NE(cut_off.replicated("b1", Loss::unsynced, {"b2"}), "");
}

TEST(Budget, AReplicaThatLostItsTailCountsAgainWhenItReachesTheWatermark) {
  Cluster c;
  c.see("b2", {.kind = FactKind::node_power_lost});
  c.see("b2", {.kind = FactKind::node_started});
  EXPECT_NE(c.replicated("b1"), "");  // nobody knows what it still has
  c.see("b2", Cluster::on({.kind = FactKind::log_opened, .value = 4}));
  EXPECT_NE(c.replicated("b1"), "");
  c.see("b2", Cluster::on({.kind = FactKind::log_appended, .old = 4, .value = 9}));
  EXPECT_EQ(c.replicated("b1"), "");
}

TEST(Budget, ANodeWhoseDiskMayLieIsNeverCounted) {
  Cluster c;
  c.directory.suspect("b3", true);
  EXPECT_NE(c.replicated("b1"), "");
  EXPECT_EQ(c.replicated("b3"), "");
  c.see("b3", {.kind = FactKind::node_failed});
  c.see("b3", {.kind = FactKind::node_started});
  c.reaches("b3", 10);
  EXPECT_NE(c.replicated("b1"), "");
}

TEST(Budget, ANodeThatIsGoingToFailCountsAgainWhenItHasFailedAndCaughtUp) {
  Cluster c;
  c.directory.suspect("b3", false);
  EXPECT_NE(c.replicated("b1"), "");
  c.see("b3", {.kind = FactKind::node_failed});
  c.see("b3", {.kind = FactKind::node_started});
  c.reaches("b3", 10);
  EXPECT_EQ(c.replicated("b1"), "");
}

TEST(Budget, ASingleCopyMayBeAwayButNotLost) {
  Cluster c;
  c.changed(1, "replicas=1 isr=1");
  EXPECT_EQ(c.replicated("b1", Loss::nothing), "");
  EXPECT_NE(c.replicated("b1", Loss::unsynced), "");
}

TEST(Budget, AMajorityOfTheControllersStays) {
  Cluster c;
  EXPECT_EQ(c.replicated("k1", Loss::nothing), "");
  c.see("k2", {.kind = FactKind::node_killed});
  EXPECT_EQ(c.replicated("k1", Loss::nothing),
            "guard replicated: 1 of 3 controllers would be left");
  EXPECT_EQ(c.replicated("k2", Loss::nothing), "");
}

TEST(Budget, AControllerMayLoseItsPowerButNotItsMemory) {
  Cluster c;
  EXPECT_EQ(c.replicated("k1", Loss::unsynced), "");
  EXPECT_EQ(c.replicated("k1", Loss::synced),
            "guard replicated: a controller would forget what it promised");
}

TEST(Budget, NothingIsRiskedWhereNobodyToldWhoHoldsWhat) {
  Directory directory(Cluster::shape());
  const Fact opened = Cluster::on({.kind = FactKind::log_opened});
  directory.on({1, {}, NodeId(1), "b2", 1, 0, opened});
  EXPECT_EQ(directory.obstacle(Guard::replicated, {"b2"}, {}, Loss::unsynced),
            "guard replicated: the replicas of orders-0 are not known");
}

}  // namespace
}  // namespace weir
