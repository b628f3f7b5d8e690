// The words of the quorum: who a replica is, where a log stands, and in which role a node is.
//
// A replica is known by its node id and the id of its log directory (KIP-853): a node whose disk
// was lost comes back under the same id with another directory, and is another replica.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "broker/base/id.h"
#include "broker/wire/uuid.h"

namespace weir::raft {

inline constexpr BrokerId kNoNode{-1};

struct ReplicaKey {
  BrokerId id = kNoNode;
  Uuid directory;  // zero: not told

  friend constexpr auto operator<=>(const ReplicaKey&, const ReplicaKey&) = default;
};

struct Endpoint {
  std::string name;  // of the listener
  std::string host;
  std::uint16_t port = 0;

  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

// A position in a log: all records below `offset`, the last of which has this epoch.
struct OffsetAndEpoch {
  Offset offset{0};
  LeaderEpoch epoch{0};

  friend constexpr bool operator==(const OffsetAndEpoch&, const OffsetAndEpoch&) = default;
};

// Kafka's states. Observers are only unattached or follower.
enum class QuorumRole : std::uint8_t {
  unattached,   // knows no leader of its epoch
  prospective,  // asks whether it would be elected (pre-vote, KIP-996); its epoch stays as it is
  candidate,    // asks to be elected in an epoch of its own
  leader,
  follower,  // fetches from the leader of its epoch
  resigned,  // led this epoch, and will not again
};

// "unattached", "prospective" and so on.
[[nodiscard]] std::string_view name_of(QuorumRole);

// Whether a node may step from one role into the other (a follower to a follower of a later epoch
// is a step, too). What else happens is a programmer's error.
[[nodiscard]] bool may_follow(QuorumRole from, QuorumRole to);

}  // namespace weir::raft
