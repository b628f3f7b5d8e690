// The injector carries a plan out on a world: at times, on triggers, after other faults.
//
// It reads facts for its triggers and its directory of roles, and emits fault.injected,
// fault.healed and fault.skipped through the world, each with the fault's label and its place in
// the plan (operation), and `healed` once everything is over. A trigger without delay strikes from
// inside the fact that fulfils it, so that the very response of a response.sent can be lost. Which
// fault strikes when was decided before the run (plan.h).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "faults/directory.h"
#include "faults/effects.h"
#include "faults/plan.h"
#include "sim/world.h"

namespace weir {

// What became of one fault of the plan.
struct Strike {
  std::size_t index = 0;  // in the plan
  Fault fault;            // as carried out: roles resolved, `when` a time of the scenario
  Instant struck;
  std::optional<Instant> over;  // absent: still active, over at once, or skipped
  std::string skipped;          // why it was not carried out; empty when it was
  bool in_budget = false;       // the guard `replicated` allowed it, whether or not it was asked
  std::uint64_t event = 0;      // number of the event or fact during which it struck
  // Of one that comes in turns, where some did not come or were cut short: those that came.
  std::vector<Fault> turns = {};
  bool in_part = false;
};

class Injector final : public FactReader {
 public:
  Injector(World&, Plan, ClusterShape);

  // Puts the timed faults and the healing into the world's queue. `begin` is the instant at which
  // the scenario's time begins: every time of the plan counts from there, and no trigger is watched
  // before. Once, at `begin` or earlier. The injector must be one of the world's readers before any
  // node starts, and outlive the run.
  void start(Instant begin = {});
  // These faults of the plan, by their places, come as planned and do nothing: what would have been
  // without them? What waits for their end does not notice. Before start().
  void mute(std::vector<std::size_t> faults) { muted_ = std::move(faults); }

  void on(const Observed&) override;

  // Heals everything, restarts what is down, and lets nothing strike any more. By itself at
  // plan.heal_at; earlier when the run asks for it.
  void heal_all();
  [[nodiscard]] bool healed() const { return healed_; }

  [[nodiscard]] const Plan& plan() const { return plan_; }
  // What really happened, in the order in which it did.
  [[nodiscard]] std::span<const Strike> strikes() const { return strikes_; }
  // The same as an explicit list of faults: without roles, triggers and what was skipped.
  [[nodiscard]] std::vector<Fault> fired() const;

 private:
  enum class State : std::uint8_t { waiting, armed, active, over };
  // What a swizzle or a rolling restart does to one node of its set, a tangle to one link.
  struct Turn {
    Fault fault;
    Duration ends{0};  // a time of the scenario, as planned
    bool begun = false;
    bool over = false;
  };
  struct Progress {
    State state = State::waiting;
    std::uint32_t matches = 0;
    EventRoles roles;
    std::size_t strike = 0;  // index in strikes_, once it struck
    Cuts cuts;               // what an isolation, a bridge or a ring came to
    std::vector<Turn> turns;
  };

  [[nodiscard]] bool fulfils(const Observed&, const Trigger&) const;
  void arm(std::size_t fault, Duration delay);
  void strike(std::size_t fault);
  // Fills in the nodes; otherwise says why it cannot be carried out now.
  [[nodiscard]] std::string resolve(std::size_t fault, Fault& resolved) const;
  [[nodiscard]] std::string why_not(const Fault& resolved, Guard) const;
  [[nodiscard]] std::vector<std::string> victims_of(const Fault& resolved) const;
  // Servers that faults which are active now hold back.
  [[nodiscard]] NodeNames unreachable() const;
  [[nodiscard]] Cuts cuts_of(const Fault& resolved) const;
  [[nodiscard]] bool is_muted(std::size_t fault) const;
  void plan_turns(std::size_t fault, const Fault& resolved);
  void tangle(std::size_t fault, const Fault& resolved);
  void begin_turn(std::size_t fault, std::size_t turn);
  void end_turn(std::size_t fault, std::size_t turn);
  void follow(std::size_t fault, bool lasts, const Fault& resolved);
  void restart_if_doomed(const Observed&);
  void skip(std::size_t fault, Fault resolved, std::string why);
  void end(std::size_t fault);
  void release_followers(std::size_t fault);
  void emit(FactKind, std::size_t index, const Fault&, std::string_view why);

  World& world_;
  Plan plan_;
  Directory directory_;
  Effects effects_;
  Instant begin_{};                    // of the scenario's time
  std::vector<Progress> progress_;     // parallel to plan_.faults
  std::vector<std::size_t> watching_;  // faults whose trigger has not come yet
  std::vector<Strike> strikes_;
  std::vector<std::size_t> muted_;
  std::vector<NodeId> doomed_;  // a fault of their disks struck, and they live on
  bool healed_ = false;
};

}  // namespace weir
