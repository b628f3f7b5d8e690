// The office, its clock, and the way of every command: draft, decision, records, answer.
#include "broker/controller/controller.h"

#include <algorithm>
#include <utility>

#include "broker/base/assertion.h"
#include "broker/controller/decisions.h"
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

Controller::Controller(ControllerOptions options)
    : options_(std::move(options)), sessions_(options_.session_timeout) {}

Appends Controller::activate(const MetadataReplay& committed, LeaderEpoch epoch, Instant now) {
  WEIR_ASSERT(!active());
  epoch_ = epoch;
  image_ = committed.published();
  image_.set_applied(committed.latest().applied());
  last_append_ = now;
  next_rebalance_ = now + options_.rebalance_check;
  next_unclean_check_ = now + options_.unclean_check;
  Draft draft(image_);
  Random unused;
  deciding::Context in{draft, sessions_, options_, now, unused};
  if (committed.in_transaction()) {
    // What it brought so far is not in this image, and never will be.
    AbortTransactionRecord abort;
    abort.reason = "the controller that began it is gone";
    draft.add(std::move(abort), "failover");
  }
  if (image_.feature(kMetadataVersionFeature) == 0) deciding::bootstrap(in);
  sessions_.activate(image_, now);
  Appends appends = draft.finish();
  wrote(appends, now);
  return appends;
}

void Controller::resign() {
  epoch_.reset();
  image_ = MetadataImage();
  sessions_.clear();
}

void Controller::log_advanced(Offset end) {
  WEIR_ASSERT(active() && end >= image_.applied().end);
  image_.set_applied({end, *epoch_});
}

void Controller::wrote(const Appends& appends, Instant now) {
  if (appends.empty()) return;
  last_append_ = now;
  image_.set_applied({appends.end, *epoch_});
}

Instant Controller::next_deadline() const {
  if (!active()) return Instant::never();
  Instant next = std::min(sessions_.next_expiry(image_), next_unclean_check_);
  if (options_.auto_leader_rebalance) next = std::min(next, next_rebalance_);
  if (options_.max_idle > Duration::zero()) next = std::min(next, last_append_ + options_.max_idle);
  return next;
}

Appends Controller::deadline_passed(Instant now) {
  if (!active()) return {};
  Draft draft(image_);
  Random unused;
  deciding::Context in{draft, sessions_, options_, now, unused};
  deciding::fence_expired_brokers(in);
  // One large matter at a time: the frame of a transaction stands before the first record.
  if (draft.size() == 0 && options_.auto_leader_rebalance && now >= next_rebalance_) {
    const bool left_over = deciding::elect_preferred_leaders(in);
    next_rebalance_ = left_over ? now : now + options_.rebalance_check;
  }
  if (draft.size() == 0 && now >= next_unclean_check_) {
    draft.expect_any_partition();
    deciding::elect_where_leaderless(in, "unclean election allowed");
    next_unclean_check_ = now + options_.unclean_check;
  }
  const bool idle = options_.max_idle > Duration::zero() && now >= last_append_ + options_.max_idle;
  if (draft.size() == 0 && idle) draft.add(NoOpRecord{}, "idle");
  Appends appends = draft.finish();
  wrote(appends, now);
  return appends;
}

template <class Request>
auto Controller::run(const Request& request, Instant now, Random& random) {
  WEIR_ASSERT(active());
  Draft draft(image_);
  deciding::Context in{draft, sessions_, options_, now, random};
  typename Request::Response response = deciding::decide(request, in);
  Appends appends = draft.finish();
  wrote(appends, now);
  return Decided<typename Request::Response>{std::move(appends), std::move(response)};
}

Decided<BrokerRegistrationResponse> Controller::decide(const BrokerRegistrationRequest& request,
                                                       Instant now, Random& random) {
  return run(request, now, random);
}
Decided<BrokerHeartbeatResponse> Controller::decide(const BrokerHeartbeatRequest& request,
                                                    Instant now, Random& random) {
  return run(request, now, random);
}
Decided<UnregisterBrokerResponse> Controller::decide(const UnregisterBrokerRequest& request,
                                                     Instant now, Random& random) {
  return run(request, now, random);
}
Decided<ControllerRegistrationResponse> Controller::decide(
    const ControllerRegistrationRequest& request, Instant now, Random& random) {
  return run(request, now, random);
}
Decided<CreateTopicsResponse> Controller::decide(const CreateTopicsRequest& request, Instant now,
                                                 Random& random) {
  return run(request, now, random);
}
Decided<DeleteTopicsResponse> Controller::decide(const DeleteTopicsRequest& request, Instant now,
                                                 Random& random) {
  return run(request, now, random);
}
Decided<CreatePartitionsResponse> Controller::decide(const CreatePartitionsRequest& request,
                                                     Instant now, Random& random) {
  return run(request, now, random);
}
Decided<AlterPartitionResponse> Controller::decide(const AlterPartitionRequest& request,
                                                   Instant now, Random& random) {
  return run(request, now, random);
}
Decided<ElectLeadersResponse> Controller::decide(const ElectLeadersRequest& request, Instant now,
                                                 Random& random) {
  return run(request, now, random);
}
Decided<AlterPartitionReassignmentsResponse> Controller::decide(
    const AlterPartitionReassignmentsRequest& request, Instant now, Random& random) {
  return run(request, now, random);
}
Decided<ListPartitionReassignmentsResponse> Controller::decide(
    const ListPartitionReassignmentsRequest& request, Instant now, Random& random) {
  return run(request, now, random);
}
Decided<IncrementalAlterConfigsResponse> Controller::decide(
    const IncrementalAlterConfigsRequest& request, Instant now, Random& random) {
  return run(request, now, random);
}
Decided<AlterConfigsResponse> Controller::decide(const AlterConfigsRequest& request, Instant now,
                                                 Random& random) {
  return run(request, now, random);
}
Decided<AllocateProducerIdsResponse> Controller::decide(const AllocateProducerIdsRequest& request,
                                                        Instant now, Random& random) {
  return run(request, now, random);
}
Decided<UpdateFeaturesResponse> Controller::decide(const UpdateFeaturesRequest& request,
                                                   Instant now, Random& random) {
  return run(request, now, random);
}

}  // namespace weir
