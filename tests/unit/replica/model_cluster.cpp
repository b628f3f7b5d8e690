// What happens in the simulation: a random schedule of work and faults, then healing.
#include "tests/unit/replica/model_cluster.h"

#include <algorithm>
#include <sstream>

namespace weir {
namespace {

enum Action : int {
  kDeliver,
  kRepeat,
  kDrop,
  kFetch,
  kProduceAll,
  kProduceOne,
  kMetadata,
  kTick,
  kAlter,
  kTimeOut,
  kSync,
  kCheckpoint,
  kKill,
  kLosePower,
  kWipe,
  kStopCleanly,
  kStart,
  kRegister,
  kFence,
  kUnfence,
  kDeleteRecords,
  kReplace,
  kMoveLeader,
  kActions,
};

constexpr std::uint32_t kUsual[kActions] = {
    400, 30, 30, 200,  // deliver, repeat, drop, fetch
    60,  40, 90, 60,   // produce with acks all and one, metadata, tick
    60,  12, 20, 20,   // AlterPartition, time-outs, sync, checkpoint
    2,   2,  2,  2,    // kill, power loss, wipe, clean stop
    60,  90, 4,  60,   // start, register, fence, unfence
    4,   3,  8,        // delete records, replace a replica, move the leader
};
constexpr int kHealingSteps = 20'000;
enum End : int { kKilled, kPowerLost, kWiped, kCleanly };

}  // namespace

// Each seed draws its own mixture, so that some runs are calm and others are nothing but crashes.
ModelCluster::ModelCluster(std::uint64_t seed, ModelSlip slip) : random_(seed), slip_(slip) {
  const auto brokers = static_cast<std::int32_t>(random_.between(3, 5));
  std::vector<BrokerId> ids;
  for (std::int32_t id = 1; id <= brokers; ++id) ids.push_back(BrokerId{id});
  min_isr_ = static_cast<std::int32_t>(random_.between(1, 3));
  power_mode_ = random_.chance({1, 2});
  controller_ = std::make_unique<ModelController>(min_isr_, ids);
  brokers_.reserve(ids.size());
  for (const BrokerId id : ids) brokers_.emplace_back(id);
  const auto partitions = static_cast<std::int32_t>(random_.chance({2, 3}) ? 1 : 3);
  for (std::int32_t index = 0; index < partitions; ++index) {
    const PartitionKey key{Uuid{7, 7}, index};
    keys_.push_back(key);
    std::vector<BrokerId> replicas;
    for (std::int32_t i = 0; i < 3; ++i) {
      replicas.push_back(ids[static_cast<std::size_t>((index + i) % brokers)]);
    }
    controller_->create(key, replicas);
  }
  for (ModelBroker& b : brokers_) {
    b.channel.on_registered(controller_->broker(b.id).epoch, now_);
    b.registered_at = controller_->version();
  }
  constexpr std::uint32_t kFactors[] = {0, 1, 1, 1, 4};
  for (int action = 0; action < kActions; ++action) {
    const std::uint32_t factor = kFactors[random_.below(5)];
    const bool vital = action == kDeliver || action == kFetch || action == kMetadata ||
                       action == kStart || action == kRegister || action == kUnfence;
    weights_.push_back(kUsual[action] * (vital ? std::max(factor, 1u) : factor));
  }
}

std::string ModelCluster::run(int steps) {
  for (step_ = 0; step_ < steps && violation_.empty(); ++step_) step(false);
  if (!violation_.empty()) return violation_;
  heal();
  const int end = step_ + kHealingSteps;
  for (; step_ < end && violation_.empty() && !(healthy() && waiting_.empty()); ++step_) step(true);
  check_acked();
  if (violation_.empty() && !(healthy() && waiting_.empty())) fail("A21: " + why_unhealthy());
  return violation_;
}

void ModelCluster::step(bool healing) {
  now_ = now_ + std::chrono::microseconds(random_.between(100, healing ? 4'000 : 12'000));
  std::uint64_t total = 0;
  for (const std::uint32_t weight : weights_) total += weight;
  std::uint64_t draw = random_.below(total);
  int action = 0;
  while (draw >= weights_[static_cast<std::size_t>(action)]) {
    draw -= weights_[static_cast<std::size_t>(action)];
    ++action;
  }
  act(action);
  answer_produce();
  check();
}

void ModelCluster::act(int action) {
  ModelBroker& b = brokers_[random_.below(brokers_.size())];
  const PartitionKey key = keys_[random_.below(keys_.size())];
  const bool acts = b.running && b.registered;
  switch (static_cast<Action>(action)) {
    case kDeliver:
    case kRepeat:
    case kDrop: {
      if (network_.empty()) return;
      // While healing the network keeps the order.
      const std::size_t index = healing_ ? 0 : random_.below(network_.size());
      if (action != kDrop) return deliver(index, action == kRepeat);
      network_.erase(network_.begin() + static_cast<std::ptrdiff_t>(index));
      return;
    }
    case kFetch:
      if (acts) start_fetches(b);
      return;
    case kProduceAll:
    case kProduceOne:
      // Brokers of an older epoch think that they lead, too.
      for (ModelBroker& each : brokers_) {
        const bool asked = each.running && each.registered && random_.chance({2, 3});
        if (asked) produce(each, key, action == kProduceAll);
      }
      return;
    case kMetadata: {
      const std::size_t first = std::max(b.applied + 1, b.registered_at);
      const auto latest = controller_->version();
      if (acts && first <= latest) apply(b, first + random_.below(latest - first + 1));
      return;
    }
    case kTick:
      if (acts) tick(b);
      return;
    case kAlter:
      if (acts) send_alter(b);
      return;
    case kTimeOut:
      if (acts) time_out(b);
      return;
    case kSync:
      if (b.running) b.replicas[key].log.sync();
      return;
    case kCheckpoint:
      for (auto& [k, r] : b.replicas) {
        if (b.running) r.checkpoint = r.high_watermark;
      }
      return;
    case kKill: return end_broker(b, kKilled);
    case kLosePower: return end_broker(b, kPowerLost);
    case kWipe: return end_broker(b, kWiped);
    case kStopCleanly: return end_broker(b, kCleanly);
    case kStart:
      for (ModelBroker& each : brokers_) {
        if (!each.running) return start_broker(each);
      }
      return;
    case kRegister:
      for (ModelBroker& each : brokers_) {
        if (each.running && !each.registered) return register_broker(each);
      }
      return;
    case kFence:
      if (!controller_->broker(b.id).fenced) controller_->fence(b.id);
      return;
    case kUnfence:
      for (const ModelBroker& each : brokers_) {
        const bool ready = each.running && each.registered && each.applied >= each.registered_at;
        if (ready && controller_->broker(each.id).fenced) return controller_->unfence(each.id);
      }
      return;
    case kDeleteRecords:
      if (acts) delete_records(b, key);
      return;
    case kReplace: {
      const auto& replicas = controller_->partition(key).state.replicas;
      const BrokerId out = replicas[random_.below(replicas.size())];
      const BrokerId in = random_.chance({1, 2}) ? out : b.id;
      controller_->replace_replica(key, out, in);
      return;
    }
    case kMoveLeader: return controller_->move_leader(key, b.id);
    case kActions: return;
  }
}

// An AlterPartition travels on a connection: it arrives once, and not after its time.
void ModelCluster::deliver(std::size_t index, bool keep) {
  const bool alter = std::holds_alternative<AlterRequest>(network_[index].body);
  const bool once = alter || std::holds_alternative<FetchEnd>(network_[index].body);
  const ModelMessage m = network_[index];
  if (!keep || once) network_.erase(network_.begin() + static_cast<std::ptrdiff_t>(index));
  if (m.to == kTheController) {
    const bool in_time = now_ - m.sent < std::chrono::milliseconds(400);
    if (in_time) control(m, std::get<AlterRequest>(m.body));
    return;
  }
  ModelBroker& b = broker(m.to);
  if (!b.running || !b.registered || b.life != m.to_life) return;
  std::visit(
      [&](const auto& body) {
        if constexpr (!std::is_same_v<std::decay_t<decltype(body)>, AlterRequest>) {
          receive(b, m, body);
        }
      },
      m.body);
}

void ModelCluster::tick(ModelBroker& b) {
  for (auto& [key, r] : b.replicas) {
    if (!r.leader || r.leader->next_deadline() > now_) continue;
    carry(b, key, r, r.leader->on_deadline(now_));
    if (r.leader->next_deadline() <= now_) fail("a deadline that does not go away");
  }
}

void ModelCluster::produce(ModelBroker& b, const PartitionKey& key, bool all) {
  ModelReplica& r = b.replicas[key];
  if (!r.leader || r.leader->admit_append(all ? -1 : 1) != ErrorCode::none) return;
  const ModelRecord record{r.leader->leader_epoch(), ++ids_};
  const Offset at = r.log.end();
  r.log.append(record);
  on_appended(b, key, at, record);
  carry(b, key, r, r.leader->on_append(r.log.end(), now_));
  if (all) waiting_.push_back({b.id, b.life, key, {record.epoch, at + 1}, record.id});
}

void ModelCluster::answer_produce() {
  std::erase_if(waiting_, [this](const Waiting& w) {
    const ModelBroker& b = broker(w.broker);
    if (!b.running || b.life != w.life) return true;
    const ModelReplica& r = b.replicas.at(w.key);
    if (!r.leader) return true;
    const std::optional<ErrorCode> answer = r.leader->produce_answer(w.append);
    if (answer == ErrorCode::none) {
      ghosts_[w.key].acked[w.append.end - 1] = w.id;
      ++tally_.acked;
    }
    return answer.has_value();
  });
}

void ModelCluster::delete_records(ModelBroker& b, const PartitionKey& key) {
  ModelReplica& r = b.replicas[key];
  if (!r.leader) return;
  const Offset to = r.log.start + random_.between(0, r.high_watermark - r.log.start);
  r.log.advance_start(to);
  r.leader->on_log_start(to);
  ghosts_[key].deleted = std::max(ghosts_[key].deleted, to);
}

// With power losses the promise is: fewer than min.insync.replicas unclean ends until everything is
// replicated and durable again. Killed processes lose nothing, so those are free where no power is
// lost; and so is everything that befalls a broker on which no partition counts, if it registers
// again before one does.
void ModelCluster::end_broker(ModelBroker& b, int how) {
  if (!b.running) return;
  const bool unclean = how != kCleanly;
  const bool needed = controller_->counts_on(b.id);
  if (needed && (how == kWiped || (how == kPowerLost && !power_mode_))) return;
  if (needed && unclean && power_mode_) {
    if (healthy()) {
      losses_ = 0;
      for (ModelBroker& each : brokers_) {
        for (auto& [key, r] : each.replicas) r.log.sync();
      }
    }
    if (losses_ + 1 >= min_isr_) return;
    ++losses_;
  }
  if (unclean) ++tally_.unclean_ends;
  if (!unclean && b.registered) controller_->begin_shutdown(b.id);
  for (auto& [key, r] : b.replicas) {
    if (how == kCleanly) {
      r.log.sync();
      r.checkpoint = r.high_watermark;
    }
    if (how == kPowerLost) {
      const std::int64_t unsynced = r.log.end() - std::max(r.log.synced, r.log.start);
      r.log.lose_power(random_.between(0, unsynced));
    }
    end_role(b, key, r);
    r.applied.reset();
    if (how == kWiped) r = ModelReplica{};
  }
  b.clean_end = !unclean && (b.registered || b.clean_end);
  b.running = false;
  if (!needed && unclean && (power_mode_ || how != kKilled)) {
    start_broker(b);
    register_broker(b);
  }
}

void ModelCluster::start_broker(ModelBroker& b) {
  const BrokerId id = b.id;
  const std::uint64_t life = b.life + 1;
  const bool clean = b.clean_end;
  auto replicas = std::move(b.replicas);
  const std::size_t applied = b.applied;
  b = ModelBroker(id);
  b.life = life;
  b.clean_end = clean;
  b.registered = false;
  b.applied = applied;
  b.replicas = std::move(replicas);
  for (auto& [key, r] : b.replicas) {
    r.high_watermark = std::clamp(r.checkpoint, r.log.start, r.log.end());
  }
}

void ModelCluster::heal() {
  healing_ = true;
  for (ModelBroker& b : brokers_) {
    if (b.running && b.registered) time_out(b);
    if (!b.running) start_broker(b);
  }
  constexpr int kCalm[] = {kDeliver, kFetch, kMetadata, kTick, kAlter, kRegister, kUnfence};
  weights_.assign(kActions, 0);
  for (const int action : kCalm) weights_[static_cast<std::size_t>(action)] = 100;
  weights_[kDeliver] = 400;
  weights_[kTimeOut] = 5;
}

bool ModelCluster::healthy() const { return why_unhealthy().empty(); }

std::string ModelCluster::why_unhealthy() const {
  std::ostringstream why;
  for (const auto& [key, p] : controller_->partitions()) {
    const PartitionState& state = p.state;
    if (state.leader == kNoLeaderId) return "no leader";
    const auto known = [&](BrokerId id) { return broker(id).replicas.contains(key); };
    if (!std::ranges::all_of(state.replicas, known)) return "a replica that does not know it";
    const ModelReplica& leader = broker(state.leader).replicas.at(key);
    if (!leader.leader || leader.leader->leader_epoch() != state.leader_epoch) {
      return "the leader does not lead";
    }
    if (state.isr.size() != state.replicas.size()) return "not all are in the ISR";
    if (state.recovering || leader.leader->pending()) return "an ISR change hangs";
    for (const BrokerId id : state.replicas) {
      const ModelReplica& r = broker(id).replicas.at(key);
      if (r.log.end() != leader.log.end()) return "not everything is replicated";
      for (Offset o = std::max(r.log.start, leader.log.start); o < r.log.end(); o = o + 1) {
        if (r.log.at(o) != leader.log.at(o)) return "the logs differ";
      }
      if (r.high_watermark != r.log.end()) return "a high watermark is behind";
    }
  }
  return why.str();
}

}  // namespace weir
