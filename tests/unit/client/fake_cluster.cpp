// What the scripted brokers answer to producers and consumers.
#include "fake_cluster.h"

#include <algorithm>

#include "broker/wire/described.h"
#include "broker/wire/records.h"

namespace weir::test {

ErrorCode FakePartition::append(const Slice& records, Offset& base) {
  const RecordBatch batch = parse_batch(records).value();
  const BatchHeader& h = batch.header;
  const FakeBatch* last = nullptr;
  for (const FakeBatch& b : log) {
    if (!h.has_producer() || b.header.producer_id != h.producer_id) continue;
    last = &b;
    if (b.header.producer_epoch != h.producer_epoch || b.header.base_sequence != h.base_sequence) {
      continue;
    }
    base = b.header.base_offset;
    return ErrorCode::none;
  }
  if (last != nullptr) {
    const std::int32_t next =
        last->header.producer_epoch == h.producer_epoch ? last->header.last_sequence() + 1 : 0;
    if (h.base_sequence != next) return ErrorCode::out_of_order_sequence_number;
  }
  base = end();
  std::string bytes(records.text());
  assign_in_place(std::as_writable_bytes(std::span(bytes)), base, LeaderEpoch{epoch});
  const Slice assigned = Slice::copy_of(bytes);
  log.push_back({parse_batch(assigned).value().header, assigned});
  return ErrorCode::none;
}

void FakePartition::cut(Offset from) {
  while (!log.empty() && log.back().header.last_offset() >= from) log.pop_back();
}

std::pair<std::int32_t, Offset> FakePartition::end_of(std::int32_t asked) const {
  if (asked == epoch) return {asked, end()};
  std::int32_t found = -1;
  for (const FakeBatch& b : log) {
    const std::int32_t its = b.header.partition_leader_epoch.value();
    if (its > asked) return {found, found < 0 ? Offset{-1} : b.header.base_offset};
    found = its;
  }
  return {found, found < 0 ? Offset{-1} : end()};
}

FakeCluster::FakeCluster(World& w, std::int32_t count) : world(w) {
  for (std::int32_t p = 0; p < count; ++p) partitions[p] = {};
  nodes.push_back(kNoNode);
  for (std::int32_t id = 1; id <= 3; ++id) {
    NodeOptions node;
    node.name = "b" + std::to_string(id);
    node.launch = [this, id](Machine& machine) -> std::unique_ptr<Program> {
      return std::make_unique<FakeBroker>(machine, *this, id);
    };
    nodes.push_back(world.add_node(std::move(node)));
    world.start(nodes.back());
  }
}

void FakeCluster::elect(std::int32_t partition, std::int32_t leader) {
  partitions[partition].leader = leader;
  ++partitions[partition].epoch;
}

void FakeCluster::fill(std::int32_t partition, int records) {
  Codecs codecs;
  for (int i = 0; i < records; ++i) {
    RecordBatchBuilder builder;
    builder.append({.value = as_bytes("filled")});
    Offset base{};
    ASSERT_EQ(partitions[partition].append(builder.build({}, codecs), base), ErrorCode::none);
  }
}

void FakeCluster::list(std::int32_t id, bool present) {
  std::erase(listed, id);
  if (present) listed.push_back(id);
}

std::size_t FakeCluster::times(const std::string& what) const {
  return static_cast<std::size_t>(std::ranges::count(heard, what));
}

Task<> FakeBroker::run() {
  const Endpoint here{"b" + std::to_string(id_), 9092};
  auto listening = machine_.network.listen(here);
  listener_ = std::move(*listening);
  for (;;) {
    Result<std::unique_ptr<Stream>> accepted = co_await listener_->accept();
    if (!accepted) co_return;
    auto connection = std::make_shared<Connection>();
    connection->stream = std::move(*accepted);
    connection->pause = machine_.timers.alarm();
    tasks_.spawn("connection", serve(connection));
  }
}

Task<> FakeBroker::serve(std::shared_ptr<Connection> connection) {
  for (;;) {
    Result<Slice> bytes = co_await connection->stream->read();
    if (!bytes) co_return;
    connection->frames.feed(std::move(*bytes));
    for (;;) {
      Result<std::optional<Reader>> frame = connection->frames.next();
      if (!frame || !*frame) break;
      ReceivedRequest request = open_request(std::move(**frame)).value();
      co_await handle(*connection, std::move(request));
    }
  }
}

Task<> FakeBroker::handle(Connection& connection, ReceivedRequest request) {
  cluster_.note(id_, std::string(request.header.api()->name));
  if (request.header.is(ApiKey::fetch)) {
    co_await fetch(connection, std::move(request));
    co_return;
  }
  const std::vector<Slice> frame = answer(request);
  Result<void> written = co_await connection.stream->write(frame);
  static_cast<void>(written);
}

ErrorCode FakeBroker::check(const FakePartition& p, std::int32_t epoch) const {
  if (p.leader != id_) return ErrorCode::not_leader_or_follower;
  if (epoch >= 0 && epoch < p.epoch) return ErrorCode::fenced_leader_epoch;
  if (epoch > p.epoch) return ErrorCode::unknown_leader_epoch;
  return ErrorCode::none;
}

Task<> FakeBroker::fetch(Connection& connection, ReceivedRequest received) {
  const FetchRequest request = read<FetchRequest>(received);
  const Instant deadline =
      machine_.clock.now() + std::chrono::milliseconds(std::max(1, request.max_wait_ms));
  FetchResponse response;
  for (;;) {
    response = {};
    bool anything = false;
    for (const auto& topic : request.topics) {
      response.responses.push_back({.topic = topic.topic, .topic_id = topic.topic_id});
      for (const auto& asked : topic.partitions) {
        const FakePartition& p = cluster_.partitions[asked.partition];
        FetchResponse::PartitionData data;
        data.partition_index = asked.partition;
        ErrorCode code = check(p, asked.current_leader_epoch);
        const Offset from{asked.fetch_offset};
        if (code == ErrorCode::none && from > p.end()) code = ErrorCode::offset_out_of_range;
        data.error_code = code_of(code);
        if (code == ErrorCode::not_leader_or_follower) data.current_leader = {p.leader, p.epoch};
        for (const FakeBatch& b : p.log) {
          if (code != ErrorCode::none || b.header.last_offset() < from) continue;
          data.records = b.bytes;
          break;
        }
        anything = anything || code != ErrorCode::none || !data.records.empty();
        data.high_watermark = p.end().value();
        data.log_start_offset = 0;
        response.responses.back().partitions.push_back(std::move(data));
      }
    }
    if (anything || machine_.clock.now() >= deadline) break;
    const Instant again = std::min(deadline, machine_.clock.now() + std::chrono::milliseconds(20));
    co_await connection.pause->wait_until(again);
  }
  const std::vector<Slice> frame = write(received, response);
  Result<void> written = co_await connection.stream->write(frame);
  static_cast<void>(written);
}

std::vector<Slice> FakeBroker::answer(const ReceivedRequest& request) {
  if (request.header.is(ApiKey::api_versions)) return versions(request);
  if (request.header.is(ApiKey::metadata)) return metadata(request);
  if (request.header.is(ApiKey::produce)) return produce(request);
  if (request.header.is(ApiKey::list_offsets)) return list_offsets(request);
  if (request.header.is(ApiKey::offset_for_leader_epoch)) return end_offsets(request);
  if (request.header.is(ApiKey::init_producer_id)) {
    InitProducerIdResponse response;
    response.producer_id = 7;
    response.producer_epoch = 0;
    return write(request, response);
  }
  return administer(request);
}

std::vector<Slice> FakeBroker::versions(const ReceivedRequest& request) {
  ApiVersionsResponse response;
  DescribedRequests::for_each([&]<class Request>() {
    response.api_keys.push_back(
        {static_cast<std::int16_t>(Request::kApi), Request::kVersions.min, Request::kVersions.max});
  });
  return encode_response(response, request.header.api_version, request.header.correlation_id)
      .value();
}

std::vector<Slice> FakeBroker::metadata(const ReceivedRequest& request) {
  const MetadataRequest asked = read<MetadataRequest>(request);
  MetadataResponse response;
  for (const std::int32_t id : cluster_.listed) {
    response.brokers.push_back({id, "b" + std::to_string(id), 9092, {}});
  }
  response.cluster_id = "fake";
  response.controller_id = cluster_.told_controller;
  const bool all = !asked.topics;
  if (!all && asked.topics->empty()) return write(request, response);
  MetadataResponse::MetadataResponseTopic topic;
  topic.name = all ? "t" : asked.topics->front().name;
  if (topic.name != "t") {
    topic.error_code = code_of(ErrorCode::unknown_topic_or_partition);
  } else {
    topic.topic_id = cluster_.topic_id;
    for (const auto& [number, p] : cluster_.partitions) {
      topic.partitions.push_back({0, number, p.leader, p.epoch, {1, 2, 3}, {1, 2, 3}, {}});
    }
  }
  response.topics.push_back(std::move(topic));
  return write(request, response);
}

std::vector<Slice> FakeBroker::produce(const ReceivedRequest& request) {
  const ProduceRequest asked = read<ProduceRequest>(request);
  ProduceResponse response;
  for (const auto& topic : asked.topic_data) {
    response.responses.push_back({.name = topic.name});
    for (const auto& data : topic.partition_data) {
      FakePartition& p = cluster_.partitions[data.index];
      ErrorCode code = cluster_.on_produce ? cluster_.on_produce(id_, p) : ErrorCode::none;
      if (code == ErrorCode::none) code = check(p, -1);
      Offset base{-1};
      if (code == ErrorCode::none) {
        code = p.append(data.records, base);
        if (code == ErrorCode::none && cluster_.after_append) code = cluster_.after_append(id_);
      }
      ProduceResponse::PartitionProduceResponse result;
      result.index = data.index;
      result.error_code = code_of(code);
      result.base_offset = code == ErrorCode::none ? base.value() : -1;
      if (code == ErrorCode::not_leader_or_follower) {
        result.current_leader = {p.leader, p.epoch};
        response.node_endpoints.push_back({p.leader, "b" + std::to_string(p.leader), 9092, {}});
      }
      response.responses.back().partition_responses.push_back(std::move(result));
    }
  }
  return write(request, response);
}

std::vector<Slice> FakeBroker::list_offsets(const ReceivedRequest& request) {
  const ListOffsetsRequest asked = read<ListOffsetsRequest>(request);
  ListOffsetsResponse response;
  for (const auto& topic : asked.topics) {
    response.topics.push_back({topic.name, {}});
    for (const auto& q : topic.partitions) {
      const FakePartition& p = cluster_.partitions[q.partition_index];
      const ErrorCode code = check(p, q.current_leader_epoch);
      const std::int64_t offset = q.timestamp == -2 ? 0 : p.end().value();
      response.topics.back().partitions.push_back({q.partition_index, code_of(code), -1,
                                                   code == ErrorCode::none ? offset : -1,
                                                   code == ErrorCode::none ? p.epoch : -1});
    }
  }
  return write(request, response);
}

std::vector<Slice> FakeBroker::end_offsets(const ReceivedRequest& request) {
  const auto asked = read<OffsetForLeaderEpochRequest>(request);
  OffsetForLeaderEpochResponse response;
  for (const auto& topic : asked.topics) {
    response.topics.push_back({topic.topic, {}});
    for (const auto& q : topic.partitions) {
      const FakePartition& p = cluster_.partitions[q.partition];
      const ErrorCode code = check(p, q.current_leader_epoch);
      const auto [epoch, end] = p.end_of(q.leader_epoch);
      const bool told = code == ErrorCode::none;
      response.topics.back().partitions.push_back(
          {code_of(code), q.partition, told ? epoch : -1, told ? end.value() : -1});
    }
  }
  return write(request, response);
}

}  // namespace weir::test
