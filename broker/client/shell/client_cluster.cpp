// The pump, the choice of a broker for questions to anybody, and the refresh of metadata.
#include "broker/client/shell/client_cluster.h"

#include <algorithm>

#include "broker/client/produce_messages.h"

namespace weir {

ClientCluster::ClientCluster(Machine& machine, const ConnectionOptions& options, ClusterUser& user,
                             const Recorder* recorder)
    : machine_(machine),
      options_(options),
      user_(user),
      recorder_(recorder),
      tasks_(machine),
      wake_(machine.timers.alarm()),
      metadata_(options) {}

void ClientCluster::start() {
  if (started_) return;
  started_ = true;
  tasks_.spawn("client", pump());
}

Task<> ClientCluster::pump() {
  while (!stopped_) {
    const Instant now = machine_.clock.now();
    for (const auto& [node, c] : connections_) c->expire(now);
    Instant deadline = user_.step(now);
    refresh_metadata(now);
    for (const auto& [node, c] : connections_) deadline = std::min(deadline, c->next_deadline());
    // A refresh that is due and cannot go out waits for a connection, not for a moment.
    if (metadata_.refresh_at() > now) deadline = std::min(deadline, metadata_.refresh_at());
    co_await wake_->wait_until(deadline);
  }
}

Task<> ClientCluster::close() {
  stopped_ = true;
  changes_.notify_all();
  for (const auto& [node, c] : connections_) c->stop();
  for (const auto& c : retired_) c->stop();
  poke();
  co_await tasks_.join();
}

BrokerConnection& ClientCluster::connection(std::int32_t node, const HostPort& address) {
  std::unique_ptr<BrokerConnection>& slot = connections_[node];
  if (slot && slot->address() != address) {
    slot->stop();
    retired_.push_back(std::move(slot));
    user_.node_lost(node);
  }
  if (!slot) {
    slot = std::make_unique<BrokerConnection>(machine_, tasks_, options_, *this, recorder_, node,
                                              address);
  }
  return *slot;
}

void ClientCluster::want(std::int32_t node) {
  const auto broker = metadata_.brokers().find(node);
  if (broker != metadata_.brokers().end()) connection(node, broker->second).want();
}

bool ClientCluster::ready(std::int32_t node) const {
  const auto it = connections_.find(node);
  return it != connections_.end() && it->second->ready();
}

// Brokers where they are known, bootstrap servers where they are not, or where every broker fails;
// these alone where the brokers answer, but never with what is needed.
std::vector<std::int32_t> ClientCluster::candidates() {
  std::vector<std::int32_t> nodes;
  const bool begin_anew = metadata_.rebootstrap(machine_.clock.now());
  bool hope = options_.metadata_recovery == MetadataRecovery::none && !metadata_.brokers().empty();
  for (const auto& [node, address] : metadata_.brokers()) {
    if (begin_anew) break;
    nodes.push_back(node);
    const BrokerConnection& c = connection(node, address);
    hope = hope || c.failures() == 0;
  }
  if (hope) return nodes;
  for (std::size_t i = 0; i < options_.bootstrap_servers.size(); ++i) {
    const std::int32_t node = -1 - static_cast<std::int32_t>(i);
    connection(node, options_.bootstrap_servers[i]);
    nodes.push_back(node);
  }
  return nodes;
}

std::optional<std::int32_t> ClientCluster::any_node() {
  // Among equals chance decides: a stale broker must not be asked for ever.
  std::vector<std::int32_t> nodes = candidates();
  const auto first = static_cast<std::ptrdiff_t>(machine_.entropy.random().below(nodes.size()));
  std::ranges::rotate(nodes, nodes.begin() + first);
  std::optional<std::int32_t> best;
  for (const std::int32_t node : nodes) {
    const BrokerConnection& c = *connections_.at(node);
    if (c.ready() && (!best || c.in_flight() < connections_.at(*best)->in_flight())) best = node;
  }
  if (best) return best;
  for (const std::int32_t node : nodes) {
    if (connections_.at(node)->connecting()) return std::nullopt;
  }
  // The one that may be tried first.
  BrokerConnection* choice = nullptr;
  for (const std::int32_t node : nodes) {
    BrokerConnection& c = *connections_.at(node);
    if (choice == nullptr || c.not_before() < choice->not_before()) choice = &c;
  }
  if (choice != nullptr) choice->want();
  return std::nullopt;
}

Task<std::optional<std::int32_t>> ClientCluster::wait_for_any_node(Instant deadline) {
  std::optional<std::int32_t> node = any_node();
  if (node) co_return node;
  const WaitingLine::Place place = changes_.join(machine_.timers);
  while (!node && !stopped_ && machine_.clock.now() < deadline) {
    co_await place->wait_until(deadline);
    node = any_node();
  }
  changes_.leave(place);
  co_return node;
}

Task<bool> ClientCluster::wait_for_node(std::int32_t node, Instant deadline) {
  const WaitingLine::Place place = changes_.join(machine_.timers);
  while (!ready(node) && !stopped_ && machine_.clock.now() < deadline) {
    want(node);
    co_await place->wait_until(deadline);
  }
  changes_.leave(place);
  co_return ready(node);
}

Task<bool> ClientCluster::wait_for_metadata(Instant deadline) {
  const std::uint64_t before = metadata_.updates();
  const WaitingLine::Place place = changes_.join(machine_.timers);
  metadata_.request_refresh();
  poke();
  while (metadata_.updates() == before && !stopped_ && machine_.clock.now() < deadline) {
    co_await place->wait_until(deadline);
  }
  changes_.leave(place);
  co_return metadata_.updates() != before;
}

void ClientCluster::refresh_metadata(Instant now) {
  if (metadata_.refresh_at() > now) return;
  const std::optional<std::int32_t> node = any_node();
  if (!node) return;
  metadata_.refresh_started();
  send(*node, make_metadata_request(metadata_), [this](Result<MetadataResponse> response, bool) {
    const Instant at = machine_.clock.now();
    if (response && response->error_code == 0) {
      metadata_.update(update_of(*response), at, machine_.entropy.random());
      changes_.notify_all();
    } else {
      const bool anew =
          response && error_code_of(response->error_code) == ErrorCode::rebootstrap_required;
      if (anew) metadata_.require_rebootstrap();
      metadata_.refresh_failed(at, machine_.entropy.random());
    }
  });
}

void ClientCluster::connection_ready(BrokerConnection& c) {
  if (is_current(c)) user_.node_ready(c.node());
  changes_.notify_all();
  poke();
}

void ClientCluster::connection_lost(BrokerConnection& c) {
  if (is_current(c)) user_.node_lost(c.node());
  changes_.notify_all();
  // The broker may be gone for good, and its partitions be led by another.
  if (!stopped_ && !metadata_.wanted().empty()) metadata_.request_refresh();
  poke();
}

}  // namespace weir
