// The drivers of one broker of the simulation: roles from metadata, effects of leaders and
// followers, and the requests between brokers.
#include <algorithm>

#include "tests/unit/replica/model_cluster.h"

namespace weir {
namespace {

constexpr Duration ms(std::int64_t n) { return std::chrono::milliseconds(n); }

}  // namespace

ModelBroker::ModelBroker(BrokerId broker)
    : id(broker),
      plan(ReplicaFetchLimits{.max_partitions = 2, .backoff = ms(50)}),
      channel(IsrChannelConfig{.self = broker,
                               .retry_backoff = ms(20),
                               .attempt_lifetime = ms(400),
                               .max_proposals = 2}) {}

void ModelCluster::apply(ModelBroker& b, std::size_t version) {
  b.applied = version;
  const ModelImage& image = controller_->image(version);
  for (const BrokerStanding& standing : image.brokers) b.live.put(standing);
  for (const PartitionKey& key : keys_) {
    const auto at = image.partitions.find(key);
    apply_role(b, key, b.replicas[key], at == image.partitions.end() ? nullptr : &at->second);
  }
  for (auto& [key, r] : b.replicas) {
    if (r.leader) carry(b, key, r, r.leader->on_brokers_changed(now_));
  }
}

void ModelCluster::apply_role(ModelBroker& b, const PartitionKey& key, ModelReplica& r,
                              const PartitionState* after) {
  const PartitionState* before = r.applied ? &*r.applied : nullptr;
  const RoleChange change = role_change(before, after, b.id);
  switch (change) {
    case RoleChange::unchanged: return;
    case RoleChange::lead: lead(b, key, r, *after); break;
    case RoleChange::lead_new_epoch:
    case RoleChange::lead_update: carry(b, key, r, r.leader->update(*after, now_)); break;
    case RoleChange::follow: follow(b, key, r, *after); break;
    case RoleChange::follow_new_epoch:
    case RoleChange::follow_update:
      r.follower->update(*after);
      b.plan.refresh(key);
      if (change == RoleChange::follow_new_epoch) r.asking = false;
      break;
    case RoleChange::remove:
      end_role(b, key, r);
      r = ModelReplica{};
      break;
  }
  if (after != nullptr) r.applied = *after;
}

void ModelCluster::end_role(ModelBroker& b, const PartitionKey& key, ModelReplica& r) {
  if (r.leader) b.channel.withdraw(key);
  b.plan.remove(key);
  r.leader.reset();
  r.follower.reset();
  r.asking = false;
}

void ModelCluster::lead(ModelBroker& b, const PartitionKey& key, ModelReplica& r,
                        const PartitionState& state) {
  end_role(b, key, r);
  const LeaderConfig config{.self = b.id,
                            .min_insync_replicas = min_isr_,
                            .lag_max = ms(300),
                            .proposal_backoff = ms(60)};
  r.leader = std::make_unique<ReplicaLeader>(key, config, b.live, state, r.log.bounds(),
                                             r.high_watermark, now_);
  ++tally_.elections;
  carry(b, key, r, r.leader->take_office(now_));
}

void ModelCluster::follow(ModelBroker& b, const PartitionKey& key, ModelReplica& r,
                          const PartitionState& state) {
  end_role(b, key, r);
  // An epoch that this broker began and wrote nothing in is none of the log's.
  r.log.cache.truncate_from_end(r.log.end());
  if (slip_ == ModelSlip::follower_truncates_to_high_watermark) {
    r.log.truncate_to(std::max(r.high_watermark, r.log.start));
  }
  r.follower = std::make_unique<ReplicaFollower>(FollowerConfig{.fetch_backoff = ms(50)}, state,
                                                 r.log.bounds(), r.high_watermark, r.log.cache);
  b.plan.add(key, *r.follower);
}

void ModelCluster::carry(ModelBroker& b, const PartitionKey& key, ModelReplica& r,
                         const LeaderEffects& e) {
  if (e.assign_epoch) r.log.cache.assign(e.assign_epoch->epoch, e.assign_epoch->start);
  if (e.watermark) on_watermark(b, key, r, *e.watermark);
  if (e.propose) b.channel.submit(*e.propose);
  r.high_watermark = r.leader->high_watermark();
}

void ModelCluster::carry(ModelBroker& b, const PartitionKey& key, ModelReplica& r,
                         const FollowerStep& step, const PartAnswer* answer) {
  if (const auto* ask = std::get_if<AskLeaderEnds>(&step)) {
    r.asking = true;
    r.asked = ask->asked;
    send(b, r.follower->leader(), EndsRequest{key, ask->asked});
    return;
  }
  if (const auto* cut = std::get_if<TruncateLog>(&step)) {
    ++tally_.truncations;
    if (cut->below_high_watermark) fail("truncates below its own high watermark");
    r.log.truncate_to(cut->to);
  } else if (const auto* begin = std::get_if<StartLogAt>(&step)) {
    ++tally_.restarts_of_logs;
    if (begin->below_high_watermark) fail("starts its log anew below its own high watermark");
    r.log.start_at(begin->at);
  } else if (const auto* append = std::get_if<AppendFetched>(&step)) {
    for (std::size_t i = 0; i < append->batches; ++i) r.log.append(answer->records[i]);
  } else {
    return;
  }
  const FollowerMarks marks = r.follower->on_log_changed(r.log.bounds(), r.log.cache);
  r.log.advance_start(marks.log_start_after);
  r.high_watermark = marks.high_watermark_after;
}

PartAnswer ModelCluster::answer_part(const ModelReplica& r, const ReplicaFetchRound::Part& part,
                                     const FollowerFetch& fetch, FetchEnd& end) {
  PartAnswer answer{
      .key = part.key, .asked = part.position, .answer = {}, .base = {}, .records = {}};
  if (!r.leader) {
    answer.answer.error = ErrorCode::not_leader_or_follower;
    return answer;
  }
  const FetchVerdict verdict = r.leader->judge_fetch(fetch, r.log.cache);
  answer.answer.error = verdict.error;
  answer.answer.diverging = verdict.diverging;
  answer.answer.high_watermark = r.leader->high_watermark();
  answer.answer.log_start = r.log.start;
  if (!verdict.may_read()) return answer;
  answer.base = fetch.fetch_offset;
  answer.records = r.log.read(fetch.fetch_offset, random_.below(healing_ ? 60 : 5));
  end.counted.push_back({part.key, fetch, verdict});
  return answer;
}

void ModelCluster::receive(ModelBroker& b, const ModelMessage& m, const FetchRequest& request) {
  FetchEnd end{.counted = {},
               .follower = m.from,
               .follower_life = m.from_life,
               .response = {request.round, {}}};
  for (const ReplicaFetchRound::Part& part : request.round.parts) {
    const FollowerFetch fetch{.replica = m.from,
                              .broker_epoch = request.epoch,
                              .leader_epoch = part.position.leader_epoch,
                              .fetch_offset = part.position.offset,
                              .last_fetched_epoch = part.position.last_fetched_epoch,
                              .log_start = part.position.log_start};
    end.response.parts.push_back(answer_part(b.replicas[part.key], part, fetch, end));
  }
  if (random_.chance({3, 10})) {
    send(b, b.id, std::move(end));  // the reads take their time
  } else {
    receive(b, m, end);
  }
}

void ModelCluster::receive(ModelBroker& b, const ModelMessage&, const FetchEnd& end) {
  for (const FetchEnd::Counted& counted : end.counted) {
    ModelReplica& r = b.replicas[counted.key];
    if (!r.leader) continue;
    carry(b, counted.key, r, r.leader->count_fetch(counted.fetch, counted.verdict, now_));
  }
  network_.push_back({b.id, b.life, end.follower, end.follower_life, now_, end.response});
}

void ModelCluster::receive(ModelBroker& b, const ModelMessage& m, const FetchResponse& response) {
  std::vector<PartitionKey> with_records;
  for (const PartAnswer& part : response.parts) {
    ModelReplica& r = b.replicas[part.key];
    if (!r.follower) continue;
    std::vector<FetchedBatch> batches;
    for (std::size_t i = 0; i < part.records.size(); ++i) {
      const Offset at = part.base + static_cast<std::int64_t>(i);
      batches.push_back({at, at, part.records[i].epoch});
    }
    ReplicaFetchAnswer answer = part.answer;
    answer.batches = batches;
    if (!batches.empty()) with_records.push_back(part.key);
    carry(b, part.key, r, r.follower->on_fetch_answer(part.asked, answer, r.log.cache, now_),
          &part);
  }
  const auto round = b.rounds.find(m.from);
  const bool current = round != b.rounds.end() && round->second.number == response.round.number;
  if (!current) return;
  b.plan.finish(round->second, with_records, now_);
  b.rounds.erase(round);
}

void ModelCluster::receive(ModelBroker& b, const ModelMessage& m, const EndsRequest& request) {
  const ModelReplica& r = b.replicas[request.key];
  EndsResponse response{request.key, request.asked, ErrorCode::none, r.log.bounds()};
  if (!r.leader) {
    response.error = ErrorCode::not_leader_or_follower;
  } else if (r.leader->leader_epoch() != request.asked.leader_epoch) {
    response.error = ErrorCode::fenced_leader_epoch;
  }
  network_.push_back({b.id, b.life, m.from, m.from_life, now_, response});
}

void ModelCluster::receive(ModelBroker& b, const ModelMessage&, const EndsResponse& response) {
  ModelReplica& r = b.replicas[response.key];
  if (!r.follower) return;
  const FollowerStep step =
      r.follower->on_leader_ends(response.asked, response.error, response.bounds, now_);
  if (!std::holds_alternative<IgnoreAnswer>(step)) r.asking = false;
  carry(b, response.key, r, step, nullptr);
}

void ModelCluster::control(const ModelMessage& m, const AlterRequest& request) {
  AlterResponse response{request.attempt, controller_->judge(request.request), {}};
  if (!healing_ && random_.chance({1, 20})) response.error = ErrorCode::not_controller;
  if (response.error == ErrorCode::none) {
    for (const IsrProposal& proposal : request.request.proposals) {
      const std::size_t before = controller_->partition(proposal.partition).state.isr.size();
      response.parts.push_back(controller_->alter(request.request, proposal));
      const std::size_t after = controller_->partition(proposal.partition).state.isr.size();
      if (after > before) ++tally_.expansions;
      if (after < before) ++tally_.shrinks;
    }
  }
  network_.push_back({kTheController, 0, m.from, m.from_life, now_, response});
}

void ModelCluster::receive(ModelBroker& b, const ModelMessage&, const AlterResponse& response) {
  if (b.alter_attempt != response.attempt) return;
  b.alter_attempt = 0;
  for (const IsrOutcome& outcome : b.channel.on_response(response.error, response.parts, now_)) {
    ModelReplica& r = b.replicas[outcome.partition];
    if (!r.leader) continue;
    if (outcome.error == ErrorCode::ineligible_replica) ++tally_.rollbacks;
    carry(b, outcome.partition, r, r.leader->on_isr_outcome(outcome, now_));
  }
}

void ModelCluster::register_broker(ModelBroker& b) {
  b.channel.on_registered(controller_->register_broker(b.id, b.clean_end), now_);
  b.registered = true;
  b.registered_at = controller_->version();
}

void ModelCluster::start_fetches(ModelBroker& b) {
  for (const BrokerId leader : b.plan.leaders()) {
    std::optional<ReplicaFetchRound> round = b.plan.next(leader, now_);
    if (!round) continue;
    b.rounds[leader] = *round;
    send(b, leader, FetchRequest{controller_->broker(b.id).epoch, *round});
  }
}

void ModelCluster::send_alter(ModelBroker& b) {
  std::optional<IsrRequest> request = b.channel.next_request(now_);
  if (!request) return;
  b.alter_attempt = ++attempts_;
  send(b, kTheController, AlterRequest{attempts_, *std::move(request)});
}

template <class Body>
void ModelCluster::send(const ModelBroker& from, BrokerId to, Body body) {
  const std::uint64_t life = to == kTheController ? 0 : broker(to).life;
  network_.push_back({from.id, from.life, to, life, now_, std::move(body)});
}

// Everything that waits for an answer gives up.
void ModelCluster::time_out(ModelBroker& b) {
  for (const auto& [leader, round] : b.rounds) b.plan.fail(round, now_);
  b.rounds.clear();
  if (b.alter_attempt != 0) b.channel.on_failure(now_);
  b.alter_attempt = 0;
  for (auto& [key, r] : b.replicas) {
    if (!r.asking || !r.follower) continue;
    const FollowerStep step =
        r.follower->on_leader_ends(r.asked, ErrorCode::network_exception, {}, now_);
    r.asking = false;
    carry(b, key, r, step, nullptr);
  }
}

}  // namespace weir
