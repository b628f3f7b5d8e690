// What only more than one key can tell: unknown topics and nodes, impossible clusters, faults that
// cannot come, duplicate names.
#include "scenarios/scenario_json_check.h"

#include <algorithm>
#include <set>

#include "broker/base/suggest.h"
#include "broker/base/text.h"

namespace weir::scenario_json {
namespace {

constexpr std::array<std::string_view, 4> kReserved = {"brokers", "clients", "controllers",
                                                       "world"};

// Clients that no scenario names: who reads all at the end, creates topics, moves leaders.
constexpr std::array<std::string_view, 4> kHarness = {"drain", "operator", "mover", "observer"};
// Of a triggering fact, and of its partition.
constexpr std::array<std::string_view, 5> kOfTheEvent = {"event:node", "event:peer", "event:leader",
                                                         "event:follower", "event:joiner"};

std::string in_quotes(std::string_view text) { return "\"" + std::string(text) + "\""; }

// Names, as they appear in the scenario, for references and suggestions.
struct Names {
  std::vector<std::string> topics;
  std::vector<std::string> partitions;  // "orders-0", of small topics, for suggestions
  std::vector<std::string> nodes;
  std::vector<std::string> clients;
  std::vector<std::string> labels;
};

constexpr std::int64_t kListedPartitions = 16;

class Checker {
 public:
  Checker(const Reading& root, const Scenario& scenario) : root_(root), s_(scenario) {
    for (const TopicSpec& topic : s_.topics) {
      names_.topics.push_back(topic.name);
      for (std::int64_t p = 0; p < std::min(topic.partitions, kListedPartitions); ++p) {
        names_.partitions.push_back(topic.name + "-" + std::to_string(p));
      }
    }
    for (const std::string& broker : shape_of(s_).brokers) names_.nodes.push_back(broker);
    for (std::int64_t n = 1; n <= s_.cluster.controllers; ++n) {
      names_.nodes.push_back("k" + std::to_string(n));
    }
    servers_ = names_.nodes;
    for (const ClientSpec& client : s_.clients) {
      names_.clients.push_back(client.id);
      names_.nodes.push_back(client.id);
    }
  }

  void topics() const;
  void cluster() const;
  void network() const;
  void clients() const;
  void faults();

 private:
  void producer(const Reading& at, const Workload&) const;
  void sends(const Reading& at, const std::vector<SendOp>&) const;
  void consumer(const Reading& at, const ConsumerSpec&) const;
  void random(const Reading& at, const RandomFaults&, Duration heal_by) const;
  void fault(const Reading& at, const Fault&, Duration heal_by) const;
  void trigger(const Reading& at, const Trigger&) const;
  void after(const Reading& at, const std::vector<Fault>&, const Fault&) const;
  void node(const Reading& at, const NodeRef&, bool in_set, bool triggered) const;
  void topic(const Reading& at, const std::string& name) const;
  void partition(const Reading& at, std::string_view tp) const;
  [[nodiscard]] bool is_partition(std::string_view tp) const;
  [[nodiscard]] const TopicSpec* find_topic(std::string_view name) const;

  Reading root_;
  const Scenario& s_;
  Names names_;
  std::vector<std::string> servers_;
};

const TopicSpec* Checker::find_topic(std::string_view name) const {
  const auto found = std::ranges::find(s_.topics, name, &TopicSpec::name);
  return found == s_.topics.end() ? nullptr : &*found;
}

void Checker::topic(const Reading& at, const std::string& name) const {
  if (name.empty() || find_topic(name) != nullptr) return;
  at.report("unknown topic " + in_quotes(name) +
            did_you_mean(name, std::span<const std::string>(names_.topics)));
}

bool Checker::is_partition(std::string_view tp) const {
  const std::size_t dash = tp.rfind('-');
  if (dash == std::string_view::npos) return false;
  const TopicSpec* found = find_topic(tp.substr(0, dash));
  const std::string digits(tp.substr(dash + 1));
  const auto number = parse_integer(digits);
  return found != nullptr && number && *number >= 0 && *number < found->partitions &&
         std::to_string(*number) == digits;
}

void Checker::partition(const Reading& at, std::string_view tp) const {
  if (tp.empty() || is_partition(tp)) return;
  at.report("unknown partition " + in_quotes(tp) +
            did_you_mean(tp, std::span<const std::string>(names_.partitions)));
}

void Checker::topics() const {
  std::set<std::string_view> seen;
  for (std::size_t i = 0; i < s_.topics.size(); ++i) {
    const TopicSpec& t = s_.topics[i];
    const Reading at = root_.at("topics").at(i);
    if (!t.name.empty() && !seen.insert(t.name).second) {
      at.at("name").report("the topic " + in_quotes(t.name) + " exists already");
    }
    if (t.replication > s_.cluster.brokers) {
      at.at("replication")
          .report("replication " + std::to_string(t.replication) + " is more than the " +
                  std::to_string(s_.cluster.brokers) + " broker(s) of the cluster");
    }
  }
}

// ops[i].send: a topic that exists, and a partition that it has.
void Checker::sends(const Reading& at, const std::vector<SendOp>& ops) const {
  for (std::size_t i = 0; i < ops.size(); ++i) {
    const Reading what = at.at(i).at("send");
    topic(what.at(std::size_t{0}), ops[i].topic);
    const TopicSpec* found = find_topic(ops[i].topic);
    if (found == nullptr || ops[i].partition.value_or(0) < found->partitions) continue;
    what.at(1).report("partition " + std::to_string(*ops[i].partition) + " does not exist: " +
                      in_quotes(ops[i].topic) + " has " + std::to_string(found->partitions));
  }
}

void Checker::cluster() const {
  if (!s_.cluster.leader_moves) return;
  const std::vector<LeaderMove>& moves = *s_.cluster.leader_moves;
  const std::vector<std::string> brokers = shape_of(s_).brokers;
  for (std::size_t i = 0; i < moves.size(); ++i) {
    const Reading at = root_.at("cluster").at("leader_moves").at(i);
    partition(at.at("tp"), moves[i].tp);
    if (moves[i].to.empty() || std::ranges::find(brokers, moves[i].to) != brokers.end()) continue;
    at.at("to").report("unknown broker " + in_quotes(moves[i].to) +
                       did_you_mean(moves[i].to, std::span<const std::string>(brokers)));
  }
}

void Checker::network() const {
  // Clients of the harness speak, too, and count as any other.
  std::vector<std::string> known = names_.nodes;
  for (const std::string_view name : kHarness) known.emplace_back(name);
  for (std::size_t i = 0; i < s_.network.delays.size(); ++i) {
    const Reading at = root_.at("network").at("delays").at(i);
    const LinkDelay& delay = s_.network.delays[i];
    for (const auto& [key, name] : {std::pair("from", &delay.from), std::pair("to", &delay.to)}) {
      if (name->empty() || std::ranges::find(known, *name) != known.end()) continue;
      at.at(key).report("unknown node " + in_quotes(*name) +
                        did_you_mean(*name, std::span<const std::string>(known)));
    }
  }
}

void Checker::producer(const Reading& at, const Workload& w) const {
  if (w.ops) sends(at.at("ops"), *w.ops);
  topic(at.at("topic"), w.topic);
  const TopicSpec* found = find_topic(w.topic);
  if (w.partition && found != nullptr && *w.partition >= found->partitions) {
    at.at("partition")
        .report("partition " + std::to_string(*w.partition) + " does not exist: " +
                in_quotes(w.topic) + " has " + std::to_string(found->partitions));
  }
  if (std::holds_alternative<FieldKeys>(w.keys) && w.records_file.empty()) {
    at.at("keys").report("generated records have no fields; name a records_file");
  }
}

void Checker::consumer(const Reading& at, const ConsumerSpec& c) const {
  const Reading assign = at.at("loop").at("assign");
  for (std::size_t i = 0; i < c.loop.assign.size(); ++i) {
    const std::string& name = c.loop.assign[i];
    if (name.empty() || find_topic(name) != nullptr || is_partition(name)) continue;
    std::vector<std::string> candidates = names_.topics;
    candidates.insert(candidates.end(), names_.partitions.begin(), names_.partitions.end());
    assign.at(i).report("unknown topic or partition " + in_quotes(name) +
                        did_you_mean(name, std::span<const std::string>(candidates)));
  }
}

void Checker::clients() const {
  std::set<std::string_view> seen;
  for (std::size_t i = 0; i < s_.clients.size(); ++i) {
    const ClientSpec& client = s_.clients[i];
    const Reading at = root_.at("clients").at(i);
    const Reading id = at.at("id");
    if (std::ranges::find(servers_, client.id) != servers_.end()) {
      id.report(in_quotes(client.id) + " is the name of a broker or controller");
    } else if (std::ranges::find(kReserved, client.id) != kReserved.end()) {
      id.report(in_quotes(client.id) + " is a reserved word");
    } else if (!client.id.empty() && !seen.insert(client.id).second) {
      id.report("the client " + in_quotes(client.id) + " exists already");
    }
    if (const auto* p = std::get_if<ProducerSpec>(&client.role)) {
      producer(at.at("workload"), p->workload);
    } else if (const auto* c = std::get_if<ConsumerSpec>(&client.role)) {
      consumer(at, *c);
    }
  }
}

void Checker::node(const Reading& at, const NodeRef& ref, bool in_set, bool triggered) const {
  const auto rest = [&](std::string_view prefix) -> std::optional<std::string_view> {
    if (!ref.starts_with(prefix)) return std::nullopt;
    return std::string_view(ref).substr(prefix.size());
  };
  if (ref.empty() || std::ranges::find(names_.nodes, ref) != names_.nodes.end()) return;
  if (in_set && (ref == "brokers" || ref == "clients" || ref == "controllers")) return;
  if (const auto tp = rest("replicas:"); in_set && tp) return partition(at, *tp);
  if (std::ranges::find(kOfTheEvent, ref) != kOfTheEvent.end()) {
    if (!triggered) at.report(in_quotes(ref) + " needs a fault with a trigger");
    return;
  }
  if (const auto tp = rest("leader:")) return partition(at, *tp);
  if (const auto tp = rest("follower:")) return partition(at, *tp);
  if (ref == "controller:active") return;
  if (rest("coordinator:group-") || rest("coordinator:txn-")) return;
  if (const auto client = rest("client:")) {
    if (std::ranges::find(names_.clients, *client) != names_.clients.end()) return;
    at.report("unknown client " + in_quotes(*client) +
              did_you_mean(*client, std::span<const std::string>(names_.clients)));
    return;
  }
  std::vector<std::string> candidates = names_.nodes;
  for (const std::string& tp : names_.partitions) candidates.push_back("leader:" + tp);
  at.report("unknown node " + in_quotes(ref) +
            did_you_mean(ref, std::span<const std::string>(candidates)));
}

void Checker::trigger(const Reading& at, const Trigger& t) const {
  // The log of the quorum is one that facts tell of, too.
  if (t.tp != "__cluster_metadata-0" || !uses_quorum(s_)) partition(at.at("tp"), t.tp);
  if (t.node != "leader") node(at.at("node"), t.node, false, false);
  if (t.peer != "leader") node(at.at("peer"), t.peer, false, false);
}

void Checker::fault(const Reading& at, const Fault& f, Duration heal_by) const {
  const bool triggered = !std::holds_alternative<Duration>(f.when);
  if (const auto* time = std::get_if<Duration>(&f.when); time != nullptr && *time >= heal_by) {
    at.at("at").report(format_duration(*time) + " is not before " + format_duration(heal_by) +
                       ", when everything heals");
  }
  if (const auto* t = std::get_if<Trigger>(&f.when)) trigger(at.at("when"), *t);
  node(at.at("node"), f.node, false, triggered);
  const bool of_a_set = traits_of(f.kind).target == FaultTarget::set;
  const Reading from = of_a_set ? at.at("nodes") : at.at("between").at(std::size_t{0});
  for (std::size_t i = 0; i < f.from.size(); ++i) {
    node(from.at(i), f.from[i], true, triggered);
  }
  for (std::size_t i = 0; i < f.to.size(); ++i) {
    node(at.at("between").at(1).at(i), f.to[i], true, triggered);
  }
}

// The chain of `after` must end at a fault that comes by itself.
void Checker::after(const Reading& at, const std::vector<Fault>& all, const Fault& f) const {
  const Fault* cause = &f;
  for (std::size_t steps = 0; steps <= all.size(); ++steps) {
    const auto* link = std::get_if<AfterFault>(&cause->when);
    if (link == nullptr) return;
    const auto found = std::ranges::find(all, link->label, &Fault::label);
    if (found == all.end()) {
      if (cause == &f) {
        at.report("no fault has the label " + in_quotes(link->label) +
                  did_you_mean(link->label, std::span<const std::string>(names_.labels)));
      }
      return;
    }
    cause = &*found;
  }
  at.report("these faults wait for each other");
}

void Checker::random(const Reading& at, const RandomFaults& r, Duration heal_by) const {
  const Duration end = r.heal_by == Duration(0) ? heal_by : r.heal_by;
  if (end > heal_by) {
    at.at("heal_by").report(format_duration(end) + " is later than " + format_duration(heal_by) +
                            ", when everything heals");
  }
  if (r.to > end) {
    at.at("window").report("ends after " + format_duration(end) + ", when everything heals");
  }
  if (r.to != Duration(0) && r.from == r.to) {
    at.at("window").report("is empty: it begins where it ends");
  }
  const bool all_zero = std::ranges::all_of(r.weights, [](auto w) { return w.weight == 0; });
  if (!r.weights.empty() && all_zero && r.count > 0) {
    at.at("weights").report("at least one weight must be above 0");
  }
}

void Checker::faults() {
  const Reading at = root_.at("faults");
  const FaultsSpec& f = s_.faults;
  if (f.heal_by && *f.heal_by > s_.until) {
    at.at("heal_by").report(format_duration(*f.heal_by) + " is later than `until`, " +
                            format_duration(s_.until));
  }
  const Duration heal_by = f.heal_by.value_or(s_.until);
  if (f.random) random(at.at("random"), *f.random, heal_by);
  static const std::vector<Fault> kNone;
  const std::pair<const char*, const std::vector<Fault>*> lists[] = {
      {"scripted", &f.scripted}, {"fired", f.fired ? &*f.fired : &kNone}};
  for (const auto& [key, list] : lists) {
    names_.labels.clear();
    for (std::size_t i = 0; i < list->size(); ++i) {
      const Fault& one = (*list)[i];
      fault(at.at(key).at(i), one, heal_by);
      const bool again = std::ranges::find(names_.labels, one.label) != names_.labels.end();
      if (!one.label.empty() && again) {
        at.at(key).at(i).at("label").report("the label " + in_quotes(one.label) +
                                            " exists already");
      }
      if (!one.label.empty()) names_.labels.push_back(one.label);
    }
    for (std::size_t i = 0; i < list->size(); ++i) {
      after(at.at(key).at(i).at("when").at("after"), *list, (*list)[i]);
    }
  }
}

}  // namespace

void check(const Reading& root, const Scenario& scenario) {
  Checker checker(root, scenario);
  checker.topics();
  checker.cluster();
  checker.network();
  checker.clients();
  checker.faults();
}

void check_fault_keys(const ObjectReader& reader, const Fault& fault) {
  const Reading& at = reader.place();
  if (reader.has("at") == reader.has("when")) {
    at.report(reader.has("at") ? "has both \"at\" and \"when\"" : "needs \"at\" or \"when\"");
  }
  if (!reader.has("do")) return;
  const FaultTraits& traits = traits_of(fault.kind);
  const std::string name(traits.name);
  const auto needs = [&](std::string_view key, bool belongs, bool may_lack = false) {
    if (reader.has(key) && !belongs) {
      at.at(key).report("does not belong to " + name);
    } else if (!reader.has(key) && belongs && !may_lack) {
      at.report(name + " needs \"" + std::string(key) + "\"");
    }
  };
  const bool response = traits.target == FaultTarget::response;
  const bool triggered = std::holds_alternative<Trigger>(fault.when);
  needs("node", traits.target == FaultTarget::node);
  needs("nodes", traits.target == FaultTarget::set);
  needs("between", traits.target == FaultTarget::sides || response, response && triggered);
  needs("for", traits.is(FaultTraits::kLasts), true);
  needs("one_way", traits.is(FaultTraits::kOneWay), true);
  needs("by", traits.is(FaultTraits::kBy));
  needs("rate_ppm", traits.is(FaultTraits::kRate));
  needs("factor", traits.is(FaultTraits::kFactor));
  needs("bytes_per_second", traits.is(FaultTraits::kRateBytes));
  if (traits.is(FaultTraits::kRateBytes) && fault.bytes_per_second == 0 &&
      reader.has("bytes_per_second")) {
    at.at("bytes_per_second").report("must be above 0: use a partition to let nothing through");
  }
  needs("nth", traits.is(FaultTraits::kNth), true);
}

}  // namespace weir::scenario_json
