// Every place of a scenario where a name can stand.
#include "scenarios/rewrite.h"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

#include "broker/base/text.h"

namespace weir {
namespace {

constexpr std::array<std::string_view, 3> kRoles = {"leader:", "follower:", "replicas:"};

std::vector<Fault>& fired(Scenario& s) {
  if (!s.faults.fired) s.faults.fired.emplace();
  return *s.faults.fired;
}

// The partition behind a role, or empty.
std::string partition_of(const NodeRef& ref) {
  for (const std::string_view role : kRoles) {
    if (ref.starts_with(role)) return ref.substr(role.size());
  }
  return {};
}

// Calls `visit` with every NodeRef of the fault.
template <class F, class Visit>
void for_each_ref(F& fault, Visit visit) {
  visit(fault.node);
  for (auto& ref : fault.from) visit(ref);
  for (auto& ref : fault.to) visit(ref);
  if (auto* trigger = std::get_if<Trigger>(&fault.when)) {
    visit(trigger->node);
    visit(trigger->peer);
  }
}

// Whether something of it is left without the node.
bool survives(Fault& fault, const std::string& name) {
  const std::string as_client = "client:" + name;
  const auto is = [&](const NodeRef& ref) { return ref == name || ref == as_client; };
  const bool of_two = !fault.from.empty() || !fault.to.empty();
  if (is(fault.node)) return false;
  if (const auto* trigger = std::get_if<Trigger>(&fault.when)) {
    if (is(trigger->node) || is(trigger->peer)) return false;
  }
  std::erase_if(fault.from, is);
  std::erase_if(fault.to, is);
  const bool sides = traits_of(fault.kind).target == FaultTarget::sides;
  if (sides) return !fault.from.empty() && !fault.to.empty();
  return !of_two || !fault.from.empty();
}

// "b3" is the third of its kind; 0 where it is none of them.
std::int64_t number_of(const std::string& name, char kind) {
  if (name.size() < 2 || name.front() != kind) return 0;
  return parse_integer(std::string_view(name).substr(1)).value_or(0);
}

Rename moving_up(char kind, std::int64_t gone) {
  return [kind, gone](const std::string& name) {
    const std::int64_t n = number_of(name, kind);
    return n > gone ? kind + std::to_string(n - 1) : name;
  };
}

std::string name_of_partition(const std::string& topic, std::int64_t p) {
  return topic + "-" + std::to_string(p);
}

// "orders-2" of the topic "orders": 2; -1 where it is none.
std::int64_t index_in(const std::string& topic, const std::string& tp) {
  if (!tp.starts_with(topic + "-")) return -1;
  return parse_integer(std::string_view(tp).substr(topic.size() + 1)).value_or(-1);
}

// Calls `visit` with every partition that the scenario names as "orders-0".
template <class Visit>
void for_each_tp(Scenario& s, Visit visit) {
  for (Fault& fault : fired(s)) {
    if (auto* trigger = std::get_if<Trigger>(&fault.when)) visit(trigger->tp);
    for_each_ref(fault, [&](NodeRef& ref) {
      std::string tp = partition_of(ref);
      if (tp.empty()) return;
      const std::string role = ref.substr(0, ref.size() - tp.size());
      visit(tp);
      ref = role + tp;
    });
  }
  if (s.cluster.leader_moves) {
    for (LeaderMove& move : *s.cluster.leader_moves) visit(move.tp);
  }
  for (ClientSpec& client : s.clients) {
    auto* consumer = std::get_if<ConsumerSpec>(&client.role);
    if (consumer == nullptr) continue;
    for (std::string& name : consumer->loop.assign) visit(name);
  }
}

template <class Visit>
void for_each_send(Scenario& s, const std::string& topic, Visit visit) {
  for (ClientSpec& client : s.clients) {
    auto* producer = std::get_if<ProducerSpec>(&client.role);
    if (producer == nullptr || !producer->workload.ops) continue;
    for (SendOp& op : *producer->workload.ops) {
      if (op.topic == topic) visit(op);
    }
  }
}

template <class Visit>
void for_each_count(Scenario& s, Visit visit) {
  if (s.faults.fired) {
    for (Fault& fault : *s.faults.fired) {
      visit(fault.nth);
      if (auto* trigger = std::get_if<Trigger>(&fault.when)) visit(trigger->nth);
    }
  }
  for (LinkDelay& delay : s.network.delays) visit(delay.nth);
}

}  // namespace

void drop_node(Scenario& s, const std::string& name) {
  std::erase_if(fired(s), [&](Fault& fault) { return !survives(fault, name); });
  std::erase_if(s.clients, [&](const ClientSpec& client) { return client.id == name; });
  std::erase_if(s.network.delays,
                [&](const LinkDelay& delay) { return delay.from == name || delay.to == name; });
  if (!s.cluster.leader_moves) return;
  std::erase_if(*s.cluster.leader_moves, [&](const LeaderMove& move) { return move.to == name; });
}

void rename_nodes(Scenario& s, const Rename& rename) {
  for (Fault& fault : fired(s)) {
    for_each_ref(fault, [&](NodeRef& ref) { ref = rename(ref); });
  }
  for (LinkDelay& delay : s.network.delays) {
    delay.from = rename(delay.from);
    delay.to = rename(delay.to);
  }
  if (!s.cluster.leader_moves) return;
  for (LeaderMove& move : *s.cluster.leader_moves) move.to = rename(move.to);
}

void drop_broker(Scenario& s, std::int64_t n) {
  drop_node(s, "b" + std::to_string(n));
  rename_nodes(s, moving_up('b', n));
  --s.cluster.brokers;
  for (TopicSpec& topic : s.topics) {
    topic.replication = std::min(topic.replication, s.cluster.brokers);
  }
}

void drop_controller(Scenario& s, std::int64_t n) {
  drop_node(s, "k" + std::to_string(n));
  rename_nodes(s, moving_up('k', n));
  --s.cluster.controllers;
}

std::vector<std::int32_t> partitions_in_use(const Scenario& scenario, const std::string& topic) {
  std::set<std::int32_t> used;
  Scenario s = scenario;
  for_each_tp(s, [&](std::string& tp) {
    if (const std::int64_t p = index_in(topic, tp); p >= 0) {
      used.insert(static_cast<std::int32_t>(p));
    }
  });
  for_each_send(s, topic, [&](SendOp& op) {
    if (op.partition) used.insert(*op.partition);
  });
  return {used.begin(), used.end()};
}

void keep_partitions(Scenario& s, const std::string& topic, const std::vector<std::int32_t>& kept) {
  const auto now = [&](std::int64_t p) {
    const auto at = std::ranges::find(kept, static_cast<std::int32_t>(p));
    return at == kept.end() ? p : static_cast<std::int64_t>(at - kept.begin());
  };
  for_each_tp(s, [&](std::string& tp) {
    const std::int64_t p = index_in(topic, tp);
    if (p >= 0) tp = name_of_partition(topic, now(p));
  });
  for_each_send(s, topic, [&](SendOp& op) {
    if (op.partition) op.partition = static_cast<std::int32_t>(now(*op.partition));
  });
  for (TopicSpec& spec : s.topics) {
    if (spec.name == topic) spec.partitions = std::max<std::int64_t>(1, std::ssize(kept));
  }
}

void merge_partitions(Scenario& s, const std::string& topic) {
  for_each_tp(s, [&](std::string& tp) {
    if (index_in(topic, tp) >= 0) tp = name_of_partition(topic, 0);
  });
  for_each_send(s, topic, [](SendOp& op) { op.partition = 0; });
  for (ClientSpec& client : s.clients) {
    auto* consumer = std::get_if<ConsumerSpec>(&client.role);
    if (consumer == nullptr) continue;
    std::set<std::string> seen;
    std::erase_if(consumer->loop.assign,
                  [&](const std::string& name) { return !seen.insert(name).second; });
  }
  for (TopicSpec& spec : s.topics) {
    if (spec.name == topic) spec.partitions = 1;
  }
}

void drop_topic(Scenario& s, const std::string& topic) {
  std::erase_if(s.topics, [&](const TopicSpec& spec) { return spec.name == topic; });
  for (ClientSpec& client : s.clients) {
    if (auto* consumer = std::get_if<ConsumerSpec>(&client.role)) {
      std::erase(consumer->loop.assign, topic);
    } else if (auto* producer = std::get_if<ProducerSpec>(&client.role)) {
      // What it sends names its own topics; this is only the one that has to be given.
      const bool gone = producer->workload.topic == topic && !s.topics.empty();
      if (gone) producer->workload.topic = s.topics.front().name;
    }
  }
}

std::vector<std::uint64_t> counts_in(const Scenario& scenario) {
  Scenario s = scenario;
  std::vector<std::uint64_t> counts;
  for_each_count(s, [&](const auto& nth) { counts.push_back(nth); });
  return counts;
}

void set_counts(Scenario& s, const std::vector<std::uint64_t>& counts) {
  auto count = counts.begin();
  for_each_count(s, [&]<class N>(N& nth) { nth = static_cast<N>(*count++); });
}

void cut_time(Scenario& s, Duration heal_by, Duration until) {
  s.until = until;
  s.faults.heal_by = heal_by;
  std::erase_if(fired(s), [heal_by](const Fault& fault) {
    const auto* at = std::get_if<Duration>(&fault.when);
    const auto* trigger = std::get_if<Trigger>(&fault.when);
    return (at != nullptr && *at >= heal_by) || (trigger != nullptr && trigger->since >= heal_by);
  });
  if (s.cluster.leader_moves) {
    std::erase_if(*s.cluster.leader_moves,
                  [heal_by](const LeaderMove& move) { return move.at >= heal_by; });
  }
  const auto late = [until](const auto& op) { return op.at >= until; };
  for (ClientSpec& client : s.clients) {
    if (auto* producer = std::get_if<ProducerSpec>(&client.role)) {
      if (producer->workload.ops) std::erase_if(*producer->workload.ops, late);
    } else if (auto* consumer = std::get_if<ConsumerSpec>(&client.role)) {
      if (consumer->loop.ops) std::erase_if(*consumer->loop.ops, late);
    }
  }
}

}  // namespace weir
