// The one description of every object of a scenario file: keys, forms, meaning.
//
// Reader, writer and schema are visitors of these functions, so none of them can know a key that
// another does not. `present` only concerns the writer: what is absent reads as the same default.
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <type_traits>

#include "faults/fault.h"
#include "scenarios/coverage.h"
#include "scenarios/scenario_json_codec.h"
#include "scenarios/witnesses.h"

namespace weir::scenario_json {

template <class T, class Of>
concept Some = std::same_as<std::remove_const_t<T>, Of>;

inline constexpr std::array<std::string_view, 1> kFormats = {kScenarioFormat};
inline constexpr std::array<std::string_view, 3> kKinds = {"producer", "consumer", "app"};
inline constexpr std::array<std::string_view, 2> kStarts = {"beginning", "end"};
inline constexpr std::array<std::string_view, 2> kOrders = {"process-then-commit",
                                                            "commit-then-process"};

// Reports keys that do not belong to the kind of fault, and those that it lacks.
void check_fault_keys(const ObjectReader&, const Fault&);

// Reports what is beside operations and would be decided by them.
template <class V>
void nothing_beside(V& v, std::string_view given, std::initializer_list<std::string_view> keys) {
  if constexpr (V::kReads) {
    if (!v.has(given)) return;
    for (const std::string_view key : keys) {
      if (v.has(key)) {
        v.place().at(key).report("does not belong beside \"" + std::string(given) +
                                 "\", which says all of it");
      }
    }
  }
}

template <class V, Some<LeaderMove> T>
void fields(V& v, T& m) {
  v.required("at", m.at, DurationCodec{}, "when");
  v.required("tp", m.tp, NameCodec{}, "of which partition (\"orders-0\")");
  v.field(
      "to", m.to, NameCodec{},
      "to which broker; nothing happens where it is not in sync; absent: the operator only looks",
      !m.to.empty());
}

template <class V, Some<ClusterSpec> T>
void fields(V& v, T& c) {
  v.field("brokers", c.brokers, IntegerCodec{1, kMaxBrokers}, "how many brokers: b1, b2, ...");
  v.field("controllers", c.controllers, IntegerCodec{0, kMaxBrokers},
          "how many controllers of their own (k1, ...); 0: combined with the brokers");
  v.field("config", c.config, ConfigCodec{}, "settings of every broker, by Kafka's names",
          !c.config.empty());
  v.field(
      "move_leaders_every", c.move_leaders_every, DurationCodec{},
      "how often, on average, an operator moves the leader of some partition to another replica "
      "in sync, until everything heals; 0: never",
      c.move_leaders_every != Duration(0));
  v.field("leader_moves", c.leader_moves, ListCodec<ObjectOf<LeaderMove>>{},
          "instead: the leaders that an operator moves, one after the other");
  nothing_beside(v, "leader_moves", {"move_leaders_every"});
  v.field("ask_every", c.ask_every, DurationCodec{},
          "how often, on average, an observer asks who leads, and where the log of some partition "
          "begins, ends, or holds a time, and deletes the oldest records now and then, until "
          "everything heals; 0: never",
          c.ask_every != Duration(0));
}

template <class V, Some<TopicSpec> T>
void fields(V& v, T& t) {
  v.required("name", t.name, NameCodec{}, "the topic's name");
  v.field("partitions", t.partitions, IntegerCodec{1, kMaxPartitions}, "how many partitions");
  v.field("replication", t.replication, IntegerCodec{1, kMaxBrokers},
          "how many replicas each partition has; at most one a broker");
  v.field("created_at", t.created_at, DurationCodec{},
          "when an operator creates it; 0: it is there before the scenario's time begins",
          t.created_at != Duration(0));
  v.field("config", t.config, ConfigCodec{}, "settings of the topic, by Kafka's names",
          !t.config.empty());
}

template <class V, Some<SendOp> T>
void fields(V& v, T& op) {
  v.required("at", op.at, DurationCodec{}, "when; where that has passed, at once");
  v.required("send", op, SendCodec{},
             "topic, partition (null: the partitioner's choice) and key (null: none)");
  v.field("record", op.record, IntegerCodec{0, kMaxRecords},
          "which record of the workload gives the value, from 0; absent: the one of its place");
}

template <class V, Some<PollOp> T>
void fields(V& v, T& op) {
  v.required("at", op.at, DurationCodec{}, "when; where that has passed, at once");
  v.required("poll", op.timeout, DurationCodec{}, "how long it waits for records");
}

template <class V, Some<Workload> T>
void fields(V& v, T& w) {
  const bool drawn = !w.ops;
  v.required("topic", w.topic, NameCodec{}, "where the records go");
  v.field("records", w.records, IntegerCodec{0, kMaxRecords},
          "how many records; with a file: at most so many of its lines, 0 for all", drawn);
  v.field("records_file", w.records_file, TextCodec{false},
          "a file of JSON Lines, each line the value of a record; looked for beside the scenario "
          "and in the folders above",
          !w.records_file.empty());
  v.field("value_size", w.value_size, SizeCodec{kMaxValueSize},
          "size of a generated record's value", w.records_file.empty() || w.value_size != 100);
  v.field("keys", w.keys, KeysCodec{},
          "the keys of the records; beside ops, which name their own: only what generated values "
          "are drawn after",
          drawn || w.keys != Keys{});
  v.field("per_second", w.per_second, IntegerCodec{0, 1'000'000'000},
          "records a second; 0: as fast as the producer takes them", drawn);
  v.field("partition", w.partition, IntegerCodec{0, kMaxPartitions - 1},
          "always this partition; absent: the partitioner's choice", drawn);
  v.field("start", w.start, DurationCodec{}, "when the first record is sent", drawn);
  v.field("ops", w.ops, ListCodec<ObjectOf<SendOp>>{}, "instead: exactly these sends");
  nothing_beside(v, "ops", {"records", "per_second", "partition", "start"});
}

template <class V, Some<ConsumerLoop> T>
void fields(V& v, T& l) {
  v.field("assign", l.assign, ListCodec<NameCodec>{},
          "what it reads: \"orders\" for all partitions of a topic, \"orders-0\" for one; absent: "
          "every topic",
          !l.assign.empty());
  v.field("from", l.from, ChoiceCodec<StartFrom>{kStarts}, "where reading begins");
  v.field("order", l.order, ChoiceCodec<LoopOrder>{kOrders},
          "whether records are processed before or after their offsets are committed");
  v.field("process_time", l.process_time, DelayCodec{}, "how long each record takes");
  v.field("start", l.start, DurationCodec{}, "when the first poll happens");
  v.field("ops", l.ops, ListCodec<ObjectOf<PollOp>>{}, "exactly these polls; absent: it polls on");
}

// Three kinds, whose keys differ; the schema describes each alone.
template <class V, Some<ClientSpec> T>
void fields(V& v, T& c) {
  v.required("id", c.id, NameCodec{}, "the client's name, which is also its node's");
  std::string kind(kKinds[c.role.index()]);
  if constexpr (V::kReads) {
    kind.clear();
    v.required("kind", kind, WordCodec{kKinds}, "producer, consumer or app");
    if (kind == kKinds[1]) c.role = ConsumerSpec{};
    if (kind == kKinds[2]) c.role = AppSpec{};
    if (std::ranges::find(kKinds, kind) == kKinds.end()) {
      v.give_up();
      return;
    }
  } else {
    v.required("kind", kind, WordCodec{Words(kKinds).subspan(c.role.index(), 1)},
               "producer, consumer or app: code of the program that runs the scenario");
  }
  if (auto* consumer = std::get_if<ConsumerSpec>(&c.role)) {
    v.field("group", consumer->group, NameCodec{}, "its consumer group; absent: assigned by hand",
            !consumer->group.empty());
    v.field("config", c.config, ConfigCodec{}, "consumer options, by Kafka's names",
            !c.config.empty());
    v.field("loop", consumer->loop, ObjectOf<ConsumerLoop>{}, "what it does");
  } else if (auto* producer = std::get_if<ProducerSpec>(&c.role)) {
    v.field("config", c.config, ConfigCodec{}, "producer options, by Kafka's names",
            !c.config.empty());
    v.required("workload", producer->workload, ObjectOf<Workload>{}, "what it sends");
  } else if (auto* app = std::get_if<AppSpec>(&c.role)) {
    v.field("producer", app->producer, ConfigCodec{},
            "options of the producer that it opens; absent: it sends nothing");
    v.field("consumer", app->consumer, ConfigCodec{},
            "options of the consumer that it opens; absent: it reads nothing");
  }
}

template <class V, Some<LinkDelay> T>
void fields(V& v, T& d) {
  v.required("from", d.from, NameCodec{}, "the sender's node");
  v.required("to", d.to, NameCodec{}, "the receiver's node");
  v.required("nth", d.nth, IntegerCodec{1}, "the how manyth message from the one to the other");
  v.required("takes", d.takes, DurationCodec{}, "how long it takes");
}

template <class V, Some<NetworkSpec> T>
void fields(V& v, T& n) {
  v.field("latency", n.latency, DelayCodec{}, "of each message");
  v.field("loss", n.loss, RatioCodec{},
          "share of segments that are lost; each costs a retransmission, never bytes");
  v.field("split_reads", n.split_reads, RatioCodec{},
          "share of reads that yield only a part of what has arrived");
  v.field("bytes_per_second", n.bytes_per_second, SizeCodec{},
          "bandwidth of each link and direction; 0: without limit");
  v.field("delays", n.delays, ListCodec<ObjectOf<LinkDelay>>{},
          "single messages that differ, whatever latency and loss say", !n.delays.empty());
}

template <class V, Some<DiskSpec> T>
void fields(V& v, T& d) {
  v.field("read", d.read, DelayCodec{}, "how long a read takes");
  v.field("write", d.write, DelayCodec{}, "how long a write into the page cache takes");
  v.field("sync", d.sync, DelayCodec{}, "how long making it durable takes");
  v.field("capacity", d.capacity, SizeCodec{}, "bytes that fit on the disk; 0: without limit");
}

template <class V, Some<Trigger> T>
void fields(V& v, T& t) {
  v.required("event", t.event, EventCodec{}, "the kind of fact");
  v.field("tp", t.tp, NameCodec{}, "of this partition (\"orders-0\")", !t.tp.empty());
  v.field("node", t.node, TextCodec{false},
          "on this node, by name or role; \"leader\": on the leader of its own partition",
          !t.node.empty());
  v.field("peer", t.peer, TextCodec{false}, "with this node at the other end", !t.peer.empty());
  v.field("api", t.api, ApiCodec{}, "of this Kafka API", t.api >= 0);
  v.field("at_least", t.at_least, IntegerCodec{std::numeric_limits<std::int64_t>::min()},
          "with at least this value, such as an offset");
  v.field("nth", t.nth, IntegerCodec{1, 1'000'000'000}, "the how manyth match", t.nth != 1);
  v.field("since", t.since, DurationCodec{}, "matches count from this time on",
          t.since != Duration(0));
  v.field("delay", t.delay, DurationCodec{}, "how long after the match", t.delay != Duration(0));
}

template <class V, Some<AfterFault> T>
void fields(V& v, T& a) {
  v.required("after", a.label, TextCodec{false}, "when the fault with this label is over");
  v.field("delay", a.delay, DurationCodec{}, "how long after that", a.delay != Duration(0));
}

// A trigger, or the end of another fault.
using When = std::variant<Trigger, AfterFault>;
struct WhenCodec {
  void read(const Reading& at, const Json& json, When& out) const {
    if (json.is_object() && json.contains("after")) out = AfterFault{};
    std::visit([&](auto& when) { ObjectCodec{}.read(at, json, when); }, out);
  }
  [[nodiscard]] Json write(const When& w) const {
    return std::visit([](const auto& when) { return ObjectCodec{}.write(when); }, w);
  }
  [[nodiscard]] Json schema() const {
    return {
        {"oneOf", Json::array({ObjectOf<Trigger>{}.schema(), ObjectOf<AfterFault>{}.schema()})}};
  }
};

template <class V, Some<Fault> T>
void fields(V& v, T& f) {
  std::optional<Duration> at;
  std::optional<When> when;
  if (const auto* time = std::get_if<Duration>(&f.when)) at = *time;
  if (const auto* trigger = std::get_if<Trigger>(&f.when)) when = *trigger;
  if (const auto* after = std::get_if<AfterFault>(&f.when)) when = *after;
  if constexpr (V::kReads) at.reset();
  v.field("at", at, DurationCodec{}, "when it strikes, counted from the start of the run");
  v.field("when", when, WhenCodec{}, "instead of `at`: a trigger, or the end of another fault");
  if constexpr (V::kReads) {
    if (at) f.when = *at;
    if (when) std::visit([&](auto& w) { f.when = w; }, *when);
  }
  v.required("do", f.kind, ChoiceCodec<FaultKind>{fault_names()}, "what happens");
  v.field("node", f.node, TextCodec{false},
          "to whom: b1, P1, leader:orders-0, follower:orders-0, controller:active, client:P1, "
          "event:node, event:peer, event:leader, event:follower, event:joiner",
          !f.node.empty());
  const bool of_a_set = traits_of(f.kind).target == FaultTarget::set;
  SidesCodec::Sides sides(f.from, f.to);
  v.field("between", sides, SidesCodec{},
          "two sets of nodes; \"brokers\", \"controllers\" and \"clients\" stand for all of them",
          !of_a_set && (!f.from.empty() || !f.to.empty()));
  std::vector<NodeRef> set;
  if (of_a_set) set = f.from;
  v.field("nodes", set, ListCodec<TextCodec>{{false}},
          "a set of nodes, such as [\"brokers\", \"controllers\"] or [\"replicas:orders-0\"]",
          !set.empty());
  v.field("one_way", f.one_way, BooleanCodec{}, "only from the first set to the second", f.one_way);
  v.field("for", f.lasts, DurationCodec{false, false},
          "how long; then healed or restarted. Absent: until everything heals");
  v.field("by", f.by, DurationCodec{true}, "how much slower, or how far a clock jumps",
          f.by != Duration(0));
  v.field("rate_ppm", f.rate_ppm, IntegerCodec{-500'000, 500'000},
          "how many millionths a clock runs fast", f.rate_ppm != 0);
  v.field("factor", f.factor, IntegerCodec{1, 1'000'000}, "how many times as long", f.factor != 1);
  v.field("bytes_per_second", f.bytes_per_second, SizeCodec{}, "how much gets through",
          f.bytes_per_second != 0);
  v.field("nth", f.nth, IntegerCodec{1, 1'000'000'000}, "which operation from now on fails",
          f.nth != 1);
  v.field("guard", f.guard, ChoiceCodec<Guard>{guard_names()},
          "the condition without which it is skipped", f.guard != Guard::none);
  v.field("label", f.label, TextCodec{false}, "a name for reports, and for `after`",
          !f.label.empty());
  if constexpr (V::kReads) {
    f.from = std::move(sides.first);
    f.to = std::move(sides.second);
    if (!set.empty()) f.from = std::move(set);
    check_fault_keys(v, f);
  }
}

template <class V, Some<RandomFaults> T>
void fields(V& v, T& r) {
  v.required("count", r.count, IntegerCodec{0, kMaxRandomFaults}, "how many faults are drawn");
  WindowCodec::Window window(r.from, r.to);
  v.field("window", window, WindowCodec{}, "between which times they strike",
          r.from != Duration(0) || r.to != Duration(0));
  if constexpr (V::kReads) {
    r.from = window.first;
    r.to = window.second;
  }
  v.field("heal_by", r.heal_by, DurationCodec{false, false}, "when each of them is over",
          r.heal_by != Duration(0));
  v.field("weights", r.weights, WeightsCodec{},
          "how often each kind is drawn, against the others; absent: what the cluster promises to "
          "survive",
          !r.weights.empty());
  v.field("swarm", r.swarm, BooleanCodec{}, "each seed draws which of these kinds are on at all",
          r.swarm);
}

template <class V, Some<FaultsSpec> T>
void fields(V& v, T& f) {
  v.field("scripted", f.scripted, ListCodec<ObjectOf<Fault>>{}, "faults written by hand",
          !f.scripted.empty());
  v.field("random", f.random, ObjectOf<RandomFaults>{}, "faults drawn from the seed");
  v.field("fired", f.fired, ListCodec<ObjectOf<Fault>>{},
          "what happened in an earlier run, carried out instead of the others");
  v.field("heal_by", f.heal_by, DurationCodec{false, false},
          "when everything heals; absent: random's heal_by, otherwise `until`");
}

template <class V, Some<RequiredCell> T>
void fields(V& v, T& c) {
  v.required("fault", c.fault, WordCodec{fault_names()}, "a kind of fault");
  v.required("state", c.state, WordCodec{protocol_state_names()},
             "a state of the protocol that it must have met");
  v.field("guarantee", c.guarantee, WordCodec{guarantee_ids()},
          "a guarantee that was put to the test in the same run; absent: whichever",
          !c.guarantee.empty());
}

template <class V, Some<PipelineSpec> T>
void fields(V& v, T& p) {
  v.required("in", p.in, ListCodec<NameCodec>{}, "the topics that are read");
  v.required("out", p.out, ListCodec<NameCodec>{},
             "the topics that are written, a record for each");
  v.field("positions_in_output", p.positions_in_output, BooleanCodec{},
          "apps go on behind the last input that has an output, instead of committing offsets",
          p.positions_in_output);
}

template <class V, Some<CheckSpec> T>
void fields(V& v, T& c) {
  v.field("pipeline", c.pipeline, ObjectOf<PipelineSpec>{},
          "each record of some topics is turned into one of others, exactly once");
  v.field("promise", c.promise, PromiseCodec{},
          "guarantees to be held to, besides those that the configuration promises");
  v.field("require_exercised", c.require_exercised, ListCodec<WordCodec>{{guarantee_ids()}},
          "guarantees that the run must have put to the test", !c.require_exercised.empty());
  v.field("require_covered", c.require_covered, ListCodec<ObjectOf<RequiredCell>>{},
          "what some run of a sweep must have visited, or the sweep is inconclusive",
          !c.require_covered.empty());
  v.field("require_witnessed", c.require_witnessed, ListCodec<WordCodec>{{witness_names()}},
          "what some run of a sweep must have shown, or its faults were too weak",
          !c.require_witnessed.empty());
}

template <class V, Some<LimitsSpec> T>
void fields(V& v, T& l) {
  v.field("events", l.events, IntegerCodec{1}, "of the whole run; beyond: verdict unknown");
  v.field("events_per_instant", l.events_per_instant, IntegerCodec{1}, "without time passing");
}

struct ClientsItem : ObjectCodec {
  [[nodiscard]] Json schema() const {
    Json kinds = Json::array();
    for (const auto& role :
         {decltype(ClientSpec::role)(ProducerSpec{}), decltype(ClientSpec::role)(ConsumerSpec{}),
          decltype(ClientSpec::role)(AppSpec{})}) {
      SchemaWriter writer;
      const ClientSpec client{{}, {}, role};
      fields(writer, client);
      kinds.push_back(writer.take());
    }
    return {{"oneOf", std::move(kinds)}};
  }
};

template <class V, Some<Scenario> T>
void fields(V& v, T& s) {
  std::string format(kScenarioFormat);
  v.field("$schema", s.schema, TextCodec{}, "where editors find this schema", !s.schema.empty());
  v.required("format", format, WordCodec{kFormats}, "the format of this file");
  v.required("name", s.name, NameCodec{}, "also the name of the folder of its runs");
  v.field("about", s.about, TextCodec{}, "what it shows, in a sentence or two", !s.about.empty());
  v.field("until", s.until, DurationCodec{false, false},
          "virtual time: clients work and faults strike until then");
  v.field("cluster", s.cluster, ObjectOf<ClusterSpec>{}, "the system under test");
  v.field("topics", s.topics, ListCodec<ObjectOf<TopicSpec>>{{}, kMaxTopics},
          "topics; they exist from the start, unless they say otherwise");
  v.field("clients", s.clients, ListCodec<ClientsItem>{{}, kMaxClients}, "producers and consumers");
  v.field("network", s.network, ObjectOf<NetworkSpec>{}, "between all nodes");
  v.field("disk", s.disk, ObjectOf<DiskSpec>{}, "of every broker");
  v.field("seed", s.seed, SeedCodec{}, "all randomness comes from it");
  v.field("faults", s.faults, ObjectOf<FaultsSpec>{}, "what goes wrong");
  v.field("plant", s.plant, NameCodec{}, "a planted bug, by the name of its mutant",
          !s.plant.empty());
  v.field("check", s.check, ObjectOf<CheckSpec>{}, "what is judged");
  v.field("expect", s.expect, ExpectCodec{},
          "verdicts that make the run a success, instead of all promises holding",
          !s.expect.empty());
  v.field("limits", s.limits, ObjectOf<LimitsSpec>{}, "beyond which a run is given up");
  v.field(
      "draw", s.draws, DrawsCodec{},
      "what each seed chooses for itself: paths of settings (\"cluster.brokers\"), and for each "
      "the values of which it takes one; a value given twice is twice as likely",
      !s.draws.empty());
  v.field("buggify", s.buggify, BooleanCodec{},
          "legal but unlucky things happen at named points of the code");
  v.field("buggify_points", s.buggify_points, ListCodec<TextCodec>{{false}},
          "with buggify: these points are on, and no others; absent: the seed draws which");
  v.field("service_time", s.service_time, DurationCodec{},
          "how long each wake-up occupies its node; 0: nothing");
  v.field("liveness_after_heal", s.liveness_after_heal, DurationCodec{false, false},
          "within which progress is demanded; absent: derived from the timeouts in force");
  v.field("final_drain", s.final_drain, BooleanCodec{},
          "whether consumers read to the end when all has healed");
}

}  // namespace weir::scenario_json
