// The harness's calls, handed to the fabric.
#include "sim/network.h"

#include "sim/fabric.h"

namespace weir {

void NetworkModel::cut(NodeId from, NodeId to) { fabric_.set_cut(fabric_.link(from, to), true); }
void NetworkModel::heal(NodeId from, NodeId to) { fabric_.set_cut(fabric_.link(from, to), false); }

void NetworkModel::partition(std::span<const NodeId> a, std::span<const NodeId> b) {
  for (const NodeId x : a) {
    for (const NodeId y : b) {
      cut(x, y);
      cut(y, x);
    }
  }
}

void NetworkModel::heal(std::span<const NodeId> a, std::span<const NodeId> b) {
  for (const NodeId x : a) {
    for (const NodeId y : b) {
      heal(x, y);
      heal(y, x);
    }
  }
}

void NetworkModel::clog(NodeId from, NodeId to) {
  fabric_.set_clogged(fabric_.link(from, to), true);
}
void NetworkModel::release(NodeId from, NodeId to) {
  fabric_.set_clogged(fabric_.link(from, to), false);
}
void NetworkModel::heal_all() { fabric_.heal_all(); }

void NetworkModel::reset(NodeId a, NodeId b) { fabric_.reset_between(a, b); }
void NetworkModel::half_open(NodeId silent, NodeId peer) { fabric_.half_open(silent, peer); }
void NetworkModel::black_hole(NodeId from, NodeId to, Duration reset_after) {
  fabric_.black_hole(from, to, reset_after);
}
void NetworkModel::delay_connections(NodeId from, NodeId to, Duration by) {
  fabric_.delay_between(from, to, by);
}
void NetworkModel::refuse_connects(NodeId to, bool refuse) { fabric_.refuse_connects(to, refuse); }

void NetworkModel::slow(NodeId from, NodeId to, Duration extra, std::uint64_t bytes_per_second) {
  fabric_.slow(fabric_.link(from, to), extra, bytes_per_second);
}
void NetworkModel::set_latency(NodeId from, NodeId to, const Latency& latency) {
  fabric_.link(from, to).latency = latency;
}
void NetworkModel::set_loss(NodeId from, NodeId to, Ratio loss) {
  fabric_.link(from, to).loss = loss;
}

std::size_t NetworkModel::connections(NodeId node) const { return fabric_.open_ends(node); }
std::uint64_t NetworkModel::bytes_under_way() const { return fabric_.bytes_under_way(); }

}  // namespace weir
