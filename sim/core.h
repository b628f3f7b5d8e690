// Core: the parts of a world together, and the loop that drives them.
//
// Commands about a node's life wait until the current event is over, because they destroy what may
// be on the stack.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/fabric.h"
#include "sim/kernel.h"
#include "sim/network.h"
#include "sim/node.h"
#include "sim/options.h"
#include "sim/random_streams.h"
#include "sim/world.h"

namespace weir::sim {

struct Command {
  enum class What {
    start,
    kill,
    power_loss,
    stop,
    pause,
    resume,
    wipe_disk,
    set_launch,
    end_stopped,  // Program::stop() has returned
    end_halted,   // Tasks::halt
    end_failed,   // an assertion
  };
  NodeId node;
  What what;
  std::uint32_t life = 0;  // of the ends
  Launch launch = {};
};

class Core {
 public:
  explicit Core(WorldOptions options);
  ~Core();

  [[nodiscard]] const WorldOptions& options() const { return options_; }
  [[nodiscard]] Kernel& kernel() { return kernel_; }
  [[nodiscard]] RandomStreams& streams() { return streams_; }
  [[nodiscard]] Fabric& fabric() { return fabric_; }
  [[nodiscard]] NetworkModel& network() { return network_; }

  NodeId add_node(NodeOptions options);
  [[nodiscard]] std::size_t nodes() const { return nodes_.size(); }
  [[nodiscard]] Node& node(NodeId id) { return *nodes_[id.value()]; }
  [[nodiscard]] NodeId node_named(std::string_view name) const;

  // Carried out at once, or right after the current event.
  void request(Command command);
  void at(Instant when, std::function<void()> action);
  void emit(const Fact& fact, NodeId node);
  void rebranch(std::uint64_t branch) { streams_.rebranch(branch); }
  void request_stop() { stop_ = true; }
  RunEnd run_until(Instant until);

 private:
  void execute(Event* e);
  void execute_operation(Event* e);
  void run_held(Node& node);
  void run_action(std::uint32_t index);
  void carry_out_commands();
  void carry_out(Command& command);
  void start(Node& node);
  void end_life(Node& node, FactKind kind, bool power);
  [[nodiscard]] std::string over_limit(const Event& e) const;

  WorldOptions options_;
  Kernel kernel_;
  RandomStreams streams_;
  Fabric fabric_;
  NetworkModel network_;
  std::vector<std::unique_ptr<Node>> nodes_;
  std::map<std::string, NodeId, std::less<>> names_;
  std::deque<Command> commands_;
  std::vector<std::function<void()>> actions_;
  std::vector<std::uint32_t> free_actions_;
  bool in_event_ = false;  // code of nodes or of the network may be on the stack
  bool carrying_out_ = false;
  bool stop_ = false;
};

}  // namespace weir::sim
