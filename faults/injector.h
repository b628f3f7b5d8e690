// The injector carries a plan out on a world: at times, on triggers, after other faults.
//
// It reads facts for its triggers and its directory of roles, and emits fault.injected,
// fault.healed and fault.skipped through the world, each with the fault's label, and `healed` once
// everything is over. It strikes from the world's queue and never from inside a fact, so a trigger
// acts right after the step that fulfilled it. Which fault strikes when was decided before the run
// (plan.h); nothing is drawn here.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "faults/directory.h"
#include "faults/plan.h"
#include "sim/world.h"

namespace weir {

// What became of one fault of the plan, in the order in which they struck.
struct Strike {
  Fault fault;            // as planned, with its label
  std::size_t index = 0;  // in the plan
  std::string target;     // resolved: "b1", "b1 | P1, C1", "b1 > P1"
  Instant struck;
  std::optional<Instant> over;  // absent: over at once, or skipped
  std::string skipped;          // why it was not carried out; empty when it was
};

class Injector final : public FactReader {
 public:
  Injector(World&, Plan, ClusterShape);

  // Puts the timed faults and the healing into the world's queue. Once, before the world runs; the
  // injector must be one of the world's readers by then.
  void start();

  void on(const Observed&) override;

  // Heals everything, restarts who is down, and lets nothing strike any more. By itself at
  // plan.heal_at; earlier when the run asks for it.
  void heal_all();
  [[nodiscard]] bool healed() const { return healed_; }

  // What really happened.
  [[nodiscard]] std::span<const Strike> strikes() const { return strikes_; }
  // The same as an explicit list: resolved targets, times instead of triggers.
  [[nodiscard]] std::vector<Fault> fired() const;

 private:
  enum class State : std::uint8_t { waiting, armed, active, over };
  struct Pending {
    State state = State::waiting;
    std::uint32_t matches = 0;
    EventRoles roles;
    std::size_t strike = 0;  // index in strikes_, once it struck
  };

  void watch_triggers(const Observed&);
  [[nodiscard]] bool matches(const Trigger&, const Observed&) const;
  void arm(std::size_t fault, Instant when);
  void strike(std::size_t fault);
  void end(std::size_t fault);
  void release_followers(std::string_view label);

  World& world_;
  Plan plan_;
  Directory directory_;
  std::vector<Pending> pending_;  // parallel to plan_.faults
  std::vector<Strike> strikes_;
  bool healed_ = false;
};

}  // namespace weir
