// The raw client, and running the world until an answer is there.
#include "broker_world.h"

namespace weir::test {

Task<> RawClient::run() { co_return; }

Task<> RawClient::stop() { co_return; }

Line& RawClient::open(const Endpoint& to) {
  lines_.push_back(std::make_unique<Line>());
  Line& line = *lines_.back();
  line.outgoing = machine_.timers.alarm();
  machine_.tasks.spawn("line", converse(line, to));
  return line;
}

Task<> RawClient::converse(Line& line, Endpoint to) {
  Result<std::unique_ptr<Stream>> stream = co_await machine_.network.connect(to, Instant::never());
  if (!stream) {
    line.ended = true;
    co_return;
  }
  line.stream = std::move(*stream);
  machine_.tasks.spawn("listen", listen(line));
  while (!line.closing) {
    while (!line.to_send.empty()) {
      std::vector<Slice> bytes = std::move(line.to_send.front());
      line.to_send.pop_front();
      Result<void> written = co_await line.stream->write(bytes);
      if (!written) co_return;
    }
    co_await line.outgoing->wait_until(Instant::never());
  }
  line.stream->close();
}

Task<> RawClient::listen(Line& line) {
  while (!line.ended) {
    Result<Slice> bytes = co_await line.stream->read();
    if (!bytes) {
      line.ended = true;
      co_return;
    }
    line.frames.feed(std::move(*bytes));
    bool more = true;
    while (more) {
      Result<std::optional<Slice>> frame = line.frames.next_slice();
      more = frame.has_value() && frame->has_value();
      if (more) line.received.push_back(std::move(**frame));
    }
  }
}

BrokerConfig default_config() {
  BrokerConfig config;
  const std::vector<BrokerImage> brokers = {{BrokerId{1}, "b1", 9092}, {BrokerId{2}, "b2", 9092}};
  config.image = MetadataImage::create(brokers, BrokerId{1},
                                       {make_topic("orders", Uuid{1, 1}, 2, {brokers[0]}, {}),
                                        make_topic("elsewhere", Uuid{1, 2}, 1, {brokers[1]}, {})});
  return config;
}

BrokerWorld::BrokerWorld(BrokerConfig config, WorldOptions options) : world_(options) {
  world_.add_reader(*this);
  NodeOptions broker;
  broker.name = "b1";
  broker.launch = [config](Machine& machine) -> std::unique_ptr<Program> {
    return std::make_unique<Broker>(machine, config);
  };
  broker_ = world_.add_node(std::move(broker));
  NodeOptions client;
  client.name = "C1";
  client.launch = [this](Machine& machine) -> std::unique_ptr<Program> {
    auto program = std::make_unique<RawClient>(machine);
    client_ = program.get();
    return program;
  };
  client_node_ = world_.add_node(std::move(client));
  world_.start(broker_);
  world_.start(client_node_);
  run_for(std::chrono::seconds(1));
}

BrokerWorld::~BrokerWorld() = default;

void BrokerWorld::run_for(Duration time) {
  const RunEnd end = world_.run_until(world_.now() + time);
  ASSERT_NE(end.why, RunEnd::Why::limit) << end.text;
}

void BrokerWorld::restart_after_kill() {
  world_.kill(broker_);
  world_.start(broker_);
  calls_ = nullptr;
  run_for(std::chrono::seconds(1));
}

void BrokerWorld::restart_after_power_loss() {
  world_.power_loss(broker_);
  world_.start(broker_);
  calls_ = nullptr;
  run_for(std::chrono::seconds(1));
}

void BrokerWorld::restart_after_stop() {
  world_.stop(broker_);
  run_for(std::chrono::seconds(10));
  ASSERT_FALSE(world_.alive(broker_));
  world_.start(broker_);
  calls_ = nullptr;
  run_for(std::chrono::seconds(1));
}

Line& BrokerWorld::connect() {
  Line* line = nullptr;
  world_.at(world_.now(), [&] { line = &client_->open({"b1", 9092}); });
  run_for(std::chrono::milliseconds(5));
  return *line;
}

void BrokerWorld::send(Line& line, std::vector<Slice> bytes) {
  world_.at(world_.now(), [&line, bytes = std::move(bytes)]() mutable {
    line.to_send.push_back(std::move(bytes));
    line.outgoing->notify();
  });
}

void BrokerWorld::send_text(Line& line, std::string_view bytes) {
  send(line, {Slice::copy_of(bytes)});
}

void BrokerWorld::close(Line& line) {
  world_.at(world_.now(), [&line] {
    line.closing = true;
    line.outgoing->notify();
  });
}

Slice BrokerWorld::receive(Line& line, Duration patience) {
  const Instant deadline = world_.now() + patience;
  while (line.received.empty() && !line.ended && world_.now() < deadline) {
    run_for(std::chrono::milliseconds(1));
  }
  if (line.received.empty()) return {};
  Slice frame = std::move(line.received.front());
  line.received.pop_front();
  return frame;
}

bool BrokerWorld::ends(Line& line, Duration patience) {
  const Instant deadline = world_.now() + patience;
  while (!line.ended && world_.now() < deadline) run_for(std::chrono::milliseconds(1));
  return line.ended;
}

void BrokerWorld::on(const Observed& observed) {
  const Fact& f = observed.fact;
  facts_.push_back({f.kind, std::string(f.topic), f.partition, f.old, f.value, f.operation,
                    std::string(f.peer), std::string(f.why)});
}

std::vector<SeenFact> BrokerWorld::facts(FactKind kind) const {
  std::vector<SeenFact> found;
  for (const SeenFact& fact : facts_) {
    if (fact.kind == kind) found.push_back(fact);
  }
  return found;
}

int BrokerWorld::closed_because(std::string_view why) const {
  int count = 0;
  for (const SeenFact& fact : facts_) {
    if (fact.kind == FactKind::connection_closed && fact.why == why) ++count;
  }
  return count;
}

Slice make_batch(const BatchPlan& plan) {
  Codecs codecs;
  RecordBatchBuilder builder;
  std::int64_t timestamp = plan.timestamp;
  for (const std::string& value : plan.values) {
    NewRecord record;
    record.timestamp = timestamp++;
    record.value = as_bytes(value);
    builder.append(record);
  }
  return builder.build(plan.options, codecs);
}

ProduceRequest produce(std::int32_t partition, Slice records, std::int16_t acks,
                       std::string topic) {
  ProduceRequest request;
  request.acks = acks;
  request.timeout_ms = 30000;
  auto& data = request.topic_data.emplace_back();
  data.name = std::move(topic);
  data.partition_data.push_back({partition, std::move(records)});
  return request;
}

FetchRequest fetch(std::int32_t partition, std::int64_t offset, std::string topic) {
  FetchRequest request;
  request.max_wait_ms = 0;
  request.min_bytes = 1;
  request.max_bytes = 1 << 20;
  auto& asked = request.topics.emplace_back();
  asked.topic = std::move(topic);
  auto& p = asked.partitions.emplace_back();
  p.partition = partition;
  p.fetch_offset = offset;
  p.partition_max_bytes = 1 << 20;
  return request;
}

ListOffsetsRequest list_offsets(std::int32_t partition, std::int64_t timestamp) {
  ListOffsetsRequest request;
  request.replica_id = -1;
  auto& topic = request.topics.emplace_back();
  topic.name = "orders";
  topic.partitions.push_back({partition, -1, timestamp});
  return request;
}

std::vector<std::string> values_in(const Slice& batches) {
  std::vector<std::string> values;
  Codecs codecs;
  for (const RecordBatch& batch : whole_batches(batches).value()) {
    RecordReader reader = RecordReader::open(batch, codecs).value();
    Record record;
    while (reader.next(record).value()) values.emplace_back(as_text(record.value.value()));
  }
  return values;
}

std::int16_t code(ErrorCode error) { return code_of(error); }

}  // namespace weir::test
