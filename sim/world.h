// World: a discrete-event simulation of machines that run Programs, as a pure function of its
// options.
//
// Virtual integer nanoseconds from 0; one thread; ties are first in, first out; every random
// decision comes from a stream keyed by (seed, branch, purpose, name). The queue holds values,
// never handlers: a crash destroys a node's waiting coroutines, then its Program, and late events
// of a dead life find nothing.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "broker/base/fact.h"
#include "broker/base/time.h"
#include "sim/disk.h"
#include "sim/network.h"
#include "sim/observe.h"
#include "sim/options.h"

namespace weir {

namespace sim {
class Core;
}

struct RunEnd {
  enum class Why {
    reached,  // the asked instant
    idle,     // nothing is pending at all
    stopped,  // request_stop()
    limit,    // of the world; `text` says which one and where
  };
  Why why = Why::reached;
  Instant at = {};
  std::string text = {};
};

// How many values a named random stream has yielded; loss of determinism is traced with it.
struct StreamDraws {
  std::string name;  // "latency b1>P1"
  std::uint64_t draws = 0;
};

class World {
 public:
  explicit World(WorldOptions options);
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  // Nodes. A new node's machine is on, its program not started. Calls that end or begin a life are
  // carried out at once, but right after the current event where they come from inside one
  // (a program, a reader). What does not apply (killing the dead) does nothing.
  NodeId add_node(NodeOptions options);
  void start(NodeId);
  void kill(NodeId);        // the process dies; page cache and machine live on; peers are reset
  void power_loss(NodeId);  // the machine is off until start; peers are told nothing
  void stop(NodeId);        // runs Program::stop(); the node is gone when it returns
  void pause(NodeId);       // its wake-ups wait for resume; its monotonic clock goes on
  void resume(NodeId);
  void wipe_disk(NodeId);  // of a node that is not alive
  // The program of later lives (rolling upgrades).
  void set_launch(NodeId, Launch);

  [[nodiscard]] NodeId node(std::string_view name) const;  // kNoNode where there is none
  [[nodiscard]] std::size_t nodes() const;
  [[nodiscard]] const std::string& name(NodeId) const;
  [[nodiscard]] std::uint32_t life(NodeId) const;  // 0 before the first start
  [[nodiscard]] bool alive(NodeId) const;
  [[nodiscard]] bool paused(NodeId) const;
  // An assertion of its program failed: the node stays down, start() does nothing.
  [[nodiscard]] bool failed(NodeId) const;

  // Clocks and speed.
  void set_drift(NodeId, std::int64_t ppm);
  void step_wall(NodeId, Duration by);  // forward or back
  void set_service_time(NodeId, Duration);

  [[nodiscard]] NetworkModel& network();
  [[nodiscard]] DiskModel& disk(NodeId);

  // Runs all events up to and including `until`; now() is `until` when it was reached.
  RunEnd run_until(Instant until);
  // Ends run_until after the current event.
  void request_stop();
  // An action of the harness, e.g. a fault; a moment that has passed means now.
  void at(Instant, std::function<void()>);
  // From here on every random stream is drawn anew, under this branch.
  void rebranch(std::uint64_t branch);

  // A fact of the harness (fault.injected, healed), in the name of a node or of the world.
  void emit(const Fact&, NodeId node = kNoNode);
  // Readers outlive the world, or are removed. Order of calls = order of adding.
  void add_reader(FactReader&);
  void remove_reader(FactReader&);
  void set_trace(TraceReader*);  // one, or null

  [[nodiscard]] Instant now() const;
  [[nodiscard]] std::uint64_t events() const;    // executed so far
  [[nodiscard]] std::uint64_t sequence() const;  // last number given to an event or a fact
  [[nodiscard]] std::size_t pending() const;     // events in the queue
  [[nodiscard]] std::uint64_t fingerprint() const;
  [[nodiscard]] std::vector<StreamDraws> draws() const;  // sorted by name
  // The draws so far of each stream, in the order of first use, and the streams' names in it.
  void count_draws(std::vector<std::uint64_t>& draws) const;
  [[nodiscard]] std::vector<std::string> stream_names() const;
  // What took longer than options().network.keep_delays_above, in the order of sending.
  [[nodiscard]] const std::vector<LinkDelay>& long_delays() const;
  // Streams of randomness for the harness itself (plans, apps), keyed like all others.
  [[nodiscard]] Random& random(std::string_view purpose, std::string_view entity);
  [[nodiscard]] const WorldOptions& options() const;

 private:
  std::unique_ptr<sim::Core> core_;
};

}  // namespace weir
