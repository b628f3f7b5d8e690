// Planted bugs: the same code with one exact replacement, built beside the program and run in its
// place.
//
// A mutant is a text file under scenarios/mutants: lines `name: value`, then the text to find
// (which must be in its file exactly once) and its replacement. The product carries no bug code; a
// mutant whose text no longer matches fails loudly.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace weir {

struct Mutant {
  std::string name;
  std::string about;
  std::string file;       // the translation unit, relative to the sources
  std::string caught_by;  // the guarantee that it breaks
  std::string scenario;   // where the hunt for it looks
  std::uint64_t within_seeds = 0;
  std::string find;
  std::string replace;
};

// Reads scenarios/mutants/NAME.mutant. On failure `error` says which file, what is wrong and what
// was expected.
[[nodiscard]] Mutant read_mutant(const std::string& name, std::string& error);
[[nodiscard]] std::vector<std::string> mutant_names();

// `source` with the replacement; on failure (no match, or several) `error` is set.
[[nodiscard]] std::string apply_mutant(const Mutant&, const std::string& source,
                                       std::string& error);

// Builds the variant of the running program on first use and whenever something it is made of has
// changed; yields the path of its executable, or sets `error`. Output of the compiler goes to
// stderr.
[[nodiscard]] std::string build_planted(const Mutant&, std::string& error);

}  // namespace weir
