// The office, the queue of commands, and appends in the order of decisions.
#include "broker/node/controller/controller_node.h"

#include <string>

#include "broker/wire/error_code.h"

namespace weir {

ControllerNode::ControllerNode(Machine& machine, MetadataLog& log, MetadataPublisher& publisher,
                               ControllerOptions options)
    : machine_(machine),
      log_(log),
      publisher_(publisher),
      controller_(std::move(options)),
      wake_(machine.timers.alarm()),
      tasks_(machine) {}

void ControllerNode::start() {
  log_.progress().join(wake_);
  publisher_.progress().join(wake_);
  log_.on_commit([this] { tell_committed(); });
  tasks_.spawn("controller", run());
}

Task<> ControllerNode::stop() {
  stopping_ = true;
  wake_->notify();
  co_await tasks_.join();
  log_.on_commit(nullptr);
  log_.progress().leave(wake_);
  publisher_.progress().leave(wake_);
}

Task<bool> ControllerNode::carry_out(std::shared_ptr<Command> command) {
  if (stopping_ || !controller_.active() || commands_.size() >= kMaxWaitingCommands) {
    co_return false;
  }
  command->alarm = machine_.timers.alarm();
  commands_.push_back(command);
  wake_->notify();
  while (!command->done) {
    co_await command->alarm->wait_until(Instant::never());
  }
  if (command->epoch == kNoLeaderEpoch) co_return false;
  co_return co_await log_.wait_committed(command->epoch, command->end);
}

Task<> ControllerNode::run() {
  while (!stopping_) {
    const bool moved = co_await step();
    if (!moved && !stopping_) {
      co_await wake_->wait_until(controller_.next_deadline());
    }
  }
  leave_office("the node stops");
}

// True: there may be more to do at once.
Task<bool> ControllerNode::step() {
  const auto& office = log_.office();
  if (controller_.active() && (!office || office->epoch != controller_.epoch())) {
    leave_office("this node leads the quorum no more");
    co_return true;
  }
  if (!office) co_return false;
  if (!controller_.active()) {
    co_await take_office();
    co_return controller_.active();
  }
  if (!commands_.empty()) {
    const std::shared_ptr<Command> command = std::move(commands_.front());
    commands_.pop_front();
    co_await decide(command);
    co_return true;
  }
  if (machine_.clock.now() < controller_.next_deadline()) co_return false;
  Appends appends = controller_.deadline_passed(machine_.clock.now());
  tell_when_committed(facts_of(appends, nullptr, controller_.image()));
  static_cast<void>(co_await append(std::move(appends)));
  co_return true;
}

// Once all of the log is committed and replayed, the record of the new leader included.
Task<> ControllerNode::take_office() {
  const MetadataLog::Office office = *log_.office();
  if (office_seen_ != office.epoch) {
    office_seen_ = office.epoch;
    if (before_office_ == nullptr) before_office_ = publisher_.image();
  }
  const Offset end = log_.log_end();
  const bool all_known = end > office.epoch_start && log_.high_watermark() >= end &&
                         publisher_.replay().latest().applied().end == end;
  if (!all_known) co_return;
  machine_.facts.emit({.kind = FactKind::controller_activated,
                       .epoch = office.epoch.value(),
                       .value = office.epoch_start.value()});
  tell(machine_.facts, facts_between(*before_office_, publisher_.replay().published(), "failover"));
  before_office_.reset();
  // Its appends change no broker and no partition.
  Appends appends = controller_.activate(publisher_.replay(), office.epoch, machine_.clock.now());
  static_cast<void>(co_await append(std::move(appends)));
}

Task<> ControllerNode::decide(std::shared_ptr<Command> command) {
  // Records of the quorum's own, which no decision brought.
  if (log_.log_end() > controller_.image().applied().end) {
    controller_.log_advanced(log_.log_end());
  }
  std::optional<MetadataImage> before;
  if (command->needs_image_before()) before = controller_.image();
  const LeaderEpoch epoch = controller_.epoch();
  Appends appends = command->decide(controller_, machine_.clock.now(), machine_.entropy.random());
  tell_when_committed(facts_of(appends, before ? &*before : nullptr, controller_.image()));
  before.reset();
  const Offset end = appends.end;
  const bool appended = co_await append(std::move(appends));
  if (appended) {
    command->epoch = epoch;
    command->end = end;
  }
  finish(*command);
}

// False: the office is over, since the log is not what the decisions rest on.
Task<bool> ControllerNode::append(Appends appends) {
  Offset expected = appends.base;
  const LeaderEpoch epoch = controller_.epoch();
  for (std::vector<VersionedRecord>& batch : appends.batches) {
    expected = expected + static_cast<std::int64_t>(batch.size());
    const MetadataLog::Appended appended = co_await log_.append(epoch, std::move(batch));
    if (appended.error != ErrorCode::none || appended.end != expected) {
      leave_office("an append failed, or came to lie elsewhere");
      log_.resign(epoch);
      co_return false;
    }
  }
  co_return true;
}

void ControllerNode::leave_office(std::string_view why) {
  if (controller_.active()) {
    const LeaderEpoch epoch = controller_.epoch();
    controller_.resign();
    tell_committed();
    machine_.facts.emit(
        {.kind = FactKind::controller_resigned, .epoch = epoch.value(), .why = why});
  }
  // The next active controller tells what becomes of them.
  untold_.clear();
  refuse_commands();
}

void ControllerNode::refuse_commands() {
  for (const std::shared_ptr<Command>& command : commands_) finish(*command);
  commands_.clear();
}

void ControllerNode::finish(Command& command) {
  command.done = true;
  command.alarm->notify();
}

// Before the append begins: others may learn of the commit before this coroutine goes on.
void ControllerNode::tell_when_committed(DecisionFacts facts) {
  if (!facts.facts.empty()) untold_.push_back(std::move(facts));
}

void ControllerNode::tell_committed() {
  while (!untold_.empty() && untold_.front().end <= log_.high_watermark()) {
    const DecisionFacts& facts = untold_.front();
    // After the office the log may hold another leader's records there.
    if (log_.epoch_at(facts.end - 1) == facts.epoch) tell(machine_.facts, facts);
    untold_.pop_front();
  }
}

}  // namespace weir
