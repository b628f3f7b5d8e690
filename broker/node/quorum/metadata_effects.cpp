// Carrying out what the quorum wants, one effect after the other.
#include "broker/base/assertion.h"
#include "broker/node/quorum/metadata_log.h"
#include "broker/storage/log/checkpoint_file.h"

namespace weir {

Task<> MetadataLog::carry_out(raft::Effects effects) {
  snapshot_loaded_.reset();
  for (const raft::Effect& effect : effects) {
    if (halted_) co_return;
    const Result<void> done = co_await carry_out(effect);
    if (!done) {
      halt("the metadata log cannot go on", done.error().message() + " " + log_->failure());
      co_return;
    }
  }
  // A snapshot that took the log's place is a step of its own, right after this one.
  if (!snapshot_loaded_ || halted_) co_return;
  const Instant now = machine_.clock.now();
  Random& random = machine_.entropy.random();
  raft::Effects next = *snapshot_loaded_
                           ? quorum_.snapshot_loaded(snapshot_voters_, view(), now, random)
                           : quorum_.snapshot_rejected(view(), now, random);
  co_await carry_out(std::move(next));
}

Task<Result<void>> MetadataLog::carry_out(const raft::Effect& effect) {
  Result<void> done;
  if (const auto* e = std::get_if<raft::Persist>(&effect)) {
    done = co_await persist(e->state);
  } else if (std::holds_alternative<raft::FlushLog>(effect)) {
    const ErrorCode error = co_await log_->flush();
    if (error != ErrorCode::none) done = make_error_code(Errc::io_error);
  } else if (std::holds_alternative<raft::StartFlush>(effect)) {
    start_flush();
  } else if (const auto* append = std::get_if<raft::AppendControl>(&effect)) {
    done = co_await append_control(*append);
  } else if (std::holds_alternative<raft::AppendFetched>(effect)) {
    done = co_await append_fetched();
  } else if (const auto* cut = std::get_if<raft::TruncateTo>(&effect)) {
    done = co_await truncate(cut->end);
  } else if (const auto* hw = std::get_if<raft::AdvanceHighWatermark>(&effect)) {
    emit(FactKind::hw_advanced, quorum_.epoch(), hw->offset.value());
    if (on_commit_) on_commit_();
  } else if (const auto* start = std::get_if<raft::StartSnapshotDownload>(&effect)) {
    auto writer = co_await snapshots_.create(start->id);
    if (writer) {
      download_ = std::move(*writer);
    } else {
      done = writer.error();
    }
  } else if (const auto* chunk = std::get_if<raft::WriteSnapshotChunk>(&effect)) {
    done = co_await write_chunk(*chunk);
  } else if (const auto* load = std::get_if<raft::LoadSnapshot>(&effect)) {
    done = co_await load_snapshot(load->id);
  } else if (const auto* out = std::get_if<raft::Send>(&effect)) {
    send(*out);
  } else if (const auto* answer = std::get_if<raft::Reply>(&effect)) {
    reply(answer->token, *answer, {});
  } else if (const auto* fetch = std::get_if<raft::ReplyFetch>(&effect)) {
    co_await reply_fetch(*fetch);
  } else if (const auto* piece = std::get_if<raft::ReplySnapshotChunk>(&effect)) {
    co_await reply_chunk(*piece);
  } else if (const auto* role = std::get_if<raft::RoleChanged>(&effect)) {
    const std::string leader = std::to_string(role->leader.value());
    emit(FactKind::quorum_state, role->epoch, static_cast<std::int64_t>(role->to),
         static_cast<std::int64_t>(role->from), leader, role->why);
  } else if (const auto* lead = std::get_if<raft::BecameLeader>(&effect)) {
    office_ = Office{lead->epoch, lead->epoch_start};
  } else if (std::holds_alternative<raft::LostLeadership>(effect)) {
    office_.reset();
  } else if (const auto* fatal = std::get_if<raft::Fatal>(&effect)) {
    halt("the metadata quorum would break its promise", fatal->why);
  }
  co_return done;
}

Task<Result<void>> MetadataLog::persist(const raft::QuorumStateData& state) {
  CheckpointFile file(machine_.disk, "__cluster_metadata-0", raft::kQuorumStateFileName);
  const Result<void> written =
      co_await file.write(raft::encode_quorum_state(options_.quorum.cluster_id, state));
  if (written && state.voted) {
    emit(FactKind::quorum_voted, state.epoch, state.voted->id.value());
  }
  co_return written;
}

Task<Result<void>> MetadataLog::append_control(const raft::AppendControl& effect) {
  std::string why;
  const Result<Slice> batch =
      build_control_batch(effect.records, {effect.at, effect.epoch, machine_.clock.wall()}, &why);
  if (!batch) co_return batch.error();
  const AppendOutcome outcome =
      co_await log_->append_prepared(*batch, AppendOrigin::raft, effect.epoch, effect.at);
  if (outcome.error != ErrorCode::none) co_return make_error_code(Errc::io_error);
  co_return Result<void>();
}

Task<Result<void>> MetadataLog::append_fetched() {
  const AppendOutcome outcome =
      co_await log_->append(std::move(fetched_bytes_), AppendOrigin::replication, kNoLeaderEpoch);
  if (outcome.error != ErrorCode::none) co_return make_error_code(Errc::io_error);
  co_return Result<void>();
}

Task<Result<void>> MetadataLog::truncate(Offset end) {
  const ErrorCode error = co_await log_->truncate_to(end, "diverged from the quorum's leader");
  if (error != ErrorCode::none || log_->log_end_offset() != end) {
    co_return make_error_code(Errc::io_error);
  }
  co_return Result<void>();
}

Task<Result<void>> MetadataLog::write_chunk(const raft::WriteSnapshotChunk& effect) {
  WEIR_ASSERT(download_ != nullptr && download_->id() == effect.id);
  if (static_cast<std::int64_t>(download_->position()) != effect.position) {
    co_return make_error_code(Errc::malformed);
  }
  co_return co_await download_->append(std::move(fetched_bytes_));
}

void MetadataLog::reply(raft::ReplyToken token, decltype(Waiter::answer) answer, Slice bytes) {
  const auto found = waiters_.find(token);
  if (found == waiters_.end()) return;  // who asked is gone
  found->second.answer = std::move(answer);
  found->second.bytes = std::move(bytes);
  found->second.alarm->notify();
}

Task<> MetadataLog::reply_fetch(const raft::ReplyFetch& effect) {
  raft::ReplyFetch answer = effect;
  Slice records;
  if (effect.from < effect.up_to) {
    ReadOutcome read = co_await log_->read(effect.from, static_cast<std::size_t>(effect.max_bytes),
                                           effect.up_to, true);
    records = std::move(read.batches);
    if (read.error != ErrorCode::none) answer.response.error = read.error;
  }
  reply(effect.token, std::move(answer), std::move(records));
}

Task<> MetadataLog::reply_chunk(const raft::ReplySnapshotChunk& effect) {
  raft::ReplySnapshotChunk answer = effect;
  SnapshotChunk chunk = co_await snapshots_.read(effect.response.snapshot_id,
                                                 static_cast<std::uint64_t>(effect.position),
                                                 static_cast<std::size_t>(effect.max_bytes));
  answer.response.error = chunk.error;
  answer.response.size = static_cast<std::int64_t>(chunk.size);
  answer.response.position = effect.position;
  answer.response.chunk_bytes = static_cast<std::int64_t>(chunk.bytes.size());
  reply(effect.token, std::move(answer), std::move(chunk.bytes));
}

void MetadataLog::start_flush() {
  if (std::exchange(flush_again_, true) || flushing_) return;
  flushing_ = true;
  tasks_.spawn("metadata flush", flush());
}

Task<> MetadataLog::flush() {
  while (flush_again_ && !halted_) {
    flush_again_ = false;
    const ErrorCode error = co_await log_->flush();
    if (error != ErrorCode::none) {
      halt("cannot flush the metadata log", log_->failure());
    } else {
      push(FlushedIn{});
    }
  }
  flushing_ = false;
}

std::optional<HostPort> MetadataLog::address_of(const raft::Send& effect) const {
  if (raft::is_bootstrap(effect.to)) {
    const auto index = static_cast<std::size_t>(-2 - effect.to.value());
    if (index >= options_.bootstrap_servers.size()) return std::nullopt;
    return options_.bootstrap_servers[index];
  }
  if (!effect.endpoint) return std::nullopt;
  return HostPort{effect.endpoint->host, effect.endpoint->port};
}

void MetadataLog::send(const raft::Send& effect) {
  const std::optional<HostPort> address = address_of(effect);
  if (!address) return push(FailedIn{effect.id});
  if (const auto* vote = std::get_if<raft::VoteRequest>(&effect.request)) {
    tasks_.spawn("vote",
                 exchange<raft::VoteResponse>(effect.id, effect.to, *address, to_wire(*vote)));
  } else if (const auto* begin = std::get_if<raft::BeginQuorumEpochRequest>(&effect.request)) {
    tasks_.spawn("begin epoch", exchange<raft::BeginQuorumEpochResponse>(
                                    effect.id, effect.to, *address, to_wire(*begin)));
  } else if (const auto* end = std::get_if<raft::EndQuorumEpochRequest>(&effect.request)) {
    tasks_.spawn("end epoch", exchange<raft::EndQuorumEpochResponse>(effect.id, effect.to, *address,
                                                                     to_wire(*end)));
  } else if (const auto* fetch = std::get_if<raft::FetchRequest>(&effect.request)) {
    tasks_.spawn("metadata fetch",
                 exchange<raft::FetchResponse>(effect.id, effect.to, *address, to_wire(*fetch)));
  } else if (const auto* snapshot = std::get_if<raft::FetchSnapshotRequest>(&effect.request)) {
    tasks_.spawn("snapshot fetch", exchange<raft::FetchSnapshotResponse>(
                                       effect.id, effect.to, *address, to_wire(*snapshot)));
  }
}

template <class Response, class Request>
Task<> MetadataLog::exchange(raft::RequestId id, BrokerId to, HostPort address, Request request) {
  constexpr bool kLong = std::is_same_v<Response, raft::FetchResponse> ||
                         std::is_same_v<Response, raft::FetchSnapshotResponse>;
  Peers& peers = kLong ? fetch_peers_ : peers_;
  Offset fetched_from{0};
  if constexpr (std::is_same_v<Request, FetchRequest>) {
    fetched_from = Offset{request.topics[0].partitions[0].fetch_offset};
  }
  auto wire = co_await peers.ask(to, std::move(address), std::move(request));
  if (stopping_ || halted_) co_return;
  std::optional<Response> response;
  if (wire) response = from_wire(*wire);
  if (!response) {
    push(FailedIn{id});
    co_return;
  }
  ResponseIn in{id, {}, {}};
  if constexpr (std::is_same_v<Response, raft::FetchResponse>) {
    const bool has_records = !wire->responses.empty() && !wire->responses[0].partitions.empty() &&
                             !wire->responses[0].partitions[0].records.empty();
    if (has_records) {
      const Slice& records = wire->responses[0].partitions[0].records;
      auto checked = raft::check_fetched(records, fetched_from, response->leader_epoch, codecs_);
      if (!checked) {
        push(FailedIn{id});
        co_return;
      }
      std::size_t whole = 0;
      for (const RecordBatch& batch : checked->batches) whole += batch.size();
      response->records = std::move(checked->summary);
      in.bytes = records.subslice(0, whole);
    }
  } else if constexpr (std::is_same_v<Response, raft::FetchSnapshotResponse>) {
    if (response->error == ErrorCode::none && !wire->topics.empty()) {
      in.bytes = std::move(wire->topics[0].partitions[0].unaligned_records);
    }
  }
  in.response = std::move(*response);
  push(std::move(in));
}

void MetadataLog::emit(FactKind kind, LeaderEpoch epoch, std::int64_t value, std::int64_t old,
                       std::string_view peer, std::string_view why) {
  machine_.facts.emit({.kind = kind,
                       .partition = 0,
                       .epoch = epoch.value(),
                       .topic = kMetadataTopic,
                       .old = old,
                       .value = value,
                       .peer = peer,
                       .why = why});
}

raft::LogView MetadataLog::view() const {
  raft::LogView v;
  v.start = log_->log_start_offset();
  v.end = log_->log_end_offset();
  v.flushed_end = log_->flushed_offset();
  v.epochs = &log_->epoch_cache();
  v.latest_snapshot = snapshots_.latest();
  for (const SnapshotId& id : snapshots_.list()) {
    if (id.end_offset == v.start) v.start_epoch = id.epoch;
  }
  const LeaderEpoch last = v.end > v.start ? log_->epoch_at(v.end - 1) : v.start_epoch;
  v.last_epoch = std::max(last, LeaderEpoch{0});
  return v;
}

}  // namespace weir
