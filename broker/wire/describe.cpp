// The phrases about clients' requests, one overload a request.
#include "broker/wire/describe.h"

#include "broker/wire/describe_words.h"
#include "broker/wire/described.h"
#include "broker/wire/records.h"

namespace weir {

using detail::append_count;
using detail::append_number;
using detail::append_partition;
using detail::append_rest;
using detail::begin;
using detail::Names;
using detail::partition_name;
using detail::topic_name;

std::string describe_request(const ApiVersionsRequest& r, std::int16_t version) {
  std::string phrase = begin(r, version);
  if (!r.client_software_name.empty()) {
    phrase += " from " + r.client_software_name + " " + r.client_software_version;
  }
  return phrase;
}

std::string describe_request(const CreateTopicsRequest& r, std::int16_t version) {
  Names names;
  for (const auto& topic : r.topics) names.add(topic.name);
  return begin(r, version) + names.text();
}

std::string describe_request(const DeleteTopicsRequest& r, std::int16_t version) {
  Names names;
  for (const std::string& name : r.topic_names) names.add(name);
  for (const auto& topic : r.topics) names.add(topic_name(topic.name.value_or(""), topic.topic_id));
  return begin(r, version) + names.text();
}

std::string describe_request(const FetchRequest& r, std::int16_t version) {
  std::string phrase = begin(r, version);
  std::size_t named = 0;
  for (const auto& topic : r.topics) {
    const std::string name = topic_name(topic.topic, topic.topic_id);
    for (const auto& p : topic.partitions) {
      if (++named > kMaxNamedInPhrase) continue;
      append_partition(phrase, name, p.partition, p.fetch_offset);
    }
  }
  append_rest(phrase, named);
  const std::int32_t replica = version >= 15 ? r.replica_state.replica_id : r.replica_id;
  if (replica < 0) return phrase;
  phrase += " by replica ";
  append_number(phrase, replica);
  return phrase;
}

std::string describe_request(const FindCoordinatorRequest& r, std::int16_t version) {
  Names names;
  if (version < 4) names.add(r.key);
  for (const std::string& key : r.coordinator_keys) names.add(key);
  return begin(r, version) + names.text();
}

std::string describe_request(const InitProducerIdRequest& r, std::int16_t version) {
  return begin(r, version) + (r.transactional_id ? " " + *r.transactional_id : " idempotent");
}

std::string describe_request(const ListOffsetsRequest& r, std::int16_t version) {
  Names names;
  for (const auto& topic : r.topics) {
    for (const auto& p : topic.partitions) {
      const bool latest = p.timestamp == -1;
      const bool earliest = p.timestamp == -2;
      names.add(partition_name(topic.name, p.partition_index) + "@" +
                (latest     ? "latest"
                 : earliest ? "earliest"
                            : std::to_string(p.timestamp)));
    }
  }
  return begin(r, version) + names.text();
}

std::string describe_request(const MetadataRequest& r, std::int16_t version) {
  const bool all = !r.topics.has_value() || (version == 0 && r.topics->empty());
  if (all) return begin(r, version) + " all topics";
  if (r.topics->empty()) return begin(r, version) + " no topics";
  Names names;
  for (const auto& topic : *r.topics) {
    names.add(topic_name(topic.name.value_or(""), topic.topic_id));
  }
  return begin(r, version) + names.text();
}

std::string describe_request(const ProduceRequest& r, std::int16_t version) {
  std::string phrase = begin(r, version);
  std::size_t named = 0;
  std::int64_t batches = 0;
  std::int64_t records = 0;
  for (const auto& topic : r.topic_data) {
    for (const auto& p : topic.partition_data) {
      if (++named <= kMaxNamedInPhrase) append_partition(phrase, topic.name, p.index);
      if (const Result<RecordBatch> batch = parse_batch(p.records)) {
        ++batches;
        records += batch->header.record_count;
      }
    }
  }
  append_rest(phrase, named);
  append_count(phrase, batches, "batch", "batches");
  append_count(phrase, records, "record", "records");
  return phrase;
}

std::string describe_request(const ReceivedRequest& received) {
  const RequestHeader& header = received.header;
  std::string phrase;
  DescribedRequests::with(header.api_key, [&]<class Request>() {
    const Result<Request> request = decode<Request>(received.body, header.api_version);
    if (request) phrase = describe_request(*request, header.api_version);
  });
  if (!phrase.empty()) return phrase;
  const ApiInfo* api = header.api();
  phrase = api == nullptr ? "API " + std::to_string(header.api_key) : std::string(api->name);
  phrase += " v" + std::to_string(header.api_version);
  append_count(phrase, static_cast<std::int64_t>(received.body.remaining()), "byte", "bytes");
  return phrase;
}

}  // namespace weir
