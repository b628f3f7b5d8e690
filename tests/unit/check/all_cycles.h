// All cycles of a small graph, counted out one by one, and which of them are to be reported: what
// the oracles of cycles share.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "checkers/cycles/graph.h"

namespace weir::analysis {

// What lies on a cycle, and whether two rw edges meet on it.
struct Walk {
  int rw = 0, ww = 0, wr = 0, process = 0, realtime = 0;
  bool adjacent = false;
};

// 0 G0, 1 G1c, 2 G-single, 3 G-nonadjacent, 4 G2-item.
inline int severity_of(const Walk& w) {
  if (w.rw == 0) return w.wr == 0 ? 0 : 1;
  return w.rw == 1 ? 2 : w.adjacent ? 4 : 3;
}

inline std::string kind_text(int severity, int variant) {
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
inline void add_expected(const std::vector<Walk>& walks, std::multiset<std::string>& out) {
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

}  // namespace weir::analysis
