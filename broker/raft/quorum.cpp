// The quorum's inputs, its roles, and the timers that lead from one into the other.
//
// Every input changes what it has to, then advance() looks at the timers until no role changes any
// more, and then the role does what is due (send, serve). So an early or a doubled call is
// harmless.
#include "broker/raft/quorum.h"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "broker/base/assertion.h"

namespace weir::raft {
namespace {

// Roles that one step may pass through: more is a circle.
constexpr int kMaxRoleChanges = 16;

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};

// What others see, or what rests on the epoch in the log, waits until quorum-state is durable.
bool rests_on_election(const Effect& effect) {
  return std::visit(
      []<class E>(const E&) {
        return std::is_same_v<E, Send> || std::is_same_v<E, Reply> ||
               std::is_same_v<E, ReplyFetch> || std::is_same_v<E, ReplySnapshotChunk> ||
               std::is_same_v<E, AppendControl> || std::is_same_v<E, BecameLeader>;
      },
      effect);
}

}  // namespace

Quorum::Quorum(QuorumConfig config, VoterSet bootstrap)
    : config_(std::move(config)), voters_(std::move(bootstrap)) {}

// -- inputs ---------------------------------------------------------------------------------------

Effects Quorum::start(const LogView& log, const std::optional<QuorumStateData>& stored,
                      std::span<const VotersAt> voters, Instant now, Random& random) {
  WEIR_ASSERT(!is_started_);
  is_started_ = true;
  Step step{log, now, random, {}};
  for (const VotersAt& entry : voters) {
    if (log.latest_snapshot && entry.offset == log.latest_snapshot->end_offset - 1) {
      voters_.load_snapshot(*log.latest_snapshot, entry.voters);
    } else {
      voters_.append(entry.offset, entry.voters);
    }
  }
  // A snapshot and a log start are made of what is committed.
  high_watermark_ = log.start;
  if (log.latest_snapshot) high_watermark_ = std::max(log.start, log.latest_snapshot->end_offset);

  if (stored.has_value()) election_ = *stored;
  is_saved_ = stored.has_value();
  if (log.last_epoch > election_.epoch) {  // the file is older than the log: it was put back
    election_ = {log.last_epoch, kNoNode, std::nullopt};
    is_saved_ = false;
  }
  const bool was_leader = election_.leader == config_.self.id;
  if (was_leader && (is_voter() || was_voter())) {
    // Never leader of this epoch again: what was not flushed of it may be gone (KAFKA-10527).
    role_ = Resigned{random_election_deadline(step), {}, {}};
    std::get<Resigned>(role_).to_tell =
        LeaderState(election_.epoch, log.end, now).successors(this->voters(), config_.self);
  } else if (was_leader || election_.leader == kNoNode) {
    if (was_leader) is_saved_ = false;
    election_.leader = kNoNode;
    const bool is_alone = this->voters().is_only(config_.self);
    role_ = Unattached{is_alone ? now : random_election_deadline(step)};
  } else {
    role_ = Follower{now + config_.fetch_timeout, false, false, {}};
  }
  emit(step, RoleChanged{role(), role(), election_.epoch, election_.leader, "started"});
  return finish(step);
}

Effects Quorum::deadline_passed(const LogView& log, Instant now, Random& random) {
  Step step{log, now, random, {}};
  return finish(step);
}

Effects Quorum::request(ReplyToken token, const Request& request, const LogView& log, Instant now,
                        Random& random) {
  Step step{log, now, random, {}};
  std::visit([&](const auto& r) { handle(step, token, r); }, request);
  return finish(step);
}

Effects Quorum::response(RequestId id, const Response& response, const LogView& log, Instant now,
                         Random& random) {
  Step step{log, now, random, {}};
  const std::optional<BrokerId> from = requests_.finish(id);
  std::visit(
      [&](const auto& r) {
        // Even a late answer may tell of a later epoch; a timely one is for the role that asked.
        if (learn(step, r.leader_id, r.leader_epoch, r.leader_endpoint) && from) {
          handle(step, *from, r);
        }
      },
      response);
  return finish(step);
}

Effects Quorum::request_failed(RequestId id, const LogView& log, Instant now, Random& random) {
  Step step{log, now, random, {}};
  const std::optional<BrokerId> from = requests_.finish(id);
  if (from.has_value()) requests_.pause(*from, now + config_.retry_backoff);
  auto* resigned = std::get_if<Resigned>(&role_);
  if (from.has_value() && shutting_down_ && resigned != nullptr) {
    // Who stops does not wait for one that it cannot reach: the whole quorum may be stopping.
    std::erase_if(resigned->to_tell, [&](const ReplicaKey& key) { return key.id == *from; });
  }
  return finish(step);
}

Effects Quorum::appended(const LogView& log, Instant now, Random& random) {
  Step step{log, now, random, {}};
  emit(step, StartFlush{});
  return finish(step);
}

Effects Quorum::flushed(const LogView& log, Instant now, Random& random) {
  Step step{log, now, random, {}};
  return finish(step);
}

Effects Quorum::resign(LeaderEpoch epoch, const LogView& log, Instant now, Random& random) {
  Step step{log, now, random, {}};
  if (may_append(epoch)) become_resigned(step, "the controller gave up its office");
  return finish(step);
}

Effects Quorum::shut_down(const LogView& log, Instant now, Random& random) {
  Step step{log, now, random, {}};
  shutting_down_ = true;
  if (role() == QuorumRole::leader) become_resigned(step, "shutting down");
  if (role() == QuorumRole::prospective) leave_prospective(step, "shutting down");
  if (role() == QuorumRole::candidate) become_unattached(step, election_.epoch, "shutting down");
  return finish(step);
}

// -- steps ----------------------------------------------------------------------------------------

void Quorum::emit(Step& step, Effect effect) {
  if (rests_on_election(effect)) save(step);
  step.effects.push_back(std::move(effect));
}

void Quorum::save(Step& step) {
  if (is_saved_) return;
  is_saved_ = true;
  step.effects.push_back(Persist{election_});
}

void Quorum::halt(Step& step, std::string why) {
  step.is_halted = true;
  step.effects.push_back(Fatal{std::move(why)});
}

Effects Quorum::finish(Step& step) {
  WEIR_ASSERT(is_started_);
  voters_.trim_to(step.log.start);
  int changes = 0;
  while (!step.is_halted && run_timer(step)) WEIR_ASSERT(++changes <= kMaxRoleChanges);
  if (!step.is_halted) act(step);
  if (!step.is_halted) save(step);
  WEIR_ASSERT(step.is_halted || step.deadline > step.now);
  next_deadline_ = step.deadline;
  return std::move(step.effects);
}

bool Quorum::run_timer(Step& step) {
  const QuorumRole before = role();
  const LeaderEpoch epoch_before_timer = election_.epoch;
  std::visit(Overloaded{
                 [&](Unattached& unattached) {
                   if (!may_stand()) return;
                   if (step.now < unattached.election_deadline) return;
                   become_prospective(step, "no leader in the election timeout");
                 },
                 [&](Prospective& prospective) {
                   if (prospective.tally.is_won()) return become_candidate(step);
                   if (prospective.tally.is_lost()) return leave_prospective(step, "refused");
                   if (step.now < prospective.election_deadline) return;
                   leave_prospective(step, "no majority in the election timeout");
                 },
                 [&](Candidate& candidate) {
                   if (candidate.tally.is_won()) return become_leader(step);
                   // A lost election is waited out, or all would ask again in step (KAFKA-18345).
                   if (step.now < candidate.election_deadline) return;
                   become_prospective(step, "not elected");
                 },
                 [&](LeaderState& leader) { check_leader(step, leader); },
                 [&](Follower& follower) {
                   if (step.now < follower.fetch_deadline || !may_stand()) return;
                   become_prospective(step, "no answer of the leader in the fetch timeout");
                 },
                 [&](Resigned& resigned) {
                   if (step.now < resigned.election_deadline) return;
                   // It can neither vote nor be elected in the epoch that it led.
                   if (election_.epoch >= kMaxEpoch) return halt(step, "no epoch is left");
                   become_unattached(step, election_.epoch + 1, "resigned, and nobody came after");
                 },
             },
             role_);
  return role() != before || election_.epoch != epoch_before_timer;
}

void Quorum::act(Step& step) {
  const auto until = [&](Instant deadline) { step.deadline = std::min(step.deadline, deadline); };
  std::visit(Overloaded{
                 [&](Unattached& unattached) {
                   if (may_stand()) until(unattached.election_deadline);
                   find_leader(step);
                 },
                 [&](Prospective& prospective) {
                   until(prospective.election_deadline);
                   send_votes(step, prospective.tally, true);
                 },
                 [&](Candidate& candidate) {
                   until(candidate.election_deadline);
                   send_votes(step, candidate.tally, false);
                 },
                 [&](LeaderState& leader) { lead(step, leader); },
                 [&](Follower& follower) { follow(step, follower); },
                 [&](Resigned& resigned) {
                   until(resigned.election_deadline);
                   send_end_epoch(step, resigned);
                 },
             },
             role_);
}

// -- roles ----------------------------------------------------------------------------------------

void Quorum::enter(Step& step, Role next, LeaderEpoch epoch, BrokerId leader, const char* why) {
  WEIR_ASSERT(epoch >= election_.epoch && epoch <= kMaxEpoch);
  const QuorumRole from = role();
  const bool moves = epoch != election_.epoch || leader != election_.leader;
  Role previous = std::exchange(role_, std::move(next));
  WEIR_ASSERT(may_follow(from, role()));
  if (epoch != election_.epoch) election_.voted.reset();
  if (moves) {
    told_endpoint_.reset();
    is_saved_ = false;
  }
  election_.epoch = epoch;
  election_.leader = leader;
  requests_.clear();
  last_asked_ = kNoNode;
  if (from != role() || moves) emit(step, RoleChanged{from, role(), epoch, leader, why});
  if (auto* led = std::get_if<LeaderState>(&previous)) {
    emit(step, LostLeadership{led->epoch()});
    dismiss_waiting(step, *led);
  }
}

void Quorum::become_unattached(Step& step, LeaderEpoch epoch, const char* why) {
  const Instant deadline = inherited_election_deadline(step);
  enter(step, Unattached{deadline}, epoch, kNoNode, why);
}

void Quorum::become_prospective(Step& step, const char* why) {
  // Whom it followed is remembered, and followed again if the others do not agree.
  const Instant deadline = random_election_deadline(step);
  enter(step, Prospective{VoteTally(voters(), config_.self), deadline}, election_.epoch,
        election_.leader, why);
}

void Quorum::leave_prospective(Step& step, const char* why) {
  if (election_.leader != kNoNode) {
    become_follower(step, election_.epoch, election_.leader, why);
  } else {
    const Instant deadline = random_election_deadline(step);
    enter(step, Unattached{deadline}, election_.epoch, kNoNode, why);
  }
}

void Quorum::become_candidate(Step& step) {
  if (election_.epoch >= kMaxEpoch) return halt(step, "no epoch is left");
  // What a candidate says of its log must be true after a loss of power, too: it may be granted
  // votes for it.
  flush_log(step);
  const Instant deadline = random_election_deadline(step);
  enter(step, Candidate{VoteTally(voters(), config_.self), deadline}, election_.epoch + 1, kNoNode,
        "a majority would elect it");
  election_.voted = config_.self;
}

void Quorum::become_leader(Step& step) {
  const std::vector<ReplicaKey> granting = std::get<Candidate>(role_).tally.granting();
  const Offset epoch_start = step.log.end;
  enter(step, LeaderState(election_.epoch, epoch_start, step.now), election_.epoch, config_.self.id,
        "elected");
  append_epoch_start(step, granting);
  emit(step, BecameLeader{election_.epoch, epoch_start});
}

void Quorum::become_follower(Step& step, LeaderEpoch epoch, BrokerId leader, const char* why) {
  WEIR_ASSERT(leader != config_.self.id && leader >= BrokerId{0});
  enter(step, Follower{step.now + config_.fetch_timeout, false, false, {}}, epoch, leader, why);
}

void Quorum::become_resigned(Step& step, const char* why) {
  const std::vector<ReplicaKey> preferred =
      std::get<LeaderState>(role_).successors(voters(), config_.self);
  const Instant deadline = random_election_deadline(step);
  enter(step, Resigned{deadline, preferred, preferred}, election_.epoch, election_.leader, why);
}

Instant Quorum::random_election_deadline(Step& step) const {
  const Duration timeout = config_.election_timeout;
  const auto extra = step.random.below(static_cast<std::uint64_t>(timeout.count()));
  return step.now + timeout + Duration(static_cast<std::int64_t>(extra));
}

// Voter until its removal is committed, as far as it knows: it may hold the only log that can be
// elected, although it no longer counts itself (Raft dissertation, section 4.2.2).
bool Quorum::was_voter() const {
  const Offset latest = voters_.latest_offset();
  return latest >= high_watermark_ && voters_.before(latest).contains(config_.self);
}

// A later epoch does not begin the wait anew: else many candidates could keep each other waiting.
Instant Quorum::inherited_election_deadline(Step& step) const {
  if (const auto* r = std::get_if<Unattached>(&role_)) return r->election_deadline;
  if (const auto* r = std::get_if<Prospective>(&role_)) return r->election_deadline;
  if (const auto* r = std::get_if<Follower>(&role_); r != nullptr && r->fetch_deadline > step.now) {
    return r->fetch_deadline;
  }
  return random_election_deadline(step);
}

// -- state ----------------------------------------------------------------------------------------

QuorumRole Quorum::role() const {
  return std::visit(Overloaded{
                        [](const Unattached&) { return QuorumRole::unattached; },
                        [](const Prospective&) { return QuorumRole::prospective; },
                        [](const Candidate&) { return QuorumRole::candidate; },
                        [](const LeaderState&) { return QuorumRole::leader; },
                        [](const Follower&) { return QuorumRole::follower; },
                        [](const Resigned&) { return QuorumRole::resigned; },
                    },
                    role_);
}

bool Quorum::may_append(LeaderEpoch epoch) const {
  return role() == QuorumRole::leader && election_.epoch == epoch;
}

const LeaderState* Quorum::leader_state() const { return std::get_if<LeaderState>(&role_); }

std::optional<std::pair<SnapshotId, std::int64_t>> Quorum::download() const {
  const auto* follower = std::get_if<Follower>(&role_);
  if (follower == nullptr || !follower->download) return std::nullopt;
  return std::pair(follower->download->id, follower->download->position);
}

bool Quorum::is_shut_down() const {
  if (!shutting_down_ || role() == QuorumRole::leader) return false;
  const auto* resigned = std::get_if<Resigned>(&role_);
  return resigned == nullptr || resigned->to_tell.empty();
}

}  // namespace weir::raft
