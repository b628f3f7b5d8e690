// What the quorum says to others and is asked by them: the fields that it needs of Kafka's
// messages.
//
// Names are those of the wire (Vote 0-2, BeginQuorumEpoch 0-1, EndQuorumEpoch 0-1, Fetch 17+,
// FetchSnapshot 0-1, Add-, Remove- and UpdateRaftVoter); the driver maps them, names the partition
// __cluster_metadata-0, and fills in what is only the wire's. Response fields of the partition
// stand at the top level here: there is one partition. An error of the whole response and one of
// its partition are the same `error`.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "broker/raft/log_view.h"
#include "broker/raft/raft_types.h"
#include "broker/raft/voter_set.h"
#include "broker/wire/error_code.h"

namespace weir::raft {

// A high watermark that its sender did not tell (Fetch before version 18).
inline constexpr Offset kUnknownFetchHighWatermark{std::numeric_limits<std::int64_t>::max()};

struct VoteRequest {
  std::string cluster_id;
  ReplicaKey voter;  // whom it is meant for; id -1: version 0, not told
  LeaderEpoch replica_epoch{0};
  ReplicaKey replica;  // the candidate
  LeaderEpoch last_offset_epoch{0};
  Offset last_offset{0};  // where the candidate's log ends
  bool pre_vote = false;
};
struct VoteResponse {
  ErrorCode error = ErrorCode::none;
  BrokerId leader_id = kNoNode;
  LeaderEpoch leader_epoch{0};
  bool vote_granted = false;
  std::optional<Endpoint> leader_endpoint = {};  // NodeEndpoints
};

struct BeginQuorumEpochRequest {
  std::string cluster_id;
  ReplicaKey voter;  // whom it is meant for
  BrokerId leader_id = kNoNode;
  LeaderEpoch leader_epoch{0};
  std::vector<Endpoint> leader_endpoints;
};
struct BeginQuorumEpochResponse {
  ErrorCode error = ErrorCode::none;
  BrokerId leader_id = kNoNode;
  LeaderEpoch leader_epoch{0};
  std::optional<Endpoint> leader_endpoint = {};
};

struct EndQuorumEpochRequest {
  std::string cluster_id;
  BrokerId leader_id = kNoNode;
  LeaderEpoch leader_epoch{0};
  std::vector<ReplicaKey> preferred_candidates;  // the best successor first
  std::vector<Endpoint> leader_endpoints;
};
struct EndQuorumEpochResponse {
  ErrorCode error = ErrorCode::none;
  BrokerId leader_id = kNoNode;
  LeaderEpoch leader_epoch{0};
  std::optional<Endpoint> leader_endpoint = {};
};

struct FetchRequest {
  std::string cluster_id;
  ReplicaKey replica;  // id -1: a reader of the log that is no replica; answered as an observer
  LeaderEpoch current_leader_epoch{0};
  Offset fetch_offset{0};
  LeaderEpoch last_fetched_epoch{0};
  Offset log_start{0};
  Offset high_watermark = kUnknownFetchHighWatermark;  // as far as the asker knows it
  Duration max_wait{0};
  std::int32_t max_bytes = 0;
};

// The records of a Fetch response after the driver looked at them: whole batches, checksums right,
// offsets without a gap, epochs that do not descend. No records: next == base.
struct FetchedRecords {
  Offset base{0};  // of the first batch
  Offset next{0};  // after the last batch
  LeaderEpoch first_epoch{0};
  LeaderEpoch last_epoch{0};
  std::vector<VotersAt> voters;  // the KRaftVoters records among them
};
struct FetchResponse {
  ErrorCode error = ErrorCode::none;
  BrokerId leader_id = kNoNode;
  LeaderEpoch leader_epoch{0};
  Offset high_watermark{-1};
  Offset log_start{0};
  std::optional<Divergence> diverging_epoch = {};
  std::optional<SnapshotId> snapshot_id = {};
  std::optional<FetchedRecords> records = {};  // filled in by the driver of the asker
  std::optional<Endpoint> leader_endpoint = {};
};

struct FetchSnapshotRequest {
  std::string cluster_id;
  ReplicaKey replica;
  LeaderEpoch current_leader_epoch{0};
  SnapshotId snapshot_id;
  std::int64_t position = 0;
  std::int32_t max_bytes = 0;
};
struct FetchSnapshotResponse {
  ErrorCode error = ErrorCode::none;
  BrokerId leader_id = kNoNode;
  LeaderEpoch leader_epoch{0};
  SnapshotId snapshot_id;
  std::int64_t size = 0;         // of the whole file
  std::int64_t position = 0;     // where the chunk begins
  std::int64_t chunk_bytes = 0;  // UnalignedRecords; the bytes themselves stay with the driver
  std::optional<Endpoint> leader_endpoint = {};
};

// Before the driver hands on an AddRaftVoter it asks the new voter for its ApiVersions, at the
// endpoints given (KIP-853): the range of kraft.version comes from there.
struct AddRaftVoterRequest {
  std::string cluster_id;
  Duration timeout{0};
  Voter voter;
  bool ack_when_committed = true;
};
struct RemoveRaftVoterRequest {
  std::string cluster_id;
  ReplicaKey voter;
};
struct UpdateRaftVoterRequest {
  std::string cluster_id;
  LeaderEpoch current_leader_epoch{0};
  Voter voter;
};
// Of all three. Add and Remove have a message, Update the current leader.
struct RaftVoterResponse {
  ErrorCode error = ErrorCode::none;
  std::string message;
  BrokerId leader_id = kNoNode;
  LeaderEpoch leader_epoch{0};
  std::optional<Endpoint> leader_endpoint = {};
};

using Request = std::variant<VoteRequest, BeginQuorumEpochRequest, EndQuorumEpochRequest,
                             FetchRequest, FetchSnapshotRequest, AddRaftVoterRequest,
                             RemoveRaftVoterRequest, UpdateRaftVoterRequest>;
// What comes back to requests that the quorum sends itself.
using Response = std::variant<VoteResponse, BeginQuorumEpochResponse, EndQuorumEpochResponse,
                              FetchResponse, FetchSnapshotResponse>;

}  // namespace weir::raft
