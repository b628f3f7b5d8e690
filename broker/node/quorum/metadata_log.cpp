// Opening, the loop of inputs, and what handlers and the state machine ask for.
#include "broker/node/quorum/metadata_log.h"

#include "broker/base/assertion.h"
#include "broker/storage/log/checkpoint_file.h"
#include "broker/wire/error_code.h"

namespace weir {
namespace {

constexpr std::string_view kDirectory = "__cluster_metadata-0";
// Time for what a leader still has to say when it stops.
constexpr Duration kFarewell = std::chrono::seconds(2);

}  // namespace

MetadataLog::MetadataLog(Machine& machine, MetadataLogOptions options)
    : machine_(machine),
      options_(std::move(options)),
      quorum_(options_.quorum, options_.voters),
      snapshots_(machine.disk, std::string(kDirectory)),
      peers_(machine, "quorum", options_.quorum.request_timeout),
      fetch_peers_(machine, "quorum-fetch",
                   options_.quorum.request_timeout + options_.quorum.fetch_max_wait),
      tasks_(machine),
      wake_(machine.timers.alarm()) {}

Task<bool> MetadataLog::open() {
  const Result<void> listed = co_await snapshots_.open();
  if (!listed) {
    halt("cannot open the snapshots of the metadata log", listed.error().message());
    co_return false;
  }
  const std::optional<SnapshotId> latest = snapshots_.latest();
  if (latest) {
    // Before the log is made to begin at it.
    const ParsedText<WholeSnapshot> checked = co_await whole_snapshot(*latest);
    if (!checked.ok()) {
      halt("the latest snapshot of the metadata log is damaged", checked.complaint);
      co_return false;
    }
  }
  LogOptions log;
  log.topic = kMetadataTopic;
  log.directory = kDirectory;
  log.config = options_.log;
  log.config.retention_ms = -1;  // only snapshots move its start
  log.config.retention_bytes = -1;
  auto opened = co_await PartitionLog::open(machine_, std::move(log));
  if (!opened) {
    halt("cannot open the metadata log", opened.error().message());
    co_return false;
  }
  log_ = std::move(*opened);
  if (latest && latest->end_offset > log_->log_end_offset()) {
    const ErrorCode error = co_await log_->truncate_fully_and_start_at(
        latest->end_offset, "begins at the latest snapshot");
    if (error != ErrorCode::none) {
      halt("cannot begin the metadata log at its snapshot", std::string(name_of(error)));
      co_return false;
    }
  }
  CheckpointFile file(machine_.disk, kDirectory, raft::kQuorumStateFileName);
  const ParsedText<std::string> text = co_await file.read();
  std::optional<raft::QuorumStateData> stored;
  if (!text.missing()) {
    std::string why = text.complaint;
    if (text.ok()) {
      const auto state = raft::decode_quorum_state(*text.value, options_.quorum.cluster_id);
      stored = state.value;
      why = state.complaint;
    }
    if (!stored) {
      halt("the file quorum-state cannot be used", why);
      co_return false;
    }
  }
  const auto voters = co_await find_voters();
  if (!voters) {
    halt("cannot read the voters in the metadata log", voters.error().message());
    co_return false;
  }
  raft::Effects effects =
      quorum_.start(view(), stored, *voters, machine_.clock.now(), machine_.entropy.random());
  co_await carry_out(std::move(effects));
  if (halted_) co_return false;
  tasks_.spawn("quorum", run());
  co_return true;
}

Task<> MetadataLog::close() {
  if (log_ == nullptr || halted_) co_return;
  push(ShutDownIn{});
  const Instant deadline = machine_.clock.now() + kFarewell;
  const WaitingLine::Place place = progress_.join(machine_.timers);
  while (!quorum_.is_shut_down() && !halted_ && machine_.clock.now() < deadline) {
    co_await place->wait_until(deadline);
  }
  progress_.leave(place);
  stopping_ = true;
  wake_->notify();
  peers_.stop();
  fetch_peers_.stop();
  progress_.notify_all();
  for (auto& [token, waiter] : waiters_) waiter.alarm->notify();
  co_await tasks_.join();
  co_await peers_.join();
  co_await fetch_peers_.join();
  if (!halted_) {
    static_cast<void>(co_await log_->close());
  }
}

void MetadataLog::push(Input input) {
  inputs_.push_back(std::move(input));
  wake_->notify();
}

Task<> MetadataLog::run() {
  while (!stopping_ && !halted_) {
    if (inputs_.empty() && machine_.clock.now() >= quorum_.next_deadline()) {
      inputs_.push_back(TimerIn{});
    }
    if (inputs_.empty()) {
      co_await wake_->wait_until(quorum_.next_deadline());
    } else {
      Input input = std::move(inputs_.front());
      inputs_.pop_front();
      raft::Effects effects = co_await step(input);
      co_await carry_out(std::move(effects));
      progress_.notify_all();
    }
  }
}

Task<raft::Effects> MetadataLog::step(Input& input) {
  const Instant now = machine_.clock.now();
  Random& random = machine_.entropy.random();
  if (auto* in = std::get_if<RequestIn>(&input)) {
    co_return quorum_.request(in->token, in->request, view(), now, random);
  }
  if (auto* in = std::get_if<ResponseIn>(&input)) {
    fetched_.reset();
    fetched_bytes_ = std::move(in->bytes);
    if (const auto* fetch = std::get_if<raft::FetchResponse>(&in->response)) {
      fetched_ = fetch->records;
    }
    co_return quorum_.response(in->id, in->response, view(), now, random);
  }
  if (auto* in = std::get_if<FailedIn>(&input)) {
    co_return quorum_.request_failed(in->id, view(), now, random);
  }
  if (auto* in = std::get_if<AppendIn>(&input)) {
    co_await append_records(*in);
    co_return quorum_.appended(view(), machine_.clock.now(), random);
  }
  if (std::holds_alternative<FlushedIn>(input)) {
    co_return quorum_.flushed(view(), now, random);
  }
  if (auto* in = std::get_if<ResignIn>(&input)) {
    co_return quorum_.resign(in->epoch, view(), now, random);
  }
  if (std::holds_alternative<ShutDownIn>(input)) {
    co_return quorum_.shut_down(view(), now, random);
  }
  co_return quorum_.deadline_passed(view(), now, random);
}

Task<> MetadataLog::append_records(AppendIn& input) {
  Appended outcome;
  if (!quorum_.may_append(input.epoch)) {
    outcome.error = ErrorCode::not_leader_or_follower;
  } else {
    std::string why;
    const Result<Slice> batch = build_metadata_batch(
        input.records, {log_->log_end_offset(), input.epoch, machine_.clock.wall()}, &why);
    // What the controller decides can be written: it keeps the limits.
    WEIR_ASSERT(batch.has_value());
    const AppendOutcome appended =
        co_await log_->append_prepared(*batch, AppendOrigin::raft, input.epoch);
    outcome.error = appended.error;
    outcome.end = log_->log_end_offset();
    if (appended.error != ErrorCode::none)
      halt("cannot append to the metadata log", log_->failure());
  }
  input.waiter->second = outcome;
  input.waiter->first->notify();
}

Task<MetadataLog::Appended> MetadataLog::append(LeaderEpoch epoch,
                                                std::vector<VersionedRecord> records) {
  const auto waiter =
      std::make_shared<std::pair<std::unique_ptr<Alarm>, std::optional<Appended>>>();
  waiter->first = machine_.timers.alarm();
  push(AppendIn{epoch, std::move(records), waiter});
  while (!waiter->second && !stopping_ && !halted_) {
    co_await waiter->first->wait_until(Instant::never());
  }
  if (!waiter->second) co_return Appended{ErrorCode::not_leader_or_follower, Offset{-1}};
  co_return *waiter->second;
}

Task<bool> MetadataLog::wait_committed(LeaderEpoch epoch, Offset end) {
  const WaitingLine::Place place = progress_.join(machine_.timers);
  while (!stopping_ && !halted_ && office_ && office_->epoch == epoch && high_watermark() < end) {
    co_await place->wait_until(Instant::never());
  }
  progress_.leave(place);
  co_return office_ && office_->epoch == epoch&& high_watermark() >= end;
}

Task<MetadataLog::Committed> MetadataLog::read(Offset from, std::size_t max_bytes) {
  Committed committed;
  committed.next = from;
  if (from < log_->log_start_offset()) {
    committed.snapshot = snapshots_.latest();
    if (!committed.snapshot) committed.error = ErrorCode::snapshot_not_found;
    co_return committed;
  }
  const Offset bound = std::min(high_watermark(), log_->log_end_offset());
  if (from >= bound) co_return committed;
  ReadOutcome read = co_await log_->read(from, max_bytes, bound, true);
  committed.error = read.error;
  if (read.error != ErrorCode::none) co_return committed;
  auto batches = whole_batches(read.batches);
  if (!batches) {
    committed.error = ErrorCode::corrupt_message;
    co_return committed;
  }
  committed.batches = std::move(*batches);
  committed.next = read.next_offset;
  co_return committed;
}

void MetadataLog::resign(LeaderEpoch epoch) { push(ResignIn{epoch}); }

std::optional<HostPort> MetadataLog::leader_address() const {
  const auto endpoint = quorum_.leader_endpoint();
  if (!endpoint) return std::nullopt;
  return HostPort{endpoint->host, endpoint->port};
}

std::optional<raft::QuorumDescription> MetadataLog::describe() const {
  return quorum_.describe(view(), machine_.clock.now());
}

template <class Response, class Request>
Task<MetadataLog::Answer<Response>> MetadataLog::ask_quorum(Request request) {
  const raft::ReplyToken token = ++last_token_;
  Waiter& waiter = waiters_[token];
  waiter.alarm = machine_.timers.alarm();
  push(RequestIn{token, std::move(request)});
  while (std::holds_alternative<std::monostate>(waiter.answer) && !stopping_ && !halted_) {
    co_await waiter.alarm->wait_until(Instant::never());
  }
  Answer<Response> answer;
  answer.bytes = std::move(waiter.bytes);
  answer.response.error = ErrorCode::not_leader_or_follower;  // the node stops
  if constexpr (std::is_same_v<Response, raft::FetchResponse>) {
    auto* fetch = std::get_if<raft::ReplyFetch>(&waiter.answer);
    if (fetch != nullptr) answer.response = std::move(fetch->response);
  } else {
    auto* reply = std::get_if<raft::Reply>(&waiter.answer);
    if (reply != nullptr) answer.response = std::get<Response>(std::move(reply->response));
  }
  if constexpr (std::is_same_v<Response, raft::FetchSnapshotResponse>) {
    auto* chunk = std::get_if<raft::ReplySnapshotChunk>(&waiter.answer);
    if (chunk != nullptr) answer.response = std::move(chunk->response);
  }
  waiters_.erase(token);
  co_return answer;
}

Task<MetadataLog::Answer<raft::VoteResponse>> MetadataLog::ask(raft::VoteRequest request) {
  return ask_quorum<raft::VoteResponse>(std::move(request));
}
Task<MetadataLog::Answer<raft::BeginQuorumEpochResponse>> MetadataLog::ask(
    raft::BeginQuorumEpochRequest request) {
  return ask_quorum<raft::BeginQuorumEpochResponse>(std::move(request));
}
Task<MetadataLog::Answer<raft::EndQuorumEpochResponse>> MetadataLog::ask(
    raft::EndQuorumEpochRequest request) {
  return ask_quorum<raft::EndQuorumEpochResponse>(std::move(request));
}
Task<MetadataLog::Answer<raft::FetchResponse>> MetadataLog::ask(raft::FetchRequest request) {
  return ask_quorum<raft::FetchResponse>(std::move(request));
}
Task<MetadataLog::Answer<raft::FetchSnapshotResponse>> MetadataLog::ask(
    raft::FetchSnapshotRequest request) {
  return ask_quorum<raft::FetchSnapshotResponse>(std::move(request));
}

void MetadataLog::halt(std::string_view what, const std::string& why) {
  if (std::exchange(halted_, true)) return;
  machine_.tasks.halt(std::string(what) + ": " + why);
  progress_.notify_all();
}

}  // namespace weir
