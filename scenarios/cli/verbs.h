// The verbs of the command line: each adds its subcommand to the parser and sets the exit code when
// it ran.
//
// stdout carries the result, stderr progress and hints. Exit codes are those of exit_code.h, one
// meaning each.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "scenarios/exit_code.h"

namespace weir::cli {

struct Session {
  std::string called_as;  // printed commands begin with it
  int exit_code = kExitOk;
};

void add_run(CLI::App&, Session&);
void add_replay(CLI::App&, Session&);
void add_sweep(CLI::App&, Session&);
void add_merge(CLI::App&, Session&);
void add_coverage(CLI::App&, Session&);
void add_shrink(CLI::App&, Session&);
void add_check(CLI::App&, Session&);
void add_explain(CLI::App&, Session&);
void add_diff(CLI::App&, Session&);
void add_convert(CLI::App&, Session&);
void add_generate(CLI::App&, Session&);
void add_report(CLI::App&, Session&);
void add_list(CLI::App&, Session&);
void add_serve(CLI::App&, Session&);
void add_bench(CLI::App&, Session&);
void add_mutants(CLI::App&, Session&);

// Prints "weir: text" to stderr, one line for each line of `text`.
void complain(const std::string& text);

}  // namespace weir::cli
