// Registering until the image shows it.
#include "broker/node/controller/controller_registrar.h"

#include "broker/controller/features.h"
#include "broker/controller/metadata_image.h"
#include "broker/wire/messages/controller_registration.h"

namespace weir {
namespace {

constexpr Duration kPatienceToRegister = std::chrono::seconds(10);
// After a refusal; and after a success that the image does not show yet.
constexpr Duration kPause = std::chrono::seconds(2);

}  // namespace

ControllerRegistrar::ControllerRegistrar(Machine& machine, MetadataLog& log,
                                         MetadataPublisher& publisher, BrokerId id,
                                         std::vector<ListenerImage> listeners)
    : machine_(machine),
      publisher_(publisher),
      id_(id),
      listeners_(std::move(listeners)),
      channel_(machine, log, {.purpose = "controller-registration"}),
      tasks_(machine),
      wake_(machine.timers.alarm()) {}

void ControllerRegistrar::start() {
  incarnation_ = make_topic_id(machine_.entropy.random());
  publisher_.progress().join(wake_);
  tasks_.spawn("controller registration", run());
}

Task<> ControllerRegistrar::stop() {
  stopping_ = true;
  channel_.stop();
  wake_->notify();
  co_await tasks_.join();
  co_await channel_.join();
  publisher_.progress().leave(wake_);
}

bool ControllerRegistrar::is_registered() const {
  const ControllerImage* self = publisher_.image()->controller(id_);
  return self != nullptr && self->incarnation == incarnation_;
}

Task<> ControllerRegistrar::run() {
  ControllerRegistrationRequest request;
  request.controller_id = id_.value();
  request.incarnation_id = incarnation_;
  for (const ListenerImage& l : listeners_) {
    request.listeners.push_back({l.name, l.host, l.port, l.security_protocol});
  }
  for (const FeatureRange& f : supported_features()) {
    request.features.push_back({f.name, f.min, f.max});
  }
  while (!stopping_) {
    if (is_registered()) {
      co_await wake_->wait_until(Instant::never());
      continue;
    }
    const Instant deadline = machine_.clock.now() + kPatienceToRegister;
    static_cast<void>(co_await channel_.ask(request, deadline));
    const Instant again = machine_.clock.now() + kPause;
    while (!stopping_ && !is_registered() && machine_.clock.now() < again) {
      co_await wake_->wait_until(again);
    }
  }
}

}  // namespace weir
