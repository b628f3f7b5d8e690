// The search for cycles against all cycles of small random graphs, counted out one by one.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "all_cycles.h"
#include "broker/base/random.h"
#include "checkers/cycles/cycle_search.h"
#include "log_oracle.h"

namespace weir::analysis {
namespace {

// The edges of a cycle of one kind and variant, in order.
std::vector<EdgeType> cycle_of(Random& random, int severity, int variant) {
  const bool reads = severity > 0 && random.below(2) == 0;
  const EdgeType plain = reads ? EdgeType::wr : EdgeType::ww;
  const EdgeType other = variant == 1   ? EdgeType::process
                         : variant == 2 ? EdgeType::realtime
                                        : plain;
  if (severity == 0) return {EdgeType::ww, other};
  if (severity == 1) return {EdgeType::wr, other};
  if (severity == 2) return {EdgeType::rw, other};
  if (severity == 3) return {EdgeType::rw, other, EdgeType::rw, plain};
  std::vector<EdgeType> types = {EdgeType::rw, EdgeType::rw};
  if (variant > 0 || random.below(2) == 0) types.push_back(other);
  return types;
}

class Drawn {
 public:
  explicit Drawn(Random& random) : random_(random), nodes_(2 + random.below(4)) {
    if (random_.below(2) == 0) {
      planted(cycle_of(random_, static_cast<int>(random_.below(5)),
                       static_cast<int>(random_.below(3))));
    } else {
      // Some graphs have rw edges only, some none: each kind is the worst now and then.
      more(2 + random_.below(7), random_.below(4));
    }
    for (std::uint32_t n = 0; n < nodes_; ++n) static_cast<void>(graph.add_node(n));
    for (const Edge& e : edges_) graph.add(e);
  }

  TransactionGraph graph;
  std::string text;

 private:
  // Through nodes in any order, with a few edges beside it.
  void planted(const std::vector<EdgeType>& types) {
    nodes_ = std::max<std::uint64_t>(nodes_, types.size());
    std::vector<std::uint64_t> order(nodes_);
    for (std::uint64_t n = 0; n < nodes_; ++n) order[n] = n;
    for (std::uint64_t n = nodes_; n > 1; --n) std::swap(order[n - 1], order[random_.below(n)]);
    for (std::size_t i = 0; i < types.size(); ++i) {
      add(order[i], types[i], order[(i + 1) % types.size()]);
    }
    more(random_.below(4), 2);
  }

  void more(std::uint64_t count, std::uint64_t mix) {
    constexpr EdgeType kTypes[] = {EdgeType::rw, EdgeType::rw,      EdgeType::wr,
                                   EdgeType::ww, EdgeType::process, EdgeType::realtime};
    for (; count > 0; --count) {
      const std::uint64_t type = mix == 0   ? random_.below(2)
                                 : mix == 1 ? 2 + random_.below(4)
                                            : random_.below(6);
      const std::uint64_t from = random_.below(nodes_);
      add(from, kTypes[type], random_.below(nodes_));
    }
  }

  void add(std::uint64_t from, EdgeType type, std::uint64_t to) {
    edges_.push_back({static_cast<std::uint32_t>(from), static_cast<std::uint32_t>(to), kNoName,
                      kNoValue, kNoValue, type});
    text += std::to_string(from) + " " + std::to_string(static_cast<int>(type)) + " " +
            std::to_string(to) + ", ";
  }

  Random& random_;
  std::uint64_t nodes_;
  std::vector<Edge> edges_;
};

TEST(CyclesOracle, AgreesWithAllCyclesCounted) {
  const std::uint64_t rounds = oracle::log_rounds(4'000);
  std::map<std::string, std::uint64_t> met;
  for (std::uint64_t seed = 0; seed < rounds; ++seed) {
    Random random = Random::keyed(seed, 0, "oracle", "cycles");
    const Drawn drawn(random);
    const TransactionGraph& graph = drawn.graph;
    const std::string& text = drawn.text;
    std::multiset<std::string> expected, found;
    for (const auto& [component, walks] : AllCycles(graph.edges()).find()) {
      add_expected(walks, expected);
    }
    for (const Cycle& c : find_cycles(graph, {true, true})) {
      found.insert(std::string(name_of(c.kind)));
      for (std::size_t i = 0; i < c.steps.size(); ++i) {
        ASSERT_EQ(c.steps[i].to, c.steps[(i + 1) % c.steps.size()].from) << text;
      }
    }
    ASSERT_EQ(found, expected) << text;
    for (const std::string& kind : expected) ++met[kind];
  }
  for (int severity = 0; severity < 5; ++severity) {
    for (int variant = 0; variant < 3; ++variant) {
      const std::string kind = kind_text(severity, variant);
      EXPECT_GT(met[kind], rounds / 200) << kind;
    }
  }
}

}  // namespace
}  // namespace weir::analysis
