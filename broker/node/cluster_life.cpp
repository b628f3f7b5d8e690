// The life of a node in a cluster: which parts it has, and in which order they begin and end.
//
// A node serves only when it knows what it serves: first the quorum's log, then the image, the
// registration, the logs and roles that the image asks for, and clients last. The end is the same
// backwards: leaders are handed over while the node still serves, and the proof of a clean stop is
// written when everything else is closed (KIP-631, KIP-966).
#include <algorithm>
#include <optional>

#include "broker/base/assertion.h"
#include "broker/node/controller/auto_topics.h"
#include "broker/node/controller/broker_lifecycle.h"
#include "broker/node/controller/cluster_options.h"
#include "broker/node/controller/controller_channel.h"
#include "broker/node/controller/controller_node.h"
#include "broker/node/controller/controller_producer_ids.h"
#include "broker/node/controller/controller_registrar.h"
#include "broker/node/controller/snapshot_taker.h"
#include "broker/node/life.h"
#include "broker/node/node.h"
#include "broker/node/quorum/metadata_publisher.h"
#include "broker/node/replica/replicas.h"
#include "broker/node/server.h"
#include "broker/node/turn.h"
#include "broker/ports/task_group.h"
#include "broker/storage/log/checkpoint_file.h"

namespace weir {
namespace {

class ClusterLife final : public NodeLife {
 public:
  ClusterLife(Machine& machine, BrokerConfig config, const BrokerSettings& settings);

  [[nodiscard]] Task<> start() override;
  [[nodiscard]] Task<> leave() override;
  [[nodiscard]] Task<> stop() override;
  [[nodiscard]] std::uint16_t port() const override;
  [[nodiscard]] Node& node() override { return node_; }

 private:
  void add_controller();
  void add_broker();
  Task<bool> open();
  Task<> open_broker();
  Task<bool> claim();
  [[nodiscard]] bool listen(Server& server, const Endpoint& where);
  Task<> follow_registrations();
  Task<> close_clients();
  Task<> let_others_leave();
  [[nodiscard]] bool others_leave() const;
  Task<bool> close_broker();
  Task<> close_controller();

  Node node_;
  std::optional<Server> controllers_;
  std::optional<Server> clients_;
  Turn start_or_stop_;
  TaskGroup tasks_;
  WaitingLine::Place registered_anew_;
  bool opened_ = false;  // the metadata log, and all that reads it
  bool has_replicas_ = false;
  bool stopping_ = false;
};

Task<Result<AlterPartitionResponse>> alter_partition(Node& node, AlterPartitionRequest request) {
  const Instant deadline = node.machine.clock.now() +
                           std::chrono::milliseconds(node.settings.controller_socket_timeout_ms);
  return node.channel->ask(std::move(request), deadline);
}

ClusterLife::ClusterLife(Machine& machine, BrokerConfig config, const BrokerSettings& settings)
    : node_(machine, std::move(config), settings),
      start_or_stop_(machine.timers),
      tasks_(machine),
      registered_anew_(machine.timers.alarm()) {
  Node& n = node_;
  n.metadata_log =
      std::make_unique<MetadataLog>(machine, metadata_log_options(n.config, n.settings));
  n.publisher = std::make_unique<MetadataPublisher>(machine, *n.metadata_log);
  n.snapshots = std::make_unique<SnapshotTaker>(machine, *n.metadata_log, *n.publisher,
                                                snapshot_policy(n.settings));
  if (n.config.cluster->is_controller) add_controller();
  if (n.config.cluster->is_broker) add_broker();
}

void ClusterLife::add_controller() {
  Node& n = node_;
  const Endpoint& where = n.config.cluster->controller_listen;
  n.controller = std::make_unique<ControllerNode>(n.machine, *n.metadata_log, *n.publisher,
                                                  controller_options(n.config, n.settings));
  n.registrar = std::make_unique<ControllerRegistrar>(
      n.machine, *n.metadata_log, *n.publisher, n.config.id,
      std::vector<ListenerImage>{{std::string(kControllerListener), where.host, where.port}});
  controllers_.emplace(n, where, ListenerKind::controller);
}

void ClusterLife::add_broker() {
  Node& n = node_;
  const Endpoint& told = n.config.advertised.host.empty() ? n.config.listen : n.config.advertised;
  n.channel =
      std::make_unique<ControllerChannel>(n.machine, *n.metadata_log, channel_options(n.settings));
  n.lifecycle = std::make_unique<BrokerLifecycle>(n.machine, *n.metadata_log, *n.publisher,
                                                  lifecycle_options(n.config, n.settings, told));
  n.replicas = std::make_unique<Replicas>(
      n.machine, n.config.id, n.settings,
      [&n](AlterPartitionRequest request) { return alter_partition(n, std::move(request)); });
  n.publisher->add(*n.replicas);
  n.auto_topics = std::make_unique<AutoTopics>(
      n.machine, *n.channel, static_cast<std::int32_t>(n.settings.num_partitions),
      static_cast<std::int16_t>(n.settings.default_replication_factor));
  n.id_blocks =
      std::make_unique<ControllerProducerIds>(n.machine, *n.channel, *n.lifecycle, n.config.id);
  n.producer_ids.take_blocks_from(*n.id_blocks);
  clients_.emplace(n, n.config.listen, ListenerKind::broker);
}

std::uint16_t ClusterLife::port() const {
  return clients_ ? clients_->port() : controllers_->port();
}

Task<> ClusterLife::start() {
  co_await start_or_stop_.take();
  opened_ = co_await open();
  if (opened_ && clients_ && !stopping_) {
    co_await open_broker();
  }
  start_or_stop_.give();
}

// The log of the quorum, the images, and the controller. False: the node was halted.
Task<bool> ClusterLife::open() {
  Node& n = node_;
  if (stopping_) co_return false;
  const bool ours = co_await claim();
  if (!ours) co_return false;
  if (clients_) {
    has_replicas_ = co_await n.replicas->open();
    if (!has_replicas_) co_return false;
  }
  const bool quorum = co_await n.metadata_log->open();
  if (!quorum) co_return false;
  n.publisher->start();
  n.snapshots->start();
  if (!controllers_) co_return true;
  // Who cannot be reached takes no office: the halt below ends it.
  if (listen(*controllers_, n.config.cluster->controller_listen)) {
    n.controller->start();
    n.registrar->start();
  }
  co_return true;
}

// A directory of another node or cluster is refused before anything is written to it.
Task<bool> ClusterLife::claim() {
  Node& n = node_;
  MetaProperties ours;
  ours.cluster_id = n.config.cluster_id;
  ours.node_id = n.config.id;
  const ParsedText<MetaProperties> known = co_await read_meta_properties(n.machine.disk);
  if (known.missing()) ours.directory_id = make_topic_id(n.machine.entropy.random());
  const ParsedText<MetaProperties> claimed = co_await claim_directory(n.machine.disk, ours);
  if (!claimed.ok()) n.machine.tasks.halt(claimed.complaint);
  co_return claimed.ok();
}

bool ClusterLife::listen(Server& server, const Endpoint& where) {
  const Result<void> listening = server.listen();
  if (listening) return true;
  node_.machine.tasks.halt("cannot listen on " + where.host + ':' + std::to_string(where.port) +
                           ": " + listening.error().message());
  return false;
}

Task<> ClusterLife::open_broker() {
  Node& n = node_;
  const bool registered = co_await n.lifecycle->start();
  if (!registered) co_return;
  const BrokerEpoch epoch = n.lifecycle->epoch();
  co_await n.replicas->on_registered(epoch);
  if (stopping_ || !listen(*clients_, n.config.listen)) co_return;
  n.lifecycle->progress().join(registered_anew_);
  tasks_.spawn("follow registrations", follow_registrations());
  n.lifecycle->ready();
}

// A registration that the controllers lost is made again, with another epoch.
Task<> ClusterLife::follow_registrations() {
  Node& n = node_;
  BrokerEpoch told = n.lifecycle->epoch();
  while (!stopping_) {
    if (n.lifecycle->epoch() != told) {
      told = n.lifecycle->epoch();
      co_await n.replicas->on_registered(told);
    } else {
      co_await registered_anew_->wait_until(Instant::never());
    }
  }
}

Task<> ClusterLife::leave() {
  // Who is not there yet has nothing to hand over.
  if (!clients_ || start_or_stop_.taken()) co_return;
  static_cast<void>(co_await node_.lifecycle->shut_down());
}

Task<> ClusterLife::stop() {
  Node& n = node_;
  stopping_ = true;
  bool clean = false;
  if (clients_ && start_or_stop_.taken()) {
    // A start that waits for the controllers ends.
    co_await n.lifecycle->stop();
  }
  co_await start_or_stop_.take();
  if (clients_) {
    co_await close_clients();
  }
  if (controllers_ && opened_) {
    co_await let_others_leave();
  }
  if (clients_) {
    clean = co_await close_broker();
  }
  co_await close_controller();
  if (opened_) {
    co_await n.metadata_log->close();
  }
  if (controllers_) {
    co_await controllers_->stop();
  }
  if (clean) {
    co_await n.lifecycle->note_clean_stop();
  }
  start_or_stop_.give();
}

Task<> ClusterLife::close_clients() {
  Node& n = node_;
  const bool let_go = co_await n.lifecycle->shut_down();
  static_cast<void>(let_go);
  n.channel->stop();
  co_await clients_->stop();
  registered_anew_->notify();
  co_await tasks_.join();
  n.lifecycle->progress().leave(registered_anew_);
  co_await n.lifecycle->stop();
  co_await n.auto_topics->join();
  co_await n.channel->join();
}

// Where a whole cluster stops at once, its controllers go last: a broker is let go by a quorum.
Task<> ClusterLife::let_others_leave() {
  Node& n = node_;
  const Instant deadline = n.machine.clock.now() + kControlledShutdownPatience;
  const WaitingLine::Place place = n.publisher->progress().join(n.machine.timers);
  while (others_leave() && n.machine.clock.now() < deadline) {
    co_await place->wait_until(deadline);
  }
  n.publisher->progress().leave(place);
}

bool ClusterLife::others_leave() const {
  const std::vector<BrokerImage>& brokers = node_.publisher->image()->brokers();
  return std::any_of(brokers.begin(), brokers.end(), [this](const BrokerImage& b) {
    return b.id != node_.config.id && b.in_controlled_shutdown && !b.fenced;
  });
}

// Images come to an end in between: replicas close when nobody gives them new roles.
Task<bool> ClusterLife::close_broker() {
  Node& n = node_;
  if (opened_) {
    co_await n.publisher->stop();
  }
  bool clean = has_replicas_;
  if (has_replicas_) {
    clean = co_await n.replicas->close();
  }
  co_return clean;
}

Task<> ClusterLife::close_controller() {
  Node& n = node_;
  if (!opened_) co_return;
  if (controllers_) {
    co_await n.registrar->stop();
    co_await n.controller->stop();
  }
  co_await n.snapshots->stop();
  co_await n.publisher->stop();
}

}  // namespace

std::unique_ptr<NodeLife> make_cluster_life(Machine& machine, BrokerConfig config,
                                            const BrokerSettings& settings) {
  WEIR_ASSERT(config.cluster.has_value());
  return std::make_unique<ClusterLife>(machine, std::move(config), settings);
}

}  // namespace weir
