// Batches into ProduceRequests, responses into answers, metadata into updates.
#include "broker/client/produce_messages.h"

namespace weir {
namespace {

std::optional<Bytes> view(const std::optional<Slice>& bytes) {
  return bytes ? std::optional<Bytes>(bytes->bytes()) : std::nullopt;
}

}  // namespace

Slice encode_batch(const ProducerBatch& batch, Compression compression, Codecs& codecs) {
  RecordBatchBuilder builder(static_cast<std::size_t>(batch.size));
  std::vector<RecordHeader> headers;
  for (const BufferedRecord& record : batch.records) {
    headers.clear();
    for (const ClientHeader& h : record.headers) headers.push_back({h.key, view(h.value)});
    builder.append({.timestamp = record.timestamp.ms,
                    .key = view(record.key),
                    .value = view(record.value),
                    .headers = headers});
  }
  return builder.build({.compression = compression,
                        .producer_id = batch.producer_id,
                        .producer_epoch = batch.producer_epoch,
                        .base_sequence = batch.base_sequence},
                       codecs);
}

ProduceRequest make_produce_request(const ProducerEffects::Produce& produce,
                                    const ProducerOptions& options, Codecs& codecs) {
  ProduceRequest request;
  request.acks = static_cast<std::int16_t>(options.acks);
  request.timeout_ms = static_cast<std::int32_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(options.connection.request_timeout)
          .count());
  for (const BatchPtr& batch : produce.batches) {
    if (request.topic_data.empty() || request.topic_data.back().name != batch->tp.topic) {
      request.topic_data.push_back({.name = batch->tp.topic});
    }
    request.topic_data.back().partition_data.push_back(
        {batch->tp.partition, encode_batch(*batch, options.compression, codecs)});
  }
  return request;
}

std::vector<PartitionAnswer> answers_of(const ProduceResponse& response) {
  std::vector<PartitionAnswer> answers;
  for (const auto& topic : response.responses) {
    for (const auto& p : topic.partition_responses) {
      PartitionAnswer answer;
      answer.tp = {topic.name, p.index};
      answer.code = error_code_of(p.error_code);
      answer.error = name_of(answer.code);
      if (p.error_message) answer.error += ": " + *p.error_message;
      answer.base_offset = p.base_offset;
      answer.log_start_offset = p.log_start_offset;
      answers.push_back(std::move(answer));
    }
  }
  return answers;
}

std::vector<PartitionAnswer> answers_without_acks(const ProducerEffects::Produce& produce) {
  std::vector<PartitionAnswer> answers;
  for (const BatchPtr& batch : produce.batches) answers.push_back({.tp = batch->tp});
  return answers;
}

void learn_leaders(const ProduceResponse& response, MetadataCache& metadata) {
  for (const auto& node : response.node_endpoints) {
    metadata.learn_broker(node.node_id, {node.host, static_cast<std::uint16_t>(node.port)});
  }
  for (const auto& topic : response.responses) {
    for (const auto& p : topic.partition_responses) {
      if (p.current_leader.leader_id < 0) continue;
      metadata.learn_leader({topic.name, p.index}, p.current_leader.leader_id,
                            p.current_leader.leader_epoch);
    }
  }
}

MetadataRequest make_metadata_request(const MetadataCache& metadata) {
  MetadataRequest request;
  request.allow_auto_topic_creation = metadata.creates_topics();
  request.topics.emplace();
  for (const std::string& topic : metadata.wanted()) {
    request.topics->push_back({.name = topic});
  }
  return request;
}

MetadataUpdate update_of(const MetadataResponse& response) {
  MetadataUpdate update;
  for (const auto& b : response.brokers) {
    update.brokers[b.node_id] = {b.host, static_cast<std::uint16_t>(b.port)};
  }
  update.controller = response.controller_id;
  for (const auto& t : response.topics) {
    if (!t.name) continue;
    TopicMetadata topic{.name = *t.name, .code = error_code_of(t.error_code), .id = t.topic_id};
    for (const auto& p : t.partitions) {
      topic.partitions.push_back(
          {error_code_of(p.error_code), p.partition_index, p.leader_id, p.leader_epoch});
    }
    update.topics.push_back(std::move(topic));
  }
  return update;
}

}  // namespace weir
