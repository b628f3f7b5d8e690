// The quorum's words as Kafka's messages, and back.
//
// Every message names one partition, __cluster_metadata-0. A message that names another, or more
// than one, is refused with INVALID_REQUEST as Kafka does; where an answer carries an error for the
// whole and one for the partition, the first that is not NONE counts (raft_messages.h).
#pragma once

#include <optional>

#include "broker/base/result.h"
#include "broker/raft/raft_messages.h"
#include "broker/wire/messages/begin_quorum_epoch.h"
#include "broker/wire/messages/end_quorum_epoch.h"
#include "broker/wire/messages/fetch.h"
#include "broker/wire/messages/fetch_snapshot.h"
#include "broker/wire/messages/vote.h"

namespace weir {

inline constexpr std::string_view kMetadataTopic = "__cluster_metadata";
// Kafka's reserved id of that topic.
inline constexpr Uuid kMetadataTopicId{0, 1};

// To the wire.
[[nodiscard]] VoteRequest to_wire(const raft::VoteRequest&);
[[nodiscard]] BeginQuorumEpochRequest to_wire(const raft::BeginQuorumEpochRequest&);
[[nodiscard]] EndQuorumEpochRequest to_wire(const raft::EndQuorumEpochRequest&);
[[nodiscard]] FetchRequest to_wire(const raft::FetchRequest&);
[[nodiscard]] FetchSnapshotRequest to_wire(const raft::FetchSnapshotRequest&);

[[nodiscard]] VoteResponse to_wire(const raft::VoteResponse&);
[[nodiscard]] BeginQuorumEpochResponse to_wire(const raft::BeginQuorumEpochResponse&);
[[nodiscard]] EndQuorumEpochResponse to_wire(const raft::EndQuorumEpochResponse&);
[[nodiscard]] FetchResponse to_wire(const raft::FetchResponse&, Slice records);
[[nodiscard]] FetchSnapshotResponse to_wire(const raft::FetchSnapshotResponse&, Slice chunk);

// From the wire; nothing where the message is not about the one partition.
[[nodiscard]] std::optional<raft::VoteRequest> from_wire(const VoteRequest&);
[[nodiscard]] std::optional<raft::BeginQuorumEpochRequest> from_wire(
    const BeginQuorumEpochRequest&);
[[nodiscard]] std::optional<raft::EndQuorumEpochRequest> from_wire(const EndQuorumEpochRequest&);
[[nodiscard]] std::optional<raft::FetchRequest> from_wire(const FetchRequest&);
[[nodiscard]] std::optional<raft::FetchSnapshotRequest> from_wire(const FetchSnapshotRequest&);

[[nodiscard]] std::optional<raft::VoteResponse> from_wire(const VoteResponse&);
[[nodiscard]] std::optional<raft::BeginQuorumEpochResponse> from_wire(
    const BeginQuorumEpochResponse&);
[[nodiscard]] std::optional<raft::EndQuorumEpochResponse> from_wire(const EndQuorumEpochResponse&);
// Without `records`: the driver looks at them first (fetched_batches.h).
[[nodiscard]] std::optional<raft::FetchResponse> from_wire(const FetchResponse&);
[[nodiscard]] std::optional<raft::FetchSnapshotResponse> from_wire(const FetchSnapshotResponse&);

// Whether a Fetch asks for the metadata log alone.
[[nodiscard]] bool is_metadata_fetch(const FetchRequest&);

}  // namespace weir
