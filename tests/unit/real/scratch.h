// A fresh directory for a test, removed afterwards, and a program made of one coroutine.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "broker/real/real_machine.h"

namespace weir {

class ScratchDirectory {
 public:
  ScratchDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "weir-real-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) ADD_FAILURE() << "no temporary directory";
    path_ = name;
  }
  ~ScratchDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;

  [[nodiscard]] std::string path(const std::string& below = {}) const {
    return below.empty() ? path_ : path_ + "/" + below;
  }

 private:
  std::string path_;
};

class Script final : public Program {
 public:
  using Body = std::function<Task<>(Machine&)>;
  Script(Machine& machine, Body body, Body on_stop = {})
      : machine_(machine), body_(std::move(body)), on_stop_(std::move(on_stop)) {}

  Task<> run() override { return body_(machine_); }
  Task<> stop() override;

 private:
  Machine& machine_;
  Body body_;
  Body on_stop_;
};

inline Task<> Script::stop() {
  if (!on_stop_) co_return;
  co_await on_stop_(machine_);
}

[[nodiscard]] inline RealOptions options_for(const ScratchDirectory& scratch,
                                             const std::string& name) {
  RealOptions options;
  options.name = name;
  options.data_directory = scratch.path(name);
  return options;
}

template <class T>
[[nodiscard]] Errc code_of(const Result<T>& result) {
  if (result.has_value()) return Errc::ok;
  return static_cast<Errc>(result.error().value());
}

}  // namespace weir
