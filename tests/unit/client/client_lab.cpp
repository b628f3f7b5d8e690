// The world of the client's tests.
#include "client_lab.h"

#include <algorithm>

namespace weir::test {
namespace {

class ScriptProgram final : public Program {
 public:
  ScriptProgram(Machine& machine, Lab& lab, Script script)
      : machine_(machine), lab_(lab), script_(script) {}
  Task<> run() override {
    co_await script_(machine_, lab_);
    ++lab_.ended;
  }
  Task<> stop() override { co_return; }

 private:
  Machine& machine_;
  Lab& lab_;
  Script script_;
};

Task<> read_log(Machine& machine, Lab& lab) {
  Consumer consumer(machine, lab.consumer_options({{"auto.offset.reset", "earliest"}}));
  co_await consumer.start();
  consumer.assign({{"t", 0}});
  for (;;) {
    auto got = co_await consumer.poll(std::chrono::seconds(2));
    if (got.has_error()) {
      lab.notes.push_back(got.error().why);
      break;
    }
    if (got->empty()) break;
    for (ConsumerRecord& r : *got) lab.records.push_back(std::move(r));
  }
  co_await consumer.close();
}

}  // namespace

Lab::Lab(std::int32_t partitions, WorldOptions options) : world(options) {
  world.add_reader(*this);
  BrokerConfig config;
  const std::vector<BrokerImage> brokers = {{BrokerId{1}, "b1", 9092}};
  config.image = MetadataImage::create(brokers, BrokerId{1},
                                       {make_topic("t", Uuid{1, 1}, partitions, brokers, {})});
  config.settings = {{"auto.create.topics.enable", "false"}};
  NodeOptions node;
  node.name = "b1";
  node.launch = [config](Machine& machine) -> std::unique_ptr<Program> {
    return std::make_unique<Broker>(machine, config);
  };
  broker = world.add_node(std::move(node));
  world.start(broker);
  run_for(std::chrono::milliseconds(100));
}

Lab::~Lab() = default;

NodeId Lab::run(const std::string& name, Script script) {
  NodeOptions node;
  node.name = name;
  node.launch = [this, script](Machine& machine) -> std::unique_ptr<Program> {
    return std::make_unique<ScriptProgram>(machine, *this, script);
  };
  ++scripts;
  const NodeId id = world.add_node(std::move(node));
  world.start(id);
  return id;
}

void Lab::run_for(Duration time) {
  const RunEnd end = world.run_until(world.now() + time);
  stuck_ = end.why == RunEnd::Why::limit;
  ASSERT_FALSE(stuck_) << end.text;
}

void Lab::run_until_done(Duration patience) {
  const Instant deadline = world.now() + patience;
  while (ended < scripts && !stuck_ && world.now() < deadline)
    run_for(std::chrono::milliseconds(10));
  EXPECT_EQ(ended, scripts) << "a script did not come to its end";
  EXPECT_TRUE(facts(FactKind::assertion_failed).empty())
      << facts(FactKind::assertion_failed).front().why;
}

OptionMap Lab::options(OptionMap extra) const {
  OptionMap all = settings;
  all.merge(extra);
  all.emplace("bootstrap.servers", "b1:9092");
  return all;
}

void Lab::on(const Observed& observed) {
  const Fact& f = observed.fact;
  kept_.push_back({f.kind, std::string(observed.node_name), std::string(f.topic), f.partition,
                   f.old, f.value, f.operation, f.sequence, std::string(f.record),
                   std::string(f.why), f.digest});
  if (trigger) trigger(observed);
}

std::vector<KeptFact> Lab::facts(FactKind kind) const {
  std::vector<KeptFact> found;
  for (const KeptFact& fact : kept_) {
    if (fact.kind == kind) found.push_back(fact);
  }
  return found;
}

std::size_t Lab::count(SendOutcome outcome) const {
  return static_cast<std::size_t>(std::ranges::count(results, outcome, &SendResult::outcome));
}

std::vector<std::string> Lab::log_values() {
  settings.clear();
  records.clear();
  run("reader", read_log);
  run_until_done();
  std::vector<std::string> values;
  for (const ConsumerRecord& r : records) values.push_back(text(r.value));
  return values;
}

ProducerRecord record(std::string_view value, std::int32_t partition) {
  ProducerRecord out;
  out.topic = "t";
  out.partition = partition;
  out.value = Slice::copy_of(value);
  return out;
}

Task<> send_numbers(Producer& producer, Lab& lab, int count) {
  const std::size_t first = lab.results.size();
  lab.results.resize(first + static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    ProducerRecord next = record(std::to_string(i));
    const std::size_t slot = first + static_cast<std::size_t>(i);
    SendCallback note = [&lab, slot](const SendResult& r) { lab.results[slot] = r; };
    co_await producer.send(std::move(next), std::move(note));
  }
}

std::string text(const std::optional<Slice>& bytes) {
  return bytes ? std::string(bytes->text()) : "(null)";
}

std::vector<std::string> numbers(int count) {
  std::vector<std::string> out;
  for (int i = 0; i < count; ++i) out.push_back(std::to_string(i));
  return out;
}

}  // namespace weir::test
