// JUnit's XML in the form that the readers of Jenkins, GitLab and GitHub have in common: testsuites
// > testsuite (properties first) > testcase > failure | error | skipped.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace weir {

struct JunitCounts {
  std::size_t tests = 0;
  std::size_t failures = 0;
  std::size_t errors = 0;
  std::size_t skipped = 0;
};

// Texts are taken as they are; the writer escapes them.
class JunitSuite {
 public:
  explicit JunitSuite(std::string name) : name_(std::move(name)) {}

  void property(const std::string& name, const std::string& value);
  void passed(const std::string& test);
  void skipped(const std::string& test, const std::string& why);
  void failed(const std::string& test, const std::string& message, const std::string& body);
  void error(const std::string& test, const std::string& type, const std::string& message,
             const std::string& body);

  [[nodiscard]] const JunitCounts& counts() const { return counts_; }
  [[nodiscard]] std::string text() const;

 private:
  void add(const std::string& test, const std::string& inside);

  std::string name_;
  std::string properties_;
  std::string cases_;
  JunitCounts counts_;
};

[[nodiscard]] std::string junit_document(const std::vector<JunitSuite>&);

}  // namespace weir
