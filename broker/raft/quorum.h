// One replica of the metadata log's quorum: the KRaft protocol as a step machine. Pure.
//
// Obeys KIP-595 (pull-based Raft), KIP-630 (snapshots), KIP-853 (changes of the voters), KIP-996
// (pre-vote). Raft's rules in short: one vote an epoch, durable before it is told; a leader of an
// epoch is never leader of that epoch again after a restart; a replica flushes before it fetches,
// so that its fetch offset is an acknowledgement; commits reach into the leader's own epoch; one
// change of the voters at a time.
//
// Every input takes the present view of the log, the time, and a source of randomness, and yields
// effects, which the driver carries out by the contract in effects.h. Inputs:
//   start                         once, first
//   deadline_passed               at next_deadline(), or later, or earlier: it looks at the time
//   request                       of another node or an administrator; answered by an effect with
//                                 the same token, now or in a later step, exactly once
//   response, request_failed      to what an effect Send sent
//   appended                      the driver appended a batch as leader (see may_append)
//   flushed                       the log is durable up to log.flushed_end
//   snapshot_loaded, snapshot_rejected    after an effect LoadSnapshot
//   resign, shut_down             the controller gives up its office; the node stops
// Snapshots that the state machine takes and the log start that follows need no input: the next
// view shows them (rules: snapshot_format.h).
//
// Leaves to others: the log and its recovery, the wire, connections, clocks, facts.
#pragma once

#include <optional>
#include <span>
#include <variant>
#include <vector>

#include "broker/base/random.h"
#include "broker/raft/effects.h"
#include "broker/raft/leader_state.h"
#include "broker/raft/log_view.h"
#include "broker/raft/quorum_config.h"
#include "broker/raft/quorum_records.h"
#include "broker/raft/request_tracker.h"
#include "broker/raft/vote_tally.h"
#include "broker/raft/voter_set.h"

namespace weir::raft {

// Epochs end before the integer does; a request with a later one is refused.
inline constexpr LeaderEpoch kMaxEpoch{std::numeric_limits<std::int32_t>::max() - 1};
// A leader's snapshot that claims to be larger is not downloaded.
inline constexpr std::int64_t kMaxSnapshotBytes = std::int64_t{64} << 30;
// Who knows no leader asks so often (Kafka: every retry.backoff.ms).
inline constexpr Duration kLeaderSearchPause = 100ms;
// The feature level under which voters are records in the log (KIP-853).
inline constexpr std::int16_t kKRaftVersion = 1;
// The first successor of a resigned leader stands at once, each one after it waits twice as long.
inline constexpr Duration kSuccessorBackoff = 100ms;

// What DescribeQuorum tells, by a leader.
struct QuorumDescription {
  struct Replica {
    ReplicaKey key;
    Offset log_end{-1};
    std::optional<Instant> last_fetch;
    std::optional<Instant> last_caught_up;
  };
  BrokerId leader = kNoNode;
  LeaderEpoch epoch{0};
  Offset high_watermark{-1};
  std::vector<Replica> voters;     // ascending by id
  std::vector<Replica> observers;  // ascending by id
};

class Quorum {
 public:
  // `bootstrap`: the voters known before the log says anything (bootstrap snapshot, or static
  // configuration); empty on nodes that only know bootstrap servers.
  Quorum(QuorumConfig config, VoterSet bootstrap);

  // -- inputs -------------------------------------------------------------------------------------

  // `stored`: the file quorum-state; nothing where there is none yet. `voters`: the KRaftVoters
  // records in the latest snapshot (at end_offset - 1) and in the log, ascending. The log was
  // recovered before: nothing torn, and if a snapshot ends after the log's end, the log begins
  // (empty) there.
  Effects start(const LogView& log, const std::optional<QuorumStateData>& stored,
                std::span<const VotersAt> voters, Instant now, Random& random);
  Effects deadline_passed(const LogView& log, Instant now, Random& random);
  Effects request(ReplyToken token, const Request& request, const LogView& log, Instant now,
                  Random& random);
  Effects response(RequestId id, const Response& response, const LogView& log, Instant now,
                   Random& random);
  Effects request_failed(RequestId id, const LogView& log, Instant now, Random& random);
  Effects appended(const LogView& log, Instant now, Random& random);
  Effects flushed(const LogView& log, Instant now, Random& random);
  // `voters`: those in the snapshot. The log is empty and begins at log.latest_snapshot's end.
  Effects snapshot_loaded(const std::optional<VoterSet>& voters, const LogView& log, Instant now,
                          Random& random);
  Effects snapshot_rejected(const LogView& log, Instant now, Random& random);
  // Nothing happens where this node does not lead that epoch.
  Effects resign(LeaderEpoch epoch, const LogView& log, Instant now, Random& random);
  // Gives up leadership, and stands for no election any more. See is_shut_down().
  Effects shut_down(const LogView& log, Instant now, Random& random);

  // When deadline_passed() is due; always after the time of the last step.
  [[nodiscard]] Instant next_deadline() const { return next_deadline_; }

  // -- state --------------------------------------------------------------------------------------

  [[nodiscard]] QuorumRole role() const;
  [[nodiscard]] LeaderEpoch epoch() const { return election_.epoch; }
  [[nodiscard]] BrokerId leader() const { return election_.leader; }
  [[nodiscard]] const QuorumStateData& election() const { return election_; }
  // Everything below is committed. Never descends in one life.
  [[nodiscard]] Offset high_watermark() const { return high_watermark_; }
  [[nodiscard]] const VoterSet& voters() const { return voters_.latest(); }
  [[nodiscard]] const VoterHistory& voter_history() const { return voters_; }
  [[nodiscard]] bool is_voter() const { return voters().contains(config_.self); }
  [[nodiscard]] const QuorumConfig& config() const { return config_; }
  // Whether the state machine may append in this epoch: asked before each append, in the same turn.
  [[nodiscard]] bool may_append(LeaderEpoch epoch) const;
  // Nothing but on a leader.
  [[nodiscard]] const LeaderState* leader_state() const;
  // Where the leader is reached, as far as its voter entry or its own words tell.
  [[nodiscard]] std::optional<Endpoint> leader_endpoint() const;
  // The snapshot being fetched and the bytes of it so far.
  [[nodiscard]] std::optional<std::pair<SnapshotId, std::int64_t>> download() const;
  // NOT_LEADER_OR_FOLLOWER but on a leader (nothing).
  [[nodiscard]] std::optional<QuorumDescription> describe(const LogView& log, Instant now) const;
  // After shut_down(): nothing is left to be said to others.
  [[nodiscard]] bool is_shut_down() const;

 private:
  struct Unattached {
    Instant election_deadline;
  };
  struct Prospective {
    VoteTally tally;
    Instant election_deadline;
  };
  struct Candidate {
    VoteTally tally;
    Instant election_deadline;
  };
  struct Download {
    SnapshotId id;
    std::int64_t position = 0;
    bool is_loading = false;
  };
  struct Follower {
    Instant fetch_deadline;
    bool has_fetched = false;      // this leader answered: it lives, and no other is wanted
    bool leader_resigned = false;  // it said so itself
    std::optional<Download> download;
  };
  struct Resigned {
    Instant election_deadline;
    std::vector<ReplicaKey> to_tell;
    std::vector<ReplicaKey> preferred;
  };
  using Role = std::variant<Unattached, Prospective, Candidate, LeaderState, Follower, Resigned>;

  // One step in its course: the view of the log as it will be after the effects so far.
  struct Step {
    LogView log;
    Instant now;
    Random& random;
    Effects effects;
    Instant deadline = Instant::never();
    bool is_halted = false;
  };

  // quorum.cpp: steps and roles
  Effects finish(Step& step);
  bool run_timer(Step& step);  // whether the role changed
  void act(Step& step);        // sends and serves what is due; changes no role
  void emit(Step& step, Effect effect);
  void save(Step& step);
  void halt(Step& step, std::string why);
  void enter(Step& step, Role next, LeaderEpoch epoch, BrokerId leader, const char* why);
  void become_unattached(Step& step, LeaderEpoch epoch, const char* why);
  void become_prospective(Step& step, const char* why);
  void leave_prospective(Step& step, const char* why);
  void become_candidate(Step& step);
  void become_leader(Step& step);
  void become_follower(Step& step, LeaderEpoch epoch, BrokerId leader, const char* why);
  void become_resigned(Step& step, const char* why);
  [[nodiscard]] Instant random_election_deadline(Step& step) const;
  [[nodiscard]] Instant inherited_election_deadline(Step& step) const;
  [[nodiscard]] bool was_voter() const;
  [[nodiscard]] bool may_stand() const { return (is_voter() || was_voter()) && !shutting_down_; }

  // quorum_requests.cpp: Vote, BeginQuorumEpoch, EndQuorumEpoch, and what every answer teaches
  void handle(Step& step, ReplyToken token, const VoteRequest& r);
  void handle(Step& step, ReplyToken token, const BeginQuorumEpochRequest& r);
  void handle(Step& step, ReplyToken token, const EndQuorumEpochRequest& r);
  [[nodiscard]] ErrorCode check_vote(const VoteRequest& r) const;
  [[nodiscard]] bool grants(const Step& step, const VoteRequest& r) const;
  void grant(Step& step, const ReplicaKey& candidate);
  [[nodiscard]] ErrorCode check_leader_claim(const std::string& cluster_id, BrokerId leader,
                                             LeaderEpoch epoch) const;
  [[nodiscard]] Duration successor_backoff(const std::vector<ReplicaKey>& preferred) const;
  [[nodiscard]] bool is_my_cluster(const std::string& cluster_id) const;
  [[nodiscard]] bool is_meant(const ReplicaKey& voter) const;
  bool learn(Step& step, BrokerId leader, LeaderEpoch epoch,
             const std::optional<Endpoint>& endpoint);
  // A response with this error and what is known of the leader.
  template <class R>
  [[nodiscard]] R answer(ErrorCode error) const {
    R response;
    response.error = error;
    response.leader_id = election_.leader;
    response.leader_epoch = election_.epoch;
    response.leader_endpoint = leader_endpoint();
    return response;
  }

  // quorum_leader.cpp: what a leader is asked, and does by itself
  void handle(Step& step, ReplyToken token, const FetchRequest& r);
  void handle(Step& step, ReplyToken token, const FetchSnapshotRequest& r);
  [[nodiscard]] ErrorCode check_fetch(const std::string& cluster_id, const ReplicaKey& replica,
                                      LeaderEpoch epoch) const;
  std::optional<ReplicaKey> note_replica(Step& step, LeaderState& leader, const ReplicaKey& asker);
  [[nodiscard]] bool is_due(const Step& step, const ParkedFetch& fetch) const;
  void answer_fetch(Step& step, const ParkedFetch& fetch);
  void park(Step& step, LeaderState& leader, const ReplicaKey& replica, const ParkedFetch& fetch);
  void append_epoch_start(Step& step, const std::vector<ReplicaKey>& granting);
  void append_control(Step& step, std::vector<ControlRecord> records,
                      std::optional<VoterSet> voters);
  void check_leader(Step& step, LeaderState& leader);
  [[nodiscard]] Duration check_quorum_patience() const;
  void advance_commit(Step& step, LeaderState& leader);
  void raise_high_watermark(Step& step, Offset offset);
  void lead(Step& step, LeaderState& leader);
  void dismiss_waiting(Step& step, LeaderState& led);

  // quorum_voters.cpp: changes of the voters
  void handle(Step& step, ReplyToken token, const AddRaftVoterRequest& r);
  void handle(Step& step, ReplyToken token, const RemoveRaftVoterRequest& r);
  void handle(Step& step, ReplyToken token, const UpdateRaftVoterRequest& r);
  [[nodiscard]] std::optional<RaftVoterResponse> check_change(const std::string& cluster_id) const;
  void refuse_change(Step& step, ReplyToken token, ErrorCode error, const char* why);
  void change_voters(Step& step, ReplyToken token, const VoterSet& changed, Duration timeout,
                     bool ack_when_committed);
  void settle_change(Step& step, LeaderState& leader);

  // quorum_follower.cpp: what answers mean, fetching from a leader, looking for one
  void handle(Step& step, BrokerId from, const VoteResponse& r);
  void handle(Step& step, BrokerId from, const BeginQuorumEpochResponse& r);
  void handle(Step& step, BrokerId from, const EndQuorumEpochResponse& r);
  void handle(Step& step, BrokerId from, const FetchResponse& r);
  void handle(Step& step, BrokerId from, const FetchSnapshotResponse& r);
  void heard_leader(Step& step, Follower& follower);
  void take_divergence(Step& step, BrokerId from, const Divergence& divergence);
  bool take_records(Step& step, const FetchedRecords& records);
  void begin_download(Step& step, Follower& follower, SnapshotId id);
  void follow(Step& step, Follower& follower);
  void find_leader(Step& step);
  void send_fetch(Step& step, BrokerId to, Duration max_wait);
  void flush_log(Step& step);

  // quorum_send.cpp: requests
  [[nodiscard]] bool is_ready(Step& step, BrokerId to) const;
  void send_votes(Step& step, const VoteTally& tally, bool pre_vote);
  void send_begin_epoch(Step& step, LeaderState& leader);
  [[nodiscard]] Duration begin_epoch_interval() const;
  void send_end_epoch(Step& step, const Resigned& resigned);
  void send(Step& step, BrokerId to, Request request);
  [[nodiscard]] std::optional<Endpoint> endpoint_of(BrokerId node) const;

  QuorumConfig config_;
  QuorumStateData election_;
  bool is_saved_ = false;  // whether quorum-state holds election_, or an effect of this step does
  VoterHistory voters_;
  Role role_ = Unattached{};
  Offset high_watermark_{0};
  std::optional<Endpoint> told_endpoint_;  // of the leader, by a message
  RequestTracker requests_;
  BrokerId last_asked_ = kNoNode;  // when no leader is known
  Instant next_deadline_ = Instant::never();
  bool shutting_down_ = false;
  bool is_started_ = false;
};

}  // namespace weir::raft
