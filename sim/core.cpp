// The loop over events, and the carrying out of commands.
#include "sim/core.h"

#include <utility>

#include "broker/base/assertion.h"
#include "sim/guard.h"
#include "sim/process.h"

namespace weir::sim {

Core::Core(WorldOptions options)
    : options_(std::move(options)),
      streams_(options_.seed, options_.branch),
      fabric_(*this),
      network_(fabric_) {}

Core::~Core() {
  for (const std::unique_ptr<Node>& node : nodes_) node->end_life();
}

NodeId Core::add_node(NodeOptions options) {
  WEIR_ASSERT(!options.name.empty());
  WEIR_ASSERT(!names_.contains(options.name));
  WEIR_ASSERT(nodes_.size() < options_.limits.nodes);
  const NodeId id{static_cast<std::uint32_t>(nodes_.size())};
  names_.emplace(options.name, id);
  nodes_.push_back(std::make_unique<Node>(*this, id, std::move(options)));
  fabric_.add_node();
  return id;
}

NodeId Core::node_named(std::string_view name) const {
  const auto found = names_.find(name);
  return found == names_.end() ? kNoNode : found->second;
}

void Core::at(Instant when, std::function<void()> action) {
  std::uint32_t index = 0;
  if (free_actions_.empty()) {
    index = static_cast<std::uint32_t>(actions_.size());
    actions_.push_back(std::move(action));
  } else {
    index = free_actions_.back();
    free_actions_.pop_back();
    actions_[index] = std::move(action);
  }
  kernel_.schedule(when.ns, EventKind::action, kNoNode.value(), 0, index, 0, 0);
}

void Core::emit(const Fact& fact, NodeId id) {
  if (id == kNoNode) {
    kernel_.emit(fact, id, "world", 0);
  } else {
    kernel_.emit(fact, id, node(id).name(), node(id).life());
  }
  if (in_event_) return;
  kernel_.rethrow_reader_error();
  carry_out_commands();
}

RunEnd Core::run_until(Instant until) {
  guard::Scope guarded(options_.guard);
  stop_ = false;
  while (!stop_) {
    Event* e = kernel_.next(until.ns);
    if (e == nullptr) {
      if (kernel_.pending() == 0) return {RunEnd::Why::idle, Instant{kernel_.now()}, {}};
      kernel_.move_to(until.ns);
      return {RunEnd::Why::reached, until, {}};
    }
    if (kernel_.events_at_instant() > options_.limits.events_per_instant ||
        kernel_.events() > options_.limits.events_per_run) {
      std::string text = over_limit(*e);
      kernel_.put_back(e);
      return {RunEnd::Why::limit, Instant{kernel_.now()}, std::move(text)};
    }
    execute(e);
    kernel_.end_event();
    kernel_.rethrow_reader_error();
    if (!commands_.empty()) carry_out_commands();
  }
  return {RunEnd::Why::stopped, Instant{kernel_.now()}, {}};
}

std::string Core::over_limit(const Event& e) const {
  const bool instant = kernel_.events_at_instant() > options_.limits.events_per_instant;
  const std::string who = e.node == kNoNode.value() ? std::string("world") : nodes_[e.node]->name();
  const std::string limit =
      instant ? "limit events_per_instant = " + std::to_string(options_.limits.events_per_instant)
              : "limit events_per_run = " + std::to_string(options_.limits.events_per_run);
  return limit + " passed at " + std::to_string(kernel_.now()) + " ns, event #" +
         std::to_string(kernel_.sequence()) + " (" + std::string(name_of(e.kind)) + ") of " + who;
}

void Core::execute(Event* e) {
  if (kernel_.traced()) kernel_.trace(*e);
  if (e->kind == EventKind::action) {  // of the harness: what it asks for happens at once
    const std::uint32_t index = e->slot;
    kernel_.give_back(e);
    run_action(index);
    return;
  }
  in_event_ = true;
  switch (e->kind) {
    case EventKind::operation: execute_operation(e); break;
    case EventKind::run_held: {
      Node& node = *nodes_[e->node];
      const std::uint32_t life = e->life;
      kernel_.give_back(e);
      if (node.life() == life) run_held(node);
      break;
    }
    case EventKind::deliver:
    case EventKind::connect:
    case EventKind::refused:
    case EventKind::window:
    case EventKind::user_timeout:
    case EventKind::overdue: {
      const Event copy = *e;
      kernel_.give_back(e);
      fabric_.execute(copy);
      break;
    }
    case EventKind::action:
    case EventKind::count_: kernel_.give_back(e); break;
  }
  in_event_ = false;
}

void Core::execute_operation(Event* e) {
  Node& node = *nodes_[e->node];
  Process* process = node.process(e->life);
  if (process == nullptr) {
    kernel_.give_back(e);
  } else if (!node.can_run(kernel_.now())) {
    node.hold(e);
  } else {
    const Event copy = *e;
    kernel_.give_back(e);
    process->fire(copy);
  }
}

void Core::run_held(Node& node) {
  Event* e = node.take_held();
  if (e != nullptr) {
    const Event copy = *e;
    kernel_.give_back(e);
    node.process()->fire(copy);
  }
  node.schedule_held();
}

void Core::run_action(std::uint32_t index) {
  const std::function<void()> action = std::exchange(actions_[index], nullptr);
  free_actions_.push_back(index);
  action();
}

void Core::request(Command command) {
  commands_.push_back(std::move(command));
  if (!in_event_) carry_out_commands();
}

void Core::carry_out_commands() {
  // Also from a reader that is told of what a command did: the loop below takes it next.
  if (carrying_out_ || kernel_.notifying()) return;
  carrying_out_ = true;
  while (!commands_.empty()) {
    Command command = std::move(commands_.front());
    commands_.pop_front();
    carry_out(command);
  }
  carrying_out_ = false;
}

void Core::carry_out(Command& command) {
  Node& n = node(command.node);
  using What = Command::What;
  switch (command.what) {
    case What::start: start(n); break;
    case What::kill:
      if (n.alive()) end_life(n, FactKind::node_killed, false);
      break;
    case What::power_loss: end_life(n, FactKind::node_power_lost, true); break;
    case What::stop:
      if (n.alive() && !n.stopping()) {
        n.set_stopping();
        n.process()->stop();
      }
      break;
    case What::pause:
      if (n.alive() && !n.paused()) {
        n.set_paused(true);
        emit({.kind = FactKind::node_paused}, n.id());
      }
      break;
    case What::resume:
      if (n.alive() && n.paused()) {
        n.set_paused(false);
        emit({.kind = FactKind::node_resumed}, n.id());
      }
      break;
    case What::wipe_disk:
      if (!n.alive()) n.store().wipe();
      break;
    case What::set_launch: n.set_launch(std::move(command.launch)); break;
    case What::end_stopped:
      if (n.process(command.life) != nullptr) end_life(n, FactKind::node_stopped, false);
      break;
    case What::end_halted:
    case What::end_failed:
      if (n.process(command.life) == nullptr) break;
      if (command.what == What::end_failed) n.set_failed();
      end_life(n, FactKind::count_, false);
      break;
  }
}

void Core::start(Node& n) {
  if (n.alive() || n.failed()) return;
  const bool was_off = !n.machine_on();
  n.set_machine_on(true);
  n.begin_life();
  emit({.kind = FactKind::node_started}, n.id());
  if (was_off) fabric_.machine_returned(n.id());
  n.process()->start();
}

// `kind` is the fact that tells of it; count_ where the node told it itself.
void Core::end_life(Node& n, FactKind kind, bool power) {
  if (power && !n.machine_on()) return;
  const std::uint32_t life = n.life();
  if (n.alive()) {
    if (power) {
      fabric_.process_vanished(n.id());
    } else {
      fabric_.process_ended(n.id());
    }
    n.end_life();
  }
  if (kind != FactKind::count_) kernel_.emit({.kind = kind}, n.id(), n.name(), life);
  if (!power) return;
  n.set_machine_on(false);
  n.store().lose_power();
}

}  // namespace weir::sim
