// Brokers come and go: registration, heartbeats, fencing, controlled shutdown (KIP-631, KIP-966).
//
// A broker's epoch is the offset of its registration record. A new incarnation is cut out of every
// ISR, and, unless it proves by the epoch of its former life that it stopped cleanly, out of the
// eligible replicas too. It starts fenced, and is unfenced by a heartbeat that shows that it has
// applied the metadata up to its own registration; not further, since the log goes on growing.
// Fencing, unfencing and shutdown change the registration first: the elections that follow in the
// same batch see who is active.
#include <algorithm>
#include <set>
#include <utility>

#include "broker/controller/decisions.h"
#include "broker/wire/messages/broker_heartbeat.h"
#include "broker/wire/messages/broker_registration.h"
#include "broker/wire/messages/controller_registration.h"
#include "broker/wire/messages/unregister_broker.h"

namespace weir::deciding {
namespace {

constexpr std::int8_t kFence = 1;
constexpr std::int8_t kUnfence = -1;
constexpr std::size_t kMaxNodeText = 255;  // hosts, racks, names of listeners and features

BrokerRegistrationChangeRecord registration_change(const BrokerImage& broker) {
  BrokerRegistrationChangeRecord record;
  record.broker_id = broker.id.value();
  record.broker_epoch = broker.epoch.value();
  return record;
}

// The broker is not active any more. It leaves every ISR; its leaders move. One that stopped
// uncleanly is not eligible either.
void leave_partitions(Context& in, BrokerId id, bool uncleanly, std::string_view cause) {
  const auto places = partitions_where(in.image(), [&](const PartitionImage& p) {
    return contains_broker(p.isr, id) || p.leader == id ||
           (uncleanly && contains_broker(p.elr, id));
  });
  for (const PartitionPlace& place : places) {
    const TopicImage* topic = in.image().find_topic(place.topic);
    const PartitionImage& partition = *topic->partition(place.index);
    WantedPartition wanted;
    wanted.isr = without_broker(partition.isr, id);
    if (uncleanly) wanted.stopped_uncleanly = id;
    wanted.election = automatic_election(in.image(), *topic, in.options);
    change_partition_in(in, place.topic, place.index, wanted, cause);
  }
}

void fence(Context& in, BrokerId id, std::string_view cause) {
  BrokerRegistrationChangeRecord record = registration_change(*in.image().broker(id));
  record.fenced = kFence;
  in.draft.add(std::move(record), cause);
  leave_partitions(in, id, false, cause);
}

void unfence(Context& in, BrokerId id) {
  BrokerRegistrationChangeRecord record = registration_change(*in.image().broker(id));
  record.fenced = kUnfence;
  in.draft.add(std::move(record), "unfenced");
  elect_where_leaderless(in, "unfenced");
}

bool leads_anything(const MetadataImage& image, BrokerId id) {
  for (const auto& [name, topic] : image.topics()) {
    const bool leads = std::any_of(topic->partitions.begin(), topic->partitions.end(),
                                   [&](const PartitionImage& p) { return p.leader == id; });
    if (leads) return true;
  }
  return false;
}

template <class Listeners, class Features>
ErrorCode check_node(const Listeners& listeners, const Features& features) {
  if (listeners.empty() || listeners.size() > kMaxListenersOfNode ||
      features.size() > kMaxFeaturesOfNode) {
    return ErrorCode::invalid_registration;
  }
  std::set<std::string_view> names;
  for (const auto& l : listeners) {
    if (!names.insert(l.name).second || l.name.size() > kMaxNodeText ||
        l.host.size() > kMaxNodeText) {
      return ErrorCode::invalid_registration;
    }
  }
  for (const auto& f : features) {
    if (f.name.size() > kMaxNodeText) return ErrorCode::invalid_registration;
  }
  return ErrorCode::none;
}

// Every finalized level must be within what the node supports; what it does not name it does not
// support. The quorum looks after kraft.version itself.
template <class Features>
ErrorCode check_features(const MetadataImage& image, const Features& features) {
  for (const auto& [name, level] : image.features()) {
    if (name == kKraftVersionFeature) continue;
    const auto it = std::find_if(features.begin(), features.end(),
                                 [&, &wanted = name](const auto& f) { return f.name == wanted; });
    const bool fits = it != features.end() && it->min_supported_version <= level &&
                      level <= it->max_supported_version;
    if (!fits) return ErrorCode::unsupported_version;
  }
  return ErrorCode::none;
}

ErrorCode check_log_dirs(const MetadataImage& image, const BrokerRegistrationRequest& request) {
  if (request.log_dirs.size() > kMaxLogDirsOfBroker) return ErrorCode::invalid_registration;
  std::set<Uuid> dirs;
  for (const Uuid& dir : request.log_dirs) {
    if (!dirs.insert(dir).second) return ErrorCode::invalid_registration;
  }
  for (const BrokerImage& other : image.brokers()) {
    if (other.id.value() == request.broker_id) continue;
    const bool shared = std::any_of(other.log_dirs.begin(), other.log_dirs.end(),
                                    [&](const Uuid& dir) { return dirs.contains(dir); });
    if (shared) return ErrorCode::invalid_registration;  // two brokers on one disk
  }
  return ErrorCode::none;
}

ErrorCode check_registration(const Context& in, const BrokerRegistrationRequest& request) {
  if (request.cluster_id != in.options.cluster_id) return ErrorCode::inconsistent_cluster_id;
  if (request.broker_id < 0 || request.incarnation_id.is_zero()) {
    return ErrorCode::invalid_registration;
  }
  // In its former life it may still be alive, so its place is not given away before that ends.
  const BrokerImage* old = in.image().broker(BrokerId{request.broker_id});
  if (old != nullptr && old->incarnation != request.incarnation_id &&
      in.sessions.is_valid(old->id, old->epoch, in.now)) {
    return ErrorCode::duplicate_broker_registration;
  }
  ErrorCode error = check_node(request.listeners, request.features);
  if (error == ErrorCode::none && request.rack && request.rack->size() > kMaxNodeText) {
    error = ErrorCode::invalid_registration;
  }
  if (error == ErrorCode::none) error = check_features(in.image(), request.features);
  if (error == ErrorCode::none) error = check_log_dirs(in.image(), request);
  return error;
}

RegisterBrokerRecord record_of(const BrokerRegistrationRequest& request,
                               std::int16_t metadata_version) {
  RegisterBrokerRecord record;
  record.broker_id = request.broker_id;
  record.incarnation_id = request.incarnation_id;
  for (const auto& l : request.listeners) {
    record.end_points.push_back({l.name, l.host, l.port, l.security_protocol});
  }
  for (const auto& f : request.features) {
    record.features.push_back({f.name, f.min_supported_version, f.max_supported_version});
  }
  record.rack = request.rack;
  if (metadata_version >= kFirstWithLogDirs) record.log_dirs = request.log_dirs;
  return record;
}

// Where a broker's state leads by this heartbeat.
enum class Step : std::int8_t { stay, fence, unfence, begin_shutdown, shut_down };

Step next_step(const Context& in, const BrokerImage& broker,
               const BrokerHeartbeatRequest& request) {
  if (broker.fenced) {
    if (request.want_shut_down) return Step::shut_down;
    const bool caught_up = request.current_metadata_offset >= broker.epoch.value();
    return !request.want_fence && caught_up ? Step::unfence : Step::stay;
  }
  if (!broker.in_controlled_shutdown) {
    if (request.want_fence) return request.want_shut_down ? Step::shut_down : Step::fence;
    if (!request.want_shut_down) return Step::stay;
    return leads_anything(in.image(), broker.id) ? Step::begin_shutdown : Step::shut_down;
  }
  if (leads_anything(in.image(), broker.id)) return Step::stay;
  // The others must know of the new leaders before the old one goes.
  const auto* session = in.sessions.find(broker.id, broker.epoch);
  const auto lowest = in.sessions.lowest_active_offset(in.image());
  const bool known = session == nullptr || !session->shutdown_offset || !lowest ||
                     *lowest + 1 >= *session->shutdown_offset;
  return known ? Step::shut_down : Step::stay;
}

}  // namespace

BrokerRegistrationResponse decide(const BrokerRegistrationRequest& request, Context& in) {
  BrokerRegistrationResponse response;
  const ErrorCode error = check_registration(in, request);
  response.error_code = code_of(error);
  if (error != ErrorCode::none) return response;

  const BrokerId id{request.broker_id};
  const BrokerImage* found = in.image().broker(id);
  const std::optional<BrokerImage> old =
      found == nullptr ? std::nullopt : std::optional<BrokerImage>(*found);
  RegisterBrokerRecord record = record_of(request, in.image().feature(kMetadataVersionFeature));
  if (old && old->incarnation == request.incarnation_id) {
    // The same life tries again: it keeps its epoch and its state.
    response.broker_epoch = old->epoch.value();
    record.broker_epoch = old->epoch.value();
    record.fenced = old->fenced;
    record.in_controlled_shutdown = old->in_controlled_shutdown;
    MetadataImage image = in.image();
    const Result<void> replayed = replay(image, record);
    if (replayed && !image.same_content(in.image())) in.draft.add(std::move(record), "again");
    return response;
  }
  const bool clean = old && request.previous_broker_epoch >= 0 &&
                     BrokerEpoch{request.previous_broker_epoch} == old->epoch;
  // Without eligible replicas nothing is known of how brokers stop.
  const bool uncleanly = !clean && elr_is_on(in.image());
  in.draft.expect_any_partition();
  record.broker_epoch = in.draft.next_offset().value();
  response.broker_epoch = record.broker_epoch;
  const std::string_view cause = !old ? "first" : (clean ? "clean" : "unclean");
  in.draft.add(std::move(record), cause);
  in.sessions.forget(id);
  leave_partitions(in, id, uncleanly, cause);
  return response;
}

BrokerHeartbeatResponse decide(const BrokerHeartbeatRequest& request, Context& in) {
  BrokerHeartbeatResponse response;
  const ErrorCode error = check_broker_epoch(in.image(), request.broker_id, request.broker_epoch);
  response.error_code = code_of(error);
  if (error != ErrorCode::none) return response;
  const BrokerId id{request.broker_id};
  const BrokerImage broker = *in.image().broker(id);
  in.sessions.heartbeat(id, broker.epoch, Offset{request.current_metadata_offset}, in.now);
  const Step step = next_step(in, broker, request);
  if (step != Step::stay) in.draft.expect_any_partition();
  switch (step) {
    case Step::stay: break;
    case Step::unfence: unfence(in, id); break;
    case Step::fence: fence(in, id, "wants to be fenced"); break;
    case Step::begin_shutdown: {
      BrokerRegistrationChangeRecord record = registration_change(broker);
      record.in_controlled_shutdown = 1;
      in.draft.add(std::move(record), "controlled shutdown");
      leave_partitions(in, id, false, "controlled shutdown");
      in.sessions.shutdown_began(id, in.draft.next_offset());
      break;
    }
    case Step::shut_down:
      if (!broker.fenced) fence(in, id, "controlled shutdown");
      in.sessions.forget(id);  // its next life may come at once
      break;
  }
  response.is_caught_up = request.current_metadata_offset >= broker.epoch.value();
  response.is_fenced = in.image().broker(id)->fenced;
  response.should_shut_down = step == Step::shut_down;
  return response;
}

UnregisterBrokerResponse decide(const UnregisterBrokerRequest& request, Context& in) {
  UnregisterBrokerResponse response;
  response.error_message = std::nullopt;
  const BrokerId id{request.broker_id};
  const BrokerImage* broker = in.image().broker(id);
  if (broker == nullptr) {
    response.error_code = code_of(ErrorCode::broker_id_not_registered);
    response.error_message = "broker " + std::to_string(request.broker_id) + " is not registered";
    return response;
  }
  UnregisterBrokerRecord record;
  record.broker_id = request.broker_id;
  record.broker_epoch = broker->epoch.value();
  in.draft.expect_any_partition();
  in.draft.add(std::move(record), "unregistered");
  in.sessions.forget(id);
  leave_partitions(in, id, false, "unregistered");
  return response;
}

ControllerRegistrationResponse decide(const ControllerRegistrationRequest& request, Context& in) {
  ControllerRegistrationResponse response;
  response.error_message = std::nullopt;
  ErrorCode error = request.controller_id < 0 || request.incarnation_id.is_zero()
                        ? ErrorCode::invalid_registration
                        : check_node(request.listeners, request.features);
  if (error == ErrorCode::none) error = check_features(in.image(), request.features);
  response.error_code = code_of(error);
  if (error != ErrorCode::none) return response;
  RegisterControllerRecord record;
  record.controller_id = request.controller_id;
  record.incarnation_id = request.incarnation_id;
  for (const auto& l : request.listeners) {
    record.end_points.push_back({l.name, l.host, l.port, l.security_protocol});
  }
  for (const auto& f : request.features) {
    record.features.push_back({f.name, f.min_supported_version, f.max_supported_version});
  }
  MetadataImage image = in.image();
  const Result<void> replayed = replay(image, record);
  if (replayed && !image.same_content(in.image())) in.draft.add(std::move(record), "controller");
  return response;
}

// One after the other: each one's changes rest on those of the one before.
void fence_expired_brokers(Context& in) {
  const std::vector<BrokerId> expired = in.sessions.expired(in.image(), in.now);
  if (expired.empty()) return;
  in.draft.expect(expired.size() * (in.image().partition_count() + 1));
  for (const BrokerId id : expired) fence(in, id, "session expired");
}

}  // namespace weir::deciding
