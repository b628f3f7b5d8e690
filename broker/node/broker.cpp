// A broker is the life that its config asks for.
#include "broker/node/broker.h"

#include "broker/base/assertion.h"
#include "broker/node/life.h"

namespace weir {
namespace {

BrokerSettings checked(const BrokerConfig& config) {
  const Checked<BrokerSettings> settings = validate(config);
  WEIR_ASSERT(settings.has_value());
  return *settings;
}

}  // namespace

Broker::Broker(Machine& machine, BrokerConfig config) {
  const BrokerSettings settings = checked(config);
  life_ = config.cluster ? make_cluster_life(machine, std::move(config), settings)
                         : make_standalone_life(machine, std::move(config), settings);
}

Broker::~Broker() = default;

Task<> Broker::run() { return life_->start(); }
Task<> Broker::leave() { return life_->leave(); }
Task<> Broker::stop() { return life_->stop(); }
std::uint16_t Broker::port() const { return life_->port(); }

}  // namespace weir
