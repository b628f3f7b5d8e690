// A scenario is a value: cluster, clients, workload, network, disks, fault schedule, seed. A run is
// a pure function of it.
//
// The form people write is JSON (scenario_json.h, schema/scenario-1.schema.json); here is what it
// means. Every member has the default that an absent key stands for; resolve() makes those
// explicit that depend on other members. Configurations keep Kafka's own names and texts, and are
// validated by the options of the client or node that they configure.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "broker/base/random.h"
#include "broker/base/time.h"
#include "faults/plan.h"
#include "sim/options.h"

namespace weir {

inline constexpr std::string_view kScenarioFormat = "weir-scenario/1";

// Limits of what a file may ask for.
inline constexpr std::int64_t kMaxBrokers = 100;
inline constexpr std::int64_t kMaxClients = 10'000;
inline constexpr std::int64_t kMaxTopics = 10'000;
inline constexpr std::int64_t kMaxPartitions = 10'000;
inline constexpr std::int64_t kMaxRecords = 1'000'000'000;
inline constexpr std::int64_t kMaxValueSize = 64 << 20;

using ConfigMap = std::map<std::string, std::string, std::less<>>;  // as in controller/settings.h

// How long something takes: always the same, or drawn.
struct FixedDelay {
  Duration delay{0};
  friend bool operator==(const FixedDelay&, const FixedDelay&) = default;
};
struct UniformDelay {  // [low, high], both included
  Duration low{0}, high{0};
  friend bool operator==(const UniformDelay&, const UniformDelay&) = default;
};
struct ExponentialDelay {
  Duration mean{0};
  friend bool operator==(const ExponentialDelay&, const ExponentialDelay&) = default;
};
struct LognormalDelay {
  Duration median{0}, p99{0};
  friend bool operator==(const LognormalDelay&, const LognormalDelay&) = default;
};
using Delay = std::variant<FixedDelay, UniformDelay, ExponentialDelay, LognormalDelay>;

// A leader that an operator moves at a time of the scenario, where that is possible then.
struct LeaderMove {
  Duration at{0};
  std::string tp;  // "orders-0"
  std::string to;  // "b2", which should be in sync; empty: the operator looks and moves nothing
  friend bool operator==(const LeaderMove&, const LeaderMove&) = default;
};

struct ClusterSpec {
  std::int64_t brokers = 1;      // b1, b2, ...
  std::int64_t controllers = 0;  // k1, k2, ...; 0: combined with the brokers
  ConfigMap config;              // of every broker
  // How often, on average, an operator moves the leader of some partition, until all heals; 0:
  // never.
  Duration move_leaders_every{0};
  std::optional<std::vector<LeaderMove>> leader_moves = {};  // instead: these, in this order
  // How often, on average, an observer asks where logs begin and end; 0: never.
  Duration ask_every{0};
  friend bool operator==(const ClusterSpec&, const ClusterSpec&) = default;
};

struct TopicSpec {
  std::string name;
  std::int64_t partitions = 1;
  std::int64_t replication = 1;
  ConfigMap config;
  Duration created_at{0};  // 0: before the scenario begins; else by an operator, in a cluster
  friend bool operator==(const TopicSpec&, const TopicSpec&) = default;
};

// The keys of a workload's records.
struct NoKeys {
  friend bool operator==(const NoKeys&, const NoKeys&) = default;
};
struct UniformKeys {  // "k0" ... "k<n-1>", drawn
  std::int64_t count = 1;
  friend bool operator==(const UniformKeys&, const UniformKeys&) = default;
};
struct FieldKeys {  // the named field of each record, which is a JSON object
  std::string field;
  friend bool operator==(const FieldKeys&, const FieldKeys&) = default;
};
using Keys = std::variant<NoKeys, UniformKeys, FieldKeys>;

// One send, in the words of a history.
struct SendOp {
  Duration at{0};  // a time of the scenario; where that has passed, at once
  std::string topic;
  std::optional<std::int32_t> partition;  // absent: the partitioner's choice
  std::optional<std::string> key;
  // Which of the workload's records gives the value, from 0; absent: the one of the op's place.
  std::optional<std::int64_t> record;
  friend bool operator==(const SendOp&, const SendOp&) = default;
};

// How long a consumer's poll waits for records, where nothing else is said.
inline constexpr Duration kPollTimeout = std::chrono::seconds(1);

// One poll of a consumer.
struct PollOp {
  Duration at{0};
  Duration timeout = kPollTimeout;
  friend bool operator==(const PollOp&, const PollOp&) = default;
};

// What a producer sends.
struct Workload {
  std::string topic;
  std::int64_t records = 0;       // with a file: at most so many of its lines, 0 for all
  std::string records_file;       // JSON Lines, a line a record; see find_records
  std::int64_t value_size = 100;  // of generated records, in bytes
  Keys keys;
  std::int64_t per_second = 0;            // 0: as fast as the producer takes them
  std::optional<std::int32_t> partition;  // absent: the partitioner's choice
  Duration start{0};
  // Exactly these, in this order, instead of what keys, rate, partition and start would give.
  std::optional<std::vector<SendOp>> ops = {};
  friend bool operator==(const Workload&, const Workload&) = default;
};

enum class StartFrom : std::uint8_t { beginning, end };
enum class LoopOrder : std::uint8_t { process_then_commit, commit_then_process };

// What a consumer does.
struct ConsumerLoop {
  // "orders" for all partitions of a topic, "orders-0" for one; resolved: every topic.
  std::vector<std::string> assign;
  StartFrom from = StartFrom::beginning;
  LoopOrder order = LoopOrder::process_then_commit;
  Delay process_time;  // of each record
  Duration start{0};
  std::optional<std::vector<PollOp>> ops = {};  // exactly these polls, instead of polling on
  friend bool operator==(const ConsumerLoop&, const ConsumerLoop&) = default;
};

struct ProducerSpec {
  Workload workload;
  friend bool operator==(const ProducerSpec&, const ProducerSpec&) = default;
};
struct ConsumerSpec {
  std::string group;  // empty: assigned by hand
  ConsumerLoop loop;
  friend bool operator==(const ConsumerSpec&, const ConsumerSpec&) = default;
};
// A user's own code (App), which the program that runs the scenario must bring. What it opens is
// said here, since promises are derived from configurations.
struct AppSpec {
  std::optional<ConfigMap> producer, consumer;  // options by Kafka's names; absent: opens none
  friend bool operator==(const AppSpec&, const AppSpec&) = default;
};

struct ClientSpec {
  std::string id;    // "P1": also the name of its node
  ConfigMap config;  // of a producer or consumer
  std::variant<ProducerSpec, ConsumerSpec, AppSpec> role;
  friend bool operator==(const ClientSpec&, const ClientSpec&) = default;
};

struct NetworkSpec {
  Delay latency = LognormalDelay{std::chrono::microseconds(300), std::chrono::milliseconds(2)};
  Ratio loss{0, 1};                    // of messages: each costs a retransmission, never bytes
  Ratio split_reads{0, 1};             // how often a read yields only a part of what has arrived
  std::int64_t bytes_per_second = 0;   // of each link and direction; 0: without limit
  std::vector<LinkDelay> delays = {};  // of single messages, instead of latency and loss
  friend bool operator==(const NetworkSpec&, const NetworkSpec&);
};

struct DiskSpec {
  Delay read = FixedDelay{std::chrono::microseconds(20)};
  Delay write = FixedDelay{std::chrono::microseconds(20)};
  Delay sync = FixedDelay{std::chrono::microseconds(500)};
  std::int64_t capacity = 0;  // in bytes; 0: without limit
  friend bool operator==(const DiskSpec&, const DiskSpec&) = default;
};

struct FaultsSpec {
  std::vector<Fault> scripted;
  std::optional<RandomFaults> random;
  // What really happened in an earlier run, carried out instead of the other two.
  std::optional<std::vector<Fault>> fired;
  std::optional<Duration> heal_by;  // resolved: random's, otherwise `until`
  friend bool operator==(const FaultsSpec&, const FaultsSpec&) = default;
};

// A cell of the matrix of coverage: see coverage.h.
struct RequiredCell {
  std::string fault;
  std::string state;
  std::string guarantee;  // empty: whichever
  friend bool operator==(const RequiredCell&, const RequiredCell&) = default;
};

// Apps that turn each record of some topics into one of others; they say so in
// ProducerRecord::derived_from.
struct PipelineSpec {
  std::vector<std::string> in, out;  // topics
  // They go on behind the last input that has an output, instead of committing offsets.
  bool positions_in_output = false;
  friend bool operator==(const PipelineSpec&, const PipelineSpec&) = default;
};

struct CheckSpec {
  std::optional<PipelineSpec> pipeline;
  // Guarantees claimed whatever the configuration promises; empty: from the configuration.
  std::vector<std::string> promise;
  std::vector<std::string> require_exercised;
  // Of a sweep as a whole: what none of its runs was makes it inconclusive.
  std::vector<RequiredCell> require_covered;
  std::vector<std::string> require_witnessed;
  friend bool operator==(const CheckSpec&, const CheckSpec&) = default;
};

// What each seed chooses for itself: the path of a setting, as for --set, and the values, as JSON,
// of which it takes one; a value that stands there twice is twice as likely.
struct Draw {
  std::string path;
  std::vector<std::string> values;
  friend bool operator==(const Draw&, const Draw&) = default;
};

struct LimitsSpec {
  std::int64_t events = 50'000'000;
  std::int64_t events_per_instant = 1'000'000;
  friend bool operator==(const LimitsSpec&, const LimitsSpec&) = default;
};

struct Scenario {
  std::string schema;  // the "$schema" of the file, for editors
  std::string name;
  std::string about;
  // Clients work and faults strike until then; afterwards all has healed and consumers drain.
  Duration until = std::chrono::seconds(10);
  ClusterSpec cluster;
  std::vector<TopicSpec> topics;
  std::vector<ClientSpec> clients;
  NetworkSpec network;
  DiskSpec disk;
  std::uint64_t seed = 1;
  FaultsSpec faults;
  std::string plant;  // a mutant's name; empty: none
  CheckSpec check;
  // Guarantee -> the verdict words that fulfil the scenario, in JSON's lower case.
  std::map<std::string, std::vector<std::string>> expect;
  LimitsSpec limits;
  std::vector<Draw> draws;  // a scenario with draws is a profile: draw.h makes scenarios of it
  bool buggify = false;
  std::optional<std::vector<std::string>> buggify_points = {};  // only these, and they are on
  Duration service_time{0};                     // a wake-up occupies its node so long; 0: off
  std::optional<Duration> liveness_after_heal;  // absent: derived from the timeouts in force
  bool final_drain = true;                      // consumers read to the end when all has healed
  friend bool operator==(const Scenario&, const Scenario&) = default;
};

// The ids of guarantees and the words of verdicts that files may use.
[[nodiscard]] std::span<const std::string_view> guarantee_ids();
[[nodiscard]] std::span<const std::string_view> verdict_words();

// Makes explicit every default that depends on other members. Idempotent.
[[nodiscard]] Scenario resolve(Scenario);

// Whether the cluster has controllers (KRaft); otherwise its one broker stands alone.
[[nodiscard]] bool uses_quorum(const Scenario&);
// Controllers k1.. of their own, or how many of the brokers, from b1 on, are controllers too.
[[nodiscard]] std::int64_t controller_count(const Scenario&);

// The nodes that faults may strike: b1.., k1.. and the clients; and the roles they have.
[[nodiscard]] ClusterShape shape_of(const Scenario&);

// When the n-th record of a workload is due, from 0.
[[nodiscard]] Duration due_of(const Workload&, std::int64_t n);

// The faults of a resolved scenario at its seed.
[[nodiscard]] Plan plan_of(const Scenario&, std::uint64_t branch = 0);

// What the scenario asks for and this build cannot simulate, one sentence each; empty: nothing.
[[nodiscard]] std::vector<std::string> beyond_this_build(const Scenario&);

// The value with which a configuration key was set, or null.
[[nodiscard]] const std::string* find_config(const ConfigMap&, std::string_view key);

}  // namespace weir
