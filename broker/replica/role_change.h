// RoleChange: what a newer committed state of a partition makes of this broker's replica.
//
// The driver keeps, for each local replica, the state that it applied last, and asks with every
// newer image. The leader epoch alone decides whether an office is new; a change that only moves
// the partition epoch never restarts one (KAFKA-13790), and a new leader epoch always does, even if
// the leader is the same broker as before (KAFKA-7164). After a start the first image to ask with
// is one that holds this life's registration: an older one may name this broker the leader of an
// epoch whose records it has lost, and would have it write other ones under the same offsets.
#pragma once

#include <cstdint>

#include "broker/replica/partition_state.h"

namespace weir {

enum class RoleChange : std::uint8_t {
  unchanged,         // not ours, or nothing newer
  lead,              // end following, if it did; then a ReplicaLeader takes office
  lead_new_epoch,    // leads already and goes on in a new epoch: ReplicaLeader::update
  lead_update,       // leads already, only the partition epoch moved: ReplicaLeader::update
  follow,            // end leading, if it did; then a ReplicaFollower (leader -1: it only waits)
  follow_new_epoch,  // follows already, the epoch is new: ReplicaFollower::update,
                     // FetchPlan::refresh
  follow_update,     // follows already, only the partition epoch moved: the same
  remove,            // no replica of it any more, or the partition is gone: stop and delete the log
};

// `before`: the state applied last by this process, null if none is (also after a restart).
// `after`: the newest committed one, null where the partition (or its topic) does not exist any
// more.
[[nodiscard]] RoleChange role_change(const PartitionState* before, const PartitionState* after,
                                     BrokerId self);

}  // namespace weir
