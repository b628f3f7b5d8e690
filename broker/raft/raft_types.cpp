// Names of roles, and the table of steps between them (kraft specification, KIP-996).
#include "broker/raft/raft_types.h"

#include "broker/base/assertion.h"

namespace weir::raft {

std::string_view name_of(QuorumRole role) {
  switch (role) {
    case QuorumRole::unattached: return "unattached";
    case QuorumRole::prospective: return "prospective";
    case QuorumRole::candidate: return "candidate";
    case QuorumRole::leader: return "leader";
    case QuorumRole::follower: return "follower";
    case QuorumRole::resigned: return "resigned";
  }
  WEIR_ASSERT(false);
}

bool may_follow(QuorumRole from, QuorumRole to) {
  // Whatever it was: it may hear of a later epoch, with its leader or without.
  if (to == QuorumRole::unattached || to == QuorumRole::follower) return true;
  switch (from) {
    case QuorumRole::unattached:
    case QuorumRole::follower: return to == QuorumRole::prospective;
    case QuorumRole::prospective: return to == QuorumRole::candidate;
    case QuorumRole::candidate: return to == QuorumRole::leader || to == QuorumRole::prospective;
    case QuorumRole::leader: return to == QuorumRole::resigned;
    case QuorumRole::resigned: return false;
  }
  WEIR_ASSERT(false);
}

}  // namespace weir::raft
