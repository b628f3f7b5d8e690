// Fetching from the leader, and looking for one: what a follower or an unattached node does.
//
// A replica that the leader may count flushes its log before it fetches: the fetch offset is its
// acknowledgement. Truncation comes before anything else that an answer says, and below the own
// high watermark there is none (KAFKA-12460).
#include <algorithm>

#include "broker/base/assertion.h"
#include "broker/raft/quorum.h"

namespace weir::raft {

// -- answers to Vote, BeginQuorumEpoch, EndQuorumEpoch --------------------------------------------

void Quorum::handle(Step& step, BrokerId from, const VoteResponse& r) {
  VoteTally* tally = nullptr;
  if (auto* prospective = std::get_if<Prospective>(&role_)) tally = &prospective->tally;
  if (auto* candidate = std::get_if<Candidate>(&role_)) tally = &candidate->tally;
  if (tally == nullptr) return;
  if (r.error == ErrorCode::none) {
    tally->record(from, r.vote_granted);
  } else if (is_retriable(r.error)) {
    requests_.pause(from, step.now + config_.retry_backoff);
  } else {
    tally->record(from, false);  // such as INVALID_VOTER_KEY: it is not the voter it was
  }
}

void Quorum::handle(Step& step, BrokerId from, const BeginQuorumEpochResponse&) {
  auto* leader = std::get_if<LeaderState>(&role_);
  const Voter* voter = voters().find(from);
  if (leader == nullptr || voter == nullptr) return;
  leader->begin_told(voter->key, step.now + begin_epoch_interval());
}

void Quorum::handle(Step&, BrokerId from, const EndQuorumEpochResponse&) {
  auto* resigned = std::get_if<Resigned>(&role_);
  if (resigned == nullptr) return;
  std::erase_if(resigned->to_tell, [from](const ReplicaKey& key) { return key.id == from; });
}

// -- answers to Fetch -----------------------------------------------------------------------------

void Quorum::handle(Step& step, BrokerId from, const FetchResponse& r) {
  auto* follower = std::get_if<Follower>(&role_);
  if (follower == nullptr || from != election_.leader) {
    requests_.pause(from, step.now + kLeaderSearchPause);
    return;
  }
  if (r.error != ErrorCode::none || r.leader_id != election_.leader) {
    requests_.pause(from, step.now + config_.retry_backoff);
    return;
  }
  heard_leader(step, *follower);
  if (follower->download.has_value()) return;
  if (r.diverging_epoch.has_value()) {
    take_divergence(step, from, *r.diverging_epoch);
  } else if (r.snapshot_id.has_value()) {
    begin_download(step, *follower, *r.snapshot_id);
  } else {
    if (r.records.has_value() && !take_records(step, *r.records)) {
      requests_.pause(from, step.now + config_.retry_backoff);
      return;
    }
    raise_high_watermark(step, std::min(r.high_watermark, step.log.end));
  }
}

void Quorum::heard_leader(Step& step, Follower& follower) {
  follower.fetch_deadline = step.now + config_.fetch_timeout;
  follower.has_fetched = true;
  follower.leader_resigned = false;
}

void Quorum::take_divergence(Step& step, BrokerId from, const Divergence& divergence) {
  const Offset end = truncation_point(step.log, divergence);
  if (end >= step.log.end) {  // it would lead nowhere, again and again
    requests_.pause(from, step.now + config_.retry_backoff);
    return;
  }
  if (end < high_watermark_) {
    halt(step, "the leader's log parts from this one at offset " + std::to_string(end.value()) +
                   ", below the high watermark " + std::to_string(high_watermark_.value()));
    return;
  }
  step.log.last_epoch = epoch_before(step.log, end);
  step.log.end = end;
  step.log.flushed_end = std::min(step.log.flushed_end, end);
  emit(step, TruncateTo{end});
  const Offset voters_before = voters_.latest_offset();
  voters_.truncate_to(end);
  if (voters_.latest_offset() != voters_before) {
    emit(step, VotersChanged{voters_.latest_offset(), voters()});
  }
}

// False where they do not go on where this log ends.
bool Quorum::take_records(Step& step, const FetchedRecords& records) {
  if (records.next == records.base) return true;
  const bool fits = records.base == step.log.end && records.next > records.base &&
                    records.first_epoch >= step.log.last_epoch &&
                    records.last_epoch >= records.first_epoch &&
                    records.last_epoch <= election_.epoch;
  if (!fits) return false;
  emit(step, AppendFetched{records.base, records.next});
  step.log.end = records.next;
  step.log.last_epoch = records.last_epoch;
  for (const VotersAt& entry : records.voters) {
    if (entry.offset < records.base || entry.offset >= records.next) continue;
    voters_.append(entry.offset, entry.voters);
    emit(step, VotersChanged{entry.offset, entry.voters});
  }
  return true;
}

// -- snapshots ------------------------------------------------------------------------------------

void Quorum::begin_download(Step& step, Follower& follower, SnapshotId id) {
  if (id.end_offset <= high_watermark_ || id.epoch > election_.epoch) {  // nothing new is in it
    requests_.pause(election_.leader, step.now + config_.retry_backoff);
    return;
  }
  follower.download = Download{id};
  emit(step, StartSnapshotDownload{id});
}

void Quorum::handle(Step& step, BrokerId from, const FetchSnapshotResponse& r) {
  auto* follower = std::get_if<Follower>(&role_);
  if (follower == nullptr || from != election_.leader || !follower->download) return;
  Download& download = *follower->download;
  if (download.is_loading) return;
  const bool fits = r.error == ErrorCode::none && r.snapshot_id == download.id &&
                    r.position == download.position && r.chunk_bytes > 0 &&
                    r.size <= kMaxSnapshotBytes && r.chunk_bytes <= r.size - r.position;
  if (!fits) {  // for example, the leader has a later one now: ask again what to do
    follower->download.reset();
    requests_.pause(from, step.now + config_.retry_backoff);
    return;
  }
  heard_leader(step, *follower);
  emit(step, WriteSnapshotChunk{download.id, r.position, r.chunk_bytes});
  download.position += r.chunk_bytes;
  if (download.position < r.size) return;
  download.is_loading = true;
  emit(step, LoadSnapshot{download.id});
}

Effects Quorum::snapshot_loaded(const std::optional<VoterSet>& voters, const LogView& log,
                                Instant now, Random& random) {
  Step step{log, now, random, {}};
  WEIR_ASSERT(log.latest_snapshot.has_value());
  voters_.load_snapshot(*log.latest_snapshot, voters);
  emit(step, VotersChanged{voters_.latest_offset(), this->voters()});
  raise_high_watermark(step, log.latest_snapshot->end_offset);
  if (auto* follower = std::get_if<Follower>(&role_)) {
    heard_leader(step, *follower);
    follower->download.reset();
  }
  return finish(step);
}

Effects Quorum::snapshot_rejected(const LogView& log, Instant now, Random& random) {
  Step step{log, now, random, {}};
  if (auto* follower = std::get_if<Follower>(&role_)) {
    follower->download.reset();
    requests_.pause(election_.leader, now + config_.retry_backoff);
  }
  return finish(step);
}

// -- asking ---------------------------------------------------------------------------------------

void Quorum::follow(Step& step, Follower& follower) {
  if (step.now < follower.fetch_deadline) {
    step.deadline = std::min(step.deadline, follower.fetch_deadline);
  } else {
    // An observer does not vote a silent leader out: it asks the others whether there is another.
    find_leader(step);
  }
  const Instant ready = requests_.ready_at(election_.leader);
  if (follower.download.has_value() && follower.download->is_loading) return;
  if (ready > step.now) {
    step.deadline = std::min(step.deadline, ready);
  } else if (follower.download.has_value()) {
    send(step, election_.leader,
         FetchSnapshotRequest{config_.cluster_id, config_.self, election_.epoch,
                              follower.download->id, follower.download->position,
                              config_.fetch_snapshot_max_bytes});
  } else {
    send_fetch(step, election_.leader, config_.fetch_max_wait);
  }
}

// Asks one node after the other, at random, until one knows more.
void Quorum::find_leader(Step& step) {
  const Instant ready = requests_.ready_at(last_asked_);
  if (ready > step.now) {
    step.deadline = std::min(step.deadline, ready);
    return;
  }
  std::vector<BrokerId> others;
  for (std::int32_t i = 0; i < config_.bootstrap_servers; ++i) others.push_back(bootstrap_node(i));
  for (const Voter& voter : voters().voters()) {
    const bool is_known_leader = voter.key.id == election_.leader;
    if (voter.key.id != config_.self.id && !is_known_leader) others.push_back(voter.key.id);
  }
  if (others.empty()) return;
  const BrokerId to = others[step.random.below(others.size())];
  if (requests_.ready_at(to) > step.now) {
    step.deadline = std::min(step.deadline, requests_.ready_at(to));
    return;
  }
  last_asked_ = to;
  send_fetch(step, to, Duration{0});
}

void Quorum::send_fetch(Step& step, BrokerId to, Duration max_wait) {
  if (config_.can_become_voter || is_voter()) flush_log(step);
  FetchRequest request;
  request.cluster_id = config_.cluster_id;
  request.replica = config_.self;
  request.current_leader_epoch = election_.epoch;
  request.fetch_offset = step.log.end;
  request.last_fetched_epoch = step.log.last_epoch;
  request.log_start = step.log.start;
  request.high_watermark = high_watermark_;
  request.max_wait = max_wait;
  request.max_bytes = config_.fetch_max_bytes;
  send(step, to, std::move(request));
}

void Quorum::flush_log(Step& step) {
  if (step.log.flushed_end >= step.log.end) return;
  emit(step, FlushLog{});
  step.log.flushed_end = step.log.end;
}

}  // namespace weir::raft
