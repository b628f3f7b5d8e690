// From a run's strikes and history to lists.
#include "scenarios/explicit.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "scenarios/json_text.h"

namespace weir {
namespace {

// What each client invoked, by its id.
struct Invoked {
  std::map<std::string, std::int64_t, std::less<>> sends;
  std::map<std::string, std::vector<PollOp>, std::less<>> polls;
};

// "P1" of the record "P1:17".
std::string_view sender_of(const History& history, const HistoryOp& op) {
  const auto items = history.items_of(op);
  if (items.empty()) return {};
  const std::string_view record = history.values.text(items.front().value);
  return record.substr(1, record.rfind(':') - 1);
}

Invoked invoked_in(const RunOutcome& run) {
  const History& history = run.history;
  std::map<std::int64_t, std::string> clients;  // by process
  Invoked invoked;
  for (const HistoryOp& op : history.ops) {
    if (op.function == OpFunction::client) {
      const auto told = parse_json(history.name(op.text));
      if (told.is_object()) clients[op.process] = told.value("client", "");
    }
    if (op.type != OpType::invoke) continue;
    if (op.function == OpFunction::send) {
      ++invoked.sends[std::string(sender_of(history, op))];
    } else if (op.function == OpFunction::poll) {
      const Duration at = Instant{op.time} - run.begin;
      invoked.polls[clients[op.process]].push_back({std::max(at, Duration(0)), kPollTimeout});
    }
  }
  return invoked;
}

std::vector<SendOp> sends_of(const Workload& w, const RecordSource& records, std::int64_t count) {
  std::vector<SendOp> ops;
  for (std::int64_t n = 0; n < std::min(count, records.size()); ++n) {
    SendOp op;
    op.at = due_of(w, n);
    op.topic = w.topic;
    op.partition = w.partition;
    const WorkloadRecord record = records.at(n);
    if (record.key) op.key = std::string(record.key->text());
    if (!w.records_file.empty()) op.record = n;
    ops.push_back(std::move(op));
  }
  return ops;
}

void tell(ProducerSpec& producer, const RecordSource& records, std::int64_t count) {
  Workload& w = producer.workload;
  if (w.ops) return;
  w.ops = sends_of(w, records, count);
  w.records = 0;
  // A generated value follows the draw of its key, which therefore stays.
  if (!w.records_file.empty()) w.keys = NoKeys{};
  w.per_second = 0;
  w.partition.reset();
  w.start = Duration(0);
}

}  // namespace

std::vector<Fault> faults_that_struck(const Plan& plan, const std::vector<Strike>& strikes) {
  std::multimap<Duration, Fault> struck;  // in the order of the strikes where times are equal
  for (const Strike& strike : strikes) {
    if (!strike.skipped.empty()) continue;
    if (strike.in_part) {
      for (const Fault& turn : strike.turns) struck.emplace(std::get<Duration>(turn.when), turn);
      continue;
    }
    const Fault& planned = plan.faults[strike.index];
    const bool waits = std::holds_alternative<Trigger>(planned.when);
    Fault told = waits ? planned : strike.fault;
    told.guard = Guard::none;
    struck.emplace(std::get<Duration>(strike.fault.when), std::move(told));
  }
  std::vector<Fault> faults;
  for (auto& [when, fault] : struck) faults.push_back(std::move(fault));
  return faults;
}

Scenario explicit_scenario(const Scenario& scenario, const RunInputs& inputs,
                           const RunOutcome& run) {
  Scenario told = scenario;
  const Plan plan = plan_of(scenario);
  told.faults = {};
  told.faults.fired = faults_that_struck(plan, run.strikes);
  told.faults.heal_by = plan.heal_at;
  if (told.cluster.move_leaders_every > Duration(0)) {
    told.cluster.move_leaders_every = Duration(0);
    told.cluster.leader_moves = run.leader_moves;
  }
  if (told.buggify && !told.buggify_points) {
    told.buggify_points.emplace(run.buggify_points.begin(), run.buggify_points.end());
  }
  Invoked invoked = invoked_in(run);
  for (ClientSpec& client : told.clients) {
    if (auto* producer = std::get_if<ProducerSpec>(&client.role)) {
      tell(*producer, *inputs.records.at(client.id), invoked.sends[client.id]);
    } else if (auto* consumer = std::get_if<ConsumerSpec>(&client.role)) {
      if (!consumer->loop.ops) consumer->loop.ops = invoked.polls[client.id];
    }
  }
  return told;
}

std::size_t listed_operations(const Scenario& scenario) {
  std::size_t count = scenario.cluster.leader_moves ? scenario.cluster.leader_moves->size() : 0;
  for (const ClientSpec& client : scenario.clients) {
    if (const auto* producer = std::get_if<ProducerSpec>(&client.role)) {
      if (producer->workload.ops) count += producer->workload.ops->size();
    } else if (const auto* consumer = std::get_if<ConsumerSpec>(&client.role)) {
      if (consumer->loop.ops) count += consumer->loop.ops->size();
    }
  }
  return count;
}

}  // namespace weir
