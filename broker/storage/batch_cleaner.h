// BatchCleaner: what compaction leaves of each batch of a log, from its beginning on.
//
// Kept are records that are the latest of their key below the map's end, all records at and above
// it, tombstones until their delete horizon, and markers until all data of their transaction are
// gone and their horizon has passed (KIP-534: the first cleaning that meets them puts the horizon
// into the batch). Offsets, order, base offset, last offset, base sequence, epochs and codec of a
// batch stay. A batch that loses all records stays as an empty one where it holds the last sequence
// of an active producer (KAFKA-5490), or the last offset of the segment that is being written, so
// that segments follow each other without a hole. One object goes through the whole log: what it
// knows of a transaction is carried over the borders of segments (KAFKA-8351).
#pragma once

#include <cstdint>
#include <map>
#include <set>

#include "broker/base/result.h"
#include "broker/base/time.h"
#include "broker/storage/offset_map.h"
#include "broker/storage/producer_state.h"
#include "broker/storage/transaction_scan.h"

namespace weir {

// Where the state of a producer that is still active comes from.
struct LastOfProducer {
  Offset last_data_offset{-1};  // -1: only a marker is known of it
  ProducerEpoch epoch = kNoProducerEpoch;
};
using LastOfProducers = std::map<ProducerId, LastOfProducer>;
[[nodiscard]] LastOfProducers last_of_producers(const ProducerStates&);

struct CleanedBatch {
  Slice bytes = {};  // empty: nothing stays
  std::int64_t removed = 0;
  bool changed = false;
};

class BatchCleaner {
 public:
  struct Pass {
    const OffsetMap& latest;
    const TransactionScan& transactions;
    LastOfProducers producers;
    WallTime now;
    std::int64_t delete_retention_ms = 0;
  };
  explicit BatchCleaner(Pass pass) : pass_(std::move(pass)) {}

  // `last_of_segment`: no batch follows it in the segment that is being written. Errors: as of
  // RecordReader.
  [[nodiscard]] Result<CleanedBatch> clean(const RecordBatch&, bool last_of_segment, Codecs&);

 private:
  struct Verdict {
    bool discard_records = false;
    bool marks_nothing = false;  // a marker whose transaction left no data
  };
  Verdict judge_marker(const RecordBatch&, Codecs&);
  Verdict judge_data(const BatchHeader&);
  [[nodiscard]] bool is_last_of_producer(const BatchHeader&) const;
  [[nodiscard]] bool stays(const BatchHeader&, const Record&) const;
  Result<CleanedBatch> rebuild(const RecordBatch&, const Verdict&, bool keep_empty, Codecs&) const;

  Pass pass_;
  std::set<ProducerId> with_data_;  // data of their present transaction was met
};

}  // namespace weir
