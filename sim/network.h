// The simulated network as the harness sees it: faults between nodes.
//
// Links are directed. What a partition or a clog holds back stays in order and arrives after the
// heal, one retransmission later, as TCP does; a connection that a partition held for longer than
// tcp_user_timeout is reset at its sender. All calls are safe from a fact reader and from actions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "sim/options.h"

namespace weir {

namespace sim {
class Fabric;
}

class NetworkModel {
 public:
  explicit NetworkModel(sim::Fabric& fabric) : fabric_(fabric) {}

  // One direction: nothing that `from` sends reaches `to`; connects that need it time out.
  void cut(NodeId from, NodeId to);
  void heal(NodeId from, NodeId to);
  // Both directions between every node of `a` and every node of `b`.
  void partition(std::span<const NodeId> a, std::span<const NodeId> b);
  void heal(std::span<const NodeId> a, std::span<const NodeId> b);
  // Holds what arrives, without the user timeout of a partition; release lets all of it through.
  void clog(NodeId from, NodeId to);
  void release(NodeId from, NodeId to);
  // Ends every cut, clog, refusal, slow link and delay.
  void heal_all();

  // Resets every connection between the two, at both ends at once.
  void reset(NodeId a, NodeId b);
  // `silent` forgets its connections with `peer` without a word: its own streams break at once,
  // the peer learns it from the answer to its next write.
  void half_open(NodeId silent, NodeId peer);
  // What `from` sends to `to` on connections that exist now vanishes; those connections are reset
  // at both ends after `reset_after`.
  void black_hole(NodeId from, NodeId to, Duration reset_after);

  // What `from` sends to `to` on connections that exist now arrives so much later, still in order;
  // connections that are made afterwards are as quick as ever, so that what they carry overtakes.
  // Zero ends it for all of them.
  void delay_connections(NodeId from, NodeId to, Duration by);

  // New connections to the node are refused, though somebody listens.
  void refuse_connects(NodeId to, bool refuse);

  // A link of its own: every sample gets `extra` on top; bytes_per_second 0 leaves the world's.
  void slow(NodeId from, NodeId to, Duration extra, std::uint64_t bytes_per_second = 0);
  // Replaces the distribution of a link.
  void set_latency(NodeId from, NodeId to, const Latency&);
  void set_loss(NodeId from, NodeId to, Ratio);

  // Connections with an open end at this node.
  [[nodiscard]] std::size_t connections(NodeId node) const;
  // Bytes accepted from senders and not yet read, over all connections.
  [[nodiscard]] std::uint64_t bytes_under_way() const;

 private:
  sim::Fabric& fabric_;
};

}  // namespace weir
