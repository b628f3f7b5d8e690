// Start, stop and destruction of one life, and the completion of its operations.
#include "sim/process.h"

namespace weir::sim {
namespace {

std::string life_name(const Node& node, std::uint32_t life) {
  return node.name() + "#" + std::to_string(life);
}

}  // namespace

Process::Process(Core& core, Node& node, std::uint32_t life)
    : core_(core),
      node_(node),
      life_(life),
      random_(core.streams().stream("entropy", life_name(node, life))),
      clock_(*this),
      timers_(*this),
      network_(*this),
      disk_(*this),
      chance_(*this),
      machine_{clock_, timers_, network_, disk_, *this, chance_, *this, *this} {}

Process::~Process() {
  dying_ = true;
  const auto drain = [this] {
    operations_.for_each([this](OperationSlot& slot) {
      if (slot.event != nullptr) node_.cancel(*slot.event);
      slot.event = nullptr;
    });
    operations_.drop_all();
    while (!orphans_.empty()) {
      // Destroying a frame may post the unwinding of further ones.
      const std::vector<Once<Resume>> unwound = std::exchange(orphans_, {});
    }
  };
  drain();
  program_.reset();
  drain();
}

void Process::start() {
  guarded([this] {
    program_ = node_.launch()(machine_);
    spawn("main", program_->run());
  });
}

void Process::stop() { spawn("stop", run_stop()); }

Task<> Process::run_stop() {
  co_await program_->stop();
  core_.request({node_.id(), Command::What::end_stopped, life_, {}});
}

void Process::spawn(std::string_view, Task<> task) {
  if (dying_) return;
  // What comes of the end is an event of its own.
  std::move(task).start(*this, Once<std::exception_ptr>([this](const std::exception_ptr& error) {
    post(Once<Resume>([this, error](Resume) { task_ended(error); }));
  }));
}

void Process::post(Once<Resume> run) {
  if (dying_) {
    orphans_.push_back(std::move(run));
    return;
  }
  finish_soon(operations_.add(std::move(run)), 0);
}

void Process::halt(std::string_view why) {
  if (dying_) return;
  Fact fact{.kind = FactKind::node_failed};
  fact.why = why;
  emit(fact);
  core_.request({node_.id(), Command::What::end_halted, life_, {}});
}

void Process::emit(const Fact& fact) {
  if (dying_) return;
  core_.kernel().emit(fact, node_.id(), node_.name(), life_);
}

void Process::task_ended(const std::exception_ptr& error) {
  if (!error) return;
  guarded([&] { std::rethrow_exception(error); });
}

void Process::failed(const std::exception& error) {
  Fact fact{.kind = FactKind::assertion_failed};
  fact.why = error.what();
  emit(fact);
  core_.request({node_.id(), Command::What::end_failed, life_, {}});
}

void Process::decide(OperationId id, OperationSlot& slot, std::int64_t at, std::uint64_t word) {
  slot.decided = true;
  slot.deadline = kNoDeadline;
  Kernel& kernel = core_.kernel();
  if (slot.event != nullptr) {
    const bool held = slot.event->list == EventQueue::kHeld;
    if (!held && at <= kernel.now()) return kernel.hasten(*slot.event, word);
    node_.cancel(*slot.event);
  }
  slot.event = &kernel.schedule(at, EventKind::operation, node_.id().value(), life_, id.slot,
                                id.generation, word);
}

bool Process::finish_soon(OperationId id, std::uint64_t word) {
  OperationSlot* slot = operations_.find(id);
  if (slot == nullptr) return false;
  if (!slot->decided) decide(id, *slot, core_.kernel().now(), word);
  return true;
}

void Process::set_deadline(OperationId id, Instant deadline, std::uint64_t word) {
  if (deadline == Instant::never()) return;
  OperationSlot& slot = operations_.at(id);
  slot.deadline = deadline.ns;
  const std::int64_t at = node_.clock().world(deadline.ns) + node_.timer_lateness();
  slot.event = &core_.kernel().schedule(at, EventKind::operation, node_.id().value(), life_,
                                        id.slot, id.generation, word);
}

void Process::fire(const Event& e) {
  const OperationId id{e.slot, e.generation};
  OperationSlot* const slot = operations_.find(id);
  if (slot == nullptr) return;
  slot->event = nullptr;
  node_.occupy(core_.kernel().now());
  guarded([&] { operations_.complete(id, e.word); });
}

void Process::clock_changed() {
  operations_.for_each([this](OperationSlot& slot) {
    // A deadline that is held already has passed.
    if (slot.deadline == kNoDeadline || slot.event->list == EventQueue::kHeld) return;
    const Event old = *slot.event;
    core_.kernel().cancel(*slot.event);
    slot.event = &core_.kernel().schedule(node_.clock().world(slot.deadline), old.kind, old.node,
                                          old.life, old.slot, old.generation, old.word);
  });
}

}  // namespace weir::sim
