// A story on paper: as text with a column for each node, as Markdown, as JSON.
#pragma once

#include <string>
#include <vector>

#include "checkers/verdict.h"
#include "scenarios/scenario.h"
#include "scenarios/story.h"
#include "scenarios/what_if.h"

namespace weir {

// All that is said of a violation.
struct Told {
  const Scenario& scenario;
  const Verdict& verdict;
  const Violation& violation;
  const Story& story;
  std::vector<WhatIf> what_if;
  std::vector<DoomPoint> doom;
  std::string seen_before;            // a known bug that this is; empty: none is known
  std::vector<std::string> commands;  // what to do next, one a line
};

[[nodiscard]] std::string story_text(const Told&);
[[nodiscard]] std::string story_markdown(const Told&);
[[nodiscard]] std::string story_json(const Told&);

// The table of steps alone.
[[nodiscard]] std::string steps_text(const Story&);

// What a guarantee promises, in one sentence.
[[nodiscard]] std::string about_guarantee(const std::string& id);
// What each guarantee promised in a run, and from what that follows.
[[nodiscard]] std::string promises_text(const std::vector<Verdict>&);

}  // namespace weir
