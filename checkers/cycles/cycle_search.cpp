// The search for cycles, one strong component at a time.
//
// Kinds are of two lines, those without rw and those with: of each line the worst is looked for
// first and implies the milder ones, and a plain one implies its variants. Whether a reader is
// reachable from the writer that it missed (G-single) is answered for 64 rw edges at once, by one
// sweep in topological order of the components without rw, over the stretch that matters.
#include "checkers/cycles/cycle_search.h"

#include <algorithm>
#include <array>
#include <bit>
#include <optional>

namespace weir::analysis {
namespace {

constexpr std::uint64_t kShowBudget = 4'000'000;  // arcs looked at for a shorter cycle to show
constexpr std::size_t kCandidates = 32;

using Kind = FindingKind;
constexpr std::size_t kSeverities = 5;
constexpr std::array<std::array<Kind, kSeverities>, 3> kKindsOf = {{
    {Kind::g0, Kind::g1c, Kind::g_single, Kind::g_nonadjacent, Kind::g2_item},
    {Kind::g0_process, Kind::g1c_process, Kind::g_single_process, Kind::g_nonadjacent_process,
     Kind::g2_item_process},
    {Kind::g0_realtime, Kind::g1c_realtime, Kind::g_single_realtime, Kind::g_nonadjacent_realtime,
     Kind::g2_item_realtime},
}};

// One strong component of the whole graph, with its own numbers.
class CycleSearch {
 public:
  CycleSearch(const TransactionGraph& graph, const std::vector<std::uint32_t>& nodes,
              const Arcs& arcs, std::vector<std::uint32_t>& number)
      : graph_(graph), nodes_(nodes) {
    for (std::uint32_t i = 0; i < nodes.size(); ++i) number[nodes[i]] = i;
    for (const std::uint32_t node : nodes) {
      for (std::uint32_t a = arcs.row[node]; a < arcs.row[node + 1]; ++a) {
        const std::uint32_t to = number[arcs.arcs[a].to];
        if (to == kNone) continue;
        pairs_.push_back({number[node], {to, arcs.arcs[a].edge, arcs.arcs[a].type}});
      }
    }
    for (const std::uint32_t node : nodes) number[node] = kNone;
  }

  void run(CycleOrders orders, std::vector<Cycle>& out) {
    const EdgeMask plain = bit(EdgeType::ww) | bit(EdgeType::wr) | bit(EdgeType::link);
    Line without_rw{0, kFirstWithRw}, with_rw{kFirstWithRw, kSeverities};
    const auto variant = [&](EdgeMask mask, std::size_t which) {
      worst(mask, which, without_rw, out);
      worst(mask, which, with_rw, out);
    };
    variant(plain, 0);
    if (orders.process) variant(plain | bit(EdgeType::process), 1);
    if (orders.realtime) variant(plain | bit(EdgeType::realtime), 2);
  }

 private:
  static constexpr std::size_t kFirstWithRw = 2;
  struct Line {
    std::size_t first;
    std::size_t limit;  // what is as mild as that, or milder, is implied by what was found
  };

  void worst(EdgeMask mask, std::size_t which, Line& line, std::vector<Cycle>& out) {
    for (std::size_t severity = line.first; severity < line.limit; ++severity) {
      std::vector<std::uint32_t> edges;
      switch (severity) {
        case 0: edges = any_cycle(project(mask & ~bit(EdgeType::wr))); break;
        case 1: edges = any_cycle(project(mask)); break;
        case 2: edges = single(mask); break;
        case 3: edges = nonadjacent(mask); break;
        default: edges = cycle_with_rw(project(mask | bit(EdgeType::rw))); break;
      }
      if (edges.empty()) continue;
      out.push_back({kKindsOf[which][severity], steps_of(edges)});
      line.limit = severity;
      return;
    }
  }

  [[nodiscard]] Arcs project(EdgeMask mask) const {
    std::vector<std::pair<std::uint32_t, Arc>> kept;
    for (const auto& pair : pairs_) {
      if ((mask & bit(pair.second.type)) != 0) kept.push_back(pair);
    }
    return make_arcs(static_cast<std::uint32_t>(nodes_.size()), kept);
  }

  // A cycle with few steps, if there is one.
  [[nodiscard]] static std::vector<std::uint32_t> any_cycle(const Arcs& arcs) {
    const Components components = strong_components(arcs);
    std::vector<std::uint32_t> best;
    std::size_t best_steps = 0;
    std::uint64_t budget = kShowBudget;
    for (std::uint32_t node = 0; node < arcs.nodes(); ++node) {
      if (components.sizes[components.of[node]] < 2) continue;
      if (budget == 0 && !best.empty()) break;
      auto found = shortest_path(arcs, node, node, components.of, budget);
      if (found.empty() || (!best.empty() && found.size() >= best_steps)) continue;
      best = std::move(found);
      best_steps = best.size();
      if (best_steps == 2) break;
    }
    return best;
  }

  // A cycle with few steps of those that a rw edge lies on, if there is one.
  [[nodiscard]] static std::vector<std::uint32_t> cycle_with_rw(const Arcs& arcs) {
    const Components components = strong_components(arcs);
    std::vector<std::uint32_t> best;
    std::uint64_t budget = kShowBudget;
    for (std::uint32_t node = 0; node < arcs.nodes(); ++node) {
      for (std::uint32_t a = arcs.row[node]; a < arcs.row[node + 1]; ++a) {
        const Arc& arc = arcs.arcs[a];
        if (arc.type != EdgeType::rw || components.of[node] != components.of[arc.to]) continue;
        if (budget == 0 && !best.empty()) return best;
        const auto way = shortest_path(arcs, arc.to, node, components.of, budget);
        if (way.empty() || (!best.empty() && way.size() + 1 >= best.size())) continue;
        best = {arc.edge};
        best.insert(best.end(), way.begin(), way.end());
        if (best.size() == 2) return best;
      }
    }
    return best;
  }

  // One rw edge, and a way back without any.
  [[nodiscard]] std::vector<std::uint32_t> single(EdgeMask mask) const {
    const Arcs arcs = project(mask);
    const Components order = strong_components(arcs);
    struct Missed {
      std::uint32_t reader, writer, edge;
    };
    std::vector<Missed> missed;
    for (const auto& [from, arc] : pairs_) {
      // From the writer one comes only to lower numbers, and to all of its own component.
      if (arc.type == EdgeType::rw && order.of[arc.to] >= order.of[from]) {
        missed.push_back({from, arc.to, arc.edge});
      }
    }
    std::sort(missed.begin(), missed.end(), [&](const Missed& x, const Missed& y) {
      const std::uint32_t a = order.of[x.writer], b = order.of[y.writer];
      return a != b ? a > b : x.edge < y.edge;
    });
    // The arcs between the components.
    const auto components = static_cast<std::uint32_t>(order.sizes.size());
    std::vector<std::pair<std::uint32_t, Arc>> between;
    for (std::uint32_t node = 0; node < arcs.nodes(); ++node) {
      for (std::uint32_t a = arcs.row[node]; a < arcs.row[node + 1]; ++a) {
        const std::uint32_t to = order.of[arcs.arcs[a].to];
        if (to != order.of[node]) between.push_back({order.of[node], {to, 0, EdgeType::link}});
      }
    }
    const Arcs down = make_arcs(components, between);
    std::vector<std::uint64_t> reached(components, 0);
    std::vector<Missed> found;
    for (std::size_t first = 0; first < missed.size() && found.size() < kCandidates; first += 64) {
      const std::size_t last = std::min(missed.size(), first + 64);
      std::uint32_t low = kNone;
      for (std::size_t i = first; i < last; ++i) {
        reached[order.of[missed[i].writer]] |= std::uint64_t{1} << (i - first);
        low = std::min(low, order.of[missed[i].reader]);
      }
      const std::uint32_t high = order.of[missed[first].writer];
      for (std::uint32_t place = high + 1; place-- > low;) {
        if (reached[place] == 0) continue;
        for (std::uint32_t a = down.row[place]; a < down.row[place + 1]; ++a) {
          reached[down.arcs[a].to] |= reached[place];
        }
      }
      for (std::size_t i = first; i < last; ++i) {
        const std::uint64_t marks = reached[order.of[missed[i].reader]];
        if ((marks >> (i - first) & 1) != 0) found.push_back(missed[i]);
      }
      // What was marked lies in the stretch, or is a successor of it.
      for (std::uint32_t place = high + 1; place-- > low;) {
        if (reached[place] == 0) continue;
        reached[place] = 0;
        for (std::uint32_t a = down.row[place]; a < down.row[place + 1]; ++a) {
          if (down.arcs[a].to < low) reached[down.arcs[a].to] = 0;
        }
      }
    }
    std::vector<std::uint32_t> best;
    for (const Missed& m : found) {
      std::uint64_t budget = kShowBudget;
      std::vector<std::uint32_t> way = shortest_path(arcs, m.writer, m.reader, {}, budget);
      if (!best.empty() && way.size() + 1 >= best.size()) continue;
      best = {m.edge};
      best.insert(best.end(), way.begin(), way.end());
    }
    return best;
  }

  // Two states a node: entered by rw (then the next edge may not be one), or not.
  [[nodiscard]] std::vector<std::uint32_t> nonadjacent(EdgeMask mask) const {
    std::vector<std::pair<std::uint32_t, Arc>> kept;
    for (const auto& [from, arc] : pairs_) {
      if (arc.type == EdgeType::rw) {
        kept.push_back({2 * from, {2 * arc.to + 1, arc.edge, arc.type}});
      } else if ((mask & bit(arc.type)) != 0) {
        // A link continues the edge before it.
        const bool link = arc.type == EdgeType::link;
        kept.push_back({2 * from, {2 * arc.to, arc.edge, arc.type}});
        kept.push_back({2 * from + 1, {2 * arc.to + (link ? 1u : 0u), arc.edge, arc.type}});
      }
    }
    return cycle_with_rw(make_arcs(static_cast<std::uint32_t>(2 * nodes_.size()), kept));
  }

  // Links are folded into the edge before them; the order begins with what the kind is about.
  [[nodiscard]] std::vector<CycleStep> steps_of(const std::vector<std::uint32_t>& edges) const {
    std::size_t start = 0;
    while (graph_.synthetic(graph_.edge(edges[start]).from)) ++start;
    std::vector<CycleStep> steps;
    for (std::size_t i = 0; i < edges.size(); ++i) {
      const Edge& e = graph_.edge(edges[(start + i) % edges.size()]);
      if (!graph_.synthetic(e.from)) {
        steps.push_back({graph_.transaction(e.from), kNone, e.type, e.key, e.a, e.b});
      } else if (e.b != kNoValue) {
        steps.back().b = e.b;
      }
    }
    for (std::size_t i = 0; i < steps.size(); ++i) {
      steps[i].to = steps[(i + 1) % steps.size()].from;
    }
    std::rotate(steps.begin(), steps.begin() + static_cast<std::ptrdiff_t>(first_step(steps)),
                steps.end());
    return steps;
  }

  static std::size_t first_step(const std::vector<CycleStep>& steps) {
    const auto rank = [](EdgeType t) {
      return t == EdgeType::rw ? 3 : t == EdgeType::wr ? 2 : t == EdgeType::ww ? 1 : 0;
    };
    std::size_t best = 0;
    int best_score = -1;
    for (std::size_t i = 0; i < steps.size(); ++i) {
      const EdgeType before = steps[(i + steps.size() - 1) % steps.size()].type;
      const int score = 4 * rank(steps[i].type) + (3 - rank(before));
      if (score > best_score || (score == best_score && steps[i].from > steps[best].from)) {
        best = i;
        best_score = score;
      }
    }
    return best;
  }

  const TransactionGraph& graph_;
  const std::vector<std::uint32_t>& nodes_;
  std::vector<std::pair<std::uint32_t, Arc>> pairs_;
};

}  // namespace

bool has_cycle(const TransactionGraph& graph, EdgeMask mask) {
  std::vector<std::pair<std::uint32_t, Arc>> kept;
  for (std::uint32_t i = 0; i < graph.edges().size(); ++i) {
    const Edge& e = graph.edges()[i];
    if ((mask & bit(e.type)) != 0) kept.push_back({e.from, {e.to, i, e.type}});
  }
  const Components components = strong_components(make_arcs(graph.nodes(), kept));
  return components.sizes.size() < graph.nodes();
}

std::vector<Cycle> find_cycles(const TransactionGraph& graph, CycleOrders orders) {
  std::vector<Cycle> out;
  const Arcs arcs = graph.arcs();
  const Components components = strong_components(arcs);
  std::vector<std::vector<std::uint32_t>> members;
  std::vector<std::uint32_t> slot(components.sizes.size(), kNone);
  for (std::uint32_t node = 0; node < graph.nodes(); ++node) {
    const std::uint32_t c = components.of[node];
    if (components.sizes[c] < 2) continue;
    if (slot[c] == kNone) {
      slot[c] = static_cast<std::uint32_t>(members.size());
      members.emplace_back();
    }
    members[slot[c]].push_back(node);
  }
  std::vector<std::uint32_t> number(graph.nodes(), kNone);
  for (const std::vector<std::uint32_t>& nodes : members) {
    CycleSearch(graph, nodes, arcs, number).run(orders, out);
  }
  return out;
}

}  // namespace weir::analysis
