// From plan to strikes: arming, resolving, guarding, ending, and the healing of everything.
#include "faults/injector.h"

#include <algorithm>
#include <utility>

#include "broker/base/assertion.h"

namespace weir {
namespace {

// Whether "orders-0" is this topic and partition; no allocation, since every fact is asked.
bool names(std::string_view tp, const Fact& fact) {
  if (tp.size() < fact.topic.size() + 2 || !tp.starts_with(fact.topic) ||
      tp[fact.topic.size()] != '-' || fact.partition < 0) {
    return false;
  }
  std::int64_t partition = 0;
  for (const char c : tp.substr(fact.topic.size() + 1)) {
    if (c < '0' || c > '9' || partition > INT32_MAX) return false;
    partition = partition * 10 + (c - '0');
  }
  return partition == fact.partition;
}

// It strikes the node's disk at some later operation, or stops the node for want of space.
bool strikes_later(FaultKind kind) {
  return traits_of(kind).is(FaultTraits::kNth) || kind == FaultKind::disk_full;
}

bool is_not_noticed(FaultKind kind) {
  return kind == FaultKind::bit_rot || kind == FaultKind::misdirected;
}

bool comes_in_turns(FaultKind kind) {
  return kind == FaultKind::swizzle || kind == FaultKind::tangle ||
         kind == FaultKind::rolling_restart;
}

}  // namespace

Injector::Injector(World& world, Plan plan, ClusterShape shape)
    : world_(world),
      plan_(std::move(plan)),
      directory_(std::move(shape)),
      effects_(world),
      progress_(plan_.faults.size()) {}

void Injector::start(Instant begin) {
  begin_ = begin;
  for (std::size_t i = 0; i < plan_.faults.size(); ++i) {
    const FaultTime& when = plan_.faults[i].when;
    if (const auto* at = std::get_if<Duration>(&when)) {
      progress_[i].state = State::armed;
      if (*at <= plan_.heal_at) world_.at(begin_ + *at, [this, i] { strike(i); });
    } else if (std::holds_alternative<Trigger>(when)) {
      watching_.push_back(i);
    }
  }
  world_.at(begin_ + plan_.heal_at, [this] { heal_all(); });
}

void Injector::on(const Observed& seen) {
  if (!is_of_message(seen.fact.kind) && !is_of_record(seen.fact.kind)) {
    directory_.on(seen);
    if (seen.fact.kind == FactKind::node_stopped && effects_.is_due(seen.node)) {
      world_.start(seen.node);
    }
    restart_if_doomed(seen);
  }
  if (watching_.empty() || healed_) return;
  std::vector<std::size_t> due;
  for (const std::size_t i : watching_) {
    const auto& trigger = std::get<Trigger>(plan_.faults[i].when);
    if (seen.fact.kind != trigger.event || !fulfils(seen, trigger)) continue;
    if (++progress_[i].matches == trigger.nth) due.push_back(i);
  }
  for (const std::size_t i : due) {
    std::erase(watching_, i);
    EventRoles& roles = progress_[i].roles;
    roles = {std::string(seen.node_name), std::string(seen.fact.peer)};
    if (seen.fact.partition >= 0) {
      roles.tp = std::string(seen.fact.topic) + "-" + std::to_string(seen.fact.partition);
    }
    arm(i, std::get<Trigger>(plan_.faults[i].when).delay);
  }
}

// A disk error of before may halt its node only when everything has healed, and then nobody else
// restarts it any more.
void Injector::restart_if_doomed(const Observed& seen) {
  const FactKind kind = seen.fact.kind;
  if (kind == FactKind::disk_error && !healed_) {
    doomed_.push_back(seen.node);
  } else if (kind == FactKind::node_started) {
    std::erase(doomed_, seen.node);
  } else if (kind == FactKind::node_failed && healed_ && std::erase(doomed_, seen.node) > 0) {
    world_.at(world_.now(), [this, node = seen.node] { world_.start(node); });
  }
}

bool Injector::fulfils(const Observed& seen, const Trigger& trigger) const {
  const Fact& fact = seen.fact;
  if (seen.at < begin_ + trigger.since) return false;
  if (trigger.api >= 0 && fact.api != trigger.api) return false;
  if (trigger.at_least && fact.value < *trigger.at_least) return false;
  if (!trigger.tp.empty() && !names(trigger.tp, fact)) return false;
  const auto is = [&](const NodeRef& ref, std::string_view node) {
    if (ref.empty()) return true;
    if (ref != "leader") return directory_.node_of(ref, {}) == node;
    const std::string tp = std::string(fact.topic) + "-" + std::to_string(fact.partition);
    return directory_.node_of("leader:" + tp, {}) == node;
  };
  return is(trigger.node, seen.node_name) && is(trigger.peer, fact.peer);
}

void Injector::arm(std::size_t i, Duration delay) {
  progress_[i].state = State::armed;
  if (delay <= Duration(0)) {
    strike(i);
  } else {
    world_.at(world_.now() + delay, [this, i] { strike(i); });
  }
}

void Injector::strike(std::size_t i) {
  Progress& progress = progress_[i];
  if (healed_ || progress.state != State::armed) return;
  Fault fault = plan_.faults[i];
  std::string obstacle = resolve(i, fault);
  fault.when = world_.now() - begin_;
  if (!obstacle.empty()) {
    skip(i, std::move(fault), std::move(obstacle));
    return;
  }
  const bool lasts = traits_of(fault.kind).is(FaultTraits::kLasts);
  if (fault.kind == FaultKind::lose_response && !fault.lasts) fault.lasts = kLostResponseLasts;
  if (is_muted(i)) {
    progress.state = lasts ? State::active : State::over;
    progress.strike = strikes_.size();
    strikes_.push_back({i, fault, world_.now(), {}, "left out, to see what it changed", false});
    follow(i, lasts, fault);
    return;
  }
  progress.cuts = cuts_of(fault);
  const bool in_budget = why_not(fault, Guard::replicated).empty();
  if (strikes_later(fault.kind) || is_not_noticed(fault.kind)) {
    directory_.suspect(fault.node, is_not_noticed(fault.kind));
  }
  progress.state = lasts ? State::active : State::over;
  progress.strike = strikes_.size();
  strikes_.push_back({i, fault, world_.now(), {}, {}, in_budget, world_.sequence()});
  emit(FactKind::fault_injected, i, fault, what_of(fault));
  if (comes_in_turns(fault.kind)) {
    plan_turns(i, fault);
  } else {
    effects_.begin(fault, progress.cuts);
  }
  follow(i, lasts, fault);
}

// Its end, or at once those that wait for it.
void Injector::follow(std::size_t i, bool lasts, const Fault& fault) {
  if (lasts && fault.lasts) {
    world_.at(world_.now() + *fault.lasts, [this, i] { end(i); });
  } else {
    release_followers(i);
  }
}

bool Injector::is_muted(std::size_t i) const {
  return std::ranges::find(muted_, i) != muted_.end();
}

void Injector::skip(std::size_t i, Fault fault, std::string why) {
  progress_[i].state = State::over;
  const std::string text = what_of(fault) + ": " + why;
  emit(FactKind::fault_skipped, i, fault, text);
  strikes_.push_back(
      {i, std::move(fault), world_.now(), {}, std::move(why), false, world_.sequence()});
}

void Injector::end(std::size_t i) {
  Progress& progress = progress_[i];
  if (progress.state != State::active) return;
  progress.state = State::over;
  if (is_muted(i)) {
    release_followers(i);
    return;
  }
  Strike& strike = strikes_[progress.strike];
  strike.over = world_.now();
  strike.fault.lasts = *strike.over - strike.struck;
  emit(FactKind::fault_healed, i, strike.fault, what_of(strike.fault));
  if (comes_in_turns(strike.fault.kind)) {
    for (std::size_t turn = 0; turn < progress.turns.size(); ++turn) end_turn(i, turn);
  } else {
    effects_.end(strike.fault, progress.cuts);
  }
  release_followers(i);
}

void Injector::release_followers(std::size_t i) {
  const std::string& label = plan_.faults[i].label;
  if (label.empty() || healed_) return;
  for (std::size_t f = 0; f < plan_.faults.size(); ++f) {
    const auto* after = std::get_if<AfterFault>(&plan_.faults[f].when);
    if (after == nullptr || after->label != label || progress_[f].state != State::waiting) continue;
    progress_[f].roles = progress_[i].roles;
    arm(f, after->delay);
  }
}

void Injector::heal_all() {
  if (std::exchange(healed_, true)) return;
  for (std::size_t i = 0; i < progress_.size(); ++i) {
    if (progress_[i].state != State::active) continue;
    // Its connection would die by itself only later, and lose responses until then.
    const Fault& fault = strikes_[progress_[i].strike].fault;
    if (fault.kind == FaultKind::lose_response && !is_muted(i)) effects_.reset(fault);
    end(i);
  }
  for (std::size_t i = 0; i < progress_.size(); ++i) {
    if (progress_[i].state != State::over) {
      skip(i, plan_.faults[i], "its moment did not come before everything healed");
    }
  }
  effects_.clear();
  // A server that halted itself, after a disk error for instance, has nobody else to restart it.
  for (const auto* group : {&directory_.shape().brokers, &directory_.shape().controllers}) {
    for (const std::string& name : *group) {
      const NodeId node = world_.node(name);
      if (node != kNoNode && !directory_.is_alive(name)) world_.start(node);
    }
  }
  Fact fact;
  fact.kind = FactKind::healed;
  world_.emit(fact);
}

std::vector<Fault> Injector::fired() const {
  std::vector<Fault> faults;
  for (const Strike& strike : strikes_) {
    if (!strike.skipped.empty()) continue;
    faults.push_back(strike.fault);
    faults.back().guard = Guard::none;
  }
  return faults;
}

void Injector::emit(FactKind kind, std::size_t index, const Fault& fault, std::string_view why) {
  Fact fact;
  fact.kind = kind;
  fact.operation = static_cast<std::int64_t>(index);
  fact.record = fault.label;
  fact.why = why;
  const bool at_node = traits_of(fault.kind).target == FaultTarget::node;
  world_.emit(fact, at_node ? world_.node(fault.node) : kNoNode);
}

}  // namespace weir
