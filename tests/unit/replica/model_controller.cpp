// What a controller decides of one partition (KIP-497, KIP-966), in the model's few words.
#include "tests/unit/replica/model_controller.h"

#include <algorithm>

namespace weir {

ModelController::ModelController(std::int32_t min_isr, const std::vector<BrokerId>& brokers)
    : min_isr_(min_isr), ids_(brokers) {
  for (const BrokerId id : ids_) {
    brokers_.put({.id = id, .epoch = BrokerEpoch{++registrations_}, .fenced = false});
  }
  publish();
}

void ModelController::create(const PartitionKey& key, std::vector<BrokerId> replicas) {
  ModelPartition p;
  p.state.replicas = replicas;
  p.state.isr = std::move(replicas);
  elect(p);
  partitions_[key] = p;
  publish();
}

bool ModelController::active(BrokerId id) const {
  const BrokerStanding* standing = brokers_.find(id);
  return !standing->fenced && !standing->shutting_down;
}

std::int32_t ModelController::min_isr_of(const ModelPartition& p) const {
  return std::min(min_isr_, static_cast<std::int32_t>(p.state.replicas.size()));
}

// Members that leave while the ISR is below the minimum still hold all that was committed, unless
// they lost their disk's cache.
void ModelController::set_isr(ModelPartition& p, std::vector<BrokerId> isr,
                              std::optional<BrokerId> lost) {
  std::vector<BrokerId> eligible = p.elr;
  for (const BrokerId id : p.state.isr) {
    if (!contains(eligible, id)) eligible.push_back(id);
  }
  std::erase_if(eligible, [&](BrokerId id) { return contains(isr, id) || id == lost; });
  if (static_cast<std::int32_t>(isr.size()) >= min_isr_of(p)) eligible.clear();
  p.elr = std::move(eligible);
  p.state.isr = std::move(isr);
}

void ModelController::lead(ModelPartition& p, BrokerId leader) {
  if (p.state.leader == leader) return;
  p.state.leader = leader;
  p.state.leader_epoch = p.state.leader_epoch + 1;
  if (leader != kNoLeaderId) p.last_leader = leader;
}

void ModelController::elect(ModelPartition& p) {
  const BrokerId now = p.state.leader;
  if (now != kNoLeaderId && contains(p.state.isr, now) && active(now)) return;
  for (const BrokerId id : p.state.replicas) {
    if (contains(p.state.isr, id) && active(id)) return lead(p, id);
  }
  if (p.state.isr.empty()) {
    for (const BrokerId id : p.state.replicas) {
      if (!contains(p.elr, id) || !active(id)) continue;
      set_isr(p, {id}, std::nullopt);
      return lead(p, id);
    }
    const bool last_one = p.elr.empty() && p.last_leader != kNoLeaderId && active(p.last_leader) &&
                          contains(p.state.replicas, p.last_leader);
    if (last_one) {
      p.state.isr = {p.last_leader};
      p.state.recovering = true;
      return lead(p, p.last_leader);
    }
  }
  lead(p, kNoLeaderId);
}

void ModelController::leave(BrokerId id, bool holds_all) {
  for (auto& [key, p] : partitions_) {
    const PartitionState before = p.state;
    const bool counted = contains(p.state.isr, id) || contains(p.elr, id);
    if (counted) {
      std::vector<BrokerId> isr = p.state.isr;
      std::erase(isr, id);
      set_isr(p, std::move(isr), holds_all ? std::nullopt : std::optional(id));
    }
    elect(p);
    const bool changed = counted || !(p.state == before);
    if (changed) p.state.partition_epoch = p.state.partition_epoch + 1;
  }
  publish();
}

BrokerEpoch ModelController::register_broker(BrokerId id, bool clean) {
  brokers_.put({.id = id, .epoch = BrokerEpoch{++registrations_}, .fenced = true});
  leave(id, clean);
  return BrokerEpoch{registrations_};
}

void ModelController::fence(BrokerId id) {
  BrokerStanding standing = *brokers_.find(id);
  standing.fenced = true;
  brokers_.put(standing);
  leave(id, true);
}

void ModelController::begin_shutdown(BrokerId id) {
  BrokerStanding standing = *brokers_.find(id);
  standing.shutting_down = true;
  brokers_.put(standing);
  leave(id, true);
}

void ModelController::unfence(BrokerId id) {
  BrokerStanding standing = *brokers_.find(id);
  standing.fenced = false;
  brokers_.put(standing);
  for (auto& [key, p] : partitions_) {
    const PartitionState before = p.state;
    elect(p);
    if (!(p.state == before)) p.state.partition_epoch = p.state.partition_epoch + 1;
  }
  publish();
}

void ModelController::move_leader(const PartitionKey& key, BrokerId to) {
  ModelPartition& p = partitions_.at(key);
  const bool possible = p.state.leader != kNoLeaderId && p.state.leader != to &&
                        contains(p.state.isr, to) && active(to);
  if (!possible) return;
  lead(p, to);
  p.state.partition_epoch = p.state.partition_epoch + 1;
  publish();
}

bool ModelController::counts_on(BrokerId id) const {
  return std::ranges::any_of(partitions_, [id](const auto& entry) {
    const ModelPartition& p = entry.second;
    return contains(p.state.isr, id) || contains(p.elr, id) || p.last_leader == id;
  });
}

bool ModelController::replace_replica(const PartitionKey& key, BrokerId out, BrokerId in) {
  ModelPartition& p = partitions_.at(key);
  const bool needed = contains(p.state.isr, out) || contains(p.elr, out) || p.last_leader == out;
  if (needed || !contains(p.state.replicas, out)) return false;
  if (in != out && contains(p.state.replicas, in)) return false;
  std::erase(p.state.replicas, out);
  p.state.leader_epoch = p.state.leader_epoch + 1;
  p.state.partition_epoch = p.state.partition_epoch + 1;
  publish();
  p.state.replicas.push_back(in);
  p.state.partition_epoch = p.state.partition_epoch + 1;
  publish();
  return true;
}

ErrorCode ModelController::judge(const IsrRequest& request) const {
  const BrokerStanding* standing = brokers_.find(request.broker);
  return standing->epoch == request.broker_epoch ? ErrorCode::none : ErrorCode::stale_broker_epoch;
}

ErrorCode ModelController::check(BrokerId from, const IsrProposal& proposal) const {
  const auto at = partitions_.find(proposal.partition);
  if (at == partitions_.end()) return ErrorCode::unknown_topic_or_partition;
  const PartitionState& state = at->second.state;
  const bool ahead = proposal.leader_epoch > state.leader_epoch ||
                     proposal.partition_epoch > state.partition_epoch;
  if (ahead) return ErrorCode::not_controller;
  if (proposal.leader_epoch < state.leader_epoch) return ErrorCode::fenced_leader_epoch;
  if (from != state.leader) return ErrorCode::invalid_request;
  if (proposal.partition_epoch < state.partition_epoch) return ErrorCode::invalid_update_version;
  bool has_leader = false;
  for (const IsrMember& member : proposal.isr) {
    if (!contains(state.replicas, member.id)) return ErrorCode::invalid_request;
    has_leader = has_leader || member.id == state.leader;
  }
  if (!has_leader || (proposal.recovering && proposal.isr.size() > 1)) {
    return ErrorCode::invalid_request;
  }
  for (const IsrMember& member : proposal.isr) {
    const bool wrong_life =
        member.epoch != kUnknownBrokerEpoch && brokers_.find(member.id)->epoch != member.epoch;
    if (wrong_life || !active(member.id)) return ErrorCode::ineligible_replica;
  }
  return ErrorCode::none;
}

IsrOutcome ModelController::alter(const IsrRequest& request, const IsrProposal& proposal) {
  IsrOutcome outcome;
  outcome.partition = proposal.partition;
  outcome.error = check(request.broker, proposal);
  if (outcome.error != ErrorCode::none) return outcome;
  ModelPartition& p = partitions_.at(proposal.partition);
  const PartitionState before = p.state;
  std::vector<BrokerId> isr;
  for (const IsrMember& member : proposal.isr) isr.push_back(member.id);
  set_isr(p, std::move(isr), std::nullopt);
  p.state.recovering = proposal.recovering;
  if (!(p.state == before)) p.state.partition_epoch = p.state.partition_epoch + 1;
  outcome.leader = p.state.leader;
  outcome.leader_epoch = p.state.leader_epoch;
  outcome.partition_epoch = p.state.partition_epoch;
  outcome.isr = p.state.isr;
  outcome.recovering = p.state.recovering;
  publish();
  return outcome;
}

void ModelController::publish() {
  auto image = std::make_unique<ModelImage>();
  for (const auto& [key, p] : partitions_) image->partitions[key] = p.state;
  for (const BrokerId id : ids_) image->brokers.push_back(*brokers_.find(id));
  images_.push_back(std::move(image));
}

}  // namespace weir
