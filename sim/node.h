// Node: a machine with a name, clocks, a disk and at most one living process.
//
// Wake-ups of a node that is paused or still occupied by an earlier one (service time) are held
// here, first in, first out.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "broker/ports/program.h"
#include "sim/disk.h"
#include "sim/event_queue.h"
#include "sim/node_clock.h"
#include "sim/options.h"
#include "sim/store.h"

namespace weir::sim {

class Core;
class Process;

class Node {
 public:
  Node(Core& core, NodeId id, NodeOptions options);
  ~Node();

  [[nodiscard]] NodeId id() const { return id_; }
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const Launch& launch() const { return launch_; }
  void set_launch(Launch launch) { launch_ = std::move(launch); }
  [[nodiscard]] NodeClock& clock() { return clock_; }
  [[nodiscard]] Store& store() { return store_; }
  [[nodiscard]] DiskModel& disk() { return disk_; }

  [[nodiscard]] Process* process() { return process_.get(); }
  // The process of that life, or null: late events of a dead life find nothing.
  [[nodiscard]] Process* process(std::uint32_t life) {
    return life == life_ ? process_.get() : nullptr;
  }
  [[nodiscard]] bool alive() const { return process_ != nullptr; }
  [[nodiscard]] std::uint32_t life() const { return life_; }
  [[nodiscard]] bool machine_on() const { return machine_on_; }
  void set_machine_on(bool on) { machine_on_ = on; }
  [[nodiscard]] bool failed() const { return failed_; }
  void set_failed() { failed_ = true; }
  [[nodiscard]] bool stopping() const { return stopping_; }
  void set_stopping() { stopping_ = true; }

  void begin_life();
  void end_life();

  [[nodiscard]] bool paused() const { return paused_; }
  void set_paused(bool paused);
  void set_service_time(Duration service) { service_ = service.count(); }

  // May a wake-up run right now?
  [[nodiscard]] bool can_run(std::int64_t now) const {
    return !paused_ && held_.empty() && busy_until_ <= now;
  }
  // A wake-up runs: the node is busy for its service time.
  void occupy(std::int64_t now) {
    if (service_ > 0) busy_until_ = now + service_;
  }
  // Keeps the event of a wake-up until the node is free.
  void hold(Event* e);
  // The event run_held: takes the first held event, or null where the node is not free yet.
  [[nodiscard]] Event* take_held();
  // After what take_held gave has run.
  void schedule_held();
  // Takes back an event of this node, wherever it is.
  void cancel(Event& e);

  [[nodiscard]] std::int64_t timer_lateness();

 private:
  Core& core_;
  NodeId id_;
  std::string name_;
  Launch launch_;
  NodeClock clock_;
  Store store_;
  DiskModel disk_;
  Random& lateness_;
  std::uint32_t life_ = 0;
  bool machine_on_ = true;
  bool failed_ = false;
  bool paused_ = false;
  bool stopping_ = false;
  std::int64_t service_;
  std::int64_t busy_until_ = 0;
  EventList held_;
  Event* run_held_ = nullptr;
  std::unique_ptr<Process> process_;
};

}  // namespace weir::sim
