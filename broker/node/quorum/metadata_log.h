// MetadataLog: the driver of the quorum on one node: the metadata log on its disk, the file
// quorum-state, snapshots, the requests to and from other replicas.
//
// One coroutine takes the quorum's inputs one after the other and carries out the effects of each
// before the next (the contract in broker/raft/effects.h); flushes and requests go on beside it.
// The log is a partition log like any other, in the directory __cluster_metadata-0. An error of the
// disk halts the node: without its vote it cannot be believed.
//
// Who wants the records (the image of a broker, the controller) waits for progress() and reads what
// is committed with read(); a controller that leads appends with append().
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "broker/client/shell/waiting_line.h"
#include "broker/node/quorum/peers.h"
#include "broker/node/quorum/raft_wire.h"
#include "broker/ports/machine.h"
#include "broker/ports/task_group.h"
#include "broker/raft/quorum.h"
#include "broker/raft/quorum_records.h"
#include "broker/storage/log/partition_log.h"
#include "broker/storage/log/snapshot_store.h"

namespace weir {

struct MetadataLogOptions {
  raft::QuorumConfig quorum;
  raft::VoterSet voters;                    // static configuration; may be empty
  std::vector<HostPort> bootstrap_servers;  // quorum.bootstrap_servers of them
  LogConfig log;
};

class MetadataLog {
 public:
  // An answer and the bytes that go with it (records of a Fetch, the chunk of a snapshot).
  template <class Response>
  struct Answer {
    Response response;
    Slice bytes;
  };
  struct Appended {
    ErrorCode error = ErrorCode::none;  // not_leader_or_follower, kafka_storage_error
    Offset end{-1};                     // the log ends there after the append
  };
  // What is committed and was not read yet, in order.
  struct Committed {
    ErrorCode error = ErrorCode::none;
    std::vector<RecordBatch> batches;
    Offset next{0};  // where the next read continues
    // Set when the log does not reach back to `from`: load this snapshot first, then go on at its
    // end.
    std::optional<SnapshotId> snapshot = {};
  };

  MetadataLog(Machine& machine, MetadataLogOptions options);

  // Opens what is on the disk and starts the quorum. False: the node was halted.
  [[nodiscard]] Task<bool> open();
  // Gives up leadership in order, then ends.
  [[nodiscard]] Task<> close();

  // -- for handlers -------------------------------------------------------------------------------

  [[nodiscard]] Task<Answer<raft::VoteResponse>> ask(raft::VoteRequest request);
  [[nodiscard]] Task<Answer<raft::BeginQuorumEpochResponse>> ask(
      raft::BeginQuorumEpochRequest request);
  [[nodiscard]] Task<Answer<raft::EndQuorumEpochResponse>> ask(raft::EndQuorumEpochRequest request);
  [[nodiscard]] Task<Answer<raft::FetchResponse>> ask(raft::FetchRequest request);
  [[nodiscard]] Task<Answer<raft::FetchSnapshotResponse>> ask(raft::FetchSnapshotRequest request);
  [[nodiscard]] std::optional<raft::QuorumDescription> describe() const;

  // -- for the state machine ----------------------------------------------------------------------

  [[nodiscard]] const raft::Quorum& quorum() const { return quorum_; }
  [[nodiscard]] Offset high_watermark() const { return quorum_.high_watermark(); }
  [[nodiscard]] Offset log_end() const { return log_->log_end_offset(); }
  // Of the record there.
  [[nodiscard]] LeaderEpoch epoch_at(Offset offset) const { return log_->epoch_at(offset); }
  // The epoch in which this node leads, and the offset of its first record; nothing elsewhere.
  struct Office {
    LeaderEpoch epoch;
    Offset epoch_start;
  };
  [[nodiscard]] const std::optional<Office>& office() const { return office_; }
  // Called as soon as the high watermark has moved, before any other node can know of it; null: no
  // more.
  void on_commit(std::function<void()> told) { on_commit_ = std::move(told); }
  // Woken when the high watermark or the leadership moved.
  [[nodiscard]] WaitingLine& progress() { return progress_; }

  // One batch of records, in the epoch that this node believes to lead. Appended, not committed.
  [[nodiscard]] Task<Appended> append(LeaderEpoch epoch, std::vector<VersionedRecord> records);
  // Waits until everything below `end` is committed, or the epoch is over: true where it is.
  [[nodiscard]] Task<bool> wait_committed(LeaderEpoch epoch, Offset end);
  // Batches from `from` to the high watermark.
  [[nodiscard]] Task<Committed> read(Offset from, std::size_t max_bytes = 1 << 20);
  // The records of a snapshot, in order.
  [[nodiscard]] Task<Result<std::vector<MetadataRecord>>> read_snapshot(SnapshotId id);
  // Takes a snapshot of that end from records whose replay gives the state; the log before it goes.
  [[nodiscard]] Task<> take_snapshot(SnapshotId id, std::vector<VersionedRecord> state);
  // Gives up the office; another controller is elected.
  void resign(LeaderEpoch epoch);
  // Where the active controller is reached, as far as this node knows.
  [[nodiscard]] BrokerId leader() const { return quorum_.leader(); }
  [[nodiscard]] std::optional<HostPort> leader_address() const;

 private:
  struct Waiter {
    std::unique_ptr<Alarm> alarm;
    std::variant<std::monostate, raft::Reply, raft::ReplyFetch, raft::ReplySnapshotChunk> answer;
    Slice bytes;
  };
  struct RequestIn {
    raft::ReplyToken token;
    raft::Request request;
  };
  struct ResponseIn {
    raft::RequestId id;
    raft::Response response;
    Slice bytes;
  };
  struct FailedIn {
    raft::RequestId id;
  };
  struct AppendIn {
    LeaderEpoch epoch;
    std::vector<VersionedRecord> records;
    std::shared_ptr<std::pair<std::unique_ptr<Alarm>, std::optional<Appended>>> waiter;
  };
  struct FlushedIn {};
  struct TimerIn {};
  struct ResignIn {
    LeaderEpoch epoch;
  };
  struct ShutDownIn {};
  using Input = std::variant<RequestIn, ResponseIn, FailedIn, AppendIn, FlushedIn, TimerIn,
                             ResignIn, ShutDownIn>;

  template <class Response, class Request>
  Task<Answer<Response>> ask_quorum(Request request);
  void push(Input input);
  Task<> run();
  Task<raft::Effects> step(Input& input);
  Task<> append_records(AppendIn& input);
  Task<> carry_out(raft::Effects effects);
  Task<Result<void>> carry_out(const raft::Effect& effect);

  Task<Result<void>> persist(const raft::QuorumStateData& state);
  Task<Result<void>> append_control(const raft::AppendControl& effect);
  Task<Result<void>> append_fetched();
  Task<Result<void>> truncate(Offset end);
  Task<Result<void>> load_snapshot(SnapshotId id);
  Task<Result<void>> write_chunk(const raft::WriteSnapshotChunk& effect);
  Task<> reply_fetch(const raft::ReplyFetch& effect);
  Task<> reply_chunk(const raft::ReplySnapshotChunk& effect);
  void reply(raft::ReplyToken token, decltype(Waiter::answer) answer, Slice bytes);
  void start_flush();
  Task<> flush();
  void send(const raft::Send& effect);
  template <class Response, class Request>
  Task<> exchange(raft::RequestId id, BrokerId to, HostPort address, Request request);
  void emit(FactKind kind, LeaderEpoch epoch, std::int64_t value, std::int64_t old = 0,
            std::string_view peer = {}, std::string_view why = {});
  [[nodiscard]] raft::LogView view() const;
  [[nodiscard]] std::optional<HostPort> address_of(const raft::Send& effect) const;
  Task<Result<std::vector<raft::VotersAt>>> find_voters();
  struct WholeSnapshot {
    std::vector<RecordBatch> batches;
    std::optional<raft::VoterSet> voters;
  };
  // Nothing of a snapshot is believed before all of it was checked: checksums, order, its end.
  Task<ParsedText<WholeSnapshot>> whole_snapshot(SnapshotId id);
  void halt(std::string_view what, const std::string& why);

  Machine& machine_;
  MetadataLogOptions options_;
  raft::Quorum quorum_;
  SnapshotStore snapshots_;
  std::unique_ptr<PartitionLog> log_;
  Peers peers_;        // short questions
  Peers fetch_peers_;  // long polls and snapshots
  TaskGroup tasks_;
  Codecs codecs_;

  std::deque<Input> inputs_;
  std::unique_ptr<Alarm> wake_;
  std::map<raft::ReplyToken, Waiter> waiters_;
  raft::ReplyToken last_token_ = 0;
  WaitingLine progress_;
  std::function<void()> on_commit_;
  std::optional<Office> office_;
  std::unique_ptr<SnapshotWriter> download_;
  std::optional<raft::FetchedRecords> fetched_;  // of the response of the step under way
  Slice fetched_bytes_;
  std::optional<bool> snapshot_loaded_;  // of the step under way
  std::optional<raft::VoterSet> snapshot_voters_;
  bool flushing_ = false;
  bool flush_again_ = false;
  bool stopping_ = false;
  bool halted_ = false;
};

}  // namespace weir
