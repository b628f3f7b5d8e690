// What the quorum wants done, in an order that says what is durable before what is sent.
//
// THE DRIVER'S CONTRACT. One step yields a list. The driver completes its effects one after the
// other, each before the next begins, and takes no further step before the last is complete (so
// the LogView of a step always shows what earlier steps ordered). If one fails, the node halts: it
// must not go on to the next. A crash in the middle is a crash before the next effect.
//
// What "complete" means stands at each effect. Only StartFlush completes at once and goes on in the
// background. By construction Persist comes before every reply, request and announcement that
// rests on it, and FlushLog before every Fetch of a replica that the leader may count.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "broker/raft/quorum_state_file.h"
#include "broker/raft/raft_messages.h"
#include "broker/wire/records/control_record.h"

namespace weir::raft {

// Chosen by the driver for each request that it hands in; comes back with the answer.
using ReplyToken = std::uint64_t;
// Chosen by the quorum for each request that it sends; unique within one life of the node.
using RequestId = std::uint64_t;

// -- what must be durable -------------------------------------------------------------------------

// Complete when the file quorum-state is replaced and survives a loss of power.
struct Persist {
  QuorumStateData state;
};
// Complete when everything in the log is durable.
struct FlushLog {};
// Begin to make durable what the log holds now; call flushed() when it is. Not waited for.
struct StartFlush {};

// -- the log --------------------------------------------------------------------------------------

// Append one control batch (build_control_batch) with these records: LeaderChangeMessage,
// KRaftVersionRecord, VotersRecord. Complete when it is in the log (not flushed); the log ended at
// `at` before.
struct AppendControl {
  LeaderEpoch epoch{0};
  Offset at{0};
  std::vector<ControlRecord> records;
};
// Append the records of the Fetch response that this step was given.
struct AppendFetched {
  Offset from{0};
  Offset to{0};
};
struct TruncateTo {
  Offset end{0};
};
// From the leader or the own calculation; never descends. Tell the state machine, answer clients.
struct AdvanceHighWatermark {
  Offset offset{0};
};

// -- snapshots ------------------------------------------------------------------------------------

// Make an empty file "<id>.checkpoint.part"; what stood there before goes.
struct StartSnapshotDownload {
  SnapshotId id;
};
// Write the chunk of the FetchSnapshot response that this step was given.
struct WriteSnapshotChunk {
  SnapshotId id;
  std::int64_t position = 0;
  std::int64_t bytes = 0;
};
// The file is whole: check it (SnapshotCheck), sync it, rename it, sync the directory, replace the
// whole log with an empty one that begins at its end, and load it. Then, before any other input,
// call snapshot_loaded(); or snapshot_rejected() where the check fails (the log stays, the file
// goes). It is the last effect of its step.
struct LoadSnapshot {
  SnapshotId id;
};

// -- messages -------------------------------------------------------------------------------------

// To bootstrap nodes (is_bootstrap(to)) the driver finds the address in its configuration, to
// others it is `endpoint`, where one is known. The answer comes back through response(), its
// absence (no connection, no answer in request_timeout) through request_failed(); the quorum
// itself forgets the request after request_timeout, too.
struct Send {
  RequestId id = 0;
  BrokerId to = kNoNode;
  std::optional<Endpoint> endpoint;
  Request request;
};
struct Reply {
  ReplyToken token = 0;
  std::variant<VoteResponse, BeginQuorumEpochResponse, EndQuorumEpochResponse,
               FetchSnapshotResponse, RaftVoterResponse>
      response;
};
// Add whole batches from `from` on, at least one, up to `up_to` and about max_bytes in all; nothing
// where from == up_to.
struct ReplyFetch {
  ReplyToken token = 0;
  FetchResponse response;
  Offset from{0};
  Offset up_to{0};
  std::int32_t max_bytes = 0;
};
// Answer from the file of this snapshot: size, position and the chunk; SNAPSHOT_NOT_FOUND where
// there is none, POSITION_OUT_OF_RANGE where position is not inside of the file.
struct ReplySnapshotChunk {
  ReplyToken token = 0;
  FetchSnapshotResponse response;
  std::int64_t position = 0;
  std::int32_t max_bytes = 0;
};

// -- announcements --------------------------------------------------------------------------------

// Every step from a role, an epoch or a leader to another, in order: for facts and metrics.
struct RoleChanged {
  QuorumRole from = QuorumRole::unattached;
  QuorumRole to = QuorumRole::unattached;
  LeaderEpoch epoch{0};
  BrokerId leader = kNoNode;
  const char* why = "";  // a phrase for people
};
// Appends are taken from now on. The state machine may act when it applied all below
// epoch_start + 1, that is, when the high watermark passes epoch_start.
struct BecameLeader {
  LeaderEpoch epoch{0};
  Offset epoch_start{0};
};
// Leadership of this epoch is over: refuse appends, answer who waits for a commit. What was
// appended may be committed by the next leader, or not.
struct LostLeadership {
  LeaderEpoch epoch{0};
};
// Which voters count now; uncommitted where offset >= high watermark.
struct VotersChanged {
  Offset offset{0};
  VoterSet voters;
};
// Safety would break: committed records would go. Halt the node; nothing follows this effect.
struct Fatal {
  std::string why;
};

using Effect = std::variant<Persist, FlushLog, StartFlush, AppendControl, AppendFetched, TruncateTo,
                            AdvanceHighWatermark, StartSnapshotDownload, WriteSnapshotChunk,
                            LoadSnapshot, Send, Reply, ReplyFetch, ReplySnapshotChunk, RoleChanged,
                            BecameLeader, LostLeadership, VotersChanged, Fatal>;
using Effects = std::vector<Effect>;

}  // namespace weir::raft
