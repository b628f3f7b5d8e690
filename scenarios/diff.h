// Two runs side by side: where they part, and what came of it.
//
// Both are read from their folders, so they may be of other builds, planted bugs or machines. Up to
// where they part they are one run: by time, when the same facts happen at the same instants; by
// cause, when each node does the same things in the same order, whatever the time.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "scenarios/event_file.h"

namespace weir {

struct RunFiles {
  std::string folder;
  nlohmann::ordered_json scenario;
  nlohmann::ordered_json verdict;
  EventFile events;
};

// `what` is a run's folder, a file in it, or an address below `top`. On failure `error` names what
// is missing, and what writes it.
[[nodiscard]] RunFiles read_run(const std::string& what, const std::string& top,
                                std::string& error);

enum class Align { time, cause };

struct Parting {
  bool parts = false;
  std::int64_t equal = 0;               // facts before, of A
  const LoggedEvent* before = nullptr;  // the last that they share, of A
  const LoggedEvent* a = nullptr;       // null: A had ended
  const LoggedEvent* b = nullptr;
};
[[nodiscard]] Parting where_they_part(const EventFile& a, const EventFile& b, Align);

// What differs in the scenarios: the path, and both values as JSON.
struct Knob {
  std::string path;
  std::string a, b;  // empty: absent
};
[[nodiscard]] std::vector<Knob> changed_knobs(const nlohmann::ordered_json& a,
                                              const nlohmann::ordered_json& b);

// A quantity of both runs, for people.
struct Consequence {
  std::string name;
  std::string a, b;
  friend bool operator==(const Consequence&, const Consequence&) = default;
};
[[nodiscard]] std::vector<Consequence> consequences(const RunFiles& a, const RunFiles& b);

[[nodiscard]] std::string diff_text(const RunFiles& a, const RunFiles& b, Align);
[[nodiscard]] std::string diff_json(const RunFiles& a, const RunFiles& b, Align);

}  // namespace weir
