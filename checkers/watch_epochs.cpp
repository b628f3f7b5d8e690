// Terms of office, votes and roles, as they are told.
#include "checkers/watch_epochs.h"

#include <array>

namespace weir {

using namespace watching;

namespace {

// QuorumRole of broker/raft, by its numbers.
enum Role : std::int64_t { unattached, prospective, candidate, leader, follower, resigned };
constexpr std::array<std::string_view, 6> kRoles = {"unattached", "prospective", "candidate",
                                                    "leader",     "follower",    "resigned"};

std::string role_name(std::int64_t role) {
  return role >= 0 && role < 6 ? std::string(kRoles[static_cast<std::size_t>(role)])
                               : "role " + std::to_string(role);
}

// The table of steps (KIP-595, KIP-996). Any of them may hear of a later epoch, with a leader or
// without.
bool may_follow(std::int64_t from, std::int64_t to) {
  if (to == unattached || to == follower) return true;
  if (from == unattached || from == follower) return to == prospective;
  if (from == prospective) return to == candidate;
  if (from == candidate) return to == leader || to == prospective;
  return from == leader && to == resigned;
}

}  // namespace

void EpochWatch::on(const Seen& seen) {
  const Fact& fact = seen.fact;
  switch (fact.kind) {
    case FactKind::replica_leads: on_leads(seen); return;
    case FactKind::replica_follows:
    case FactKind::replica_offline:
      at_node(at_partition(partitions_, fact).in_office, seen.node) = -1;
      return;
    case FactKind::partition_changed: on_named(seen); return;
    case FactKind::log_appended:
      if (fact.topic == kMetadataTopic) {
        at_node(voters_, seen.node).log_end = fact.value + 1;
      } else {
        on_append(seen);
      }
      return;
    case FactKind::log_opened:
      if (fact.topic == kMetadataTopic) {
        Voter& voter = at_node(voters_, seen.node);
        if (fact.value < voter.log_end && fact.value == 0) voter.votes.clear();
        voter.log_end = fact.value;
      }
      return;
    case FactKind::topic_deleted: partitions_.erase_topic(fact.topic); return;
    case FactKind::quorum_state: on_role(seen); return;
    case FactKind::quorum_voted: on_vote(seen); return;
    case FactKind::node_started: {
      for (auto& [key, partition] : partitions_) at_node(partition.in_office, seen.node) = -1;
      const auto voter = voters_.find(seen.node);
      if (voter == voters_.end()) return;
      ++voter->second.life;
      voter->second.epoch = -1;
      voter->second.has_moved = false;
      return;
    }
    default: return;  // says nothing of epochs
  }
}

void EpochWatch::on_leads(const Seen& seen) {
  const Fact& fact = seen.fact;
  Partition& partition = at_partition(partitions_, fact);
  ++leaders.looked_at;
  at_node(partition.in_office, seen.node) = fact.epoch;
  Term& term = partition.terms[fact.epoch];
  if (!term.leader.empty() && term.leader != seen.node) {
    leaders.add({place_of(fact), term.leads_event, seen.sequence,
                 std::string(seen.node) + " leads in epoch " + std::to_string(fact.epoch) +
                     ", as " + term.leader + " did before"},
                fact.topic);
    return;
  }
  term.leader = seen.node;
  term.leads_event = seen.sequence;
  judge(term, seen);
}

void EpochWatch::on_named(const Seen& seen) {
  const Fact& fact = seen.fact;
  Partition& partition = at_partition(partitions_, fact);
  if (partition.creations.is_another(fact)) partition.terms.clear();
  if (fact.value < 0) return;
  Term& term = partition.terms[fact.epoch];
  if (term.named >= 0 && term.named != fact.value) {
    leaders.add(
        {place_of(fact), term.named_event, seen.sequence,
         "the controller named broker " + std::to_string(fact.value) + " as leader of epoch " +
             std::to_string(fact.epoch) + ", after broker " + std::to_string(term.named)},
        fact.topic);
    return;
  }
  term.named = fact.value;
  term.named_event = seen.sequence;
  judge(term, seen);
}

void EpochWatch::judge(const Term& term, const Seen& seen) {
  const Fact& fact = seen.fact;
  if (term.leader.empty() || term.named < 0 || term.leader == broker_node(term.named)) return;
  leaders.add({place_of(fact), std::min(term.leads_event, term.named_event), seen.sequence,
               term.leader + " leads in epoch " + std::to_string(fact.epoch) +
                   ", of which the controller named broker " + std::to_string(term.named)},
              fact.topic);
}

// What is fetched from a leader may be of any older epoch; who leads an epoch appends it alone.
void EpochWatch::on_append(const Seen& seen) {
  const Fact& fact = seen.fact;
  Partition* partition = find_partition(partitions_, fact);
  if (partition == nullptr) return;
  const auto office = partition->in_office.find(seen.node);
  if (office == partition->in_office.end() || fact.epoch >= office->second) return;
  leaders.add(
      {place_of(fact, fact.old), partition->terms[office->second].leads_event, seen.sequence,
       std::string(seen.node) + " leads in epoch " + std::to_string(office->second) +
           " and appended a batch of epoch " + std::to_string(fact.epoch)},
      fact.topic);
}

void EpochWatch::on_role(const Seen& seen) {
  const Fact& fact = seen.fact;
  Voter& voter = at_node(voters_, seen.node);
  ++quorum.looked_at;
  const std::string node(seen.node);
  // A life may begin as whatever its quorum-state file says, also as a leader that has resigned.
  if (voter.has_moved && !may_follow(fact.old, fact.value)) {
    quorum.add({"", -1, seen.sequence,
                node + " went from " + role_name(fact.old) + " to " + role_name(fact.value) +
                    " in epoch " + std::to_string(fact.epoch)});
  }
  if (fact.epoch < voter.epoch) {
    quorum.add({"", -1, seen.sequence,
                node + " went back from epoch " + std::to_string(voter.epoch) +
                    " of the quorum to " + std::to_string(fact.epoch)});
  }
  voter.has_moved = true;
  voter.epoch = std::max(voter.epoch, fact.epoch);
  on_quorum_named(seen);
  if (fact.value != leader) return;
  const auto [at, fresh] =
      quorum_leaders_.try_emplace(fact.epoch, QuorumTerm{node, voter.life, seen.sequence});
  const QuorumTerm& term = at->second;
  if (fresh || (term.node == node && term.life == voter.life)) return;
  quorum.add({"", term.event, seen.sequence,
              node + " leads the quorum in epoch " + std::to_string(fact.epoch) + ", as " +
                  (term.node == node ? "it" : term.node) + " did before" +
                  (term.node == node ? " in a life that ended" : "")});
}

void EpochWatch::on_quorum_named(const Seen& seen) {
  const Fact& fact = seen.fact;
  if (fact.peer.empty() || fact.peer == "-1") return;
  const auto [named, fresh] =
      quorum_named_.try_emplace(fact.epoch, std::pair(std::string(fact.peer), seen.sequence));
  if (fresh || named->second.first == fact.peer) return;
  quorum.add({"", named->second.second, seen.sequence,
              std::string(seen.node) + " takes " + std::string(fact.peer) +
                  " for the leader of the quorum in epoch " + std::to_string(fact.epoch) +
                  ", of which " + named->second.first + " was named before"});
}

void EpochWatch::on_vote(const Seen& seen) {
  const Fact& fact = seen.fact;
  Voter& voter = at_node(voters_, seen.node);
  ++votes;
  const auto [vote, fresh] =
      voter.votes.try_emplace(fact.epoch, std::pair(fact.value, seen.sequence));
  // The file is written anew for other reasons, too; the vote in it stays.
  if (fresh || vote->second.first == fact.value) return;
  quorum.add({"", vote->second.second, seen.sequence,
              std::string(seen.node) + " voted for " + std::to_string(fact.value) + " in epoch " +
                  std::to_string(fact.epoch) + ", after it had voted for " +
                  std::to_string(vote->second.first)});
}

}  // namespace weir
