// What a scenario means beyond its members: defaults that depend on others, nodes, plan.
#include "scenarios/scenario.h"

#include <algorithm>
#include <array>

#include "broker/base/text.h"

namespace weir {
namespace {

using std::literals::chrono_literals::operator""h;
using std::literals::chrono_literals::operator""ms;
using std::literals::chrono_literals::operator""s;

constexpr std::array<std::string_view, 25> kGuarantees = {"durability.acked",
                                                          "order.partition",
                                                          "dup.idempotent",
                                                          "log.agreement",
                                                          "epoch.single-leader",
                                                          "hw.monotonic",
                                                          "read.visibility",
                                                          "txn.atomicity",
                                                          "txn.isolation",
                                                          "txn.fencing",
                                                          "group.exclusive",
                                                          "group.commit",
                                                          "delivery.at-most-once",
                                                          "delivery.at-least-once",
                                                          "delivery.exactly-once",
                                                          "progress.produce",
                                                          "progress.consume",
                                                          "progress.replicate",
                                                          "progress.rebalance",
                                                          "progress.controller",
                                                          "controller.metadata",
                                                          "controller.isr",
                                                          "controller.election",
                                                          "node.sound",
                                                          "determinism"};

constexpr std::array<std::string_view, 5> kVerdicts = {"holds", "violated", "not exercised",
                                                       "not promised", "unknown"};

constexpr std::int64_t kMostAimedAt = 16;  // partitions of a topic that have roles for faults
constexpr Duration kLongestTimeout = 1h;   // beyond it, a demand for progress says nothing

Duration timeout_of(const ConfigMap& config, std::string_view key, Duration kafkas_default) {
  const std::string* text = find_config(config, key);
  const auto ms = text == nullptr ? std::nullopt : parse_integer(*text);
  if (!ms || *ms < 0) return kafkas_default;
  if (*ms > kLongestTimeout / 1ms) return kLongestTimeout;
  return *ms * 1ms;
}

// A cluster mends itself one step after the other: the quorum notices that its leader is gone and
// elects another, a broker that came back waits for the session of its former life, a follower
// whose leader forgot the connection waits for its socket, and then catches up and is let in.
Duration cluster_patience(const ConfigMap& config) {
  const Duration election = timeout_of(config, "controller.quorum.fetch.timeout.ms", 2s) +
                            timeout_of(config, "controller.quorum.election.timeout.ms", 1s) +
                            timeout_of(config, "controller.quorum.election.backoff.max.ms", 1s);
  const Duration session = timeout_of(config, "broker.session.timeout.ms", 9s);
  const Duration sockets = std::max(timeout_of(config, "replica.socket.timeout.ms", 30s),
                                    timeout_of(config, "controller.socket.timeout.ms", 30s));
  return election + session + sockets + timeout_of(config, "replica.fetch.backoff.ms", 1s);
}

// A request that was lost is noticed after its timeout; then the client connects and asks again. A
// connect is answered soon after the last fault, but for one that waits for longer than a peer
// tries to answer it.
Duration patience_of(const ConfigMap& client) {
  constexpr Duration kPeersPatience = 10s;  // tcp_user_timeout
  const Duration asking = timeout_of(client, "request.timeout.ms", 30s) +
                          timeout_of(client, "fetch.max.wait.ms", 500ms);
  const Duration connecting = timeout_of(client, "socket.connection.setup.timeout.ms", 10s);
  const Duration patience = connecting > kPeersPatience ? std::max(asking, connecting) : asking;
  const Duration pauses = timeout_of(client, "retry.backoff.max.ms", 1s) +
                          timeout_of(client, "reconnect.backoff.max.ms", 1s);
  return patience + 2 * pauses;
}

Duration derived_liveness(const Scenario& s) {
  Duration longest = 1s;
  for (const ClientSpec& client : s.clients) {
    const auto* app = std::get_if<AppSpec>(&client.role);
    if (app == nullptr) longest = std::max(longest, patience_of(client.config));
    if (app != nullptr && app->producer) longest = std::max(longest, patience_of(*app->producer));
    if (app != nullptr && app->consumer) longest = std::max(longest, patience_of(*app->consumer));
  }
  return uses_quorum(s) ? longest + cluster_patience(s.cluster.config) : longest;
}

}  // namespace

// A fraction equals another only when it is written alike, so that reading gives back what was
// written.
bool operator==(const NetworkSpec& a, const NetworkSpec& b) {
  const auto same = [](Ratio x, Ratio y) {
    return x.numerator == y.numerator && x.denominator == y.denominator;
  };
  return a.latency == b.latency && same(a.loss, b.loss) && same(a.split_reads, b.split_reads) &&
         a.bytes_per_second == b.bytes_per_second && a.delays == b.delays;
}

std::span<const std::string_view> guarantee_ids() { return kGuarantees; }

std::span<const std::string_view> verdict_words() { return kVerdicts; }

Scenario resolve(Scenario s) {
  if (s.faults.random) {
    RandomFaults& random = *s.faults.random;
    // Faults strike early enough that clients still work when all has healed.
    if (random.heal_by == Duration(0)) {
      random.heal_by = s.faults.heal_by.value_or(s.until / 10 * 7);
    }
    if (random.to == Duration(0)) {
      random.from = std::min(s.until / 10, random.heal_by);
      random.to = random.heal_by;
    }
    if (random.weights.empty()) random.weights = survivable_weights(shape_of(s));
  }
  if (!s.faults.heal_by) {
    const bool only_random = s.faults.random && s.faults.scripted.empty() && !s.faults.fired;
    s.faults.heal_by = only_random ? s.faults.random->heal_by : s.until;
  }
  for (ClientSpec& client : s.clients) {
    auto* consumer = std::get_if<ConsumerSpec>(&client.role);
    if (consumer == nullptr || !consumer->loop.assign.empty()) continue;
    for (const TopicSpec& topic : s.topics) consumer->loop.assign.push_back(topic.name);
  }
  if (!s.liveness_after_heal) s.liveness_after_heal = derived_liveness(s);
  return s;
}

bool uses_quorum(const Scenario& s) {
  const bool needs_one = std::any_of(s.topics.begin(), s.topics.end(), [](const TopicSpec& topic) {
    return topic.replication > 1 || topic.created_at != Duration(0);
  });
  return s.cluster.brokers > 1 || s.cluster.controllers > 0 || needs_one;
}

std::int64_t controller_count(const Scenario& s) {
  constexpr std::int64_t kCombined = 3;  // a majority of three survives the loss of one
  if (!uses_quorum(s)) return 0;
  return s.cluster.controllers > 0 ? s.cluster.controllers : std::min(s.cluster.brokers, kCombined);
}

ClusterShape shape_of(const Scenario& s) {
  ClusterShape shape;
  for (std::int64_t n = 1; n <= s.cluster.brokers; ++n) {
    shape.brokers.push_back("b" + std::to_string(n));
  }
  for (const ClientSpec& client : s.clients) shape.clients.push_back(client.id);
  for (std::int64_t n = 1; n <= s.cluster.controllers; ++n) {
    shape.controllers.push_back("k" + std::to_string(n));
  }
  const bool combined = s.cluster.controllers == 0 && s.cluster.brokers > 1;
  if (combined) shape.controllers = shape.brokers;
  for (const TopicSpec& topic : s.topics) {
    for (std::int64_t p = 0; p < std::min(topic.partitions, kMostAimedAt); ++p) {
      shape.partitions.push_back(topic.name + "-" + std::to_string(p));
    }
    const std::string* of_topic = find_config(topic.config, "min.insync.replicas");
    const std::string* text =
        of_topic != nullptr ? of_topic : find_config(s.cluster.config, "min.insync.replicas");
    const auto number = text == nullptr ? std::nullopt : parse_integer(*text);
    if (number) shape.min_insync_replicas[topic.name] = *number;
  }
  return shape;
}

Duration due_of(const Workload& w, std::int64_t n) {
  if (w.ops) return (*w.ops)[static_cast<std::size_t>(n)].at;
  if (w.per_second == 0) return w.start;
  const Duration rest(n % w.per_second * 1'000'000'000 / w.per_second);
  return w.start + std::chrono::seconds(n / w.per_second) + rest;
}

Plan plan_of(const Scenario& s, std::uint64_t branch) {
  const Duration heal_at = s.faults.heal_by.value_or(s.until);
  if (s.faults.fired) return {*s.faults.fired, heal_at};
  return make_plan(s.seed, branch, s.faults.scripted, s.faults.random.value_or(RandomFaults{}),
                   shape_of(s), heal_at);
}

std::vector<std::string> beyond_this_build(const Scenario& s) {
  std::vector<std::string> beyond;
  for (const ClientSpec& client : s.clients) {
    const auto* consumer = std::get_if<ConsumerSpec>(&client.role);
    if (consumer == nullptr || consumer->group.empty()) continue;
    beyond.push_back("client \"" + client.id + "\": this build has no consumer groups");
  }
  return beyond;
}

const std::string* find_config(const ConfigMap& config, std::string_view key) {
  const auto found = config.find(key);
  return found == config.end() ? nullptr : &found->second;
}

}  // namespace weir
