// What a broker says to the controller, and when.
#include "broker/node/controller/broker_lifecycle.h"

#include <algorithm>

#include "broker/controller/features.h"
#include "broker/controller/metadata_image.h"
#include "broker/node/controller/clean_stop_file.h"
#include "broker/wire/messages/broker_heartbeat.h"
#include "broker/wire/messages/broker_registration.h"

namespace weir {
namespace {

constexpr Duration kRetryPause = std::chrono::milliseconds(500);
// Heartbeats of a broker that waits to be let go, as Kafka's.
constexpr Duration kShutdownInterval = std::chrono::milliseconds(50);

ChannelOptions channel_options(const LifecycleOptions& options) {
  ChannelOptions channel;
  channel.purpose = "broker-lifecycle";
  // Half a session, as in Kafka: a heartbeat that hangs is tried again before it is too late.
  channel.request_timeout = options.session_timeout / 2;
  return channel;
}

}  // namespace

BrokerLifecycle::BrokerLifecycle(Machine& machine, MetadataLog& log, MetadataPublisher& publisher,
                                 LifecycleOptions options)
    : machine_(machine),
      publisher_(publisher),
      options_(std::move(options)),
      channel_(machine, log, channel_options(options_)),
      tasks_(machine),
      wake_(machine.timers.alarm()) {}

Task<bool> BrokerLifecycle::start() {
  const Result<BrokerEpoch> previous = co_await take_clean_stop(machine_.disk);
  if (!previous) {
    halt("cannot read how the broker stopped last: " + previous.error().message());
    co_return false;
  }
  previous_epoch_ = *previous;
  incarnation_ = make_topic_id(machine_.entropy.random());
  give_up_registering_ = machine_.clock.now() + options_.registration_timeout;
  next_word_ = machine_.clock.now();
  move_to(Phase::registering);
  publisher_.progress().join(wake_);
  tasks_.spawn("broker lifecycle", run());
  const WaitingLine::Place place = progress_.join(machine_.timers);
  publisher_.progress().join(place);
  while (!stopping_ && phase_ != Phase::done && !image_has_us()) {
    co_await place->wait_until(Instant::never());
  }
  progress_.leave(place);
  publisher_.progress().leave(place);
  co_return image_has_us();
}

void BrokerLifecycle::ready() {
  ready_ = true;
  wake_->notify();
}

Task<bool> BrokerLifecycle::wait_unfenced(Instant deadline) {
  const WaitingLine::Place place = progress_.join(machine_.timers);
  while (fenced_ && !stopping_ && phase_ != Phase::done && machine_.clock.now() < deadline) {
    co_await place->wait_until(deadline);
  }
  progress_.leave(place);
  co_return !fenced_;
}

Task<bool> BrokerLifecycle::shut_down() {
  if (phase_ != Phase::beating || !options_.controlled_shutdown) co_return false;
  next_word_ = machine_.clock.now();
  heard_ = machine_.clock.now();
  move_to(Phase::shutting_down);
  const Instant deadline = machine_.clock.now() + kControlledShutdownPatience;
  const WaitingLine::Place place = progress_.join(machine_.timers);
  Instant until = heard_ + kControllerSilence;
  while (phase_ == Phase::shutting_down && !stopping_ && machine_.clock.now() < until) {
    co_await place->wait_until(until);
    until = std::min(deadline, heard_ + kControllerSilence);
  }
  progress_.leave(place);
  co_return let_go_;
}

Task<> BrokerLifecycle::stop() {
  stopping_ = true;
  channel_.stop();
  wake_->notify();
  progress_.notify_all();
  co_await tasks_.join();
  co_await channel_.join();
  publisher_.progress().leave(wake_);
}

Task<> BrokerLifecycle::note_clean_stop() {
  if (epoch_ == kNoBrokerEpoch) co_return;
  // Where it cannot be written the next life counts as one after a crash, which is the safe side.
  static_cast<void>(co_await weir::note_clean_stop(machine_.disk, epoch_));
}

Task<> BrokerLifecycle::run() {
  while (!stopping_ && phase_ != Phase::done) {
    const bool due = machine_.clock.now() >= next_word_;
    const bool news = phase_ == Phase::beating && may_be_unfenced() && !asked_to_unfence_;
    if (phase_ == Phase::registering && due) {
      co_await register_once();
    } else if (phase_ != Phase::registering && (due || news)) {
      co_await beat_once();
    } else {
      co_await wake_->wait_until(next_word_);
    }
  }
}

BrokerRegistrationRequest BrokerLifecycle::registration() const {
  BrokerRegistrationRequest request;
  request.broker_id = options_.id.value();
  request.cluster_id = options_.cluster_id;
  request.incarnation_id = incarnation_;
  for (const ListenerImage& l : options_.listeners) {
    request.listeners.push_back({l.name, l.host, l.port, l.security_protocol});
  }
  for (const FeatureRange& f : supported_features()) {
    request.features.push_back({f.name, f.min, f.max});
  }
  request.rack = options_.rack;
  request.log_dirs = options_.log_dirs;
  request.previous_broker_epoch = previous_epoch_.value();
  return request;
}

Task<> BrokerLifecycle::register_once() {
  const Instant deadline =
      std::min(give_up_registering_, machine_.clock.now() + options_.session_timeout);
  BrokerRegistrationRequest request = registration();
  Result<BrokerRegistrationResponse> answer = co_await channel_.ask(std::move(request), deadline);
  if (stopping_) co_return;
  if (!answer || answer->error_code != 0) {
    refused(answer ? error_code_of(answer->error_code) : ErrorCode::request_timed_out);
    co_return;
  }
  epoch_ = BrokerEpoch{answer->broker_epoch};
  fenced_ = true;
  asked_to_unfence_ = false;
  give_up_registering_ = Instant::never();  // who was registered once does not give up
  previous_epoch_ = kNoBrokerEpoch;         // proves nothing about this life
  next_word_ = machine_.clock.now();
  move_to(Phase::beating);
}

void BrokerLifecycle::refused(ErrorCode error) {
  if (error == ErrorCode::inconsistent_cluster_id) {
    halt("the controllers belong to another cluster than " + options_.cluster_id);
  } else if (machine_.clock.now() >= give_up_registering_) {
    halt("could not register with the controllers in time: " + std::string(name_of(error)));
  } else {
    // Also DUPLICATE_BROKER_REGISTRATION: the session of the former life must end first.
    try_again_later();
  }
}

Task<> BrokerLifecycle::beat_once() {
  BrokerHeartbeatRequest request;
  request.broker_id = options_.id.value();
  request.broker_epoch = epoch_.value();
  request.current_metadata_offset = publisher_.applied().end.value() - 1;
  request.want_shut_down = phase_ == Phase::shutting_down;
  const bool could_unfence = may_be_unfenced();
  request.want_fence = !could_unfence && fenced_;
  asked_to_unfence_ = asked_to_unfence_ || could_unfence;
  const Instant deadline = machine_.clock.now() + options_.session_timeout / 2;
  Result<BrokerHeartbeatResponse> answer = co_await channel_.ask(request, deadline);
  if (stopping_) co_return;
  if (!answer) {
    try_again_later();
  } else {
    take(*answer);
  }
}

void BrokerLifecycle::take(const BrokerHeartbeatResponse& response) {
  heard_ = machine_.clock.now();
  const ErrorCode error = error_code_of(response.error_code);
  if (error == ErrorCode::stale_broker_epoch || error == ErrorCode::broker_id_not_registered) {
    fenced_ = true;
    next_word_ = machine_.clock.now();
    // Who wants to go is gone already.
    move_to(phase_ == Phase::shutting_down ? Phase::done : Phase::registering);
    return;
  }
  if (error != ErrorCode::none) return try_again_later();
  fenced_ = response.is_fenced;
  if (phase_ != Phase::shutting_down) {
    next_word_ = machine_.clock.now() + options_.heartbeat_interval;
    progress_.notify_all();
    return;
  }
  next_word_ = machine_.clock.now() + kShutdownInterval;
  let_go_ = response.should_shut_down;
  if (let_go_) move_to(Phase::done);
}

void BrokerLifecycle::try_again_later() { next_word_ = machine_.clock.now() + kRetryPause; }

bool BrokerLifecycle::image_has_us() const {
  const BrokerImage* self = publisher_.image()->broker(options_.id);
  return epoch_ != kNoBrokerEpoch && self != nullptr && self->epoch == epoch_;
}

void BrokerLifecycle::move_to(Phase phase) {
  phase_ = phase;
  wake_->notify();
  progress_.notify_all();
}

void BrokerLifecycle::halt(const std::string& why) {
  phase_ = Phase::done;
  progress_.notify_all();
  machine_.tasks.halt(why);
}

}  // namespace weir
