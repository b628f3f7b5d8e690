// weir report: (re)builds the figures and the page of runs and sweeps.
#include "scenarios/cli/report.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scenarios/cli/verbs.h"
#include "scenarios/home.h"

extern char** environ;

namespace weir::cli {
namespace {

// Debian's interpreter, which has Debian's matplotlib, before whatever comes first in the path.
std::string python() {
  return ::access("/usr/bin/python3", X_OK) == 0 ? "/usr/bin/python3" : "python3";
}

}  // namespace

bool make_report(const std::vector<std::string>& folders, const std::vector<std::string>& flags) {
  std::vector<std::string> words = {python(), "-B", home() + "/reports/report.py"};
  words.insert(words.end(), folders.begin(), folders.end());
  words.insert(words.end(), flags.begin(), flags.end());
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_t child = -1;
  if (::posix_spawnp(&child, arguments[0], nullptr, nullptr, arguments.data(), environ) != 0) {
    complain("no report: " + words[0] + " cannot be run (Debian: python3-matplotlib)");
    return false;
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return true;
  complain("no report: the drawing failed (Debian: python3-matplotlib)");
  return false;
}

void add_report(CLI::App& app, Session& session) {
  struct Options {
    std::vector<std::string> runs;
    std::string figures;
    bool png = false;
  };
  auto options = std::make_shared<Options>();
  CLI::App* verb =
      app.add_subcommand("report", "(Re)build the figures and the page of runs and sweeps");
  verb->add_option("run", options->runs, "Folders of runs or sweeps: runs/latest")->required();
  verb->add_option("--figures", options->figures, "Which: sequence,matrix,latency (default: all)");
  verb->add_flag("--png", options->png, "Also as PNG");
  verb->callback([options, &session] {
    std::vector<std::string> flags;
    if (!options->figures.empty()) flags = {"--figures", options->figures};
    if (options->png) flags.emplace_back("--png");
    const bool made = make_report(options->runs, flags);
    for (const std::string& run : options->runs) {
      const bool of_sweep = ::access((run + "/sweep.json").c_str(), F_OK) == 0;
      if (made) std::printf("report  %s%s/index.html\n", run.c_str(), of_sweep ? "" : "/report");
    }
    session.exit_code = made ? kExitOk : kExitUsage;
  });
}

}  // namespace weir::cli
