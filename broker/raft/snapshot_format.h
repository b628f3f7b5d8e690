// What a snapshot file may hold, and when a snapshot may be taken and the log before it removed.
//
// The file is a sequence of record batches with offsets from 0: first a control batch that begins
// with the SnapshotHeader record and may go on with KRaftVersion and KRaftVoters, then batches of
// data, last a control batch that holds the SnapshotFooter alone (KIP-630). A file without footer
// is one whose writer did not come to its end.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "broker/base/result.h"
#include "broker/raft/log_view.h"
#include "broker/raft/voter_set.h"
#include "broker/wire/compression.h"
#include "broker/wire/record_batch.h"

namespace weir::raft {

// Checks the batches of one snapshot in their order.
class SnapshotCheck {
 public:
  // Errors: corrupt (checksum), malformed (order, offsets, control records), and those of reading
  // control records. problem() says more. After an error nothing more is looked at.
  [[nodiscard]] Result<void> see(const RecordBatch& batch, Codecs& codecs);
  // After the last batch. Errors: truncated (no header, or no footer).
  [[nodiscard]] Result<void> finish();

  // For people; empty while all is well.
  [[nodiscard]] const std::string& problem() const { return problem_; }
  // Those that snapshot_loaded() wants.
  [[nodiscard]] const std::optional<VoterSet>& voters() const { return voters_; }
  [[nodiscard]] std::int64_t data_records() const { return data_records_; }

 private:
  [[nodiscard]] Result<void> see_control(const RecordBatch& batch, Codecs& codecs);
  [[nodiscard]] Result<void> fail(Errc error, std::string why);

  enum class Part : std::uint8_t { header, data, done, broken };
  Part part_ = Part::header;
  Offset next_{0};
  std::int64_t data_records_ = 0;
  std::optional<VoterSet> voters_;
  std::string problem_;
};

enum class SnapshotRefusal : std::uint8_t {
  none,
  beyond_high_watermark,  // what is not committed may be taken back
  before_log_start,
  not_newer,     // the latest snapshot ends there or later
  inside_batch,  // a batch is applied as a whole or not at all (KAFKA-14619)
  wrong_epoch,   // the last record below the end has another epoch
};
[[nodiscard]] std::string_view name_of(SnapshotRefusal);

// Whether a snapshot of this end may be taken. `at_batch_boundary`: a batch of the log begins at
// end_offset, or the log ends there.
[[nodiscard]] SnapshotRefusal may_take_snapshot(const LogView& log, Offset high_watermark,
                                                SnapshotId id, bool at_batch_boundary);

// Whether the log may begin at the end of this snapshot, which the driver has durable. Nothing
// else moves the start of the metadata log (KAFKA-14238): retention removes segments below it.
[[nodiscard]] bool may_start_log_at(const LogView& log, Offset high_watermark, SnapshotId id);

}  // namespace weir::raft
