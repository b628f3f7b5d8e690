// weir: the command line.
#include <cstdio>
#include <cstdlib>
#include <exception>

#include "scenarios/build_id.h"
#include "scenarios/cli/verbs.h"

namespace weir::cli {

void complain(const std::string& text) {
  std::size_t begin = 0;
  while (begin < text.size()) {
    std::size_t end = text.find('\n', begin);
    if (end == std::string::npos) end = text.size();
    std::fprintf(stderr, "weir: %.*s\n", static_cast<int>(end - begin), text.data() + begin);
    begin = end + 1;
  }
}

namespace {

constexpr const char* kAbout =
    "Weir breaks a streaming cluster on purpose, and proves what it delivers.\n"
    "A scenario (JSON) and a seed make a run; the same run has the same fingerprint everywhere.";

constexpr const char* kFooter =
    "Exit codes: 0 every promise holds, 1 violation, 2 inconclusive, 3 not deterministic,\n"
    "64 bad usage or scenario, 70 internal error, 130 interrupted.";

int main(int argc, char** argv) {
  Session session;
  const char* called_as = std::getenv("WEIR_CALLED_AS");
  session.called_as = called_as != nullptr ? called_as : argv[0];

  CLI::App app(kAbout, session.called_as);
  app.footer(kFooter);
  app.set_version_flag("--version", "weir, build " + std::string(build_id()));
  app.set_help_all_flag("--help-all", "The help of every verb");
  app.require_subcommand(1);
  app.failure_message(CLI::FailureMessage::simple);
  add_run(app, session);
  add_replay(app, session);
  add_sweep(app, session);
  add_merge(app, session);
  add_coverage(app, session);
  add_shrink(app, session);
  add_check(app, session);
  add_explain(app, session);
  add_diff(app, session);
  add_convert(app, session);
  add_generate(app, session);
  add_report(app, session);
  add_list(app, session);
  add_serve(app, session);
  add_bench(app, session);
  add_mutants(app, session);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kExitOk : kExitUsage;
  } catch (const std::exception& error) {
    complain(std::string("internal error: ") + error.what());
    return kExitInternal;
  }
  return session.exit_code;
}

}  // namespace
}  // namespace weir::cli

int main(int argc, char** argv) { return weir::cli::main(argc, argv); }
