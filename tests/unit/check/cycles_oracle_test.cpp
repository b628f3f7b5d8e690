// The search for cycles against all cycles of small random graphs, counted out one by one.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "broker/base/random.h"
#include "checkers/cycles/cycle_search.h"
#include "log_oracle.h"

namespace weir::analysis {
namespace {

// What lies on a cycle, and whether two rw edges meet on it.
struct Walk {
  int rw = 0, ww = 0, wr = 0, process = 0, realtime = 0;
  bool adjacent = false;
};

// 0 G0, 1 G1c, 2 G-single, 3 G-nonadjacent, 4 G2-item.
int severity_of(const Walk& w) {
  if (w.rw == 0) return w.wr == 0 ? 0 : 1;
  return w.rw == 1 ? 2 : w.adjacent ? 4 : 3;
}

std::string kind_text(int severity, int variant) {
  constexpr const char* kNames[] = {"G0", "G1c", "G-single", "G-nonadjacent", "G2-item"};
  constexpr const char* kVariants[] = {"", "-process", "-realtime"};
  return std::string(kNames[severity]) + kVariants[variant];
}

// All closed walks that enter no node twice by rw nor twice otherwise.
class AllCycles {
 public:
  explicit AllCycles(const std::vector<Edge>& edges) : edges_(edges) {}

  // Per strong component, the walks in it.
  std::map<std::uint32_t, std::vector<Walk>> find() {
    for (start_ = 0; start_ < edges_.size(); ++start_) {
      entered_.clear();
      path_ = {start_};
      entered_.insert({edges_[start_].to, edges_[start_].type == EdgeType::rw});
      go_on();
    }
    return std::move(found_);
  }

  // The least node that can be reached from it and leads back.
  [[nodiscard]] std::uint32_t component(std::uint32_t node) const {
    for (std::uint32_t other = 0; other < node; ++other) {
      if (reaches(node, other) && reaches(other, node)) return other;
    }
    return node;
  }

 private:
  [[nodiscard]] bool reaches(std::uint32_t from, std::uint32_t to) const {
    std::set<std::uint32_t> seen{from};
    for (bool more = true; more;) {
      more = false;
      for (const Edge& e : edges_) more |= seen.contains(e.from) && seen.insert(e.to).second;
    }
    return seen.contains(to);
  }

  void go_on() {
    const Edge& last = edges_[path_.back()];
    if (last.to == edges_[start_].from) close();
    for (std::uint32_t i = start_; i < edges_.size(); ++i) {
      const Edge& e = edges_[i];
      if (e.from != last.to || !entered_.insert({e.to, e.type == EdgeType::rw}).second) continue;
      path_.push_back(i);
      go_on();
      path_.pop_back();
      entered_.erase({e.to, e.type == EdgeType::rw});
    }
  }

  void close() {
    Walk w;
    for (std::size_t i = 0; i < path_.size(); ++i) {
      const EdgeType type = edges_[path_[i]].type;
      const EdgeType next = edges_[path_[(i + 1) % path_.size()]].type;
      w.rw += type == EdgeType::rw;
      w.ww += type == EdgeType::ww;
      w.wr += type == EdgeType::wr;
      w.process += type == EdgeType::process;
      w.realtime += type == EdgeType::realtime;
      w.adjacent |= type == EdgeType::rw && next == EdgeType::rw;
    }
    found_[component(edges_[start_].from)].push_back(w);
  }

  const std::vector<Edge>& edges_;
  std::uint32_t start_ = 0;
  std::vector<std::uint32_t> path_;
  std::set<std::pair<std::uint32_t, bool>> entered_;
  std::map<std::uint32_t, std::vector<Walk>> found_;
};

// Of one component: of each line the worst of each variant, where nothing found before implies it.
void add_expected(const std::vector<Walk>& walks, std::multiset<std::string>& out) {
  for (const auto& [first, last] : {std::pair(0, 2), std::pair(2, 5)}) {
    int limit = last;
    for (const int variant : {0, 1, 2}) {
      int worst = limit;
      for (const Walk& w : walks) {
        const bool plain = w.process == 0 && w.realtime == 0;
        const bool counts = variant == 0 ? plain : variant == 1 ? w.realtime == 0 : w.process == 0;
        const int severity = severity_of(w);
        if (counts && severity >= first && severity < worst) worst = severity;
      }
      if (worst == limit) continue;
      out.insert(kind_text(worst, variant));
      limit = worst;
    }
  }
}

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
