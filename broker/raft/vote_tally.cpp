// Counting votes.
#include "broker/raft/vote_tally.h"

namespace weir::raft {

VoteTally::VoteTally(const VoterSet& voters, const ReplicaKey& self)
    : majority_(voters.majority()) {
  for (const Voter& voter : voters.voters()) answers_.emplace(voter.key, std::nullopt);
  if (voters.contains(self)) record(self.id, true);
}

void VoteTally::record(BrokerId voter, bool granted) {
  for (auto& [key, answer] : answers_) {
    if (key.id != voter || answer.has_value()) continue;
    answer = granted;
    ++(granted ? granted_ : refused_);
  }
}

std::vector<ReplicaKey> VoteTally::unanswered() const {
  std::vector<ReplicaKey> keys;
  for (const auto& [key, answer] : answers_) {
    if (!answer.has_value()) keys.push_back(key);
  }
  return keys;
}

std::vector<ReplicaKey> VoteTally::granting() const {
  std::vector<ReplicaKey> keys;
  for (const auto& [key, answer] : answers_) {
    if (answer == true) keys.push_back(key);
  }
  return keys;
}

}  // namespace weir::raft
