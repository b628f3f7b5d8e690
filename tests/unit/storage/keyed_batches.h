// Batches with keys of their own, and what is left of them, for the tests of cleaning.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "broker/wire/records.h"

namespace weir {

struct Keyed {
  std::optional<std::string> key;
  std::optional<std::string> value;  // none: a tombstone
};

struct KeyedBatch {
  std::int64_t base = 0;
  std::vector<Keyed> records;
  std::int64_t producer = -1;
  std::int32_t sequence = -1;
  bool transactional = false;
  Compression compression = Compression::none;
  std::int64_t timestamp = 1'000;  // of the first; each next one is 1 ms later
  std::optional<std::int64_t> log_append_time = {};
};

inline Slice make_keyed(const KeyedBatch& wanted, Codecs& codecs) {
  RecordBatchBuilder builder;
  std::int64_t timestamp = wanted.timestamp;
  for (const Keyed& record : wanted.records) {
    NewRecord added;
    added.timestamp = timestamp++;
    if (record.key) added.key = as_bytes(*record.key);
    if (record.value) added.value = as_bytes(*record.value);
    builder.append(added);
  }
  BatchOptions options;
  options.compression = wanted.compression;
  options.base_offset = Offset{wanted.base};
  options.partition_leader_epoch = LeaderEpoch{0};
  options.producer_id = ProducerId{wanted.producer};
  options.producer_epoch = ProducerEpoch{static_cast<std::int16_t>(wanted.producer < 0 ? -1 : 0)};
  options.base_sequence = wanted.sequence;
  options.transactional = wanted.transactional;
  options.log_append_time = wanted.log_append_time;
  return builder.build(options, codecs);
}

// The end of a transaction, at an offset.
inline Slice make_marker(TransactionEnd end, std::int64_t producer, std::int64_t base,
                         Codecs& codecs) {
  const Slice made =
      build_end_marker(end, ProducerId{producer}, ProducerEpoch{0}, 0, WallTime{2'000}, codecs);
  Buffer bytes;
  bytes.append(made);
  assign_in_place(bytes.span(), Offset{base}, LeaderEpoch{0});
  return std::move(bytes).share();
}

// "10-12: 10 a=1, 12 b=null" of a batch; "..., empty" without records.
inline std::string text_of_batch(const RecordBatch& batch, Codecs& codecs) {
  std::string text = std::to_string(batch.header.base_offset.value()) + "-" +
                     std::to_string(batch.header.last_offset().value());
  EXPECT_TRUE(crc_is_right(batch));
  if (batch.header.is_control()) text += " marker";
  if (batch.header.record_count == 0) return text + " empty";
  Result<RecordReader> reader = RecordReader::open(batch, codecs);
  Record record;
  const char* separator = ":";
  while (reader && !batch.header.is_control()) {
    const Result<bool> more = reader->next(record);
    EXPECT_TRUE(more.has_value());
    if (!more || !*more) break;
    text += separator;
    separator = ",";
    text += " " + std::to_string(record.offset.value()) + " ";
    text += record.key ? std::string(as_text(*record.key)) : "null";
    text += "=";
    text += record.value ? std::string(as_text(*record.value)) : "null";
  }
  return text;
}

}  // namespace weir
