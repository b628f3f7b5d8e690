// Playing a script in the simulator.
#include "tests/parity/sim_stage.h"

namespace weir::parity {
namespace {

constexpr Duration kVirtualPatience = std::chrono::minutes(10);

}  // namespace

Meeting SimStage::meeting() const {
  Meeting meeting;
  meeting.listen_host = "server";
  meeting.connect_host = "server";
  meeting.unknown_host = "nobody";
  return meeting;
}

void SimStage::run(const Part& server, const Part& client) {
  World world{WorldOptions{}};
  int ended = 0;
  const std::function<void()> count = [&] {
    if (++ended == 2) world.request_stop();
  };
  NodeOptions server_options;
  server_options.name = "server";
  server_options.launch = [&](Machine& machine) {
    return std::make_unique<Player>(machine, server, count);
  };
  NodeOptions client_options;
  client_options.name = "client";
  client_options.launch = [&](Machine& machine) {
    return std::make_unique<Player>(machine, client, count);
  };
  const NodeId server_node = world.add_node(std::move(server_options));
  const NodeId client_node = world.add_node(std::move(client_options));
  world.start(server_node);
  world.start(client_node);
  const RunEnd end = world.run_until(world.now() + kVirtualPatience);
  EXPECT_EQ(ended, 2) << "the script did not end: " << end.text;
  EXPECT_FALSE(world.failed(server_node));
  EXPECT_FALSE(world.failed(client_node));
}

}  // namespace weir::parity
