// Old state and new state, seen from one broker.
#include "broker/replica/role_change.h"

namespace weir {
namespace {

bool is_replica(const PartitionState* state, BrokerId self) {
  return state != nullptr && contains(state->replicas, self);
}

}  // namespace

RoleChange role_change(const PartitionState* before, const PartitionState* after, BrokerId self) {
  const bool was = is_replica(before, self);
  const bool is = is_replica(after, self);
  if (!is) return was ? RoleChange::remove : RoleChange::unchanged;
  const bool leads = after->leader == self;
  if (!was) return leads ? RoleChange::lead : RoleChange::follow;
  if (after->partition_epoch <= before->partition_epoch) return RoleChange::unchanged;
  const bool led = before->leader == self;
  if (leads != led) return leads ? RoleChange::lead : RoleChange::follow;
  const bool new_epoch = after->leader_epoch != before->leader_epoch;
  if (leads) return new_epoch ? RoleChange::lead_new_epoch : RoleChange::lead_update;
  return new_epoch ? RoleChange::follow_new_epoch : RoleChange::follow_update;
}

}  // namespace weir
