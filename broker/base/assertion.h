// Assertions that stay on in every build.
//
// A failed assertion is a programmer's error. It throws AssertionFailure, which no code between
// here and the task's driver catches: the simulator destroys the node and records the finding
// `assertion`, a real process prints the place and aborts. Input from the network, the disk or a
// user never trips one.
#pragma once

#include <exception>
#include <string>

namespace weir {

class AssertionFailure final : public std::exception {
 public:
  AssertionFailure(const char* file, int line, const char* condition);
  [[nodiscard]] const char* what() const noexcept override { return text_.c_str(); }

 private:
  std::string text_;  // "broker/storage/x.cpp:12: condition"
};

[[noreturn]] void fail_assertion(const char* file, int line, const char* condition);

}  // namespace weir

#define WEIR_ASSERT(condition)                       \
  (__builtin_expect(static_cast<bool>(condition), 1) \
       ? static_cast<void>(0)                        \
       : ::weir::fail_assertion(__FILE__, __LINE__, #condition))
