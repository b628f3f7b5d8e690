// BrokerLifecycle: a broker's life in the eyes of the controller (KIP-631): registration,
// heartbeats, unfencing, controlled shutdown.
//
// One coroutine speaks for the broker. It registers with the incarnation of this process and, where
// the former one stopped in order, with its broker epoch (KIP-966), then beats every
// broker.heartbeat.interval.ms; at once where something is due: the image has reached the
// registration, the broker got ready, it wants to stop. A registration that the controller does not
// know any more (STALE_BROKER_EPOCH) is made again. Kafka's order is kept: fenced at first,
// unfenced when it is ready and has seen its own registration.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "broker/client/shell/waiting_line.h"
#include "broker/controller/image_parts.h"
#include "broker/node/controller/controller_channel.h"
#include "broker/node/quorum/metadata_log.h"
#include "broker/node/quorum/metadata_publisher.h"
#include "broker/ports/machine.h"
#include "broker/ports/task_group.h"

namespace weir {

struct BrokerHeartbeatResponse;
struct BrokerRegistrationRequest;

// How long a stop waits for its leaders to be moved (Kafka: 5 minutes).
inline constexpr Duration kControlledShutdownPatience = std::chrono::seconds(10);
// It waits no longer when no controller answers: the quorum may have stopped, too.
inline constexpr Duration kControllerSilence = std::chrono::seconds(3);

struct LifecycleOptions {
  BrokerId id;
  std::string cluster_id;
  std::vector<ListenerImage> listeners;  // the first is what clients are told
  std::optional<std::string> rack = {};
  std::vector<Uuid> log_dirs = {};  // ids of the log directories, where they have any
  Duration heartbeat_interval = std::chrono::seconds(2);  // broker.heartbeat.interval.ms
  Duration session_timeout = std::chrono::seconds(9);     // broker.session.timeout.ms
  Duration registration_timeout =
      std::chrono::seconds(60);     // initial.broker.registration.timeout.ms
  bool controlled_shutdown = true;  // controlled.shutdown.enable
};

class BrokerLifecycle {
 public:
  // Log and publisher outlive it.
  BrokerLifecycle(Machine& machine, MetadataLog& log, MetadataPublisher& publisher,
                  LifecycleOptions options);

  // Registers, and beats from then on. Returns when the broker is registered and the publisher's
  // image has reached the registration; false: it was refused for good, or stop() came first. After
  // registration_timeout without success the node halts, as Kafka's does.
  [[nodiscard]] Task<bool> start();
  // The broker serves: its logs are open, its listener too. From now on it wants to be unfenced.
  void ready();
  // Waits until the controller has unfenced it, at most until the deadline.
  [[nodiscard]] Task<bool> wait_unfenced(Instant deadline);

  // Hands over what this broker leads, then stops beating; bounded by kControlledShutdownPatience
  // and kControllerSilence. Serves on meanwhile. True: the controller let it go. Without
  // controlled.shutdown.enable, or unregistered, false at once.
  [[nodiscard]] Task<bool> shut_down();
  [[nodiscard]] Task<> stop();
  // The very last of an orderly stop, when every log is closed and synced: notes this broker epoch,
  // so that the next life can prove that nothing was lost.
  [[nodiscard]] Task<> note_clean_stop();

  // Of the registration; kNoBrokerEpoch before it.
  [[nodiscard]] BrokerEpoch epoch() const { return epoch_; }
  [[nodiscard]] const Uuid& incarnation() const { return incarnation_; }
  // As the controller said last.
  [[nodiscard]] bool fenced() const { return fenced_; }
  // Woken when epoch() or fenced() changes.
  [[nodiscard]] WaitingLine& progress() { return progress_; }

 private:
  enum class Phase { idle, registering, beating, shutting_down, done };

  Task<> run();
  Task<> register_once();
  Task<> beat_once();
  [[nodiscard]] BrokerRegistrationRequest registration() const;
  void refused(ErrorCode error);
  void take(const BrokerHeartbeatResponse& response);
  void try_again_later();
  [[nodiscard]] bool image_has_us() const;
  // A heartbeat would unfence it, as far as this broker knows.
  [[nodiscard]] bool may_be_unfenced() const { return ready_ && image_has_us(); }
  void move_to(Phase phase);
  void halt(const std::string& why);

  Machine& machine_;
  MetadataPublisher& publisher_;
  LifecycleOptions options_;
  ControllerChannel channel_;
  TaskGroup tasks_;
  WaitingLine::Place wake_;
  WaitingLine progress_;

  Phase phase_ = Phase::idle;
  Uuid incarnation_;
  BrokerEpoch previous_epoch_ = kNoBrokerEpoch;  // of a former life that stopped in order
  BrokerEpoch epoch_ = kNoBrokerEpoch;
  bool ready_ = false;
  bool fenced_ = true;
  bool let_go_ = false;
  bool asked_to_unfence_ = false;  // by a heartbeat of this registration
  bool stopping_ = false;
  Instant give_up_registering_;
  Instant next_word_;  // the next registration or heartbeat
  Instant heard_;      // when a controller answered last
};

}  // namespace weir
