// Small programs for the tests of the simulator, and a reader that remembers facts.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "broker/ports/program.h"
#include "sim/world.h"

namespace weir {

// A program whose main task is one free function.
class Scripted final : public Program {
 public:
  using Main = std::function<Task<>(Machine&)>;

  Scripted(Machine& machine, Main main, Main end)
      : machine_(machine), main_(std::move(main)), end_(std::move(end)) {}

  Task<> run() override { return main_(machine_); }
  Task<> stop() override {
    if (end_) co_await end_(machine_);
  }

 private:
  Machine& machine_;
  Main main_;
  Main end_;
};

inline Launch scripted(Scripted::Main main, Scripted::Main end = {}) {
  return [main = std::move(main), end = std::move(end)](Machine& machine) {
    return std::unique_ptr<Program>(new Scripted(machine, main, end));
  };
}

// Remembers every fact as one line: "kind node why".
class Lines final : public FactReader {
 public:
  explicit Lines(World& world) : world_(world) { world_.add_reader(*this); }
  ~Lines() override { world_.remove_reader(*this); }

  void on(const Observed& o) override {
    std::string line(name_of(o.fact.kind));
    line += " " + std::string(o.node_name);
    if (!o.fact.why.empty()) line += " " + std::string(o.fact.why);
    lines.push_back(std::move(line));
  }
  [[nodiscard]] bool saw(const std::string& line) const { return count(line) > 0; }
  [[nodiscard]] std::size_t count(const std::string& line) const {
    std::size_t n = 0;
    for (const std::string& seen : lines) n += seen == line ? 1 : 0;
    return n;
  }

  std::vector<std::string> lines;

 private:
  World& world_;
};

inline constexpr Duration ms(std::int64_t n) { return std::chrono::milliseconds(n); }
inline constexpr Duration us(std::int64_t n) { return std::chrono::microseconds(n); }
inline constexpr Instant at_ms(std::int64_t n) { return Instant{0} + ms(n); }

inline NodeId add(World& world, std::string name, Scripted::Main main, Scripted::Main end = {}) {
  NodeOptions options;
  options.name = std::move(name);
  options.launch = scripted(std::move(main), std::move(end));
  return world.add_node(std::move(options));
}

}  // namespace weir
