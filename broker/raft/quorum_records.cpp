// Voter sets as records, and the look at fetched batches before anything of them is believed.
#include "broker/raft/quorum_records.h"

#include <utility>

namespace weir::raft {
namespace {

Errc refuse(Errc error, std::string* why, std::string text) {
  if (why != nullptr) *why = std::move(text);
  return error;
}

Endpoint to_endpoint(const VotersRecord::Endpoint& e) { return {e.name, e.host, e.port}; }

std::string at_offset(Offset offset) { return "at offset " + std::to_string(offset.value()); }

}  // namespace

VotersRecord to_record(const VoterSet& voters) {
  VotersRecord record;
  for (const Voter& voter : voters.voters()) {
    VotersRecord::Voter& v = record.voters.emplace_back();
    v.voter_id = voter.key.id.value();
    v.voter_directory_id = voter.key.directory;
    for (const Endpoint& e : voter.endpoints) v.endpoints.push_back({e.name, e.host, e.port});
    v.kraft_version_feature = {voter.min_kraft_version, voter.max_kraft_version};
  }
  return record;
}

std::optional<VoterSet> to_voter_set(const VotersRecord& record) {
  std::vector<Voter> voters;
  for (const VotersRecord::Voter& v : record.voters) {
    if (v.voter_id < 0) return std::nullopt;
    Voter& voter = voters.emplace_back();
    voter.key = {BrokerId{v.voter_id}, v.voter_directory_id};
    for (const VotersRecord::Endpoint& e : v.endpoints) voter.endpoints.push_back(to_endpoint(e));
    voter.min_kraft_version = v.kraft_version_feature.min_supported_version;
    voter.max_kraft_version = v.kraft_version_feature.max_supported_version;
  }
  const std::size_t told = voters.size();
  VoterSet set(std::move(voters));
  if (set.empty() || set.size() != told) return std::nullopt;
  return set;
}

Result<std::vector<VotersAt>> voters_in(const RecordBatch& batch, Codecs& codecs,
                                        std::string* why) {
  std::vector<VotersAt> found;
  if (!batch.header.is_control()) return found;
  const Result<std::vector<ControlRecord>> records = read_control_batch(batch, codecs, why);
  if (!records) return records.error();
  Offset offset = batch.header.base_offset;
  for (const ControlRecord& record : *records) {
    if (const auto* voters = std::get_if<VotersRecord>(&record)) {
      const std::optional<VoterSet> set = to_voter_set(*voters);
      if (!set) {
        return refuse(Errc::malformed, why,
                      "KRaftVoters " + at_offset(offset) + ": no voters, or an id twice");
      }
      found.push_back({offset, *set});
    }
    offset = offset + 1;
  }
  return found;
}

Result<CheckedRecords> check_fetched(const Slice& records, Offset expected_base,
                                     LeaderEpoch leader_epoch, Codecs& codecs, std::string* why) {
  Result<std::vector<RecordBatch>> batches = whole_batches(records);
  if (!batches) return refuse(Errc::malformed, why, "what was fetched is no record batch");
  CheckedRecords checked;
  checked.summary.base = expected_base;
  checked.summary.next = expected_base;
  LeaderEpoch epoch{0};
  for (const RecordBatch& batch : *batches) {
    const BatchHeader& header = batch.header;
    const std::string where = "the batch " + at_offset(header.base_offset) + ": ";
    if (!crc_is_right(batch)) return refuse(Errc::corrupt, why, where + "wrong checksum");
    if (header.base_offset != checked.summary.next || header.next_offset() <= header.base_offset) {
      return refuse(Errc::malformed, why,
                    where + "expected " + at_offset(checked.summary.next) + " without a gap");
    }
    if (header.partition_leader_epoch < epoch || header.partition_leader_epoch > leader_epoch) {
      return refuse(Errc::malformed, why,
                    where + "epoch " + std::to_string(header.partition_leader_epoch.value()) +
                        " is before its predecessor's or after the leader's");
    }
    Result<std::vector<VotersAt>> voters = voters_in(batch, codecs, why);
    if (!voters) return voters.error();
    for (VotersAt& entry : *voters) checked.summary.voters.push_back(std::move(entry));
    epoch = header.partition_leader_epoch;
    if (checked.batches.empty()) checked.summary.first_epoch = epoch;
    checked.summary.last_epoch = epoch;
    checked.summary.next = header.next_offset();
    checked.batches.push_back(batch);
  }
  return checked;
}

}  // namespace weir::raft
