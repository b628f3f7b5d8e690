// What a scenario is made of, left out piece by piece: faults, moves, clients, operations, nodes,
// partitions.
#include <algorithm>
#include <map>
#include <tuple>

#include "broker/base/text.h"
#include "scenarios/explicit.h"
#include "scenarios/reduce.h"
#include "scenarios/rewrite.h"
#include "scenarios/shrinker.h"

namespace weir {
namespace {

// An operation of some client: its place there.
struct Place {
  std::size_t client = 0;
  std::size_t op = 0;
};

std::size_t operations_of(const ClientSpec& client) {
  if (const auto* producer = std::get_if<ProducerSpec>(&client.role)) {
    return producer->workload.ops ? producer->workload.ops->size() : 0;
  }
  const auto* consumer = std::get_if<ConsumerSpec>(&client.role);
  return consumer != nullptr && consumer->loop.ops ? consumer->loop.ops->size() : 0;
}

// In the order of their times over all clients, so that one chunk is one piece of the run.
std::vector<Place> places_in(const Scenario& s) {
  std::vector<std::tuple<Duration, std::size_t, std::size_t>> timed;
  for (std::size_t c = 0; c < s.clients.size(); ++c) {
    const auto* producer = std::get_if<ProducerSpec>(&s.clients[c].role);
    for (std::size_t i = 0; i < operations_of(s.clients[c]); ++i) {
      const Duration at = producer != nullptr
                              ? (*producer->workload.ops)[i].at
                              : (*std::get<ConsumerSpec>(s.clients[c].role).loop.ops)[i].at;
      timed.emplace_back(at, c, i);
    }
  }
  std::ranges::sort(timed);
  std::vector<Place> places;
  for (const auto& [at, client, op] : timed) places.push_back({client, op});
  return places;
}

Scenario with_operations(const Scenario& s, const std::vector<Place>& kept) {
  std::vector<std::vector<std::size_t>> by_client(s.clients.size());
  for (const Place& place : kept) by_client[place.client].push_back(place.op);
  Scenario fewer = s;
  for (std::size_t c = 0; c < s.clients.size(); ++c) {
    std::ranges::sort(by_client[c]);
    if (auto* producer = std::get_if<ProducerSpec>(&fewer.clients[c].role)) {
      if (producer->workload.ops) {
        producer->workload.ops = items_at(*producer->workload.ops, by_client[c]);
      }
    } else if (auto* consumer = std::get_if<ConsumerSpec>(&fewer.clients[c].role)) {
      if (consumer->loop.ops) consumer->loop.ops = items_at(*consumer->loop.ops, by_client[c]);
    }
  }
  return fewer;
}

// A reader looks through this many at once.
constexpr std::size_t kFewOperations = 2;
constexpr std::int64_t kLargerBy = 8;
constexpr std::int64_t kLargestValue = 64 << 10;

Scenario with_larger_records(Scenario s) {
  for (ClientSpec& client : s.clients) {
    auto* producer = std::get_if<ProducerSpec>(&client.role);
    if (producer == nullptr || !producer->workload.records_file.empty()) continue;
    std::int64_t& size = producer->workload.value_size;
    size = std::max(size, std::min(size * kLargerBy, kLargestValue));
  }
  return s;
}

// Faults that wait for a later match come when they came in the last run: what is counted may go.
Scenario with_struck_times(const Shrinker& shrinker) {
  Scenario s = shrinker.smallest();
  for (const Strike& strike : shrinker.outcome().strikes) {
    if (!s.faults.fired || strike.index >= s.faults.fired->size()) continue;
    FaultTime& when = (*s.faults.fired)[strike.index].when;
    const auto* trigger = std::get_if<Trigger>(&when);
    const bool counts = trigger != nullptr && trigger->nth > 1 && strike.skipped.empty();
    if (counts) when = std::get<Duration>(strike.fault.when);
  }
  return s;
}

// As few as possible of the operations of `before`, which need not fail itself; fewer than all.
void drop_operations_of(Shrinker& shrinker, Scenario before) {
  const std::vector<Place> all = places_in(before);
  static_cast<void>(reduce(all.size(), [&](const std::vector<std::size_t>& kept) {
    return shrinker.attempt(with_operations(before, items_at(all, kept)));
  }));
}

// What counts up to something which an operation does counts to one less without it.
void drop_with_counts(Shrinker& shrinker) {
  for (std::size_t op = places_in(shrinker.smallest()).size(); op-- > 0;) {
    std::vector<Place> fewer = places_in(shrinker.smallest());
    fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(op));
    const Scenario without = with_operations(shrinker.smallest(), fewer);
    const std::vector<std::uint64_t> counts = counts_in(without);
    for (std::size_t i = 0; i < counts.size(); ++i) {
      if (counts[i] <= 1) continue;
      std::vector<std::uint64_t> lower = counts;
      --lower[i];
      Scenario candidate = without;
      set_counts(candidate, lower);
      if (shrinker.attempt(std::move(candidate))) break;
    }
  }
}

// A setting of the cluster, a topic or a client: which of them, in this order, and its key.
struct Setting {
  std::size_t owner = 0;
  std::string key;
};

std::vector<ConfigMap*> configs_in(Scenario& s) {
  std::vector<ConfigMap*> configs = {&s.cluster.config};
  for (TopicSpec& topic : s.topics) configs.push_back(&topic.config);
  for (ClientSpec& client : s.clients) configs.push_back(&client.config);
  return configs;
}

// Where each record went, as far as it is known: "P1:17" -> 2.
std::map<std::string, std::int32_t, std::less<>> partitions_sent_to(const History& history) {
  std::map<std::string, std::int32_t, std::less<>> found;
  for (const HistoryOp& op : history.ops) {
    if (op.function != OpFunction::send) continue;
    for (const HistoryItem& item : history.items_of(op)) {
      const std::string_view key = history.name(item.key);
      const auto p = parse_integer(key.substr(key.rfind('-') + 1));
      if (p) {
        const std::string record(history.values.text(item.value).substr(1));
        found[record] = static_cast<std::int32_t>(*p);
      }
    }
  }
  return found;
}

// The partitioner's choices, said by the operations.
Scenario pinned(const Shrinker& shrinker) {
  const auto partitions = partitions_sent_to(shrinker.outcome().history);
  Scenario s = shrinker.smallest();
  for (ClientSpec& client : s.clients) {
    auto* producer = std::get_if<ProducerSpec>(&client.role);
    if (producer == nullptr || !producer->workload.ops) continue;
    std::int64_t n = 0;
    for (SendOp& op : *producer->workload.ops) {
      const auto found = partitions.find(client.id + ":" + std::to_string(n++));
      if (!op.partition) op.partition = found == partitions.end() ? 0 : found->second;
    }
  }
  return s;
}

bool is_used(const Scenario& s, const std::string& topic) {
  for (const ClientSpec& client : s.clients) {
    const auto* producer = std::get_if<ProducerSpec>(&client.role);
    if (producer == nullptr) continue;
    if (!producer->workload.ops) return true;
    for (const SendOp& op : *producer->workload.ops) {
      if (op.topic == topic) return true;
    }
  }
  return !partitions_in_use(s, topic).empty();
}

}  // namespace

void drop_faults(Shrinker& shrinker) {
  if (!shrinker.smallest().faults.fired) return;
  const std::vector<Fault> all = *shrinker.smallest().faults.fired;
  static_cast<void>(reduce(all.size(), [&](const std::vector<std::size_t>& kept) {
    Scenario fewer = shrinker.smallest();
    fewer.faults.fired = items_at(all, kept);
    return shrinker.attempt(std::move(fewer));
  }));
}

void drop_moves(Shrinker& shrinker) {
  if (!shrinker.smallest().cluster.leader_moves) return;
  const std::vector<LeaderMove> all = *shrinker.smallest().cluster.leader_moves;
  static_cast<void>(reduce(all.size(), [&](const std::vector<std::size_t>& kept) {
    Scenario fewer = shrinker.smallest();
    fewer.cluster.leader_moves = items_at(all, kept);
    return shrinker.attempt(std::move(fewer));
  }));
}

// A check of its user's may count on the user's apps.
void drop_clients(Shrinker& shrinker) {
  std::vector<std::string> ids;
  for (const ClientSpec& client : shrinker.smallest().clients) {
    const bool looked_at =
        std::holds_alternative<AppSpec>(client.role) && !shrinker.inputs().checks.empty();
    if (!looked_at) ids.push_back(client.id);
  }
  const Scenario before = shrinker.smallest();
  static_cast<void>(reduce(ids.size(), [&](const std::vector<std::size_t>& kept) {
    Scenario fewer = before;
    for (std::size_t i = 0; i < ids.size(); ++i) {
      if (std::ranges::find(kept, i) == kept.end()) drop_node(fewer, ids[i]);
    }
    return shrinker.attempt(std::move(fewer));
  }));
}

void drop_operations(Shrinker& shrinker) {
  drop_operations_of(shrinker, shrinker.smallest());
  drop_with_counts(shrinker);
  drop_operations_of(shrinker, with_struck_times(shrinker));
  // Where it takes so many bytes, or so many batches, few large records do what many small ones do.
  if (listed_operations(shrinker.smallest()) > kFewOperations) {
    drop_operations_of(shrinker, with_larger_records(shrinker.smallest()));
  }
  // Operations name their keys; what the values were drawn after is of no interest either.
  for (std::size_t c = 0; c < shrinker.smallest().clients.size(); ++c) {
    Scenario plain = shrinker.smallest();
    auto* producer = std::get_if<ProducerSpec>(&plain.clients[c].role);
    if (producer == nullptr || !producer->workload.ops) continue;
    producer->workload.keys = NoKeys{};
    shrinker.attempt(std::move(plain));
  }
}

// As few as possible, whichever they are; each that can go goes.
void drop_brokers(Shrinker& shrinker) {
  for (std::int64_t n = shrinker.smallest().cluster.brokers; n > 0; --n) {
    if (shrinker.smallest().cluster.brokers == 1) return;
    Scenario fewer = shrinker.smallest();
    drop_broker(fewer, n);
    shrinker.attempt(std::move(fewer));
  }
}

void drop_controllers(Shrinker& shrinker) {
  for (std::int64_t n = shrinker.smallest().cluster.controllers; n > 0; --n) {
    if (shrinker.smallest().cluster.controllers <= 1) return;
    Scenario fewer = shrinker.smallest();
    drop_controller(fewer, n);
    shrinker.attempt(std::move(fewer));
  }
}

// Nobody knows what partitions the code of an app speaks of.
void drop_partitions(Shrinker& shrinker) {
  if (!shrinker.inputs().apps.empty()) return;
  const std::vector<TopicSpec> topics = shrinker.smallest().topics;
  for (const TopicSpec& topic : topics) {
    if (shrinker.smallest().topics.size() > 1 && !is_used(shrinker.smallest(), topic.name)) {
      Scenario fewer = shrinker.smallest();
      drop_topic(fewer, topic.name);
      if (shrinker.attempt(std::move(fewer))) continue;
    }
    if (topic.partitions == 1) continue;
    Scenario merged = shrinker.smallest();
    merge_partitions(merged, topic.name);
    if (shrinker.attempt(std::move(merged))) continue;
    Scenario fewer = pinned(shrinker);
    const auto used = partitions_in_use(fewer, topic.name);
    if (static_cast<std::int64_t>(used.size()) == topic.partitions) continue;
    keep_partitions(fewer, topic.name, used);
    shrinker.attempt(std::move(fewer));
  }
}

// What is as Kafka has it needs no explanation. The time within which progress is demanded follows
// from the timeouts in force; where somebody set it, it was meant for just these.
void drop_settings(Shrinker& shrinker) {
  Scenario before = shrinker.smallest();
  before.liveness_after_heal.reset();
  if (resolve(before) != shrinker.smallest()) return;
  Scenario listed = before;
  std::vector<Setting> all;
  const std::vector<ConfigMap*> configs = configs_in(listed);
  for (std::size_t owner = 0; owner < configs.size(); ++owner) {
    for (const auto& [key, value] : *configs[owner]) all.push_back({owner, key});
  }
  static_cast<void>(reduce(all.size(), [&](const std::vector<std::size_t>& kept) {
    Scenario fewer = before;
    const std::vector<ConfigMap*> left = configs_in(fewer);
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (std::ranges::find(kept, i) == kept.end()) left[all[i].owner]->erase(all[i].key);
    }
    return shrinker.attempt(std::move(fewer));
  }));
}

}  // namespace weir
