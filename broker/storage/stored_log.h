// Reads back what lies in a partition's directory, given the raw bytes: for harnesses that judge at
// the end of a run what the disks really hold.
//
// Independent of the running log: no index, no checkpoint, no producer state; only the segment
// files, batch by batch, each checksum verified. It never repairs anything; what it cannot read it
// tells.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "broker/base/bytes.h"
#include "broker/base/id.h"
#include "broker/base/time.h"

namespace weir {

struct StoredHeader {
  std::string key;
  std::string value;
};

struct StoredRecord {
  Offset offset{-1};
  LeaderEpoch epoch = kNoLeaderEpoch;
  ProducerId producer = kNoProducerId;
  ProducerEpoch producer_epoch = kNoProducerEpoch;
  std::int32_t sequence = -1;  // of this record
  WallTime timestamp{-1};
  std::uint8_t codec = 0;  // attributes bits 0-2 of its batch
  bool control = false;    // a transaction marker, no data
  bool null_key = false;
  bool null_value = false;
  std::uint64_t digest = 0;  // record_digest(key, value)
  std::uint32_t key_bytes = 0;
  std::uint32_t value_bytes = 0;
  std::vector<StoredHeader> headers;

  // The value of the last header of that name, as Kafka's lastHeader; empty where there is none.
  [[nodiscard]] std::string_view header(std::string_view key) const;
};

struct StoredLog {
  std::vector<StoredRecord> records;  // by offset
  Offset log_start{0};                // records below are logically deleted, and left out above
  std::vector<std::string> damage;  // "00..0.log at byte 123: checksum does not match", for people
};

// Whether a file of that name tells of records, or where they begin.
[[nodiscard]] bool tells_of_records(std::string_view name);

// `files`: name inside the directory -> its bytes. Files that are no segments are ignored, but for
// the checkpoint of the log start.
[[nodiscard]] StoredLog read_stored_log(const std::map<std::string, Slice, std::less<>>& files);

}  // namespace weir
