// The story of a violation: the dozen events of its causal cone that a person needs to follow it.
//
// What is told: the record's way into the logs, the promise, the faults, what nodes decided about
// the partition, the breach, and who noticed. Everything else of the cone is left out. The rules
// are a table of weights (story_weights.cpp): the heaviest steps stay, what is alike and follows
// each other becomes one row.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "checkers/verdict.h"
#include "scenarios/event_file.h"

namespace weir {

inline constexpr std::size_t kMostSteps = 12;

// What a story is about.
struct StorySubject {
  std::string guarantee;
  std::vector<std::int64_t> anchors;  // the events that a verdict names
  std::int64_t made = -1;             // of them: the promise, ...
  std::int64_t broken = -1;           // ... and its breach; -1: not named
  std::int64_t noticed = -1;          // who saw it first
  RecordPlace place;
  std::string identity;               // "P1:2", where it is known
  std::vector<std::int64_t> offsets;  // where copies of the record lie or lay
  // The leader epoch of the copy at each of them; another epoch there is another record.
  std::map<std::int64_t, std::int64_t> epochs;
  std::int64_t until = -1;  // a loss that no event shows: it may be by all that was until then
  std::int64_t begin = 0;   // number of the event with which it begins
};

[[nodiscard]] StorySubject subject_of(const EventFile&, const std::string& guarantee,
                                      const Violation&);
// How it came to one event, whatever it is.
[[nodiscard]] StorySubject subject_of(const EventFile&, std::int64_t sequence);

struct StoryCell {
  std::string node;  // whose column it stands in; "world": none
  std::string text;
};

struct StoryStep {
  enum class Role { decision, fault, promise, broken, noticed };
  Role role = Role::decision;
  std::vector<std::int64_t> sequences;  // its events
  std::int64_t at = 0;                  // of the first
  std::vector<StoryCell> cells;
  std::string comment;
  std::int64_t fault = -1;  // its place in the plan
  // How much a decision of a node may be to blame: a cut of the record, the breach itself, a copy,
  // an office, a watermark; 0: not at all.
  int suspicion = 0;
};

struct Story {
  StorySubject subject;
  std::vector<std::string> nodes;  // the columns
  std::vector<StoryStep> steps;
  std::size_t cone = 0;         // events of the causal cone
  std::size_t faults = 0;       // that struck before the end ...
  std::size_t faults_told = 0;  // ... and are steps
};

[[nodiscard]] Story tell_story(const EventFile&, StorySubject);

// Whether an append stores this very record, and not another at its place.
[[nodiscard]] bool stores_it(const LoggedEvent&, const StorySubject&);
// How much an event says about the subject; 0: nothing.
[[nodiscard]] int weight_of(const LoggedEvent&, const StorySubject&);
// What stands in the column of the event's node, and what it means.
[[nodiscard]] std::string cell_of(const LoggedEvent&);
[[nodiscard]] std::string comment_of(const LoggedEvent&);

}  // namespace weir
