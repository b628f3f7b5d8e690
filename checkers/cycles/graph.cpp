// Graphs: rows, Tarjan's components without recursion, and breadth-first search with free links.
#include "checkers/cycles/graph.h"

#include <algorithm>
#include <deque>

namespace weir::analysis {

Arcs TransactionGraph::arcs() const {
  Arcs out;
  out.row.assign(nodes() + 1, 0);
  for (const Edge& e : edges_) ++out.row[e.from + 1];
  for (std::size_t n = 1; n < out.row.size(); ++n) out.row[n] += out.row[n - 1];
  out.arcs.resize(edges_.size());
  std::vector<std::uint32_t> next(out.row.begin(), out.row.end() - 1);
  for (std::uint32_t i = 0; i < edges_.size(); ++i) {
    out.arcs[next[edges_[i].from]++] = {edges_[i].to, i, edges_[i].type};
  }
  return out;
}

Arcs make_arcs(std::uint32_t nodes, const std::vector<std::pair<std::uint32_t, Arc>>& pairs) {
  Arcs out;
  out.row.assign(nodes + 1, 0);
  for (const auto& [from, arc] : pairs) ++out.row[from + 1];
  for (std::size_t n = 1; n < out.row.size(); ++n) out.row[n] += out.row[n - 1];
  out.arcs.resize(pairs.size());
  std::vector<std::uint32_t> next(out.row.begin(), out.row.end() - 1);
  for (const auto& [from, arc] : pairs) out.arcs[next[from]++] = arc;
  return out;
}

Components strong_components(const Arcs& graph) {
  const std::uint32_t n = graph.nodes();
  Components out;
  out.of.assign(n, kNone);
  std::vector<std::uint32_t> low(n, 0), number(n, 0);  // 0: not seen yet
  std::vector<std::uint32_t> open, path, next(graph.row.begin(), graph.row.end() - 1);
  std::uint32_t count = 0;
  for (std::uint32_t root = 0; root < n; ++root) {
    if (number[root] != 0) continue;
    path.push_back(root);
    number[root] = low[root] = ++count;
    open.push_back(root);
    while (!path.empty()) {
      const std::uint32_t node = path.back();
      if (next[node] < graph.row[node + 1]) {
        const std::uint32_t to = graph.arcs[next[node]++].to;
        if (number[to] == 0) {
          number[to] = low[to] = ++count;
          path.push_back(to);
          open.push_back(to);
        } else if (out.of[to] == kNone) {
          low[node] = std::min(low[node], number[to]);
        }
        continue;
      }
      path.pop_back();
      if (!path.empty()) low[path.back()] = std::min(low[path.back()], low[node]);
      if (low[node] != number[node]) continue;
      const auto id = static_cast<std::uint32_t>(out.sizes.size());
      out.sizes.push_back(0);
      std::uint32_t member = kNone;
      do {
        member = open.back();
        open.pop_back();
        out.of[member] = id;
        ++out.sizes[id];
      } while (member != node);
    }
  }
  return out;
}

std::vector<std::uint32_t> shortest_path(const Arcs& graph, std::uint32_t from, std::uint32_t to,
                                         const std::vector<std::uint32_t>& keep,
                                         std::uint64_t& budget) {
  struct Reached {
    std::uint32_t by = kNone;    // the arc by which it was entered
    std::uint32_t node = kNone;  // the node before
    std::uint32_t distance = kNone;
    bool settled = false;
  };
  std::vector<Reached> reached(graph.nodes());
  Reached end;
  std::deque<std::uint32_t> queue{from};
  reached[from].distance = 0;
  while (!queue.empty()) {
    const std::uint32_t node = queue.front();
    queue.pop_front();
    if (reached[node].settled) continue;
    reached[node].settled = true;
    const std::uint32_t distance = reached[node].distance;
    if (end.distance != kNone && end.distance <= distance) break;
    for (std::uint32_t a = graph.row[node]; a < graph.row[node + 1]; ++a) {
      const Arc& arc = graph.arcs[a];
      if (budget > 0) --budget;
      if (!keep.empty() && keep[arc.to] != keep[from]) continue;
      const std::uint32_t cost = distance + (arc.type == EdgeType::link ? 0 : 1);
      if (arc.to == to && (end.distance == kNone || cost < end.distance)) {
        end.distance = cost;
        end.by = a;
        end.node = node;
      }
      Reached& r = reached[arc.to];
      if (r.distance != kNone && r.distance <= cost) continue;
      r.distance = cost;
      r.by = a;
      r.node = node;
      arc.type == EdgeType::link ? queue.push_front(arc.to) : queue.push_back(arc.to);
    }
  }
  std::vector<std::uint32_t> path;
  if (end.distance == kNone) return path;
  path.push_back(graph.arcs[end.by].edge);
  for (std::uint32_t node = end.node; node != from; node = reached[node].node) {
    path.push_back(graph.arcs[reached[node].by].edge);
  }
  std::reverse(path.begin(), path.end());
  return path;
}

}  // namespace weir::analysis
