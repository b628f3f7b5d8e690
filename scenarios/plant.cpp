// Compiling the changed file with the build's own command, with those that are compiled together
// with it, and linking the object before the libraries, so that it takes the place of the original.
#include "scenarios/plant.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "broker/base/suggest.h"
#include "broker/base/text.h"
#include "scenarios/home.h"
#include "scenarios/json_text.h"

namespace weir {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFind = "--- find\n";
constexpr std::string_view kReplace = "--- replace\n";

std::string read_all(const fs::path& path, std::string& error) {
  std::ifstream in(path, std::ios::binary);
  if (!in) error = path.string() + ": cannot be read";
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string shell_quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

// The first line-start `name: value` of the head, or an empty text.
std::string field(const std::string& head, const std::string& name) {
  const std::string start = name + ": ";
  std::size_t at = 0;
  while (at < head.size()) {
    std::size_t end = head.find('\n', at);
    if (end == std::string::npos) end = head.size();
    if (head.compare(at, start.size(), start) == 0) {
      return head.substr(at + start.size(), end - at - start.size());
    }
    at = end + 1;
  }
  return {};
}

// The build directory of the running program: <build>/bin/weir.
fs::path build_directory(std::string& error) {
  std::error_code failed;
  const fs::path program = fs::read_symlink("/proc/self/exe", failed);
  const fs::path build = program.parent_path().parent_path();
  if (failed || !fs::exists(build / "compile_commands.json")) {
    error = "a planted bug needs the build directory of this program, and its sources";
  }
  return build;
}

// What this build starts its compiler with: the path of ccache and a space, or nothing.
std::string launcher_of(const fs::path& build) {
  constexpr std::string_view kLine = "\nCCACHE:FILEPATH=";
  std::string ignored;
  const std::string cache = read_all(build / "CMakeCache.txt", ignored);
  const std::size_t at = cache.find(kLine);
  if (at == std::string::npos) return {};
  const std::size_t from = at + kLine.size();
  const std::string path = cache.substr(from, cache.find('\n', from) - from);
  return fs::exists(path) ? shell_quoted(path) + " " : std::string();
}

// How this build compiles a file: by itself, or in a unit that includes it among others.
struct Unit {
  std::string command;
  std::string together;  // the text of the unit of several files; empty where it is the file itself
};

std::string include_of(const fs::path& file) { return "#include \"" + file.string() + "\""; }

// The line by which a unit includes a file of the tree.
std::string include_from_the_top(const fs::path& file) {
  return include_of(file.lexically_relative(home()));
}

std::optional<Unit> find_unit(const fs::path& build, const fs::path& original, std::string& error) {
  const nlohmann::json commands = parse_json(read_all(build / "compile_commands.json", error));
  if (!commands.is_array()) return std::nullopt;
  for (const nlohmann::json& entry : commands) {
    const fs::path file = entry.value("file", "");
    Unit unit{entry.value("command", ""), {}};
    if (file == original) return unit;
    if (file.parent_path().filename() != "unity") continue;
    unit.together = read_all(file, error);
    if (unit.together.find(include_from_the_top(original)) != std::string::npos) return unit;
  }
  error = original.string() + ": not in a translation unit of this build";
  return std::nullopt;
}

// The command that compiles the changed file as this build compiles the original, to another
// object.
std::string compile_command(const fs::path& build, const fs::path& original,
                            const fs::path& changed, const fs::path& object, std::string& error) {
  const std::optional<Unit> unit = find_unit(build, original, error);
  if (!unit) return {};
  fs::path source = changed;
  if (!unit->together.empty()) {
    const std::string line = include_from_the_top(original);
    std::string text = unit->together;
    text.replace(text.find(line), line.size(), include_of(changed));
    source.replace_filename("unit.cpp");
    std::ofstream(source, std::ios::binary) << text;
  }
  const std::size_t output = unit->command.rfind(" -o ");
  if (output == std::string::npos) return {};
  return launcher_of(build) + unit->command.substr(0, output) + " -o " +
         shell_quoted(object.string()) + " -c " + shell_quoted(source.string());
}

// The command that links the program, with the object first and another output.
std::string link_command(const fs::path& build, const fs::path& object, const fs::path& program,
                         std::string& error) {
  const std::string ask = "ninja -C " + shell_quoted(build.string()) + " -t commands bin/weir";
  std::FILE* pipe = ::popen(ask.c_str(), "r");
  if (pipe == nullptr) {
    error = "ninja cannot be run";
    return {};
  }
  std::string all;
  char chunk[4096];
  for (std::size_t n = 0; (n = std::fread(chunk, 1, sizeof chunk, pipe)) > 0;) all.append(chunk, n);
  ::pclose(pipe);
  while (!all.empty() && all.back() == '\n') all.pop_back();
  std::string command = all.substr(all.rfind('\n') + 1);
  const std::string output = " -o bin/weir ";
  const std::size_t at = command.find(output);
  if (at == std::string::npos) {
    error = "the link command of this build has no '-o bin/weir'";
    return {};
  }
  command.replace(
      at, output.size(),
      " -s " + shell_quoted(object.string()) + " -o " + shell_quoted(program.string()) + " ");
  return command;
}

bool run_in(const fs::path& directory, const std::string& command) {
  const std::string line =
      "cd " + shell_quoted(directory.string()) + " && { " + command + "; } >&2";
  return std::system(line.c_str()) == 0;
}

}  // namespace

std::vector<std::string> mutant_names() {
  std::vector<std::string> names;
  std::error_code ignored;
  for (const auto& entry :
       fs::directory_iterator(fs::path(home()) / "scenarios/mutants", ignored)) {
    if (entry.path().extension() == ".mutant") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

Mutant read_mutant(const std::string& name, std::string& error) {
  Mutant mutant;
  mutant.name = name;
  const std::vector<std::string> names = mutant_names();
  if (std::find(names.begin(), names.end(), name) == names.end()) {
    error = "no planted bug \"" + name + "\"" + did_you_mean(name, names);
    return mutant;
  }
  const fs::path path = fs::path(home()) / "scenarios/mutants" / (name + ".mutant");
  const std::string text = read_all(path, error);
  const std::size_t find = text.find(kFind);
  const std::size_t replace = text.find(kReplace);
  if (find == std::string::npos || replace == std::string::npos || replace < find) {
    error = path.string() + ": expected a section '--- find' and then '--- replace'";
    return mutant;
  }
  const std::string head = text.substr(0, find);
  mutant.about = field(head, "about");
  mutant.file = field(head, "file");
  mutant.caught_by = field(head, "caught-by");
  mutant.scenario = field(head, "scenario");
  mutant.within_seeds = parse_unsigned(field(head, "within-seeds")).value_or(0);
  mutant.find = text.substr(find + kFind.size(), replace - find - kFind.size());
  mutant.replace = text.substr(replace + kReplace.size());
  if (mutant.file.empty() || mutant.caught_by.empty() || mutant.within_seeds == 0 ||
      mutant.scenario.empty() || mutant.find.empty()) {
    error = path.string() + ": expected the lines file, caught-by, scenario and within-seeds";
  }
  return mutant;
}

std::string apply_mutant(const Mutant& mutant, const std::string& source, std::string& error) {
  const std::size_t at = source.find(mutant.find);
  const bool again =
      at != std::string::npos && source.find(mutant.find, at + 1) != std::string::npos;
  if (at == std::string::npos || again) {
    error = "mutant " + mutant.name + ": its text is " + (again ? "more than once" : "no longer") +
            " in " + mutant.file + "; expected exactly once";
    return {};
  }
  std::string changed = source;
  return changed.replace(at, mutant.find.size(), mutant.replace);
}

std::string build_planted(const Mutant& mutant, std::string& error) {
  const fs::path build = build_directory(error);
  const fs::path original = fs::path(home()) / mutant.file;
  if (!error.empty()) return {};
  const std::string changed = apply_mutant(mutant, read_all(original, error), error);
  if (!error.empty()) return {};
  const fs::path folder = build / "planted" / mutant.name;
  const fs::path unit = folder / original.filename();
  const fs::path object = folder / "planted.o";
  const fs::path program = folder / "weir";
  std::error_code failed;
  fs::create_directories(folder, failed);
  std::string ignored;
  const bool same_text = fs::exists(unit) && read_all(unit, ignored) == changed;
  const fs::path clean = build / "bin" / "weir";
  if (same_text && fs::exists(program) &&
      fs::last_write_time(program) >= fs::last_write_time(clean)) {
    return program.string();
  }
  std::ofstream(unit, std::ios::binary) << changed;
  const std::string compile = compile_command(build, original, unit, object, error);
  const std::string link = link_command(build, object, program, error);
  if (!error.empty()) return {};
  std::fprintf(stderr, "weir: building with the planted bug %s\n", mutant.name.c_str());
  if (!run_in(build, compile) || !run_in(build, link)) {
    error = "mutant " + mutant.name + " does not build";
    return {};
  }
  return program.string();
}

}  // namespace weir
