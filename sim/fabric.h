// Fabric: the network of a world, as seen by the machines in it.
//
// A connection keeps its order; a segment arrives after the link's latency, its losses and its
// bandwidth. What a cut, a clog or a machine without power holds back stays in the direction and is
// scheduled anew afterwards.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "broker/ports/network.h"
#include "sim/connection.h"

namespace weir::sim {

class Core;
class Process;

// A port on which a process listens.
struct ListenerState {
  std::uint32_t life = 0;
  Ring<ConnectionId> backlog;
  OperationId acceptor;
};

class Fabric {
 public:
  explicit Fabric(Core& core) : core_(core) {}

  void add_node() { open_ends_.push_back(0), refuses_.push_back(false), next_port_.push_back(0); }

  // For the ports of a process.
  [[nodiscard]] Result<std::uint16_t> listen(Process&, const Endpoint&);
  void close_listener(Process&, std::uint16_t port);
  void accept(Process&, std::uint16_t port, Once<Result<std::unique_ptr<Stream>>>);
  void connect(Process&, const Endpoint&, Instant deadline, Once<Result<std::unique_ptr<Stream>>>);
  void read(Process&, Connection&, std::uint32_t side, Instant deadline, Once<Result<Slice>>);
  void write(Process&, Connection&, std::uint32_t side, std::span<const Slice>, Once<Result<void>>);
  [[nodiscard]] Slice read_arrived(Connection&, std::uint32_t side);
  [[nodiscard]] bool write_now(Connection&, std::uint32_t side, std::span<const Slice>);
  void close(Process&, Connection&, std::uint32_t side);
  // The Stream object is gone: closes first where that has not been done.
  void let_go(Process&, Connection&, std::uint32_t side);
  [[nodiscard]] const std::string& peer_of(const Connection&, std::uint32_t side) const;

  // For the world's loop.
  void execute(const Event&);
  void process_ended(NodeId);     // its machine resets what it had open
  void process_vanished(NodeId);  // nobody is told
  void machine_returned(NodeId);  // what waited for it arrives

  // Faults.
  [[nodiscard]] Link& link(NodeId from, NodeId to);
  void set_cut(Link&, bool);
  void set_clogged(Link&, bool);
  void slow(Link&, Duration extra, std::uint64_t bytes_per_second);  // 0: the world's
  void heal_all();
  void reset_between(NodeId a, NodeId b);
  void half_open(NodeId silent, NodeId peer);
  void black_hole(NodeId from, NodeId to, Duration reset_after);
  void delay_between(NodeId from, NodeId to, Duration by);
  void refuse_connects(NodeId to, bool refuse) { refuses_[to.value()] = refuse; }
  [[nodiscard]] std::size_t open_ends(NodeId node) const { return open_ends_[node.value()]; }
  [[nodiscard]] std::uint64_t bytes_under_way() const;
  [[nodiscard]] const std::vector<LinkDelay>& long_delays() const { return long_delays_; }

 private:
  using Key = std::pair<std::uint32_t, std::uint32_t>;

  // Connections (fabric_connect.cpp).
  [[nodiscard]] Connection& make_connection(NodeId from, NodeId to);
  [[nodiscard]] Connection* find(ConnectionId);
  void release_if_unused(Connection&);
  void own(Connection&, std::uint32_t side, Process&);
  void disown(Connection&, std::uint32_t side);
  [[nodiscard]] Process* owner_of(const Connection&, std::uint32_t side);
  void request_arrives(Connection&);
  void answer_refused(Connection&);
  void refused_arrives(Connection&);
  void established_arrives(Connection&);
  void hand_over(ListenerState&, Process&, bool at_once);
  [[nodiscard]] ListenerState* listener(NodeId, std::uint16_t port);

  // Segments (fabric.cpp).
  [[nodiscard]] std::int64_t arrival(Link&, std::size_t bytes);
  [[nodiscard]] std::int64_t transit(Link&);
  void send_together(Connection&, std::uint32_t side, std::span<const Slice>, std::size_t bytes);
  void send(Connection&, std::uint32_t side, Segment);
  void schedule_delivery(Connection&, std::uint32_t side, std::size_t bytes);
  void fill_window(Connection&, std::uint32_t side);
  void deliver(Connection&, std::uint32_t side);
  void arrive(Connection&, std::uint32_t side, Segment);
  [[nodiscard]] Slice take_received(Connection&, std::uint32_t side);
  void window_opens(Connection&, std::uint32_t side);
  void drop(Connection&, std::uint32_t side, std::size_t bytes, std::string_view why);
  // The end breaks: what waits there yields reset.
  void break_end(Connection&, std::uint32_t side, std::string_view why);
  void tell(FactKind, const Connection&, std::uint32_t side, std::string_view why);

  // Holding back (fabric_faults.cpp).
  [[nodiscard]] bool blocked(const Link&) const;
  void stall(Connection&, std::uint32_t side);
  void start_user_timeout(Connection&, std::uint32_t side);
  void user_timeout(Connection&, std::uint32_t side);
  void overdue(Connection&);
  void release_stalled(Link&);
  static std::size_t forget_in_flight(Direction&);
  static void forget_received(Direction&);
  template <class F>
  void for_each_between(NodeId a, NodeId b, F visit);

  Core& core_;
  std::map<Key, Link> links_;
  std::map<Key, ListenerState> listeners_;  // by node and port
  std::vector<std::unique_ptr<Connection>> connections_;
  std::vector<std::uint32_t> free_;
  std::vector<std::size_t> open_ends_;  // by node
  std::vector<bool> refuses_;           // by node
  std::vector<std::uint16_t> next_port_;
  std::vector<LinkDelay> long_delays_;
};

}  // namespace weir::sim
