// Who granted and who refused a vote or a pre-vote, and whether that is decided.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "broker/raft/voter_set.h"

namespace weir::raft {

class VoteTally {
 public:
  // The asker votes for itself, where it is a voter.
  VoteTally(const VoterSet& voters, const ReplicaKey& self);

  // Counts the first answer of a voter with this id; of others nothing.
  void record(BrokerId voter, bool granted);

  [[nodiscard]] bool is_won() const { return granted_ >= majority_; }
  // Even if all who have not answered granted, there would be no majority.
  [[nodiscard]] bool is_lost() const { return answers_.size() - refused_ < majority_; }
  // Whom to ask still.
  [[nodiscard]] std::vector<ReplicaKey> unanswered() const;
  [[nodiscard]] std::vector<ReplicaKey> granting() const;

 private:
  std::map<ReplicaKey, std::optional<bool>> answers_;
  std::size_t majority_;
  std::size_t granted_ = 0;
  std::size_t refused_ = 0;
};

}  // namespace weir::raft
