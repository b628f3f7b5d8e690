// The consumer's options: Kafka's names, defaults (4.x) and checks.
//
// Partitions are assigned by hand: group.id and what belongs to it is refused with the reason until
// groups exist.
#pragma once

#include "broker/client/option_reader.h"

namespace weir {

enum class AutoOffsetReset : int { latest, earliest, none };
enum class IsolationLevel : std::int8_t { read_uncommitted = 0, read_committed = 1 };

struct ConsumerOptions {
  ConnectionOptions connection;
  AutoOffsetReset auto_offset_reset = AutoOffsetReset::latest;
  IsolationLevel isolation_level = IsolationLevel::read_uncommitted;
  std::int64_t fetch_min_bytes = 1;
  std::int64_t fetch_max_bytes = 50 << 20;
  Duration fetch_max_wait = std::chrono::milliseconds(500);
  std::int64_t max_partition_fetch_bytes = 1 << 20;
  std::int64_t max_poll_records = 500;
  bool check_crcs = true;
  Duration default_api_timeout = std::chrono::minutes(1);

  // Reads options by Kafka's names; bootstrap.servers is required.
  [[nodiscard]] static ParsedOptions<ConsumerOptions> from(const OptionMap&);
  [[nodiscard]] std::string to_json() const;
};

struct AdminOptions {
  ConnectionOptions connection;
  Duration default_api_timeout = std::chrono::minutes(1);

  [[nodiscard]] static ParsedOptions<AdminOptions> from(const OptionMap&);
  [[nodiscard]] std::string to_json() const;
};

}  // namespace weir
