// The kinds of records in the metadata log: metadata records by their API key, control records by
// the type in their key.
#pragma once

#include <cstdint>

namespace weir {

// Those of Kafka's that Weir writes and reads; there are more, of features that Weir does not have.
enum class MetadataRecordType : std::int16_t {
  register_broker = 0,
  unregister_broker = 1,
  topic = 2,
  partition = 3,
  config = 4,
  partition_change = 5,
  fence_broker = 7,
  unfence_broker = 8,
  remove_topic = 9,
  feature_level = 12,
  producer_ids = 15,
  broker_registration_change = 17,
  no_op = 20,
  begin_transaction = 23,
  end_transaction = 24,
  abort_transaction = 25,
  register_controller = 27,
  clear_elr = 28,
  unregister_controller = 29,
};

// 0 and 1 end transactions and never stand in the metadata log.
enum class ControlRecordType : std::int16_t {
  abort = 0,
  commit = 1,
  leader_change = 2,
  snapshot_header = 3,
  snapshot_footer = 4,
  kraft_version = 5,
  kraft_voters = 6,
};

}  // namespace weir
