// The injector's faults of sets of nodes and of links: who hears whom, how late, and what is over
// when.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "faults/injector.h"
#include "tests/unit/faults/toy.h"

namespace weir {
namespace {

using testing::Contains;
using testing::ElementsAre;

// The pairs of servers that do not hear each other: what each sends does not arrive.
class Hearing {
 public:
  explicit Hearing(World& world) : world_(world) {}
  static ClusterShape shape() {
    ClusterShape shape;
    shape.brokers = {"b1", "b2", "b3"};
    shape.controllers = {"k1", "k2"};
    return shape;
  }
  // "b1 b2": each server asks each other one every 20 ms.
  void start() {
    std::vector<std::string> all = Hearing::shape().brokers;
    all.insert(all.end(), {"k1", "k2"});
    for (const std::string& name : all) {
      const NodeId node = add(world_, name, [this, name, all](Machine& m) {
        for (const std::string& other : all) {
          if (other != name) m.tasks.spawn("ask", toy_client(m, toys_[name + " " + other], other));
        }
        return toy_server(m);
      });
      world_.start(node);
    }
  }
  std::vector<std::string> silent_since(std::int64_t ms) {
    std::vector<std::string> pairs;
    for (const auto& [pair, toy] : toys_) {
      const bool once = pair.substr(0, 2) < pair.substr(3);
      if (once && toy.last_heard_at < Duration(milliseconds(ms)).count()) pairs.push_back(pair);
    }
    return pairs;
  }

 private:
  World& world_;
  std::map<std::string, Toy> toys_;
};

std::vector<std::string> silent_pairs(const Fault& what) {
  World world(ToyCluster::options(1));
  Hearing hearing(world);
  Injector injector(world, plan({what}, 5000), Hearing::shape());
  world.add_reader(injector);
  hearing.start();
  injector.start();
  static_cast<void>(world.run_until(at_ms(3000)));
  auto pairs = hearing.silent_since(1000);
  world.remove_reader(injector);
  return pairs;
}

TEST(Injector, ABridgeIsHeardByBothHalves) {
  Fault bridge = fault(FaultKind::bridge, ms(200));
  bridge.node = "b2";
  EXPECT_THAT(silent_pairs(bridge), ElementsAre("b1 b3", "b1 k2", "b3 k1", "k1 k2"));
}

TEST(Injector, InARingEachHearsItsNeighboursOnly) {
  Fault ring = fault(FaultKind::ring, ms(200));
  ring.from = {"brokers", "controllers"};
  EXPECT_THAT(silent_pairs(ring), ElementsAre("b1 b3", "b1 k1", "b2 k1", "b2 k2", "b3 k2"));
}

TEST(Injector, APartitionMayCutOffTheControllersOnly) {
  Fault cut = fault(FaultKind::partition, ms(200));
  cut.from = {"controllers"};
  cut.to = {"brokers"};
  EXPECT_THAT(silent_pairs(cut), ElementsAre("b1 k1", "b1 k2", "b2 k1", "b2 k2", "b3 k1", "b3 k2"));
}

TEST(Injector, ARollingRestartStopsOneNodeAfterTheOther) {
  Fault rolling = fault(FaultKind::rolling_restart, ms(100), ms(600));
  ToyCluster toy(plan({rolling}), 3);
  toy.run_until(1000);
  EXPECT_THAT(
      toy.story(),
      ElementsAre("node.started b1", "node.started b2", "node.started b3", "node.started P1",
                  "fault.injected world rolling_restart b1, b2, b3", "node.stopped b1",
                  "node.started b1", "node.stopped b2", "node.started b2", "node.stopped b3",
                  "node.started b3", "fault.healed world rolling_restart b1, b2, b3"));
}

TEST(Injector, ASwizzleClogsAndReleasesEachNodeOfItsSet) {
  Fault swizzle = fault(FaultKind::swizzle, ms(100), ms(800));
  ToyCluster toy(plan({swizzle}), 3);
  toy.run_until(500);  // by half of its time every node is clogged
  const std::int64_t heard = toy.toy.last_heard_at;
  toy.run_until(510);
  EXPECT_EQ(toy.toy.last_heard_at, heard);
  toy.run_until(1500);
  EXPECT_GT(toy.toy.last_heard_at, ms(1400).count());
}

// What a tangle of 20 nodes is drawn to: each slow direction with its length.
std::map<std::string, Duration> links_of_tangle(const std::string& label) {
  Fault tangle = fault(FaultKind::tangle, ms(100), ms(800));
  tangle.from = {"brokers"};
  tangle.by = ms(50);
  tangle.label = label;
  ToyCluster toy(plan({tangle}), 20);
  toy.run_until(300);
  toy.injector.heal_all();  // too early, so that it is told link by link
  std::map<std::string, Duration> links;
  for (const Fault& link : toy.injector.strikes().front().turns) {
    EXPECT_EQ(link.kind, FaultKind::slow_link);
    EXPECT_TRUE(link.one_way);
    EXPECT_EQ(std::get<Duration>(link.when), ms(100));
    EXPECT_EQ(link.lasts, ms(200));
    links[link.from.front() + " " + link.to.front()] = link.by;
  }
  return links;
}

TEST(Injector, ATangleSlowsSomeLinksEachDirectionByItsOwnLength) {
  const std::map<std::string, Duration> links = links_of_tangle("one");
  EXPECT_GT(links.size(), 380U / 5);  // a third of 20 * 19
  EXPECT_LT(links.size(), 380U / 2);
  std::int64_t short_ones = 0;
  std::int64_t one_way = 0;
  for (const auto& [name, by] : links) {
    EXPECT_GE(by, ms(1));
    EXPECT_LE(by, ms(50));
    if (by < ms(10)) ++short_ones;
    const std::size_t space = name.find(' ');
    const auto back = links.find(name.substr(space + 1) + " " + name.substr(0, space));
    if (back == links.end() || back->second != by) ++one_way;
  }
  EXPECT_GT(short_ones, 20);
  EXPECT_LT(short_ones, static_cast<std::int64_t>(links.size()) - 20);
  EXPECT_GT(one_way, static_cast<std::int64_t>(links.size()) / 2);
  EXPECT_EQ(links_of_tangle("one"), links);
  EXPECT_NE(links_of_tangle("another"), links);
}

TEST(Injector, ATangleIsOverWhenItsTimeIs) {
  Fault tangle = fault(FaultKind::tangle, ms(100), ms(400));
  tangle.from = {"brokers"};
  tangle.by = ms(50);
  ToyCluster toy(plan({tangle}), 5);
  toy.run_until(1000);
  const Strike& strike = toy.injector.strikes().front();
  EXPECT_FALSE(strike.in_part);
  ASSERT_FALSE(strike.turns.empty());
  for (const Fault& link : strike.turns) EXPECT_EQ(link.lasts, ms(400));
}

TEST(Injector, AWipedNodeComesBackWithAnEmptyDisk) {
  ToyCluster toy(plan({fault(FaultKind::wipe, ms(300), ms(100))}));
  toy.run_until(299);
  EXPECT_FALSE(toy.world.disk(toy.world.node("b1")).files().empty());
  toy.run_until(350);
  EXPECT_FALSE(toy.world.alive(toy.world.node("b1")));
  EXPECT_TRUE(toy.world.disk(toy.world.node("b1")).files().empty());
  toy.run_until(1000);
  EXPECT_THAT(toy.story(), Contains("node.killed b1"));
  EXPECT_GT(toy.toy.last_heard_at, ms(900).count());
}

TEST(Injector, LateDeliveryHoldsPresentConnectionsAndNewOnesOvertake) {
  Fault late = fault(FaultKind::late_delivery, ms(300), ms(1200));
  late.by = ms(1000);
  ToyCluster toy(plan({late}));
  toy.run_until(650);  // the client has lost patience and asks on another connection
  EXPECT_GT(toy.toy.last_heard_at, ms(600).count());
  const auto stored = [&toy] { return toy.lines.count("log.appended b1"); };
  const auto answered = toy.toy.heard.size();
  EXPECT_EQ(stored(), answered);
  toy.run_until(1450);
  EXPECT_EQ(stored(), toy.toy.heard.size() + 1);  // what came late was stored, too
}

TEST(Injector, ANarrowLinkIsWideAgainAfterwards) {
  Fault narrow = fault(FaultKind::narrow_link, ms(300), ms(1000));
  narrow.bytes_per_second = 10;  // three digits take 300 ms
  ToyCluster toy(plan({narrow}), 1);
  toy.toy.patience = ms(2000);
  toy.run_until(300);
  const std::size_t before = toy.toy.heard.size();
  toy.run_until(1300);
  const std::size_t meanwhile = toy.toy.heard.size() - before;
  EXPECT_GT(meanwhile, 1u);
  EXPECT_LT(meanwhile, 8u);
  toy.run_until(1900);
  EXPECT_GT(toy.toy.heard.size() - before, meanwhile + 20);
}

}  // namespace
}  // namespace weir
