// weir mutants: builds each planted bug and hunts it with an ordinary sweep; it must be caught by
// the guarantee that it breaks, within its seeds and its budget of CPU time.
//
// What was found is shrunk: the size of the smallest scenario says how well a reader is served.
//
// One process a mutant, as many at once as there are jobs; what they found is told in the order of
// names. The hunt goes in rounds of seeds and ends with the round in which the guarantee spoke.
//
// A canary is a mutant of a checker. It is hunted in a scenario that expects a violation, and
// caught where that is missing; the build without it must be content with the same runs.
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "broker/base/text.h"
#include "scenarios/cli/verbs.h"
#include "scenarios/cpu_budget.h"
#include "scenarios/home.h"
#include "scenarios/json_text.h"
#include "scenarios/junit.h"
#include "scenarios/plant.h"
#include "scenarios/seed_result.h"
#include "scenarios/shard.h"

namespace weir::cli {
namespace {

// Seeds: most bugs are found by the first few, and a run of some is dear: where nothing goes on any
// more, a cluster is waited for until its limits.
constexpr std::uint64_t kFirstRound = 1;
constexpr std::uint64_t kLargestRound = 32;
// Of a canary's scenario, which the sound checkers must see.
constexpr std::uint64_t kCanarySeeds = 4;

struct HuntFlags {
  std::vector<std::string> names;
  std::string budget = "60s";
  std::string shard;
  std::string junit;
  std::string runs = "runs";  // where shrunk scenarios go
  unsigned jobs = 0;
  bool no_shrink = false;
  bool as_json = false;
};

// What speaks where a scenario's own expectations are not met.
constexpr std::string_view kExpect = "expect";

struct Hunt {
  std::string name;
  std::string expected;  // the guarantee that the bug breaks
  std::string scenario;
  bool found = false;
  std::uint64_t seeds = 0;  // looked at, up to the first in which the expected guarantee spoke
  std::uint64_t seed = 0;   // that one
  std::string guarantee;    // what spoke: the expected one, or the first other
  double cpu_seconds = 0;   // of the hunt, without building
  // Of the smallest scenario that shows it; absent where it was not shrunk.
  std::optional<std::int64_t> shrunk_faults;
  std::optional<std::int64_t> shrunk_operations;
  std::int64_t shrink_runs = 0;
  double shrink_cpu_seconds = 0;
  bool shrink_out_of_time = false;  // it is smaller, not the smallest
  std::string shrunk;               // its file
  std::string error;
};

nlohmann::ordered_json to_json(const Hunt& hunt) {
  nlohmann::ordered_json json = {{"name", hunt.name},         {"found", hunt.found},
                                 {"seeds", hunt.seeds},       {"cpu_seconds", hunt.cpu_seconds},
                                 {"guarantee", nullptr},      {"expected_guarantee", hunt.expected},
                                 {"scenario", hunt.scenario}, {"seed", nullptr},
                                 {"shrunk_faults", nullptr},  {"shrunk_operations", nullptr}};
  if (!hunt.guarantee.empty()) json["guarantee"] = hunt.guarantee;
  if (hunt.found) json["seed"] = format_hex(hunt.seed);
  if (hunt.shrunk_faults && hunt.shrunk_operations) {
    json["shrunk_faults"] = *hunt.shrunk_faults;
    json["shrunk_operations"] = *hunt.shrunk_operations;
    json["shrink_runs"] = hunt.shrink_runs;
    json["shrink_cpu_seconds"] = hunt.shrink_cpu_seconds;
    json["shrink_out_of_time"] = hunt.shrink_out_of_time;
    json["shrunk"] = hunt.shrunk;
  }
  if (!hunt.error.empty()) json["error"] = hunt.error;
  return json;
}

Hunt hunt_from(const std::string& text) {
  Hunt hunt;
  const auto json = parse_json(text);
  if (!json.is_object()) {
    hunt.error = "the process that hunted it died";
    return hunt;
  }
  const auto text_of = [&](const char* key) {
    return json.contains(key) && json[key].is_string() ? json[key].get<std::string>()
                                                       : std::string();
  };
  hunt.found = json.value("found", false);
  hunt.seeds = json.value("seeds", std::uint64_t{0});
  hunt.cpu_seconds = json.value("cpu_seconds", 0.0);
  hunt.guarantee = text_of("guarantee");
  hunt.expected = text_of("expected_guarantee");
  hunt.scenario = text_of("scenario");
  hunt.error = text_of("error");
  const std::string seed = text_of("seed");
  if (seed.size() > 2) hunt.seed = std::stoull(seed, nullptr, 16);
  if (text_of("shrunk").empty()) return hunt;
  hunt.shrunk = text_of("shrunk");
  hunt.shrunk_faults = json.value("shrunk_faults", std::int64_t{0});
  hunt.shrunk_operations = json.value("shrunk_operations", std::int64_t{0});
  hunt.shrink_runs = json.value("shrink_runs", std::int64_t{0});
  hunt.shrink_cpu_seconds = json.value("shrink_cpu_seconds", 0.0);
  hunt.shrink_out_of_time = json.value("shrink_out_of_time", false);
  return hunt;
}

bool violates(const SeedResult& result, const std::string& guarantee) {
  if (guarantee == kExpect) return result.violated == kExpect;
  return std::ranges::any_of(result.verdicts, [&](const auto& verdict) {
    return verdict.first == guarantee && verdict.second == "violated";
  });
}

// What the variant prints when it is called like this.
std::string answer_of(const Mutant& mutant, const std::string& program, const std::string& words) {
  const std::string command =
      "WEIR_PLANTED='" + mutant.name + "' '" + program + "' " + words + " --json 2>/dev/null";
  std::FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) return {};
  std::string text;
  char chunk[65536];
  for (std::size_t n = 0; (n = std::fread(chunk, 1, sizeof chunk, pipe)) > 0;)
    text.append(chunk, n);
  ::pclose(pipe);
  return text;
}

// The variant sweeps like any other build; its answers are read line by line. False: it says
// nothing.
bool hunt_round(const Mutant& mutant, const std::string& program, std::uint64_t first,
                std::uint64_t last, Hunt& hunt) {
  const std::string text =
      answer_of(mutant, program,
                "sweep '" + hunt.scenario + "' --seeds " + std::to_string(first) + ".." +
                    std::to_string(last) + " --jobs 1 --double-ratio 0 --corpus none --no-keep");
  std::size_t begin = 0;
  for (std::size_t end = 0; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1) {
    const SeedResult result = seed_result_from(text.substr(begin, end - begin));
    ++hunt.seeds;
    if (violates(result, mutant.caught_by)) {
      hunt.found = true;
      hunt.seed = result.seed;
      hunt.guarantee = mutant.caught_by;
      return true;
    }
    if (hunt.guarantee.empty()) hunt.guarantee = result.violated;
  }
  return begin > 0;
}

// The smallest scenario that shows it, within the same budget again.
void shrink_found(const Mutant& mutant, const std::string& program, const HuntFlags& options,
                  Hunt& hunt) {
  const std::string text =
      answer_of(mutant, program,
                "shrink '" + hunt.scenario + "' --seed " + format_hex(hunt.seed) + " --plant '" +
                    mutant.name + "' --guarantee '" + hunt.guarantee + "' --budget '" +
                    options.budget + "' --runs '" + options.runs + "'");
  const auto json = parse_json(text);
  if (!json.is_object() || !json.contains("written")) {
    hunt.error = "mutant " + mutant.name + ": what it does could not be shrunk";
    return;
  }
  hunt.shrunk = json["written"].get<std::string>();
  hunt.shrunk_faults = json.value("faults", std::int64_t{0});
  hunt.shrunk_operations = json.value("operations", std::int64_t{0});
  hunt.shrink_runs = json.value("runs", std::int64_t{0});
  hunt.shrink_cpu_seconds = json.value("cpu_seconds", 0.0);
  hunt.shrink_out_of_time = json.value("out_of_time", false);
}

// Whether the sound checkers see in its scenario what the canary hides.
bool canary_lives(const Mutant& mutant, const Hunt& hunt) {
  std::error_code ignored;
  const std::string program = std::filesystem::read_symlink("/proc/self/exe", ignored).string();
  Hunt sound;
  sound.scenario = hunt.scenario;
  return hunt_round(mutant, program, 1, kCanarySeeds, sound) && !sound.found;
}

Hunt hunt_one(const std::string& name, const HuntFlags& options, double budget) {
  Hunt hunt;
  hunt.name = name;
  const Mutant mutant = read_mutant(name, hunt.error);
  hunt.expected = mutant.caught_by;
  hunt.scenario = "scenarios/" + mutant.scenario;
  const std::string program =
      hunt.error.empty() ? build_planted(mutant, hunt.error) : std::string();
  if (!hunt.error.empty()) return hunt;
  if (::chdir(home().c_str()) != 0) hunt.error = home() + " cannot be entered";
  if (hunt.error.empty() && hunt.expected == kExpect && !canary_lives(mutant, hunt)) {
    hunt.error = "dead canary " + name + ": without it " + hunt.scenario + " fails already";
  }
  const double before = cpu_of_children();
  std::uint64_t round = kFirstRound;
  while (hunt.error.empty() && !hunt.found && hunt.seeds < mutant.within_seeds &&
         hunt.cpu_seconds < budget) {
    const std::uint64_t first = hunt.seeds + 1;
    const std::uint64_t last = std::min(hunt.seeds + round, mutant.within_seeds);
    round = std::min(2 * round, kLargestRound);
    if (!hunt_round(mutant, program, first, last, hunt)) {
      hunt.error = "mutant " + name + ": its sweep said nothing";
    }
    hunt.cpu_seconds = cpu_of_children() - before;
  }
  if (hunt.found && !options.no_shrink && hunt.guarantee != kExpect)
    shrink_found(mutant, program, options, hunt);
  return hunt;
}

struct Child {
  std::size_t index = 0;
  int pipe = -1;
};

// In a process of its own; what it says fits a pipe.
pid_t start(const std::string& name, const HuntFlags& options, double budget, int& pipe) {
  int ends[2];
  if (::pipe(ends) != 0) return -1;
  std::fflush(nullptr);
  const pid_t process = ::fork();
  if (process == 0) {
    ::close(ends[0]);
    const std::string text = to_json(hunt_one(name, options, budget)).dump();
    const bool told = ::write(ends[1], text.data(), text.size()) >= 0;
    ::_exit(told ? 0 : 1);
  }
  ::close(ends[1]);
  pipe = ends[0];
  return process;
}

std::string read_all(int pipe) {
  std::string text;
  char chunk[4096];
  for (ssize_t n = 0; (n = ::read(pipe, chunk, sizeof chunk)) > 0;)
    text.append(chunk, static_cast<std::size_t>(n));
  ::close(pipe);
  return text;
}

void print(const Hunt& hunt, const HuntFlags& options, const std::string& called_as) {
  if (options.as_json) {
    std::printf("%s\n", to_json(hunt).dump().c_str());
  } else if (!hunt.error.empty()) {
    complain(hunt.error);
  } else if (hunt.found) {
    std::printf("%-34s caught by %-20s %6s seeds %6.1f CPU-s", hunt.name.c_str(),
                hunt.guarantee.c_str(), grouped(static_cast<std::int64_t>(hunt.seeds)).c_str(),
                hunt.cpu_seconds);
    if (hunt.shrunk_faults && hunt.shrunk_operations) {
      std::printf("   shrunk to %s faults, %s operations   %s run %s\n",
                  grouped(*hunt.shrunk_faults).c_str(), grouped(*hunt.shrunk_operations).c_str(),
                  called_as.c_str(), hunt.shrunk.c_str());
    } else {
      std::printf("   %s run %s --seed %s --plant %s\n", called_as.c_str(), hunt.scenario.c_str(),
                  format_hex(hunt.seed).c_str(), hunt.name.c_str());
    }
  } else {
    std::printf("%-34s NOT CAUGHT by %s in %s seeds, %.1f CPU-s%s%s\n", hunt.name.c_str(),
                hunt.expected.c_str(), grouped(static_cast<std::int64_t>(hunt.seeds)).c_str(),
                hunt.cpu_seconds,
                hunt.guarantee.empty() ? "" : "; violated instead: ", hunt.guarantee.c_str());
  }
  std::fflush(stdout);
}

// Every Nth name, from the Ith on. Complains and yields false where the shard is none.
bool take_shard(const std::string& text, std::vector<std::string>& names) {
  std::string error;
  const Shard shard = parse_shard(text, [](const char* name) { return std::getenv(name); }, error);
  if (!error.empty()) {
    complain("--shard " + text + ": " + error);
    return false;
  }
  std::vector<std::string> mine;
  for (std::size_t i = shard.part - 1; i < names.size(); i += shard.parts) {
    mine.push_back(names[i]);
  }
  names = std::move(mine);
  return true;
}

// A test case a mutant: that it was caught.
bool write_junit(const std::string& path, const std::vector<std::optional<Hunt>>& hunts) {
  JunitSuite suite("mutants");
  for (const std::optional<Hunt>& hunt : hunts) {
    const std::string effort = std::to_string(hunt->seeds) + " seeds";
    if (!hunt->error.empty()) {
      suite.error(hunt->name, "internal", hunt->error, "");
    } else if (hunt->found) {
      suite.passed(hunt->name);
    } else {
      suite.failed(hunt->name, "not caught by " + hunt->expected + " in " + effort,
                   hunt->guarantee.empty() ? "" : "violated instead: " + hunt->guarantee);
    }
  }
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << junit_document({suite});
  out.close();
  if (!out) complain(path + ": cannot be written");
  return static_cast<bool>(out);
}

int hunt_all(HuntFlags options, const std::string& called_as) {
  std::vector<std::string> names = options.names.empty() ? mutant_names() : options.names;
  const auto budget = parse_duration(options.budget);
  if (!budget) {
    complain("--budget " + options.budget + ": expected " + std::string(kDurationForm));
    return kExitUsage;
  }
  if (!options.shard.empty() && !take_shard(options.shard, names)) return kExitUsage;
  const unsigned jobs = options.jobs > 0
                            ? options.jobs
                            : static_cast<unsigned>(std::max(1L, ::sysconf(_SC_NPROCESSORS_ONLN)));
  const double seconds = static_cast<double>(budget->count()) / 1e9;
  options.runs = std::filesystem::absolute(options.runs).string();  // each hunt works at home
  std::map<pid_t, Child> running;
  std::vector<std::optional<Hunt>> hunts(names.size());
  std::size_t started = 0;
  std::size_t printed = 0;
  int failed = 0;
  while (printed < names.size()) {
    while (running.size() < jobs && started < names.size()) {
      Child child{started, -1};
      const pid_t process = start(names[started++], options, seconds, child.pipe);
      if (process <= 0) {
        complain("no process can be started");
        return kExitInternal;
      }
      running.emplace(process, child);
    }
    const auto ended = running.find(::waitpid(-1, nullptr, 0));
    if (ended == running.end()) continue;
    Hunt hunt = hunt_from(read_all(ended->second.pipe));
    hunt.name = names[ended->second.index];
    hunts[ended->second.index] = std::move(hunt);
    running.erase(ended);
    for (; printed < names.size() && hunts[printed]; ++printed) {
      failed += !hunts[printed]->found;
      print(*hunts[printed], options, called_as);
    }
  }
  if (!options.as_json) {
    std::printf("%zu passed, %d failed\n", names.size() - static_cast<std::size_t>(failed), failed);
  }
  if (!options.junit.empty() && !write_junit(options.junit, hunts)) return kExitInternal;
  return failed == 0 ? kExitOk : kExitViolation;
}

}  // namespace

void add_mutants(CLI::App& app, Session& session) {
  auto options = std::make_shared<HuntFlags>();
  CLI::App* verb = app.add_subcommand("mutants", "Build planted bugs and hunt each of them");
  verb->add_option("name", options->names, "Which (default: all of scenarios/mutants)");
  verb->add_option("--budget", options->budget, "CPU time for each hunt, and for shrinking")
      ->capture_default_str();
  verb->add_option("--jobs", options->jobs, "Mutants at once (default: one a core)");
  verb->add_option("--shard", options->shard,
                   "I/N, or auto as CI says: every Nth, from the Ith on");
  verb->add_option("--junit", options->junit, "Write JUnit's XML: a test case a mutant");
  verb->add_flag("--no-shrink", options->no_shrink, "Do not look for the smallest scenario");
  verb->add_option("--runs", options->runs, "Where the smallest scenarios go")
      ->capture_default_str();
  verb->add_flag("--json", options->as_json, "One object a mutant, in order");
  verb->footer(
      "Each must be caught by the guarantee it breaks, within its seeds and its budget; exit 1 "
      "otherwise.");
  verb->callback(
      [options, &session] { session.exit_code = hunt_all(*options, session.called_as); });
}

}  // namespace weir::cli
