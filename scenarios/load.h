// From what a user types to a run's arguments: a scenario by name or file, settings, a seed,
// records.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "scenarios/records.h"
#include "scenarios/scenario.h"

namespace weir {

struct LoadRequest {
  std::string name;                   // a file, or a scenario of the library
  std::vector<std::string> settings;  // "path=value"
  std::string seed;     // N, 0xN or the 40 hex digits of a commit; empty: the scenario's
  std::string records;  // a file in place of those that the scenario names; may be empty
  std::string plant;    // a mutant's name; empty: the scenario's
  std::map<std::string, MakeApp> apps;  // by client id: what the scenario's apps are
  std::function<void(Scenario&)>
      change;  // applied after the settings, before defaults; may be empty
};

struct Loaded {
  std::string path;   // of the scenario's file
  Scenario profile;   // checked, with its draws: what a sweep takes
  Scenario scenario;  // the same at its seed: resolved, without draws
  RunInputs inputs;
  std::map<std::string, RecordFile> files;  // by producer id, those that read a file
  // Eight hex digits that tell this run from the plain scenario; empty where nothing was changed.
  std::string variant;

  // Where the run belongs: "late-response+1f3c9ab2/0x7".
  [[nodiscard]] std::string address() const;
};

// On failure `error` holds one line for each mistake, and the result is of no use.
[[nodiscard]] Loaded load(const LoadRequest&, std::string& error);

// The same from the text of a scenario that was resolved before (a repro.json), whose files lie in
// `directory`.
[[nodiscard]] Loaded load_resolved(const std::string& text, const std::string& directory,
                                   std::string& error);

// "7", "0x2a", or a commit hash (hashed to 64 bits); nothing where it is none of them.
[[nodiscard]] std::optional<std::uint64_t> parse_seed(const std::string& text);

// What only a client or a broker can check: their configurations, by Kafka's names. One line a
// mistake.
[[nodiscard]] std::string check_configs(const Scenario&);

}  // namespace weir
