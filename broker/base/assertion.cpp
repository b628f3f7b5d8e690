// The text of a failed assertion.
#include "broker/base/assertion.h"

#include <cstring>

namespace weir {

AssertionFailure::AssertionFailure(const char* file, int line, const char* condition) {
  text_ = std::string(file) + ":" + std::to_string(line) + ": " + condition;
}

void fail_assertion(const char* file, int line, const char* condition) {
  throw AssertionFailure(file, line, condition);
}

}  // namespace weir
