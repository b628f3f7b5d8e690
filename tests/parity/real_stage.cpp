// Playing a script on the real machine.
#include "tests/parity/real_stage.h"

#include <stdlib.h>

namespace weir::parity {
namespace {

constexpr Duration kPatience = std::chrono::seconds(60);

Task<> give_up(Machine& machine, RealLoop& loop) {
  co_await sleep_for(machine, kPatience);
  ADD_FAILURE() << "the script did not end";
  loop.stop();
}

}  // namespace

RealStage::RealStage() {
  std::string name = (std::filesystem::temp_directory_path() / "weir-parity-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) ADD_FAILURE() << "no temporary directory";
  directory_ = name;
}

RealStage::~RealStage() {
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

Meeting RealStage::meeting() const {
  Meeting meeting;
  meeting.listen_host = "127.0.0.1";
  meeting.connect_host = "127.0.0.1";
  meeting.unknown_host = "nobody.invalid";
  return meeting;
}

void RealStage::run(const Part& server, const Part& client) {
  RealLoop loop;
  RealOptions server_options;
  server_options.name = "server";
  server_options.data_directory = (directory_ / "server").string();
  RealOptions client_options;
  client_options.name = "client";
  client_options.data_directory = (directory_ / "client").string();
  const auto server_machine = RealMachine::open(loop, server_options);
  const auto client_machine = RealMachine::open(loop, client_options);
  ASSERT_TRUE(server_machine.has_value()) << server_machine.error();
  ASSERT_TRUE(client_machine.has_value()) << client_machine.error();
  int ended = 0;
  const std::function<void()> count = [&] {
    if (++ended == 2) loop.stop();
  };
  (*server_machine)->start([&](Machine& machine) {
    return std::make_unique<Player>(machine, server, count);
  });
  (*client_machine)->start([&](Machine& machine) {
    return std::make_unique<Player>(machine, client, count);
  });
  Machine& machine = (*server_machine)->machine();
  loop.spawn("patience", give_up(machine, loop));
  EXPECT_EQ(loop.run(), 0);
  EXPECT_EQ(ended, 2);
}

}  // namespace weir::parity
