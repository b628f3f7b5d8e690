// Named random streams of one run: each keyed by (seed, branch, purpose, entity), so that a draw
// from one never moves another.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "broker/base/random.h"
#include "sim/world.h"

namespace weir::sim {

class RandomStreams {
 public:
  RandomStreams(std::uint64_t seed, std::uint64_t branch) : seed_(seed), branch_(branch) {}

  // The same object for the same names, for as long as the world lives.
  Random& stream(std::string_view purpose, std::string_view entity) {
    auto key = std::pair(std::string(purpose), std::string(entity));
    const auto found = streams_.find(key);
    if (found != streams_.end()) return found->second;
    const Random fresh = Random::keyed(seed_, branch_, purpose, entity);
    return streams_.emplace(std::move(key), fresh).first->second;
  }

  void rebranch(std::uint64_t branch) {
    branch_ = branch;
    for (auto& [key, random] : streams_) {
      random = Random::keyed(seed_, branch_, key.first, key.second);
    }
  }

  [[nodiscard]] std::vector<StreamDraws> draws() const {
    std::vector<StreamDraws> all;
    for (const auto& [key, random] : streams_) {
      all.push_back({key.first + " " + key.second, random.draws()});
    }
    return all;
  }

 private:
  std::uint64_t seed_;
  std::uint64_t branch_;
  std::map<std::pair<std::string, std::string>, Random> streams_;
};

}  // namespace weir::sim
