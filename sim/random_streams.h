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
    if (found != streams_.end()) return found->second.random;
    const Stream fresh{Random::keyed(seed_, branch_, purpose, entity), streams_.size()};
    return streams_.emplace(std::move(key), fresh).first->second.random;
  }

  void rebranch(std::uint64_t branch) {
    branch_ = branch;
    for (auto& [key, stream] : streams_) {
      stream.random = Random::keyed(seed_, branch_, key.first, key.second);
    }
  }

  [[nodiscard]] std::vector<StreamDraws> draws() const {
    std::vector<StreamDraws> all;
    for (const auto& [key, stream] : streams_) {
      all.push_back({key.first + " " + key.second, stream.random.draws()});
    }
    return all;
  }

  // The same numbers in the order of first use, without the names: cheap enough for every event.
  void count(std::vector<std::uint64_t>& draws) const {
    draws.resize(streams_.size());
    for (const auto& [key, stream] : streams_) draws[stream.number] = stream.random.draws();
  }
  // The names in that order.
  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> names(streams_.size());
    for (const auto& [key, stream] : streams_) {
      names[stream.number] = key.first + " " + key.second;
    }
    return names;
  }

 private:
  struct Stream {
    Random random;
    std::size_t number;  // of its first use
  };

  std::uint64_t seed_;
  std::uint64_t branch_;
  std::map<std::pair<std::string, std::string>, Stream> streams_;
};

}  // namespace weir::sim
