// Process: one life of a node: its waiting operations, its ports, its Program.
//
// Crash is destruction: the table of operations is dropped, which makes every coroutine post its
// own unwinding; that is drained until nothing of this life remains, and then the Program is
// destroyed. Ports that are called meanwhile (by destructors) do nothing.
#pragma once

#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "broker/ports/program.h"
#include "sim/chance.h"
#include "sim/clock.h"
#include "sim/core.h"
#include "sim/disk_port.h"
#include "sim/network_port.h"
#include "sim/node.h"
#include "sim/operations.h"

namespace weir::sim {

class Process final : public Tasks, public Facts, public Entropy, public FiberHost {
 public:
  Process(Core& core, Node& node, std::uint32_t life);
  ~Process() override;

  // Makes the program and starts its main task; an exception is a failed assertion of the node.
  void start();
  // Starts Program::stop(); the node's life ends when it returns.
  void stop();

  [[nodiscard]] Core& core() { return core_; }
  [[nodiscard]] Node& node() { return node_; }
  [[nodiscard]] Kernel& kernel() { return core_.kernel(); }
  [[nodiscard]] std::uint32_t life() const { return life_; }
  [[nodiscard]] bool dying() const { return dying_; }

  // Operations. A port that is asked to wait while the process is dying just drops the handler.
  template <class T>
  OperationId wait(Once<T>&& handler) {
    return operations_.add(std::move(handler));
  }
  // Completes the operation with `word` when the node's own clock shows `deadline`.
  void set_deadline(OperationId id, Instant deadline, std::uint64_t word);
  // Completes it in an event of its own, as early as possible. From inside the process only so.
  // False: nothing waits under this number.
  bool finish_soon(OperationId id, std::uint64_t word);
  template <class T>
  void finish_soon_with(OperationId id, T value) {
    OperationSlot* slot = operations_.find(id);
    if (slot == nullptr || slot->decided) return;
    std::get<Waiting<T>>(slot->waiting).value.emplace(std::move(value));
    decide(id, *slot, core_.kernel().now(), 0);
  }
  // Keeps the result for a later finish_soon(id, 0).
  template <class T>
  void keep(OperationId id, T value) {
    std::get<Waiting<T>>(operations_.at(id).waiting).value.emplace(std::move(value));
  }
  // Completes it at a later instant of the world.
  template <class T>
  void finish_at(OperationId id, std::int64_t at, T value) {
    keep(id, std::move(value));
    decide(id, operations_.at(id), at, 0);
  }
  // From an event of the world: resumes within that event where the node is free to run. Nothing
  // that the coroutine may have destroyed can be used afterwards.
  template <class T>
  void finish(OperationId id, T value) {
    OperationSlot* slot = operations_.find(id);
    if (slot == nullptr || slot->decided) return;
    if (!node_.can_run(core_.kernel().now())) {
      finish_soon_with(id, std::move(value));
      return;
    }
    if (slot->event != nullptr) core_.kernel().cancel(*slot->event);
    Once<T> handler = operations_.take<T>(id);
    node_.occupy(core_.kernel().now());
    guarded([&] { handler(std::move(value)); });
  }
  // Whether it is in the table, decided or not.
  [[nodiscard]] bool pending(OperationId id) { return operations_.find(id) != nullptr; }
  // Whether something still waits under this number, undecided.
  [[nodiscard]] bool waits(OperationId id) {
    const OperationSlot* slot = operations_.find(id);
    return slot != nullptr && !slot->decided;
  }
  // An event of this life.
  void fire(const Event&);
  // The node's clock changed its speed: deadlines move with it.
  void clock_changed();

  // FiberHost
  void post(Once<Resume>) override;

  // Tasks
  void spawn(std::string_view name, Task<> task) override;
  void halt(std::string_view why) override;
  // Facts
  void emit(const Fact&) override;
  // Entropy
  Random& random() override { return random_; }

  void task_ended(const std::exception_ptr& error);

 private:
  void decide(OperationId id, OperationSlot& slot, std::int64_t at, std::uint64_t word);
  void failed(const std::exception& error);
  Task<> run_stop();
  // Runs code of the program that may throw outside of any task.
  template <class F>
  void guarded(F&& run) {
    try {
      run();
    } catch (const std::exception& error) {
      failed(error);
    }
  }

  Core& core_;
  Node& node_;
  std::uint32_t life_;
  bool dying_ = false;
  Random& random_;
  Operations operations_;
  std::vector<Once<Resume>> orphans_;  // posted while dying
  ClockPort clock_;
  TimersPort timers_;
  NetworkPort network_;
  DiskPort disk_;
  ChancePort chance_;
  Machine machine_;
  std::unique_ptr<Program> program_;
};

}  // namespace weir::sim
