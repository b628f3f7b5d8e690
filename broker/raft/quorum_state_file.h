// The file quorum-state: what a replica may never forget, its epoch, its vote and its leader.
//
// Kafka's JSON, data version 1 (QuorumStateData.json, KIP-853): clusterId, leaderId, leaderEpoch,
// votedId, votedDirectoryId, data_version; version 0 (appliedOffset, currentVoters, no directory)
// is read, too. Whoever replaces the file writes aside, syncs, renames and syncs the directory.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "broker/raft/raft_types.h"
#include "broker/storage/parsed_text.h"

namespace weir::raft {

inline constexpr std::string_view kQuorumStateFileName = "quorum-state";
inline constexpr std::size_t kMaxQuorumStateBytes = 64 << 10;

struct QuorumStateData {
  LeaderEpoch epoch{0};
  BrokerId leader = kNoNode;        // of this epoch; -1: not known
  std::optional<ReplicaKey> voted;  // in this epoch

  friend bool operator==(const QuorumStateData&, const QuorumStateData&) = default;
};

// One line, fixed order of keys, as Kafka writes it.
[[nodiscard]] std::string encode_quorum_state(std::string_view cluster_id, const QuorumStateData&);

// An empty file, unknown keys, a missing key, a number out of range, another data version, text
// after the object, or another cluster's id: all are refused. An empty clusterId is anyone's, as
// Kafka writes it.
[[nodiscard]] ParsedText<QuorumStateData> decode_quorum_state(std::string_view text,
                                                              std::string_view cluster_id);

}  // namespace weir::raft
