// The decision families, each in its own decide_*.cpp: what the active controller's commands rest
// on. For the controller and its decisions alone.
//
// A decision is a function of the request, the uncommitted image, the sessions, the time and
// randomness. It checks everything first; then it adds records to the draft, which changes the
// image, and fills in the answer.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/base/random.h"
#include "broker/base/time.h"
#include "broker/controller/broker_sessions.h"
#include "broker/controller/controller.h"
#include "broker/controller/controller_options.h"
#include "broker/controller/draft.h"
#include "broker/controller/election.h"
#include "broker/controller/replay.h"
#include "broker/wire/error_code.h"

namespace weir::deciding {

struct Context {
  Draft& draft;
  BrokerSessions& sessions;
  const ControllerOptions& options;
  Instant now;
  Random& random;

  [[nodiscard]] const MetadataImage& image() const { return draft.image(); }
};

// Why something is refused, as an answer tells it.
struct Refusal {
  ErrorCode error = ErrorCode::none;
  std::string why = {};
  [[nodiscard]] bool refused() const { return error != ErrorCode::none; }
};

inline constexpr std::int8_t kTopicResource = 2;   // Kafka's ConfigResource.Type
inline constexpr std::int8_t kBrokerResource = 4;  // likewise

// -- settings that decide (decision_rules.cpp) ----------------------------------------------------

// What counts for a topic: its own setting, else the dynamic default of the brokers, else the
// controller's option.
[[nodiscard]] std::int32_t min_insync_replicas(const MetadataImage&, const TopicImage&,
                                               const ControllerOptions&);
[[nodiscard]] bool unclean_election_allowed(const MetadataImage&, const TopicImage&,
                                            const ControllerOptions&);
[[nodiscard]] PartitionRules partition_rules(const MetadataImage&, const TopicImage&,
                                             const ControllerOptions&);
// `unclean` where the topic allows it, else `online`.
[[nodiscard]] ElectionKind automatic_election(const MetadataImage&, const TopicImage&,
                                              const ControllerOptions&);

// Of a broker that is not registered, or not with this epoch: STALE_BROKER_EPOCH.
[[nodiscard]] ErrorCode check_broker_epoch(const MetadataImage&, std::int32_t broker,
                                           std::int64_t epoch);

// Adds the record, if anything changes; yields whether it did.
bool change_partition_in(Context&, const Uuid& topic, std::int32_t index,
                         const WantedPartition& wanted, std::string_view cause);

struct PartitionPlace {
  Uuid topic;
  std::int32_t index = 0;
};
[[nodiscard]] std::vector<PartitionPlace> partitions_where(
    const MetadataImage&, const std::function<bool(const PartitionImage&)>& wanted);

// A manual assignment: not empty, no broker twice, all registered.
[[nodiscard]] Refusal check_assignment(const MetadataImage&, const std::vector<std::int32_t>&);

// A new partition's record: the ISR is whoever is active among the replicas, the first of them
// leads. Nobody active: INVALID_REPLICA_ASSIGNMENT, and no record is added.
[[nodiscard]] PartitionImage new_partition(const MetadataImage&,
                                           const std::vector<std::int32_t>& replicas);
void add_partition(Context&, const Uuid& topic, std::int32_t index, const PartitionImage&,
                   std::string_view cause);

// -- brokers (decide_brokers.cpp) -----------------------------------------------------------------

BrokerRegistrationResponse decide(const BrokerRegistrationRequest&, Context&);
BrokerHeartbeatResponse decide(const BrokerHeartbeatRequest&, Context&);
UnregisterBrokerResponse decide(const UnregisterBrokerRequest&, Context&);
ControllerRegistrationResponse decide(const ControllerRegistrationRequest&, Context&);
void fence_expired_brokers(Context&);

// -- topics ---------------------------------------------------------------------------------------

CreateTopicsResponse decide(const CreateTopicsRequest&, Context&);
DeleteTopicsResponse decide(const DeleteTopicsRequest&, Context&);
CreatePartitionsResponse decide(const CreatePartitionsRequest&, Context&);

// -- partitions -----------------------------------------------------------------------------------

AlterPartitionResponse decide(const AlterPartitionRequest&, Context&);
ElectLeadersResponse decide(const ElectLeadersRequest&, Context&);
AlterPartitionReassignmentsResponse decide(const AlterPartitionReassignmentsRequest&, Context&);
ListPartitionReassignmentsResponse decide(const ListPartitionReassignmentsRequest&, Context&);
// Elections that are due without a request; the first tells whether some are left over.
[[nodiscard]] bool elect_preferred_leaders(Context&);
void elect_where_leaderless(Context&, std::string_view cause);

// -- settings, features, producer ids -------------------------------------------------------------

IncrementalAlterConfigsResponse decide(const IncrementalAlterConfigsRequest&, Context&);
AlterConfigsResponse decide(const AlterConfigsRequest&, Context&);
UpdateFeaturesResponse decide(const UpdateFeaturesRequest&, Context&);
AllocateProducerIdsResponse decide(const AllocateProducerIdsRequest&, Context&);
// The first records of a cluster.
void bootstrap(Context&);
// With eligible leader replicas the controller must know min.insync.replicas: the default of the
// brokers becomes a dynamic one, settings of single brokers go.
void tell_min_insync_replicas(Context&);

}  // namespace weir::deciding
