// Lives of a node, and its held wake-ups.
#include "sim/node.h"

#include <algorithm>
#include <utility>

#include "sim/core.h"
#include "sim/process.h"

namespace weir::sim {

Node::Node(Core& core, NodeId id, NodeOptions options)
    : core_(core),
      id_(id),
      name_(std::move(options.name)),
      launch_(std::move(options.launch)),
      clock_(options.clock, core.options().wall_epoch),
      store_(core, *this, options.disk.value_or(core.options().disk)),
      disk_(store_),
      lateness_(core.streams().stream("timer", name_)),
      service_(options.service_time.value_or(core.options().service_time).count()) {}

Node::~Node() = default;

void Node::begin_life() {
  ++life_;
  paused_ = false;
  stopping_ = false;
  busy_until_ = 0;
  process_ = std::make_unique<Process>(core_, *this, life_);
}

void Node::end_life() {
  process_.reset();
  while (!held_.empty()) core_.kernel().give_back(held_.take_first());
  if (run_held_ != nullptr) core_.kernel().cancel(*std::exchange(run_held_, nullptr));
}

void Node::set_paused(bool paused) {
  paused_ = paused;
  if (!paused) schedule_held();
}

void Node::hold(Event* e) {
  e->list = EventQueue::kHeld;
  held_.append(e);
  schedule_held();
}

Event* Node::take_held() {
  run_held_ = nullptr;
  if (paused_ || held_.empty() || busy_until_ > core_.kernel().now()) return nullptr;
  return held_.take_first();
}

void Node::schedule_held() {
  if (paused_ || held_.empty() || run_held_ != nullptr) return;
  run_held_ = &core_.kernel().schedule(std::max(busy_until_, core_.kernel().now()),
                                       EventKind::run_held, id_.value(), life_, 0, 0, 0);
}

void Node::cancel(Event& e) {
  if (e.list == EventQueue::kHeld) {
    held_.remove(&e);
    core_.kernel().give_back(&e);
  } else {
    core_.kernel().cancel(e);
  }
}

std::int64_t Node::timer_lateness() { return core_.options().timer_lateness.sample(lateness_); }

}  // namespace weir::sim
