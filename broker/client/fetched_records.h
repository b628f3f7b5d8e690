// FetchedRecords: the batches of one fetched partition, read record by record as the application
// takes them.
//
// A fetch begins with a whole batch, so records below the position are skipped; a batch cut off at
// the end is left for the next fetch. Control batches are never returned but advance the position.
// Under read_committed the records of aborted transactions are dropped: a producer id is aborted
// from its first offset in the broker's list until its ABORT marker (KIP-98).
#pragma once

#include <deque>
#include <optional>
#include <set>
#include <vector>

#include "broker/client/client_types.h"
#include "broker/client/consumer_options.h"
#include "broker/wire/records.h"

namespace weir {

struct AbortedTransaction {
  ProducerId producer;
  Offset first_offset;
};

struct FetchedPartition {
  TopicPartition tp;
  Offset position{};  // that was asked for
  Slice records;
  std::vector<AbortedTransaction> aborted = {};
};

class FetchedRecords {
 public:
  FetchedRecords(FetchedPartition fetched, IsolationLevel isolation, bool check_crcs);

  // Fills in the next record, a fresh one; false when all are read. An error sticks, and the
  // position stays where it was found.
  [[nodiscard]] ClientResult<bool> next(Codecs&, ConsumerRecord& out);

  // Where the next fetch begins once everything read so far is done with.
  [[nodiscard]] Offset position() const { return position_; }
  // Of the last batch read from; -1 before the first.
  [[nodiscard]] LeaderEpoch leader_epoch() const { return leader_epoch_; }
  [[nodiscard]] const TopicPartition& tp() const { return tp_; }

 private:
  [[nodiscard]] ClientResult<bool> open_next_batch(Codecs&);
  [[nodiscard]] bool is_aborted(const RecordBatch&, Codecs&);
  [[nodiscard]] ClientError error(std::string what) const;

  TopicPartition tp_;
  Offset position_;
  BatchWalker walker_;
  bool committed_only_;
  bool check_crcs_;
  bool empty_;  // no byte was fetched
  LeaderEpoch leader_epoch_ = kNoLeaderEpoch;
  bool whole_batch_seen_ = false;
  std::deque<AbortedTransaction> aborted_;  // by first offset
  std::set<ProducerId> aborted_now_;
  std::optional<RecordReader> reader_;
  BatchHeader batch_;
  Record record_;
};

}  // namespace weir
