// Counter-based keyed randomness: the n-th draw of a stream depends on its key and n, on nothing
// else.
//
// A stream is keyed by (seed, branch, purpose, entity), so a further client or a dropped fault
// leaves the draws of all others as they were. Integers only: no floating point, no library
// distributions.
#pragma once

#include <cstdint>
#include <string_view>

#include "broker/base/hash.h"

namespace weir {

// A probability as a fraction; 1/4 fires once in four.
struct Ratio {
  std::uint32_t numerator = 0;
  std::uint32_t denominator = 1;
};

class Random {
 public:
  Random() = default;
  explicit Random(std::uint64_t key) : key_(key) {}

  // The stream of one purpose of one entity, e.g. ("latency", "b1>P1").
  [[nodiscard]] static Random keyed(std::uint64_t seed, std::uint64_t branch,
                                    std::string_view purpose, std::string_view entity) {
    std::uint64_t key = fold(mix(seed), branch);
    key = fold(key, hash_text(purpose));
    key = fold(key, hash_text(entity));
    return Random(mix(key));
  }

  std::uint64_t next() { return mix(key_ + ++draws_ * 0x9e3779b97f4a7c15ull); }

  // Uniform in [0, bound); bound 0 gives 0. Lemire's multiply-shift with rejection: exact.
  std::uint64_t below(std::uint64_t bound) {
    if (bound == 0) return 0;
    __extension__ using Wide = unsigned __int128;
    Wide product = static_cast<Wide>(next()) * bound;
    if (static_cast<std::uint64_t>(product) < bound) {
      const std::uint64_t threshold = (0 - bound) % bound;
      while (static_cast<std::uint64_t>(product) < threshold) {
        product = static_cast<Wide>(next()) * bound;
      }
    }
    return static_cast<std::uint64_t>(product >> 64);
  }

  // Uniform in [low, high], both ends included; low <= high.
  std::int64_t between(std::int64_t low, std::int64_t high) {
    const auto width = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low) + 1;
    const std::uint64_t step = width == 0 ? next() : below(width);
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(low) + step);
  }

  bool chance(Ratio ratio) {
    if (ratio.numerator == 0) return false;
    return below(ratio.denominator) < ratio.numerator;
  }

  // How many values were drawn so far; loss of determinism is traced with it.
  [[nodiscard]] std::uint64_t draws() const { return draws_; }

 private:
  std::uint64_t key_ = 0;
  std::uint64_t draws_ = 0;
};

}  // namespace weir
