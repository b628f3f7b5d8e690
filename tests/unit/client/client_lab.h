// A broker and clients in a simulated world: each client runs a script, a free coroutine on the
// client API; the test looks at what the scripts noted and at the facts.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "broker/client/shell/admin.h"
#include "broker/client/shell/consumer.h"
#include "broker/client/shell/producer.h"
#include "broker/node/broker.h"
#include "sim/world.h"

namespace weir::test {

class Lab;
using Script = Task<> (*)(Machine&, Lab&);

struct KeptFact {
  FactKind kind;
  std::string node;
  std::string topic;
  std::int32_t partition;
  std::int64_t old;
  std::int64_t value;
  std::int64_t operation;
  std::int32_t sequence;
  std::string record;
  std::string why;
  std::uint64_t digest;
};

class Lab : public FactReader {
 public:
  // One broker "b1" with the topic "t" of `partitions` partitions.
  explicit Lab(std::int32_t partitions = 1, WorldOptions options = {});
  ~Lab() override;

  // Starts a node that runs the script; the Lab outlives the script.
  NodeId run(const std::string& name, Script script);
  void run_for(Duration time);
  // Until every script has ended, at most for `patience`.
  void run_until_done(Duration patience = std::chrono::minutes(5));

  [[nodiscard]] OptionMap options(OptionMap extra = {}) const;
  [[nodiscard]] ProducerOptions producer_options(OptionMap extra = {}) const {
    return ProducerOptions::from(options(std::move(extra))).value();
  }
  [[nodiscard]] ConsumerOptions consumer_options(OptionMap extra = {}) const {
    return ConsumerOptions::from(options(std::move(extra))).value();
  }

  void on(const Observed& observed) override;
  [[nodiscard]] std::vector<KeptFact> facts(FactKind kind) const;
  [[nodiscard]] std::size_t count(SendOutcome outcome) const;
  // What a fresh consumer reads of partition 0 of "t", from its beginning.
  [[nodiscard]] std::vector<std::string> log_values();

  World world;
  NodeId broker;
  Recorder recorder{"P1"};
  // Notes of scripts.
  OptionMap settings;  // extra options of the client under test
  std::vector<SendResult> results;
  std::vector<ConsumerRecord> records;
  std::vector<std::string> notes;
  // Called for every fact.
  std::function<void(const Observed&)> trigger;
  int scripts = 0;
  int ended = 0;

 private:
  std::vector<KeptFact> kept_;
  bool stuck_ = false;
};

[[nodiscard]] ProducerRecord record(std::string_view value, std::int32_t partition = 0);
// Sends values "0" to "<count-1>" to partition 0, noting the outcomes in order of sending.
[[nodiscard]] Task<> send_numbers(Producer& producer, Lab& lab, int count);
[[nodiscard]] std::string text(const std::optional<Slice>& bytes);
[[nodiscard]] std::vector<std::string> numbers(int count);

}  // namespace weir::test
