// Dependency graphs of transactions: nodes, typed edges, strong components and short cycles.
//
// Edges after Adya (1999): ww one version follows another, wr a version was read, rw a version that
// was not read yet follows. process and realtime order transactions of one process, and those of
// which one completed before the other was invoked. A link has no meaning of its own: it lets
// synthetic nodes stand for many edges, so that n transactions in real time need 3n edges, not n^2.
#pragma once

#include <cstdint>
#include <vector>

#include "checkers/history.h"
#include "checkers/log_index.h"

namespace weir::analysis {

enum class EdgeType : std::uint8_t { ww, wr, rw, process, realtime, link };

using EdgeMask = std::uint32_t;
[[nodiscard]] constexpr EdgeMask bit(EdgeType t) { return 1u << static_cast<unsigned>(t); }

struct Edge {
  std::uint32_t from = 0;
  std::uint32_t to = 0;
  NameId key = kNoName;
  ValueId a = kNoValue;  // ww, rw: the earlier version; wr: what was read
  ValueId b = kNoValue;  // ww, rw: the later version
  EdgeType type{};
};

// Successors by row; an arc remembers the edge it stands for.
struct Arc {
  std::uint32_t to = 0;
  std::uint32_t edge = 0;
  EdgeType type{};
};
struct Arcs {
  std::vector<std::uint32_t> row;  // one more than nodes
  std::vector<Arc> arcs;

  [[nodiscard]] std::uint32_t nodes() const { return static_cast<std::uint32_t>(row.size()) - 1; }
};

class TransactionGraph {
 public:
  // A transaction, by the number that its owner gives it; kNone for a synthetic node.
  std::uint32_t add_node(std::uint32_t transaction) {
    transactions_.push_back(transaction);
    return static_cast<std::uint32_t>(transactions_.size()) - 1;
  }
  // A transaction does not depend on itself: such edges are dropped.
  void add(const Edge& edge) {
    if (edge.from != edge.to) edges_.push_back(edge);
  }
  [[nodiscard]] std::uint32_t nodes() const {
    return static_cast<std::uint32_t>(transactions_.size());
  }
  [[nodiscard]] std::uint32_t transaction(std::uint32_t node) const { return transactions_[node]; }
  [[nodiscard]] bool synthetic(std::uint32_t node) const { return transactions_[node] == kNone; }
  [[nodiscard]] const Edge& edge(std::uint32_t i) const { return edges_[i]; }
  [[nodiscard]] const std::vector<Edge>& edges() const { return edges_; }
  [[nodiscard]] Arcs arcs() const;

 private:
  std::vector<std::uint32_t> transactions_;
  std::vector<Edge> edges_;
};

// Rows by counting: keep(i) says whether pair i (from, arc) is in.
[[nodiscard]] Arcs make_arcs(std::uint32_t nodes,
                             const std::vector<std::pair<std::uint32_t, Arc>>& pairs);

// The strong component of each node (Tarjan 1972). Components are numbered in reverse topological
// order: an arc between two of them leads from the higher number to the lower.
struct Components {
  std::vector<std::uint32_t> of;
  std::vector<std::uint32_t> sizes;
};
[[nodiscard]] Components strong_components(const Arcs&);

// The edges of a path with the fewest steps (links cost nothing), empty where there is none; from
// and to may be equal, for a cycle. Only nodes with keep[node] == wanted are entered, where given.
[[nodiscard]] std::vector<std::uint32_t> shortest_path(const Arcs&, std::uint32_t from,
                                                       std::uint32_t to,
                                                       const std::vector<std::uint32_t>& keep,
                                                       std::uint64_t& budget);

}  // namespace weir::analysis
