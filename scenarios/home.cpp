// The place of shipped files: fixed at build time, overridden by the environment.
#include "scenarios/home.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

namespace weir {

namespace fs = std::filesystem;

std::string home() {
  const char* set = std::getenv("WEIR_HOME");
  if (set != nullptr && *set != '\0') return set;
  // An installed program has its files beside it.
  std::error_code ignored;
  const fs::path program = fs::read_symlink("/proc/self/exe", ignored);
  const fs::path share = program.parent_path().parent_path() / "share" / "weir";
  return fs::is_directory(share / "scenarios", ignored) ? share.string() : WEIR_SOURCE_DIR;
}

std::string find_scenario(const std::string& name) {
  std::error_code ignored;
  if (fs::is_regular_file(name, ignored)) return name;
  for (const char* folder : {"library", "regress"}) {
    for (const char* suffix : {"", ".json"}) {
      const fs::path path = fs::path(home()) / "scenarios" / folder / (name + suffix);
      if (fs::is_regular_file(path, ignored)) return path.string();
    }
  }
  return {};
}

std::vector<std::string> library_scenarios() {
  std::vector<std::string> names;
  std::error_code ignored;
  for (const auto& entry :
       fs::directory_iterator(fs::path(home()) / "scenarios" / "library", ignored)) {
    if (entry.path().extension() == ".json") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace weir
