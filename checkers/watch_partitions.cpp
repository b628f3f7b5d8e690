// States of partitions, one by one and one after the other.
#include "checkers/watch_partitions.h"

#include <chrono>

#include "broker/base/hash.h"
#include "broker/base/text.h"

namespace weir {

using namespace watching;

namespace {

// All that a controller decides at once is told long before.
constexpr Duration kSettled = std::chrono::seconds(1);

using Ids = std::vector<std::int64_t>;

bool contains(const Ids& ids, std::int64_t id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

bool has_all(const Ids& whole, const Ids& part) {
  return std::all_of(part.begin(), part.end(),
                     [&](std::int64_t id) { return contains(whole, id); });
}

bool has_none(const Ids& whole, const Ids& part) {
  return std::none_of(part.begin(), part.end(),
                      [&](std::int64_t id) { return contains(whole, id); });
}

bool repeats(Ids ids) {
  std::sort(ids.begin(), ids.end());
  return std::adjacent_find(ids.begin(), ids.end()) != ids.end();
}

std::uint64_t hash_of(const Fact& fact) {
  return fold(fold(hash_text(fact.record), static_cast<std::uint64_t>(fact.epoch)),
              static_cast<std::uint64_t>(fact.value));
}

std::string broker_text(std::int64_t id) { return "broker " + std::to_string(id); }

}  // namespace

void PartitionWatch::on(const Seen& seen) {
  const Fact& fact = seen.fact;
  pass(seen.at);
  switch (fact.kind) {
    case FactKind::partition_changed: on_changed(seen); return;
    case FactKind::isr_proposed: {
      Partition& partition = at_partition(partitions_, fact);
      for (const std::int64_t id : ids_in(fact.record, "isr")) {
        if (!contains(partition.proposed, id)) partition.proposed.push_back(id);
      }
      return;
    }
    case FactKind::controller_activated:
      at_node(terms_, seen.node) = fact.epoch;
      newest_term_ = std::max<std::int64_t>(newest_term_, fact.epoch);
      return;
    case FactKind::controller_resigned: at_node(terms_, seen.node) = -1; return;
    case FactKind::broker_fenced:
    case FactKind::broker_registered: {
      if (fact.kind == FactKind::broker_registered) {
        registered_[fact.sequence] = {seen.sequence, seen.at};
      }
      const bool uncleanly = fact.kind == FactKind::broker_registered && fact.why == "unclean";
      outcasts_[fact.sequence] = {seen.sequence,      seen.at,   std::string(seen.node),
                                  term_of(seen.node), uncleanly, false};
      next_settling_ = std::min(next_settling_, seen.at + kSettled);
      return;
    }
    case FactKind::broker_unfenced: {
      const auto outcast = outcasts_.find(fact.sequence);
      if (outcast == outcasts_.end()) return;
      // It was unfenced since it knows of its registration, so that was told with all that followed
      // from it; a fencing may be revoked at once.
      const bool registered = outcast->second.uncleanly && !outcast->second.settled;
      if (registered && outcast->second.teller == seen.node) {
        judge_outcast(outcast->first, outcast->second);
      }
      outcasts_.erase(outcast);
      return;
    }
    case FactKind::topic_deleted: partitions_.erase_topic(fact.topic); return;
    case FactKind::node_started: at_node(lives_, seen.node) = seen.sequence; return;
    default: break;
  }
  if (ends_life(fact.kind)) {
    at_node(lives_, seen.node) = -1;
    const auto term = terms_.find(seen.node);
    if (term != terms_.end()) term->second = -1;
  }
}

std::int64_t PartitionWatch::term_of(std::string_view node) const {
  const auto term = terms_.find(node);
  return term == terms_.end() ? -1 : term->second;
}

bool PartitionWatch::is_settled(std::int64_t broker) const {
  const auto life = lives_.find(BrokerName(broker));
  const auto registration = registered_.find(broker);
  return life != lives_.end() && life->second >= 0 && registration != registered_.end() &&
         registration->second.event > life->second;
}

PartitionWatch::Newest PartitionWatch::newest(std::string_view topic,
                                              std::int32_t partition) const {
  const Partition* found = partitions_.find(topic, partition);
  if (found == nullptr || found->now.event < 0) return {};
  return {&found->now, is_of_present_controller(found->now)};
}

bool PartitionWatch::is_of_present_controller(const PartitionTold& state) const {
  return state.term >= 0 && state.term == newest_term_ && term_of(state.teller) == state.term;
}

bool PartitionWatch::is_led(const Partition& partition) const {
  const PartitionTold& now = partition.now;
  return now.event >= 0 && now.leader >= 0 && is_of_present_controller(now) &&
         is_settled(now.leader);
}

std::int64_t PartitionWatch::led() const {
  return std::ranges::count_if(partitions_, [&](const auto& p) { return is_led(p.second); });
}

std::vector<PartitionWatch::Outsider> PartitionWatch::outsiders() const {
  std::vector<Outsider> found;
  for (const auto& [key, partition] : partitions_) {
    if (!is_led(partition)) continue;
    for (const auto& [broker, since] : partition.out_since) {
      if (!is_settled(broker)) continue;
      const Instant back = std::max(registered_.at(broker).at, partition.leader_since);
      found.push_back({key.first, key.second, broker, std::max(since, back), partition.now.event});
    }
  }
  return found;
}

void PartitionWatch::note_outsiders(Partition& partition, Instant at) {
  const PartitionTold& now = partition.now;
  std::erase_if(partition.out_since, [&](const auto& out) {
    return contains(now.isr, out.first) || !contains(now.replicas, out.first);
  });
  for (const std::int64_t broker : now.replicas) {
    if (!contains(now.isr, broker)) partition.out_since.try_emplace(broker, at);
  }
}

void PartitionWatch::on_changed(const Seen& seen) {
  const Fact& fact = seen.fact;
  Partition& partition = at_partition(partitions_, fact);
  if (partition.creations.is_another(fact)) {
    const Creations creations = partition.creations;
    partition = Partition{};
    partition.creations = creations;
  }
  PartitionTold next;
  next.partition_epoch = fact.old;
  next.leader_epoch = fact.epoch;
  next.leader = fact.value;
  next.replicas = ids_in(fact.record, "replicas");
  next.isr = ids_in(fact.record, "isr");
  next.elr = ids_in(fact.record, "elr");
  next.event = seen.sequence;
  next.teller = seen.node;
  next.term = term_of(seen.node);
  ++states.looked_at;
  judge_state(next, seen);

  const auto [told, fresh] =
      partition.told.try_emplace(fact.old, std::pair(hash_of(fact), seen.sequence));
  if (!fresh && told->second.first != hash_of(fact)) {
    states.add({place_of(fact), told->second.second, seen.sequence,
                "partition epoch " + std::to_string(fact.old) + " was told in two ways"},
               fact.topic);
  }
  // What an old controller tells late says nothing of the present.
  if (next.partition_epoch <= partition.now.partition_epoch) return;
  if (partition.now.event >= 0) judge_step(partition, next, seen);
  judge_members(next, seen);
  remember_leaders(partition, next);
  if (next.leader_epoch != partition.now.leader_epoch) partition.leader_since = seen.at;
  partition.now = std::move(next);
  note_outsiders(partition, seen.at);
  partition.proposed.clear();
}

void PartitionWatch::judge_state(const PartitionTold& next, const Seen& seen) {
  const Fact& fact = seen.fact;
  const auto wrong = [&](const std::string& what) {
    states.add({place_of(fact), -1, seen.sequence,
                what + ": leader " + std::to_string(next.leader) + ", " + std::string(fact.record)},
               fact.topic);
  };
  if (next.leader >= 0 && !contains(next.isr, next.leader)) wrong("the leader is not in the ISR");
  if (!has_all(next.replicas, next.isr)) wrong("the ISR has a member that is no replica");
  if (!has_all(next.replicas, next.elr)) wrong("an eligible replica is no replica");
  if (!has_none(next.isr, next.elr)) wrong("a replica is eligible and in the ISR");
  if (repeats(next.replicas) || repeats(next.isr) || repeats(next.elr)) {
    wrong("a replica is named twice");
  }
  if (!next.elr.empty() && next.isr.size() < next.replicas.size()) {
    at_node(eligible_beside_isr, fact.topic)
        .note(
            next.isr.size(), seen.sequence,
            place_of(fact) + " has eligible replicas beside the ISR: " + std::string(fact.record));
  }
}

// What it fenced or registered, a controller does not count as in sync in what it tells from then
// on, until it unfences it. Without eligible replicas the last member stays, but does not lead.
void PartitionWatch::judge_members(const PartitionTold& next, const Seen& seen) {
  for (const std::int64_t id : next.isr) {
    const auto outcast = outcasts_.find(id);
    if (outcast == outcasts_.end() || next.term < 0) continue;
    const bool same_teller =
        outcast->second.teller == next.teller && outcast->second.term == next.term;
    if (!same_teller || (next.isr.size() == 1 && next.leader != id)) continue;
    states.add(
        {place_of(seen.fact), outcast->second.event, seen.sequence,
         broker_text(id) + " is fenced, and the controller that knows it has it in the ISR (" +
             std::string(seen.fact.why) + ")"},
        seen.fact.topic);
    outcast->second.settled = true;  // told once
  }
}

void PartitionWatch::judge_step(Partition& partition, const PartitionTold& next, const Seen& seen) {
  const Fact& fact = seen.fact;
  const PartitionTold& now = partition.now;
  if (next.leader_epoch < now.leader_epoch) {
    states.add({place_of(fact), now.event, seen.sequence,
                "the leader epoch went back from " + std::to_string(now.leader_epoch) + " to " +
                    std::to_string(next.leader_epoch)},
               fact.topic);
  }
  if (next.leader != now.leader && next.leader_epoch == now.leader_epoch) {
    states.add({place_of(fact), now.event, seen.sequence,
                broker_text(next.leader) + " leads after " + broker_text(now.leader) +
                    " in the same leader epoch " + std::to_string(next.leader_epoch)},
               fact.topic);
  }
  // Nothing was committed in between; proposals may have changed the ISR in this very step.
  const bool adjacent = next.partition_epoch == now.partition_epoch + 1;
  if (!adjacent || next.leader < 0 || next.leader_epoch == now.leader_epoch) return;
  ++elections.looked_at;
  const bool inside = contains(now.isr, next.leader) || contains(now.elr, next.leader) ||
                      contains(partition.proposed, next.leader) ||
                      contains(partition.last_leaders, next.leader);
  if (inside) return;
  elections.add({place_of(fact), now.event, seen.sequence,
                 broker_text(next.leader) +
                     " was elected, who was neither in the ISR nor eligible nor the last leader (" +
                     std::string(fact.why) + ")"},
                fact.topic);
}

// One decision may elect, and take the leader away again, and tell the end of it only: over a gap
// whoever could be elected may have led last.
void PartitionWatch::remember_leaders(Partition& partition, const PartitionTold& next) {
  if (next.leader >= 0) {
    partition.last_leaders = {next.leader};
    return;
  }
  if (next.partition_epoch == partition.now.partition_epoch + 1) return;
  for (const Ids* ids : {&partition.now.isr, &partition.now.elr, &partition.proposed}) {
    partition.last_leaders.insert(partition.last_leaders.end(), ids->begin(), ids->end());
  }
}

void PartitionWatch::settle(Instant now) {
  next_settling_ = Instant::never();
  for (auto& [broker, outcast] : outcasts_) {
    if (outcast.settled) continue;
    if (outcast.at + kSettled > now) {
      next_settling_ = std::min(next_settling_, outcast.at + kSettled);
      continue;
    }
    outcast.settled = true;
    judge_outcast(broker, outcast);
  }
}

// The same controller in the same term, which is not over, told both: so it knew both.
void PartitionWatch::judge_outcast(std::int64_t broker, const Outcast& outcast) {
  if (outcast.term < 0 || term_of(outcast.teller) != outcast.term) return;
  for (const auto& [key, partition] : partitions_) {
    const PartitionTold& state = partition.now;
    if (state.teller != outcast.teller || state.term != outcast.term) continue;
    // Without eligible replicas the last member stays, to tell who holds the data.
    const bool in_sync =
        contains(state.isr, broker) && (state.isr.size() > 1 || state.leader == broker);
    const bool eligible = outcast.uncleanly && contains(state.elr, broker);
    if (!in_sync && !eligible) continue;
    states.add({key.first + "-" + std::to_string(key.second), state.event, outcast.event,
                broker_text(broker) + (outcast.uncleanly ? " stopped uncleanly" : " was fenced") +
                    " and is still " + (in_sync ? "in the ISR" : "eligible") + " a second later"},
               key.first);
  }
}

}  // namespace weir
