// B1 to B10, told anew.
#include "tests/unit/raft/judge.h"

#include <algorithm>
#include <array>

#include "broker/raft/quorum.h"

namespace weir::raft::test {
namespace {

std::string text(Offset o) { return std::to_string(o.value()); }
std::string text(LeaderEpoch e) { return std::to_string(e.value()); }
std::string text(const ReplicaKey& key) {
  return "node " + std::to_string(key.id.value()) + "/" + std::to_string(key.directory.low);
}

constexpr auto kUnattached = QuorumRole::unattached;
constexpr auto kProspective = QuorumRole::prospective;
constexpr auto kCandidate = QuorumRole::candidate;
constexpr auto kLeader = QuorumRole::leader;
constexpr auto kFollower = QuorumRole::follower;
constexpr auto kResigned = QuorumRole::resigned;

struct Edge {
  QuorumRole from;
  QuorumRole to;
  enum { same, next, later, any } epoch;
};
constexpr Edge kEdges[] = {
    {kUnattached, kUnattached, Edge::later}, {kUnattached, kProspective, Edge::same},
    {kUnattached, kFollower, Edge::any},     {kProspective, kCandidate, Edge::next},
    {kProspective, kUnattached, Edge::any},  {kProspective, kFollower, Edge::any},
    {kCandidate, kLeader, Edge::same},       {kCandidate, kProspective, Edge::same},
    {kCandidate, kUnattached, Edge::any},    {kCandidate, kFollower, Edge::any},
    {kLeader, kUnattached, Edge::later},     {kLeader, kResigned, Edge::same},
    {kLeader, kFollower, Edge::later},       {kFollower, kProspective, Edge::same},
    {kFollower, kUnattached, Edge::later},   {kFollower, kFollower, Edge::later},
    {kResigned, kUnattached, Edge::later},   {kResigned, kFollower, Edge::later},
};

}  // namespace

void Judge::find(const std::string& what) {
  if (finding_.empty()) finding_ = what;
}

void Judge::started(const ReplicaKey& key) {
  roles_.erase(key);
  watermarks_.erase(key);
}

void Judge::asked(ReplyToken token, const Request& request) {
  if (const auto* vote = std::get_if<VoteRequest>(&request)) asked_[token] = *vote;
}

void Judge::before_effect(const NodeView& node, const Effect& effect) {
  if (const auto* e = std::get_if<RoleChanged>(&effect)) check_role(node, *e);
  if (const auto* e = std::get_if<Reply>(&effect)) check_reply(node, *e);
  if (const auto* e = std::get_if<Send>(&effect)) check_sent(node, *e);
  if (const auto* e = std::get_if<AppendControl>(&effect)) check_change(node, *e);
  if (std::get_if<BecameLeader>(&effect) != nullptr) check_completeness(node);
  if (const auto* e = std::get_if<TruncateTo>(&effect)) {
    const auto known = watermarks_.find(node.key);
    if (known != watermarks_.end() && e->end < known->second) {
      find("B2: " + text(node.key) + " truncates below its high watermark");
    }
  }
  if (const auto* e = std::get_if<Fatal>(&effect)) find("fatal: " + e->why);
}

void Judge::check_role(const NodeView& node, const RoleChanged& change) {
  const auto before = roles_.find(node.key);
  const std::string step = text(node.key) + " from " + std::string(name_of(change.from)) + " to " +
                           std::string(name_of(change.to)) + " in " + text(change.epoch);
  if (before == roles_.end()) {
    const bool may_begin =
        change.to == kUnattached || change.to == kFollower || change.to == kResigned;
    if (!may_begin) find("B1: starts as " + step);
  } else {
    const LeaderEpoch old = before->second.epoch;
    const bool is_edge = std::ranges::any_of(kEdges, [&](const Edge& e) {
      if (e.from != change.from || e.to != change.to) return false;
      if (e.epoch == Edge::same) return change.epoch == old;
      if (e.epoch == Edge::next) return change.epoch == old + 1;
      if (e.epoch == Edge::later) return change.epoch > old;
      return change.epoch >= old;
    });
    if (!is_edge || before->second.to != change.from) find("B1: " + step);
  }
  roles_[node.key] = change;
  if (change.to == kLeader) led_by(change.epoch, node.key);
}

void Judge::led_by(LeaderEpoch epoch, const ReplicaKey& key) {
  const auto [at, is_new] = leaders_.emplace(epoch, key);
  if (!is_new) find("B3: epoch " + text(epoch) + " is led a second time, by " + text(key));
}

void Judge::check_reply(const NodeView& node, const Reply& reply) {
  const auto* response = std::get_if<VoteResponse>(&reply.response);
  if (response == nullptr) return;
  const VoteRequest request = asked_[reply.token];
  asked_.erase(reply.token);
  if (!response->vote_granted || request.pre_vote) return;
  const auto& file = *node.file;
  if (!file || file->epoch != request.replica_epoch || file->voted != request.replica) {
    find("B6: " + text(node.key) + " tells of a vote in " + text(request.replica_epoch) +
         " that is not in its file");
  }
}

void Judge::check_sent(const NodeView& node, const Send& send) {
  const auto& file = *node.file;
  if (!file || file->epoch != node.quorum->epoch()) {
    find("B6: " + text(node.key) + " speaks of an epoch that is not in its file");
    return;
  }
  if (const auto* vote = std::get_if<VoteRequest>(&send.request); vote && !vote->pre_vote) {
    if (file->voted != node.key) find("B6: " + text(node.key) + " did not vote for itself");
    if (node.log->flushed_end() < vote->last_offset) {
      find("B5: " + text(node.key) + " asks for votes with a log that it may lose");
    }
  }
  if (std::get_if<FetchRequest>(&send.request) != nullptr && node.is_controller &&
      node.log->flushed_end() != node.log->end()) {
    find("B5: " + text(node.key) + " fetches before it flushed");
  }
}

void Judge::persisted(const NodeView& node, const std::optional<QuorumStateData>& before) {
  const QuorumStateData& now = **node.file;
  if (before && now.epoch < before->epoch) find("B6: the epoch of " + text(node.key) + " fell");
  const bool same_epoch = before && before->epoch == now.epoch;
  if (same_epoch && before->voted && before->voted != now.voted) {
    find("B6: " + text(node.key) + " changed its vote in " + text(now.epoch));
  }
  if (now.voted) {
    const auto [at, is_new] = votes_.emplace(std::pair(node.key, now.epoch), *now.voted);
    if (!is_new && at->second != *now.voted) find("B6: " + text(node.key) + " voted twice");
    const auto leader = leaders_.find(now.epoch);
    if (leader != leaders_.end() && leader->second == node.key && *now.voted != node.key) {
      find("B6: " + text(node.key) + " votes in the epoch that it led");
    }
  }
}

void Judge::after_step(const NodeView& node) {
  const Quorum& q = *node.quorum;
  const QuorumRole role = q.role();
  const bool stands = role == kProspective || role == kCandidate;
  const VoterHistory& history = q.voter_history();
  const bool is_leaving = history.latest_offset() >= q.high_watermark() &&
                          history.before(history.latest_offset()).contains(node.key);
  if (stands && !q.is_voter() && !is_leaving)
    find("B9: " + text(node.key) + " stands, and is no voter");
  const bool is_removed = q.voter_history().latest_offset() < q.high_watermark() && !q.is_voter();
  if (role == kLeader && is_removed) find("B9: " + text(node.key) + " leads, and is no voter");
  if (role == kUnattached && q.leader() != kNoNode) find("B9: unattached with a leader");
  if (role == kLeader && q.leader() != node.key.id) find("B9: a leader that follows");
  if (q.leader() != kNoNode) {
    const auto [at, is_new] = named_.emplace(q.epoch(), q.leader());
    if (at->second != q.leader()) find("B3: two leaders are named in epoch " + text(q.epoch()));
  }
  const std::vector<VotersAt> in_log = node.log->voters();
  if (!in_log.empty() && in_log.back().voters != q.voters()) {
    find("B10: " + text(node.key) + " counts other voters than its log says");
  }
  const LogView log = node.log->view();
  if (log.start > Offset{0} &&
      (!log.latest_snapshot || log.latest_snapshot->end_offset < log.start)) {
    find("B8: the log of " + text(node.key) + " starts after its snapshot");
  }
}

void Judge::check_change(const NodeView& node, const AppendControl& append) {
  const bool begins_epoch = std::holds_alternative<LeaderChangeMessage>(append.records.front());
  if (begins_epoch) {
    epoch_starts_[append.epoch] = append.at;
    return;
  }
  const Offset known = watermarks_[node.key];
  if (known <= epoch_starts_[append.epoch]) {
    find("B10: voters change before the leader of " + text(append.epoch) + " committed anything");
  }
  VoterSet before;
  for (const VotersAt& entry : node.log->voters()) {
    before = entry.voters;
    if (entry.offset >= known) find("B10: a second change of the voters before the first commits");
  }
  const auto after = to_voter_set(std::get<VotersRecord>(append.records.back()));
  std::size_t common = 0;
  for (const Voter& v : before.voters()) common += after->contains(v.key) ? 1 : 0;
  if (before.size() + after->size() - 2 * common > 1) find("B10: more than one voter changes");
}

void Judge::committed(const NodeView& node, Offset offset, const std::vector<NodeView>& all) {
  Offset from = node.log->start();
  if (const auto known = watermarks_.find(node.key); known != watermarks_.end()) {
    if (offset <= known->second) find("the high watermark of " + text(node.key) + " fell");
    from = std::max(from, known->second);
  }
  watermarks_[node.key] = offset;
  if (offset > node.log->end()) return find("B2: commits beyond the log");
  for (Offset o = from; o < std::min(offset, committed_end()); o = o + 1) {
    if (node.log->at(o) == committed_[static_cast<std::size_t>(o.value())]) continue;
    find("B2: " + text(node.key) + " has another record at " + text(o) + " than was committed");
  }
  if (offset <= committed_end()) return;
  if (node.quorum->role() != kLeader && node.quorum->role() != kResigned) {
    find("B7: " + text(node.key) + " commits up to " + text(offset) + " and does not lead");
  }
  if (node.log->start() > committed_end()) return find("B8: a gap in what was committed");
  for (Offset o = committed_end(); o < offset; o = o + 1) {
    committed_.push_back(node.log->at(o));
    states_.push_back(fold_record(states_.back(), committed_.back()));
  }
  check_majority(node, offset, all);
  for (const NodeView& other : all) {
    if (other.quorum == nullptr || other.quorum->role() != kLeader) continue;
    if (other.quorum->epoch() > node.quorum->epoch()) check_completeness(other);
  }
}

void Judge::check_majority(const NodeView& node, Offset offset, const std::vector<NodeView>& all) {
  const LeaderEpoch epoch = node.quorum->epoch();
  if (offset <= epoch_starts_[epoch]) {
    find("B7: commits up to " + text(offset) + " in epoch " + text(epoch) + ", which begins at " +
         text(epoch_starts_[epoch]));
  }
  std::size_t have = 0;
  const VoterSet& voters = node.quorum->voters();
  for (const Voter& voter : voters.voters()) {
    if (wiped_.contains(voter.key)) ++have;  // it had it once
    for (const NodeView& other : all) {
      if (other.key != voter.key || other.log->flushed_end() < offset) continue;
      const bool is_in_log = other.log->start() < offset;
      if (!is_in_log || other.log->at(offset - 1) == committed_.back()) ++have;
    }
  }
  if (2 * have <= voters.size()) {
    find("B7: committed up to " + text(offset) + " on " + std::to_string(have) + " of " +
         std::to_string(voters.size()) + " voters");
  }
}

void Judge::check_completeness(const NodeView& leader) {
  if (leader.log->end() < committed_end()) {
    return find("B4: " + text(leader.key) + " leads " + text(leader.quorum->epoch()) +
                " with a log that ends at " + text(leader.log->end()) + ", committed is " +
                text(committed_end()));
  }
  for (Offset o = leader.log->start(); o < committed_end(); o = o + 1) {
    if (leader.log->at(o) == committed_[static_cast<std::size_t>(o.value())]) continue;
    find("B4: " + text(leader.key) + " leads without the committed record " + text(o));
  }
}

void Judge::durability(const std::vector<NodeView>& all) {
  const bool is_anywhere = std::ranges::any_of(all, [&](const NodeView& node) {
    const Offset end = std::min(node.log->flushed_end(), committed_end());
    if (end < committed_end()) return false;
    return end <= node.log->start() || node.log->at(end - 1) == committed_.back();
  });
  if (!is_anywhere) find("B5: a committed record is on no disk");
}

void Judge::snapshot_taken(const NodeView& node, SnapshotId id, std::uint64_t state) {
  if (id.end_offset > committed_end()) return find("B8: a snapshot of what is not committed");
  if (state_at(id.end_offset) != state) find("B8: the snapshot of " + text(node.key) + " differs");
}

}  // namespace weir::raft::test
