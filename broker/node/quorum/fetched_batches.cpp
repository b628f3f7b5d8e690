// Batches of the metadata log, as the quorum sees them.
#include "broker/node/quorum/fetched_batches.h"

#include "broker/wire/records/control_record.h"

namespace weir {
namespace {

raft::VoterSet from_wire(const VotersRecord& record) {
  std::vector<raft::Voter> voters;
  for (const auto& v : record.voters) {
    raft::Voter voter;
    voter.key = {BrokerId{v.voter_id}, v.voter_directory_id};
    for (const auto& e : v.endpoints) voter.endpoints.push_back({e.name, e.host, e.port});
    voter.min_kraft_version = v.kraft_version_feature.min_supported_version;
    voter.max_kraft_version = v.kraft_version_feature.max_supported_version;
    voters.push_back(std::move(voter));
  }
  return raft::VoterSet(std::move(voters));
}

ControlRecord to_wire(const raft::ControlRecord& record) {
  if (const auto* change = std::get_if<raft::LeaderChange>(&record)) {
    LeaderChangeMessage wire;
    wire.version = 1;
    wire.leader_id = change->leader.value();
    for (const auto& key : change->voters) wire.voters.push_back({key.id.value(), key.directory});
    for (const auto& key : change->granting_voters) {
      wire.granting_voters.push_back({key.id.value(), key.directory});
    }
    return wire;
  }
  if (const auto* version = std::get_if<raft::KRaftVersion>(&record)) {
    KRaftVersionRecord wire;
    wire.kraft_version = version->version;
    return wire;
  }
  return to_wire(std::get<raft::VoterSet>(record));
}

}  // namespace

VotersRecord to_wire(const raft::VoterSet& voters) {
  VotersRecord wire;
  for (const raft::Voter& voter : voters.voters()) {
    VotersRecord::Voter v;
    v.voter_id = voter.key.id.value();
    v.voter_directory_id = voter.key.directory;
    for (const auto& e : voter.endpoints) v.endpoints.push_back({e.name, e.host, e.port});
    v.kraft_version_feature = {voter.min_kraft_version, voter.max_kraft_version};
    wire.voters.push_back(std::move(v));
  }
  return wire;
}

Result<std::vector<raft::VotersAt>> voters_in(const RecordBatch& batch, Codecs& codecs,
                                              std::string* why) {
  std::vector<raft::VotersAt> found;
  if (!batch.header.is_control()) return found;
  auto records = read_control_batch(batch, codecs, why);
  if (!records) return records.error();
  Offset at = batch.header.base_offset;
  for (const ControlRecord& record : *records) {
    if (const auto* voters = std::get_if<VotersRecord>(&record)) {
      found.push_back({at, from_wire(*voters)});
    }
    at = at + 1;
  }
  return found;
}

Result<CheckedBatches> check_fetched(const Slice& bytes, Codecs& codecs, std::string* why) {
  const auto refuse = [why](Errc error, const char* text) {
    if (why != nullptr) *why = text;
    return make_error_code(error);
  };
  auto batches = whole_batches(bytes);
  if (!batches) return refuse(Errc::malformed, "something else than batches");
  CheckedBatches checked;
  std::size_t size = 0;
  bool first = true;
  for (const RecordBatch& batch : *batches) {
    const BatchHeader& h = batch.header;
    if (!crc_is_right(batch)) return refuse(Errc::corrupt, "the checksum of a batch is wrong");
    if (first) {
      checked.records.base = h.base_offset;
      checked.records.first_epoch = h.partition_leader_epoch;
    } else if (h.base_offset != checked.records.next) {
      return refuse(Errc::malformed, "a gap between batches");
    } else if (h.partition_leader_epoch < checked.records.last_epoch) {
      return refuse(Errc::malformed, "epochs descend");
    }
    auto voters = voters_in(batch, codecs, why);
    if (!voters) return voters.error();
    for (raft::VotersAt& at : *voters) checked.records.voters.push_back(std::move(at));
    checked.records.next = h.next_offset();
    checked.records.last_epoch = h.partition_leader_epoch;
    size += batch.size();
    first = false;
  }
  checked.bytes = bytes.subslice(0, size);
  return checked;
}

Result<Slice> build_control(const raft::AppendControl& effect, WallTime now, std::string* why) {
  std::vector<ControlRecord> records;
  for (const raft::ControlRecord& record : effect.records) records.push_back(to_wire(record));
  return build_control_batch(records, {effect.at, effect.epoch, now}, why);
}

}  // namespace weir
