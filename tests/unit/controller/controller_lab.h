// A controller with a log of its own: what it appends is kept, and replayed by a standby.
//
// Shared by the tests of this room. Commands are committed at once unless a test holds them back.
#pragma once

#include <string>
#include <vector>

#include "broker/controller/controller.h"
#include "broker/controller/replay.h"
#include "broker/wire/error_code.h"
#include "broker/wire/messages/allocate_producer_ids.h"
#include "broker/wire/messages/alter_configs.h"
#include "broker/wire/messages/alter_partition.h"
#include "broker/wire/messages/alter_partition_reassignments.h"
#include "broker/wire/messages/broker_heartbeat.h"
#include "broker/wire/messages/broker_registration.h"
#include "broker/wire/messages/controller_registration.h"
#include "broker/wire/messages/create_partitions.h"
#include "broker/wire/messages/create_topics.h"
#include "broker/wire/messages/delete_topics.h"
#include "broker/wire/messages/elect_leaders.h"
#include "broker/wire/messages/incremental_alter_configs.h"
#include "broker/wire/messages/list_partition_reassignments.h"
#include "broker/wire/messages/unregister_broker.h"
#include "broker/wire/messages/update_features.h"

namespace weir {

inline constexpr const char* kLabCluster = "weir-cluster-00000000A";

class ControllerLab {
 public:
  explicit ControllerLab(ControllerOptions options = {}, int brokers = 0);

  // Carries a decision out: the records go to the log, and to the standby's replay.
  template <class Request>
  typename Request::Response ask(const Request& request) {
    auto decided = controller.decide(request, now, random);
    append(decided.append);
    return decided.response;
  }
  void append(const Appends& appends);
  // The controller dies; the standby takes over from the replayed log.
  void fail_over();
  // Time passes; what is due is done.
  void pass(Duration);

  // -- brokers ------------------------------------------------------------------------------------
  BrokerRegistrationRequest registration(std::int32_t id, std::uint64_t incarnation,
                                         std::int64_t previous_epoch = -1) const;
  // Registers and unfences; yields the epoch.
  std::int64_t start_broker(std::int32_t id, std::uint64_t incarnation = 1,
                            std::int64_t previous_epoch = -1);
  BrokerHeartbeatResponse heartbeat(std::int32_t id, bool want_fence = false,
                                    bool want_shut_down = false);
  // Heartbeats of these, and time beyond the session of all others.
  void lose_all_but(const std::vector<std::int32_t>& ids);

  // -- topics -------------------------------------------------------------------------------------
  // One topic with these replicas for partition 0, 1, ...
  Uuid create_topic(const std::string& name, std::vector<std::vector<std::int32_t>> replicas,
                    ConfigMap configs = {});
  const PartitionImage& partition(const std::string& topic, std::int32_t index = 0) const;
  // "leader=1/0 isr=1,2,3": leader/leader epoch; elr, last, adding, removing, recovering where set.
  std::string state(const std::string& topic, std::int32_t index = 0) const;
  // From its leader, as of now.
  AlterPartitionRequest alter_isr(const std::string& topic, std::vector<std::int32_t> isr,
                                  std::int32_t index = 0) const;
  // Sends it, and yields the partition's (or the request's) error.
  ErrorCode ask_isr(const AlterPartitionRequest& request);
  ErrorCode reassign(const std::string& topic, std::optional<std::vector<std::int32_t>> replicas,
                     std::int32_t index = 0);
  ErrorCode set_config(std::int8_t type, const std::string& resource, const std::string& key,
                       std::optional<std::string> value);

  const MetadataImage& image() const { return controller.image(); }

  Controller controller;
  MetadataReplay standby;
  std::vector<VersionedRecord> log;
  Instant now{1'000'000'000};
  Random random{7};
  LeaderEpoch epoch{1};
};

}  // namespace weir
