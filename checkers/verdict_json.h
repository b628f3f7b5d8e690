// verdict.json: the one file from which every other report of a run's outcome is made.
//
// Byte-stable: fixed key order, integers and texts only, words in lower case. The writers of HTML,
// JUnit and others read only this and the history, so they cannot disagree.
#pragma once

#include <string>
#include <vector>

#include "checkers/verdict.h"

namespace weir {

class JsonWriter;

struct VerdictHeader {
  std::string scenario;
  std::string seed;  // "0x2a"
  std::string build;
  std::string fingerprint;
  std::string shape;  // of the violations, where known
};

// `exit_code` is what the program will return: see exit_code_of. Ends with a newline.
[[nodiscard]] std::string to_json(const VerdictHeader&, const std::vector<Verdict>&, int exit_code);

// The list of guarantees alone, in an object under the key "guarantees".
void write_guarantees(JsonWriter&, const std::vector<Verdict>&, const std::string& shape = {});

// 3 not deterministic, 1 violated, 2 unknown or a required guarantee not exercised, 0 otherwise;
// what a scenario expects is the caller's to apply first.
[[nodiscard]] int exit_code_of(const std::vector<Verdict>&,
                               const std::vector<std::string>& require_exercised);

}  // namespace weir
