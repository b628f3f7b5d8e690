// The same command again, by the variant of this program that has the planted bug.
#include "scenarios/cli/planted.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "scenarios/cli/verbs.h"
#include "scenarios/plant.h"

namespace weir::cli {

bool needs_planting(const Scenario& scenario) {
  const char* planted = std::getenv("WEIR_PLANTED");
  return !scenario.plant.empty() && scenario.plant != (planted == nullptr ? "" : planted);
}

int run_planted(const Scenario& scenario) {
  std::string error;
  const Mutant mutant = read_mutant(scenario.plant, error);
  const std::string program = error.empty() ? build_planted(mutant, error) : std::string();
  if (!error.empty()) {
    complain(error);
    return kExitUsage;
  }
  // The arguments of this very process, as the kernel keeps them.
  std::vector<std::string> words;
  std::FILE* in = std::fopen("/proc/self/cmdline", "rb");
  std::string word;
  for (int c = 0; in != nullptr && (c = std::fgetc(in)) != EOF;) {
    if (c != 0) {
      word += static_cast<char>(c);
    } else {
      words.push_back(std::exchange(word, {}));
    }
  }
  if (in != nullptr) std::fclose(in);
  std::vector<char*> arguments;
  for (std::string& w : words) arguments.push_back(w.data());
  arguments.push_back(nullptr);
  ::setenv("WEIR_PLANTED", scenario.plant.c_str(), 1);
  ::execv(program.c_str(), arguments.data());
  complain(program + ": cannot be run");
  return kExitInternal;
}

}  // namespace weir::cli
