// The text of a failed assertion.
#include "broker/base/assertion.h"

#include <string_view>

namespace weir {
namespace {

// `file` without the folder of the checkout, so that the text is the same wherever it was built.
std::string_view inside_tree(std::string_view file) {
  constexpr std::string_view kThis = __FILE__;
  constexpr std::string_view kPlace = "broker/base/assertion.cpp";
  static_assert(kThis.ends_with(kPlace));
  constexpr std::string_view kRoot = kThis.substr(0, kThis.size() - kPlace.size());
  if (file.starts_with(kRoot)) file.remove_prefix(kRoot.size());
  // Compiled through a cache, a file may be named from the build's folder on.
  while (file.starts_with("../")) file.remove_prefix(3);
  return file;
}

}  // namespace

AssertionFailure::AssertionFailure(const char* file, int line, const char* condition) {
  text_ = std::string(inside_tree(file)) + ":" + std::to_string(line) + ": " + condition;
}

void fail_assertion(const char* file, int line, const char* condition) {
  throw AssertionFailure(file, line, condition);
}

}  // namespace weir
