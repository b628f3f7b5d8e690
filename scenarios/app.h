// App: what a client does in a scenario, as a coroutine on the client API.
//
// The built-in workloads are apps, and users write their own in the same way: derive from App, hand
// a factory to run_scenario(). Recording of histories sits in the client's shell, never in an app.
// An app object lives as long as one life of its client; what must survive a crash of the client is
// in ClientSlot.
#pragma once

#include <any>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "broker/client/client_types.h"
#include "broker/client/consumer_options.h"
#include "broker/client/producer_options.h"
#include "broker/client/shell/recorder.h"
#include "broker/ports/program.h"
#include "checkers/history.h"
#include "scenarios/scenario.h"

namespace weir {

// What is kept for a client over all its lives, by the harness and outside the simulated machine.
struct ClientSlot {
  Recorder recorder;
  bool finished = false;  // the workload is done; nothing more will be sent
  std::size_t polls = 0;  // of a consumer that is told its polls: how many it began
  std::vector<LeaderMove> leader_moves = {};  // that an operator asked for
  std::set<std::int64_t> left_out = {};       // sends or moves, by number, that do not happen
  std::any store;  // an app's own: a database, say, that it writes its results to
};

// The record that a producer sends as its n-th, whatever life it is in.
struct WorkloadRecord {
  std::optional<Slice> key;
  Slice value;
};

// Where records come from: generated, or the lines of a file; a pure function of the index.
class RecordSource {
 public:
  virtual ~RecordSource() = default;
  [[nodiscard]] virtual std::int64_t size() const = 0;
  [[nodiscard]] virtual WorkloadRecord at(std::int64_t index) const = 0;
};

class App;
struct ClientContext;
// Makes the app of each life of its client, in each of many runs: it keeps no state of its own.
using MakeApp = std::function<std::unique_ptr<App>(ClientContext)>;

// What a run leaves for checks that its user wrote.
struct RunView {
  const Scenario& scenario;
  const History& history;
  const std::map<std::string, ClientSlot>& clients;  // by id
  bool drained;  // the history's last client has read all that lies in the logs
};

// A guarantee of the user's own: it is judged at the end of each run, and always promised.
struct OwnCheck {
  std::string id;  // as in the table of verdicts: "ledger.balanced"
  // What is wrong, a sentence each; none: it holds.
  std::function<std::vector<std::string>(const RunView&)> find;
};

// What a scenario refers to and does not contain.
struct RunInputs {
  std::map<std::string, std::shared_ptr<const RecordSource>> records;  // by producer id
  std::map<std::string, MakeApp> apps;  // by client id, those of the kind app
  std::vector<OwnCheck> checks;
};

struct ClientContext {
  Machine& machine;
  const ClientSpec& spec;
  const Scenario& scenario;
  ClientSlot& slot;
  const RecordSource* records;  // of a producer; null for others
  OptionMap options;            // an operator's, with bootstrap.servers and client.id
  Instant begin{};              // the zero of the scenario's times

  // What the client's producer and consumer are opened with. Promises are derived from the same
  // texts, so an app takes its options from here alone.
  [[nodiscard]] ProducerOptions producer_options() const;
  [[nodiscard]] ConsumerOptions consumer_options() const;
};

class App {
 public:
  virtual ~App() = default;

  // The work. May end by itself; ends soon after stop() was called.
  [[nodiscard]] virtual Task<> run() = 0;

  // Asks the work to end: finish what was begun, close, emit nothing new.
  [[nodiscard]] virtual Task<> stop() = 0;
};

// For RunInputs::apps: an App that is constructed from its context.
template <class Own>
[[nodiscard]] MakeApp app_of() {
  return [](ClientContext context) -> std::unique_ptr<App> {
    return std::make_unique<Own>(std::move(context));
  };
}

// The built-in workloads.
[[nodiscard]] std::unique_ptr<App> make_producer_app(ClientContext);
[[nodiscard]] std::unique_ptr<App> make_consumer_app(ClientContext);

// Reads every partition of every topic from its first record to its end, then finishes: what is
// in no poll of it is nowhere. `slot.finished` says that it reached all ends.
[[nodiscard]] std::unique_ptr<App> make_drain_app(ClientContext);

// Creates the scenario's topics where they are missing, and waits until each partition has a leader
// and all replicas in sync; then `slot.finished`.
[[nodiscard]] std::unique_ptr<App> make_operator_app(ClientContext);

// Moves leaders as `cluster.move_leaders_every` says, until everything heals.
[[nodiscard]] std::unique_ptr<App> make_mover_app(ClientContext);

// Asks about the logs of partitions as `cluster.ask_every` says, until everything heals.
[[nodiscard]] std::unique_ptr<App> make_observer_app(ClientContext);

// An app as the program of a client's node.
[[nodiscard]] std::unique_ptr<Program> make_client_program(std::unique_ptr<App>, Machine&);

}  // namespace weir
