// The variables as their systems document them; some count from 0, some from 1.
#include "scenarios/shard.h"

#include <array>
#include <optional>

#include "broker/base/text.h"

namespace weir {
namespace {

struct System {
  const char* name;
  const char* part;
  const char* parts;  // null: it tells no number of parts
  std::uint64_t first;
};

constexpr std::array<System, 4> kSystems = {{
    {"GitLab", "CI_NODE_INDEX", "CI_NODE_TOTAL", 1},
    {"Buildkite", "BUILDKITE_PARALLEL_JOB", "BUILDKITE_PARALLEL_JOB_COUNT", 0},
    {"CircleCI", "CIRCLE_NODE_INDEX", "CIRCLE_NODE_TOTAL", 0},
    {"a Kubernetes Indexed Job", "JOB_COMPLETION_INDEX", nullptr, 0},
}};

std::optional<std::uint64_t> number_in(const Environment& environment, const char* name) {
  const char* value = name == nullptr ? nullptr : environment(name);
  return value == nullptr ? std::nullopt : parse_unsigned(value);
}

std::string word(const char* name, const Environment& environment) {
  const char* value = environment(name);
  return std::string(name) +
         (value == nullptr ? " is not set" : " is \"" + std::string(value) + "\"");
}

// An array may begin anywhere and go in steps; a list with gaps of its own kind has no such form.
bool slurm(const Environment& environment, Shard& shard, std::string& error) {
  if (environment("SLURM_ARRAY_TASK_ID") == nullptr) return false;
  const auto id = number_in(environment, "SLURM_ARRAY_TASK_ID");
  const auto least = number_in(environment, "SLURM_ARRAY_TASK_MIN");
  const auto count = number_in(environment, "SLURM_ARRAY_TASK_COUNT");
  const auto step = number_in(environment, "SLURM_ARRAY_TASK_STEP").value_or(1);
  const bool whole = id && least && count && step > 0 && *id >= *least &&
                     (*id - *least) % step == 0 && (*id - *least) / step < *count;
  if (!whole) {
    error = "a Slurm array: " + word("SLURM_ARRAY_TASK_ID", environment) + ", " +
            word("SLURM_ARRAY_TASK_MIN", environment) + ", " +
            word("SLURM_ARRAY_TASK_COUNT", environment) +
            "; expected an array in equal steps, such as --array=1-8";
    return true;
  }
  shard = {(*id - *least) / step + 1, *count};
  return true;
}

Shard detected(std::optional<std::uint64_t> parts, const Environment& environment,
               std::string& error) {
  Shard shard;
  if (slurm(environment, shard, error)) {
    if (parts) shard.parts = *parts;
    return shard;
  }
  for (const System& system : kSystems) {
    if (environment(system.part) == nullptr) continue;
    const auto part = number_in(environment, system.part);
    const auto total = parts ? parts : number_in(environment, system.parts);
    if (part && total && *part >= system.first) return {*part - system.first + 1, *total};
    error = std::string(system.name) + ": " + word(system.part, environment);
    if (system.parts != nullptr) error += ", " + word(system.parts, environment);
    error += "; say how many parts there are: auto/N";
    return shard;
  }
  error = environment("GITHUB_ACTIONS") != nullptr
              ? "GitHub sets no number of the job; write I/N, with a matrix: "
                "--shard ${{ matrix.part }}/4"
              : "no CI system or scheduler that is known here tells the part; write I/N";
  return shard;
}

}  // namespace

Shard parse_shard(const std::string& text, const Environment& environment, std::string& error) {
  const std::size_t slash = text.find('/');
  const std::string first = text.substr(0, slash);
  std::optional<std::uint64_t> parts;
  if (slash != std::string::npos) parts = parse_unsigned(text.substr(slash + 1));
  Shard shard;
  if (first == "auto" && (slash == std::string::npos || parts)) {
    shard = detected(parts, environment, error);
  } else if (const auto part = parse_unsigned(first); part && parts) {
    shard = {*part, *parts};
  } else {
    shard = {0, 0};
  }
  if (error.empty() && (shard.part < 1 || shard.part > shard.parts)) {
    error = "expected I/N with I from 1 to N, auto, or auto/N";
    if (shard.parts > 0) {
      error += "; found part " + std::to_string(shard.part) + " of " + std::to_string(shard.parts);
    }
  }
  return shard;
}

}  // namespace weir
