// TransactionScan: which transactions of a log were aborted, and where the undecided begin.
//
// Learnt from the batches themselves, in the order of offsets: a producer's transactional batches
// belong to the transaction that its next marker ends (KIP-98). Cleaning must not judge a batch
// before its transaction is decided, or a value that was never committed would displace one that
// was.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <utility>

#include "broker/base/id.h"
#include "broker/wire/records.h"

namespace weir {

// The type of a control batch's record: its key is version i16, type i16. Nothing where the batch
// was emptied or cannot be read.
enum class ControlType : std::int16_t { abort = 0, commit = 1, other = 2 };
[[nodiscard]] std::optional<ControlType> control_type(const RecordBatch&, Codecs&);

class TransactionScan {
 public:
  // Aborted transactions that are remembered; more of them are left to another pass.
  static constexpr std::size_t kMostAborted = 100'000;

  // False when no more can be remembered: the scan ends before this batch.
  [[nodiscard]] bool add(const RecordBatch&, Codecs&);

  // The first offset of a transaction that no marker has ended so far.
  [[nodiscard]] std::optional<Offset> first_undecided() const;
  // Whether this batch, one of those that were added, is data of an aborted transaction.
  [[nodiscard]] bool aborted(const BatchHeader&) const;
  [[nodiscard]] std::size_t count() const { return aborted_.size(); }

 private:
  std::map<ProducerId, Offset> open_;  // -> first offset
  // (producer, offset of the marker) -> first offset
  std::map<std::pair<ProducerId, Offset>, Offset> aborted_;
};

}  // namespace weir
