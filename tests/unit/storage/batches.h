// Batches for the tests of storage, as a producer sends them.
#pragma once

#include <string>
#include <vector>

#include "broker/wire/records.h"

namespace weir {

struct TestBatch {
  std::vector<std::string> values = {"v"};
  std::int64_t timestamp = 1'700'000'000'000;  // of the first record; each next one is 1 ms later
  std::int64_t producer = -1;
  std::int16_t producer_epoch = -1;
  std::int32_t sequence = -1;
  std::int64_t base_offset = 0;
  std::int32_t leader_epoch = -1;
  bool transactional = false;
  Compression compression = Compression::none;
};

inline Slice make_batch(const TestBatch& wanted) {
  Codecs codecs;
  RecordBatchBuilder builder;
  std::int64_t timestamp = wanted.timestamp;
  for (const std::string& value : wanted.values) {
    const std::string key = "k" + value;
    builder.append({.timestamp = timestamp++, .key = as_bytes(key), .value = as_bytes(value)});
  }
  return builder.build({.compression = wanted.compression,
                        .base_offset = Offset{wanted.base_offset},
                        .partition_leader_epoch = LeaderEpoch{wanted.leader_epoch},
                        .producer_id = ProducerId{wanted.producer},
                        .producer_epoch = ProducerEpoch{wanted.producer_epoch},
                        .base_sequence = wanted.sequence,
                        .transactional = wanted.transactional},
                       codecs);
}

inline Slice join_slices(const std::vector<Slice>& parts) {
  Buffer all;
  for (const Slice& part : parts) all.append(part);
  return std::move(all).share();
}

}  // namespace weir
