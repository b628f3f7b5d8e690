// What if? Re-runs of a run with one thing changed: a fault or an operation left out, a message or
// a timer late, or the randomness drawn anew from a moment on.
//
// A re-run is a pure function like any run, so the answers depend on no clock and no number of
// jobs. Only what comes from outside is changed, never a decision of the system: so these answers
// are a hint at the step that is at fault, and not its proof.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "scenarios/run.h"
#include "scenarios/story.h"

namespace weir {

// How late a message or a timer is made.
inline constexpr Duration kLate = std::chrono::milliseconds(100);

struct Repeatable {
  const Scenario& scenario;
  const RunInputs& inputs;
  Instant begin;                         // RunOutcome::begin
  const std::vector<LeaderMove>& moves;  // RunOutcome::leader_moves
};

// One change, made at a step of a story, and how often the same went wrong all the same.
struct WhatIf {
  enum class Change { no_fault, no_operation, late_message, late_timer };
  Change change{};
  std::size_t step = 0;  // from 0
  std::string what;      // "without kill b2", "without P1 sending P1:16"
  std::int64_t happened = 0;
  std::int64_t runs = 0;
};

struct HowOften {
  std::uint64_t futures = 0;  // re-drawn from the step on; 0: one run, nothing re-drawn
  unsigned jobs = 1;
};

// For each step that a fault, a message or a timer brought about; and for each that came of another
// send than that of the story's record, or of an operator who moved a leader.
[[nodiscard]] std::vector<WhatIf> ask_what_if(const Repeatable&, const EventFile&, const Story&,
                                              const HowOften&);

// The doom curve: of the futures that begin right after a step, how many end in the same breach.
// Step 0 is the beginning of the run: how likely was it at all?
struct DoomPoint {
  std::size_t step = 0;  // from 1
  std::int64_t sequence = 0;
  std::int64_t at = 0;
  std::int64_t happened = 0;
  std::int64_t runs = 0;
};
[[nodiscard]] std::vector<DoomPoint> doom_curve(const Repeatable&, const Story&, const HowOften&);

// The point from which nearly all futures (19 of 20) end so, it and all later ones; null: none.
[[nodiscard]] const DoomPoint* doomed_at(const std::vector<DoomPoint>&);

[[nodiscard]] std::string doom_share(const DoomPoint&);  // "98 %"
// "at step 7, 2.450 ms, event #126: 98 % of 200 re-drawn futures end so from there (before: 36 %)".
[[nodiscard]] std::string doom_text(const std::vector<DoomPoint>&);

// "weir-futures/1": for the run's folder.
[[nodiscard]] std::string to_json(const Story&, const std::vector<DoomPoint>&);

// Whether the same went wrong in another run: the same guarantee, and the same record where its
// story had begun before that run went its own way (after the event `since`).
[[nodiscard]] bool happens_in(const RunOutcome&, const StorySubject&, std::int64_t since);

}  // namespace weir
