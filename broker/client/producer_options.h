// The producer's options: Kafka's names, defaults (4.x) and checks.
//
// Kafka's rule for enable.idempotence (KIP-679): on by default, switched off silently where an
// explicitly set acks, retries or max.in.flight conflicts, and an error where it was asked for
// explicitly too. delivery.timeout.ms must hold linger.ms + request.timeout.ms.
#pragma once

#include "broker/client/option_reader.h"
#include "broker/wire/compression.h"

namespace weir {

enum class Acks : std::int16_t { all = -1, none = 0, leader = 1 };

// How a record without an explicit partition finds one: murmur2 of the key in both; null keys go to
// one partition until a batch is full (sticky), or in turn.
enum class PartitionerKind : int { sticky, round_robin };

struct ProducerOptions {
  ConnectionOptions connection;
  Acks acks = Acks::all;
  std::int64_t retries = kMaxInt32;
  Duration delivery_timeout = std::chrono::minutes(2);
  Duration linger = std::chrono::milliseconds(5);
  std::int64_t batch_size = 16384;
  std::int64_t buffer_memory = 32 << 20;
  Duration max_block = std::chrono::minutes(1);
  std::int64_t max_request_size = 1 << 20;
  std::int64_t max_in_flight = 5;
  Compression compression = Compression::none;
  bool idempotence = true;
  PartitionerKind partitioner = PartitionerKind::sticky;

  // Reads options by Kafka's names; bootstrap.servers is required.
  [[nodiscard]] static ParsedOptions<ProducerOptions> from(const OptionMap&);
  // The configuration in force as JSON text, fixed key order.
  [[nodiscard]] std::string to_json() const;
};

}  // namespace weir
