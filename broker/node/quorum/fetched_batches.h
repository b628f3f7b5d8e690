// What a voter looks at before it takes records of the metadata log from another, or from its disk.
#pragma once

#include <string>
#include <vector>

#include "broker/base/result.h"
#include "broker/raft/effects.h"
#include "broker/raft/raft_messages.h"
#include "broker/wire/compression.h"
#include "broker/wire/records/metadata_record.h"

namespace weir {

// Whole batches, checksums right, offsets without a gap, epochs that do not descend; a partial
// batch at the end is left out. Errors: corrupt, malformed, and those of reading control records.
struct CheckedBatches {
  raft::FetchedRecords records;
  Slice bytes;  // the whole ones
};
[[nodiscard]] Result<CheckedBatches> check_fetched(const Slice& bytes, Codecs& codecs,
                                                   std::string* why = nullptr);

// The control batch that an effect AppendControl orders.
[[nodiscard]] Result<Slice> build_control(const raft::AppendControl& effect, WallTime now,
                                          std::string* why = nullptr);

// The voters' records of one control batch.
[[nodiscard]] Result<std::vector<raft::VotersAt>> voters_in(const RecordBatch& batch,
                                                            Codecs& codecs,
                                                            std::string* why = nullptr);

[[nodiscard]] VotersRecord to_wire(const raft::VoterSet& voters);

}  // namespace weir
