// The life of a broker that stands alone and is its own controller.
#include "broker/node/life.h"
#include "broker/node/node.h"
#include "broker/node/server.h"
#include "broker/node/turn.h"
#include "broker/ports/task_group.h"

namespace weir {
namespace {

class StandaloneLife final : public NodeLife {
 public:
  StandaloneLife(Machine& machine, BrokerConfig config, const BrokerSettings& settings)
      : node_(machine, std::move(config), settings),
        server_(node_, node_.config.listen, ListenerKind::standalone),
        start_or_stop_(machine.timers),
        tasks_(machine),
        maintenance_(machine.timers.alarm()) {}

  [[nodiscard]] Task<> start() override;
  [[nodiscard]] Task<> leave() override;
  [[nodiscard]] Task<> stop() override;
  [[nodiscard]] std::uint16_t port() const override { return server_.port(); }
  [[nodiscard]] Node& node() override { return node_; }

 private:
  Task<> open();
  Task<> maintain();

  Node node_;
  Server server_;
  Turn start_or_stop_;  // stop() waits for a start that is under way
  TaskGroup tasks_;
  std::unique_ptr<Alarm> maintenance_;
  bool stopping_ = false;
};

Task<> StandaloneLife::start() {
  co_await start_or_stop_.take();
  if (!stopping_) {
    co_await open();
  }
  start_or_stop_.give();
}

Task<> StandaloneLife::open() {
  const bool opened = co_await node_.topics.open();
  if (!opened) co_return;
  const Endpoint& listen = node_.config.listen;
  const Result<void> listening = server_.listen();
  if (!listening) {
    node_.machine.tasks.halt("cannot listen on " + listen.host + ':' + std::to_string(listen.port) +
                             ": " + listening.error().message());
    co_return;
  }
  Endpoint own = node_.config.advertised.host.empty() ? listen : node_.config.advertised;
  if (own.port == 0) own.port = server_.port();
  node_.topics.set_own_address(own);
  tasks_.spawn("maintain", maintain());
}

Task<> StandaloneLife::maintain() {
  const Duration interval =
      std::chrono::milliseconds(node_.settings.log_retention_check_interval_ms);
  while (!stopping_) {
    const bool woken = co_await maintenance_->wait_until(node_.machine.clock.now() + interval);
    if (!woken && !stopping_) {
      co_await node_.topics.maintain();
    }
  }
}

Task<> StandaloneLife::leave() { co_return; }

Task<> StandaloneLife::stop() {
  co_await start_or_stop_.take();
  stopping_ = true;
  maintenance_->notify();
  co_await server_.stop();
  co_await tasks_.join();
  co_await node_.topics.close();
  start_or_stop_.give();
}

}  // namespace

std::unique_ptr<NodeLife> make_standalone_life(Machine& machine, BrokerConfig config,
                                               const BrokerSettings& settings) {
  return std::make_unique<StandaloneLife>(machine, std::move(config), settings);
}

}  // namespace weir
