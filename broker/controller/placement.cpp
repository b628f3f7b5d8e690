// Turns over racks and, within each, over brokers.
#include "broker/controller/placement.h"

#include <map>
#include <utility>

#include "broker/base/assertion.h"

namespace weir {
namespace {

template <class T>
void shuffle(std::vector<T>& list, Random& random) {
  for (std::size_t left = list.size(); left > 1; --left) {
    std::swap(list[left - 1], list[random.below(left)]);
  }
}

}  // namespace

BrokerId Placer::Rack::at(std::size_t n, std::size_t turn) const {
  if (n < unfenced.size()) return unfenced[(n + turn) % unfenced.size()];
  return fenced[(n - unfenced.size() + turn) % fenced.size()];
}

Placer::Placer(const std::vector<BrokerImage>& brokers, Random& random) {
  // Without a rack is a rack of its own.
  std::map<std::pair<bool, std::string>, Rack> by_name;
  for (const BrokerImage& broker : brokers) {
    if (broker.in_controlled_shutdown) continue;
    Rack& rack = by_name[{broker.rack.has_value(), broker.rack.value_or("")}];
    (broker.fenced ? rack.fenced : rack.unfenced).push_back(broker.id);
    ++brokers_;
    if (!broker.fenced) ++unfenced_;
  }
  for (auto& [name, rack] : by_name) {
    shuffle(rack.unfenced, random);
    shuffle(rack.fenced, random);
    racks_.push_back(std::move(rack));
  }
  shuffle(racks_, random);
}

std::string Placer::why_impossible(std::int32_t replicas) const {
  if (unfenced_ == 0) return "all brokers are fenced or in controlled shutdown";
  if (replicas < 1 || static_cast<std::size_t>(replicas) > brokers_) {
    return "a replication factor of " + std::to_string(replicas) + " with " +
           std::to_string(brokers_) + " brokers that can take replicas";
  }
  return {};
}

std::vector<std::int32_t> Placer::next(std::int32_t replicas) {
  WEIR_ASSERT(why_impossible(replicas).empty());
  const std::size_t racks = racks_.size();
  const std::size_t begin = turn_ % racks;
  // Within a rack the turn goes on when all racks have begun once: else, with as many racks as
  // brokers in each, some brokers would never begin.
  const std::size_t turn = turn_ / racks;
  ++turn_;
  std::size_t first = begin;
  while (racks_[first].unfenced.empty()) first = (first + 1) % racks;
  std::vector<std::int32_t> chosen = {racks_[first].at(0, turn).value()};
  for (std::size_t round = 0; chosen.size() < static_cast<std::size_t>(replicas); ++round) {
    for (std::size_t r = 0; r < racks; ++r) {
      const std::size_t at = (first + r) % racks;
      if (round == 0 && at == first) continue;  // its first is the leader
      if (round >= racks_[at].size()) continue;
      if (chosen.size() == static_cast<std::size_t>(replicas)) break;
      chosen.push_back(racks_[at].at(round, turn).value());
    }
  }
  return chosen;
}

}  // namespace weir
