// The producer's one description of its options, and the checks across them.
#include "broker/client/producer_options.h"

namespace weir {
namespace {

constexpr OptionChoice kAcks[] = {{"all", -1}, {"-1", -1}, {"0", 0}, {"1", 1}};
constexpr OptionChoice kCompressions[] = {
    {"none", 0}, {"gzip", 1}, {"snappy", 2}, {"lz4", 3}, {"zstd", 4}};
constexpr OptionChoice kPartitioners[] = {
    {"", static_cast<int>(PartitionerKind::sticky)},
    {"RoundRobinPartitioner", static_cast<int>(PartitionerKind::round_robin)},
    {"org.apache.kafka.clients.producer.RoundRobinPartitioner",
     static_cast<int>(PartitionerKind::round_robin)}};

constexpr std::string_view kNoTransactions = "not served yet: transactions";
constexpr RefusedOption kRefusedOfProducer[] = {
    {"transactional.id", kNoTransactions},
    {"transaction.timeout.ms", kNoTransactions},
    {"key.serializer", "not served: keys and values are bytes here"},
    {"value.serializer", "not served: keys and values are bytes here"},
    {"interceptor.classes", "not served: this client has no plug-ins", ""},
    {"security.protocol", "not served: expected PLAINTEXT", "PLAINTEXT"},
    {"connections.max.idle.ms", "not served: idle connections stay open", "-1"},
};

// The largest that fits an array of bytes in Kafka.
constexpr std::int64_t kMaxBufferMemory = std::int64_t{1} << 40;

template <class Self, class Visitor>
void fields(Self& o, Visitor& v) {
  ConnectionOptions::fields(o.connection, v);
  v.choice("acks", o.acks, kAcks);
  v.number("retries", o.retries, 0, kMaxInt32);
  v.flag("enable.idempotence", o.idempotence);
  v.number("max.in.flight.requests.per.connection", o.max_in_flight, 1, kMaxInt32);
  v.millis("delivery.timeout.ms", o.delivery_timeout, 0, kMaxInt32);
  v.millis("linger.ms", o.linger, 0, kMaxInt32);
  v.number("batch.size", o.batch_size, 0, kMaxInt32);
  v.number("buffer.memory", o.buffer_memory, 0, kMaxBufferMemory);
  v.millis("max.block.ms", o.max_block, 0, kMaxInt32);
  v.number("max.request.size", o.max_request_size, 0, kMaxInt32);
  v.choice("compression.type", o.compression, kCompressions);
  v.choice("partitioner.class", o.partitioner, kPartitioners);
}

// KIP-679: what conflicts with idempotence wins over its default, and loses to its explicit wish.
void settle_idempotence(OptionReader& reader, ProducerOptions& o) {
  const bool asked = reader.given("enable.idempotence");
  if (!o.idempotence) return;
  bool conflicts = false;
  const auto conflict = [&](std::string_view key, std::string_view needed) {
    conflicts = true;
    if (asked) reader.fail(key, "enable.idempotence=true needs " + std::string(needed));
  };
  if (o.acks != Acks::all) conflict("acks", "acks=all");
  if (o.retries == 0) conflict("retries", "retries greater than 0");
  if (o.max_in_flight > 5) conflict("max.in.flight.requests.per.connection", "at most 5 in flight");
  if (conflicts && !asked) o.idempotence = false;
}

void settle_delivery_timeout(OptionReader& reader, ProducerOptions& o) {
  const Duration least = o.linger + o.connection.request_timeout;
  if (o.delivery_timeout >= least) return;
  if (reader.given("delivery.timeout.ms")) {
    reader.fail(
        "delivery.timeout.ms",
        "expected at least linger.ms + request.timeout.ms = " +
            std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(least).count()));
  } else {
    o.delivery_timeout = least;
  }
}

}  // namespace

ParsedOptions<ProducerOptions> ProducerOptions::from(const OptionMap& given) {
  ProducerOptions options;
  OptionReader reader(given);
  fields(options, reader);
  settle_idempotence(reader, options);
  settle_delivery_timeout(reader, options);
  OptionErrors errors = reader.finish(kRefusedOfProducer);
  if (!errors.errors.empty()) return errors;
  return options;
}

std::string ProducerOptions::to_json() const {
  OptionPrinter printer;
  fields(*this, printer);
  return std::move(printer).finish();
}

}  // namespace weir
