// weir mutants: builds each planted bug and hunts it with an ordinary sweep; it must be caught by
// the guarantee that it breaks, within its seeds.
#include <sys/wait.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "broker/base/text.h"
#include "scenarios/cli/verbs.h"
#include "scenarios/home.h"
#include "scenarios/plant.h"
#include "scenarios/sweep.h"

namespace weir::cli {
namespace {

struct Hunt {
  std::uint64_t runs = 0;
  std::uint64_t caught = 0;      // runs in which the expected guarantee was violated
  std::uint64_t first_seed = 0;  // of those
  std::uint64_t first_run = 0;   // its number, from 1
  std::string others;            // the first guarantee that was violated instead
  std::string error;
};

bool violates(const SeedResult& result, const std::string& guarantee) {
  for (const auto& [id, word] : result.verdicts) {
    if (id == guarantee && word == "violated") return true;
  }
  return false;
}

// The variant sweeps like any other build; its answers are read line by line.
Hunt hunt(const Mutant& mutant, const std::string& program) {
  Hunt hunt;
  const std::string scenario = home() + "/scenarios/" + mutant.scenario;
  const std::string command = "WEIR_PLANTED='" + mutant.name + "' '" + program + "' sweep '" +
                              scenario + "' --seeds 1.." + std::to_string(mutant.within_seeds) +
                              " --double-ratio 0 --json 2>/dev/null";
  std::FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) {
    hunt.error = "the variant cannot be run";
    return hunt;
  }
  std::string text;
  char chunk[65536];
  for (std::size_t n = 0; (n = std::fread(chunk, 1, sizeof chunk, pipe)) > 0;)
    text.append(chunk, n);
  ::pclose(pipe);
  std::size_t begin = 0;
  for (std::size_t end = 0; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1) {
    const SeedResult result = seed_result_from(text.substr(begin, end - begin));
    ++hunt.runs;
    if (violates(result, mutant.caught_by)) {
      if (++hunt.caught == 1) {
        hunt.first_seed = result.seed;
        hunt.first_run = hunt.runs;
      }
    } else if (!result.violated.empty() && hunt.others.empty()) {
      hunt.others = result.violated;
    }
  }
  if (hunt.runs == 0) hunt.error = "the variant's sweep said nothing";
  return hunt;
}

int hunt_all(std::vector<std::string> names, const std::string& called_as) {
  if (names.empty()) names = mutant_names();
  int passed = 0;
  int failed = 0;
  for (const std::string& name : names) {
    std::string error;
    const Mutant mutant = read_mutant(name, error);
    const std::string program = error.empty() ? build_planted(mutant, error) : std::string();
    Hunt found;
    if (error.empty()) found = hunt(mutant, program);
    if (!found.error.empty()) error = found.error;
    if (!error.empty()) {
      complain(error);
      ++failed;
      continue;
    }
    if (found.caught > 0) {
      ++passed;
      std::printf(
          "%-28s caught by %-20s at run %s, %s of %s runs   %s run %s --seed %s --plant %s\n",
          name.c_str(), mutant.caught_by.c_str(),
          grouped(static_cast<std::int64_t>(found.first_run)).c_str(),
          grouped(static_cast<std::int64_t>(found.caught)).c_str(),
          grouped(static_cast<std::int64_t>(found.runs)).c_str(), called_as.c_str(),
          ("scenarios/" + mutant.scenario).c_str(), format_hex(found.first_seed).c_str(),
          name.c_str());
    } else {
      ++failed;
      std::printf("%-28s NOT CAUGHT by %s in %s runs%s%s\n", name.c_str(), mutant.caught_by.c_str(),
                  grouped(static_cast<std::int64_t>(found.runs)).c_str(),
                  found.others.empty() ? "" : "; violated instead: ", found.others.c_str());
    }
    std::fflush(stdout);
  }
  std::printf("%d passed, %d failed\n", passed, failed);
  return failed == 0 ? kExitOk : kExitViolation;
}

}  // namespace

void add_mutants(CLI::App& app, Session& session) {
  auto names = std::make_shared<std::vector<std::string>>();
  CLI::App* verb = app.add_subcommand("mutants", "Build planted bugs and hunt each of them");
  verb->add_option("name", *names, "Which (default: all of scenarios/mutants)");
  verb->footer(
      "Each must be caught by the guarantee it breaks, within its seeds; exit 1 otherwise.");
  verb->callback([names, &session] { session.exit_code = hunt_all(*names, session.called_as); });
}

}  // namespace weir::cli
