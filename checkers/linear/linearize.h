// Linearizability of one object, exactly, with memory bounded by concurrency.
//
// Just-in-time linearization (Lowe 2017, after Wing and Gong 1993): a configuration is a state and
// the set of open operations that have already taken effect. Nothing takes effect before some
// operation returns that needs it; then every order that leads there is tried, and configurations
// that are equal become one. An operation that changes nothing takes effect as soon as it may, and
// of operations that may never have happened fewer used is always better, so what is dominated is
// dropped. An operation that nobody knows about stays open for ever.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "checkers/history.h"
#include "checkers/log_index.h"

namespace weir::analysis {

inline constexpr std::uint32_t kNever = 0xffffffffu;

// One operation on the object; positions are those of the history.
struct LinearOp {
  std::uint32_t invoked = 0;
  std::uint32_t returned = kNever;  // kNever: it may take effect at any later time, or not at all
  std::uint32_t input = 0;          // of the model
  std::uint32_t alike = 0;          // operations without a return and of one class are alike
  std::uint32_t op = kNoOperation;  // how it is called in findings
};

// What an object does: the state after an operation, or nothing where it could not have happened.
class LinearModel {
 public:
  LinearModel() = default;
  LinearModel(const LinearModel&) = delete;
  LinearModel& operator=(const LinearModel&) = delete;
  virtual ~LinearModel() = default;

  [[nodiscard]] virtual std::uint64_t initial() const = 0;
  [[nodiscard]] virtual std::optional<std::uint64_t> step(std::uint64_t state,
                                                          std::uint32_t input) = 0;
  // Whether the operation never changes the state.
  [[nodiscard]] virtual bool pure(std::uint32_t input) const = 0;
};

struct LinearBreach {
  std::uint32_t op = 0;     // index in ops: the operation that no order allows
  std::uint64_t state = 0;  // the state of some order that goes as far as it can
};

struct LinearResult {
  std::vector<LinearBreach> breaches;  // empty: linearizable
  bool gave_up = false;                // more configurations than kMaxConfigurations
};

inline constexpr std::size_t kMaxConfigurations = 4'000'000;

// `resume` gives the state from which to go on behind a breach, or nothing to stop there.
class LinearResume {
 public:
  virtual ~LinearResume() = default;
  [[nodiscard]] virtual std::optional<std::uint64_t> after(const LinearBreach&) = 0;
};

// Operations in the order of their invocations.
[[nodiscard]] LinearResult linearize(const std::vector<LinearOp>& ops, LinearModel&,
                                     LinearResume* = nullptr);

}  // namespace weir::analysis
