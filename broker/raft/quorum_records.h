// The quorum's records in the metadata log: written from its own values, and read back into them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "broker/base/result.h"
#include "broker/raft/raft_messages.h"
#include "broker/raft/voter_set.h"
#include "broker/wire/compression.h"
#include "broker/wire/record_batch.h"
#include "broker/wire/records/control_record.h"

namespace weir::raft {

[[nodiscard]] VotersRecord to_record(const VoterSet& voters);
// Nothing where there is no voter, an id twice or below zero, or more than kMaxVoters.
[[nodiscard]] std::optional<VoterSet> to_voter_set(const VotersRecord& record);

// Looks at the records of a Fetch response as FetchedRecords promises, and keeps of a batch that
// was cut off at the end nothing. Errors: corrupt (checksum), malformed (a gap, a descending epoch,
// an epoch after the leader's, a voter set that is none), and those of the batches. `why` is for
// people.
struct CheckedRecords {
  FetchedRecords summary;
  std::vector<RecordBatch> batches;  // to append, as they are
};
[[nodiscard]] Result<CheckedRecords> check_fetched(const Slice& records, Offset expected_base,
                                                   LeaderEpoch leader_epoch, Codecs& codecs,
                                                   std::string* why = nullptr);

// The voters records of one batch of the log, at their offsets; for start(). Errors as above.
[[nodiscard]] Result<std::vector<VotersAt>> voters_in(const RecordBatch& batch, Codecs& codecs,
                                                      std::string* why = nullptr);

}  // namespace weir::raft
