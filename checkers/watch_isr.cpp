// The copies of each partition, by leader epoch, against the ISR that was told.
#include "checkers/watch_isr.h"

#include "broker/base/text.h"

namespace weir {

using namespace watching;

void IsrWatch::Copy::append(std::int32_t epoch, std::int64_t first, std::int64_t last) {
  cut(first);
  if (stretches.empty() || stretches.back().epoch != epoch) stretches.push_back({epoch, first});
  end = last + 1;
}

void IsrWatch::Copy::cut(std::int64_t at) {
  while (!stretches.empty() && stretches.back().start >= at) stretches.pop_back();
  end = at;
}

// A life may have ended between a write and the word of it: what lies beyond the last word is
// there, but nobody said of which epoch.
void IsrWatch::Copy::open(std::int64_t found) {
  const bool holds_more = end >= 0 && found > end;
  const std::int64_t told = end;
  cut(found);
  if (holds_more) stretches.push_back({-1, told});
}

std::int32_t IsrWatch::Copy::epoch_at(std::int64_t offset) const {
  if (offset >= end) return -1;
  for (auto s = stretches.rbegin(); s != stretches.rend(); ++s) {
    if (s->start <= offset) return s->epoch;
  }
  return -1;
}

const IsrWatch::Copy* IsrWatch::copy(std::string_view topic, std::int32_t partition,
                                     std::string_view node) const {
  const Partition* found = partitions_.find(topic, partition);
  if (found == nullptr) return nullptr;
  const auto copy = found->copies.find(node);
  return copy == found->copies.end() ? nullptr : &copy->second;
}

void IsrWatch::on(const Seen& seen, const PartitionWatch& states, const WatermarkWatch& marks) {
  const Fact& fact = seen.fact;
  if (fact.kind == FactKind::broker_registered) on_registered(seen);
  if (fact.topic.empty() || fact.topic == kMetadataTopic) return;
  switch (fact.kind) {
    case FactKind::log_appended:
      at_node(at_partition(partitions_, fact).copies, seen.node)
          .append(fact.epoch, fact.old, fact.value);
      return;
    case FactKind::log_opened:
      at_node(at_partition(partitions_, fact).copies, seen.node).open(fact.value);
      return;
    case FactKind::log_truncated:
      at_node(at_partition(partitions_, fact).copies, seen.node).cut(fact.value);
      return;
    case FactKind::log_start_advanced: {
      Copy& copy = at_node(at_partition(partitions_, fact).copies, seen.node);
      if (fact.value > copy.end) copy.cut(fact.value);  // it begins anew
      return;
    }
    case FactKind::isr_proposed: {
      Partition& partition = at_partition(partitions_, fact);
      for (const std::int64_t id : ids_in(fact.record, "isr")) {
        partition.proposed[id] = seen.sequence;
      }
      return;
    }
    case FactKind::hw_advanced: on_moved(at_partition(partitions_, fact), seen, states); return;
    case FactKind::partition_changed:
      on_changed(at_partition(partitions_, fact), seen, states, marks);
      return;
    case FactKind::topic_deleted: partitions_.erase_topic(fact.topic); return;
    default: return;  // says nothing of copies
  }
}

// A new controller repeats what is so, and may be the first to tell: since when, nobody knows then.
void IsrWatch::on_registered(const Seen& seen) {
  Registration& known = registered_[seen.fact.sequence];
  if (seen.fact.value <= known.epoch) return;
  known = {seen.fact.value, seen.fact.why == "failover" ? -1 : seen.sequence};
}

void IsrWatch::on_moved(Partition& partition, const Seen& seen, const PartitionWatch& states) {
  const Fact& fact = seen.fact;
  const PartitionWatch::Newest newest = states.newest(fact.topic, fact.partition);
  if (newest.state == nullptr || !newest.is_newest) return;
  const PartitionTold& told = *newest.state;
  const bool is_leader =
      told.leader_epoch == fact.epoch && told.leader >= 0 && BrokerName(told.leader) == seen.node;
  if (!is_leader || fact.value <= 0) return;
  const std::int64_t last = fact.value - 1;
  const std::int32_t epoch = at_node(partition.copies, seen.node).epoch_at(last);
  for (const std::int64_t id : told.isr) {
    if (id == told.leader || !states.is_settled(id)) continue;
    ++steps.looked_at;
    const Copy& copy = at_node(partition.copies, BrokerName(id));
    const std::int32_t other = copy.epoch_at(last);
    const bool has_it = copy.end >= fact.value && (epoch < 0 || other < 0 || other == epoch);
    if (has_it) continue;
    steps.add(
        {place_of(fact, last), told.event, seen.sequence,
         "the high watermark of " + std::string(seen.node) + " went to " +
             std::to_string(fact.value) + ", but " + broker_node(id) + ", which is in sync, has " +
             (copy.end < fact.value ? "a log that ends at " + std::to_string(copy.end)
                                    : "another record, of epoch " + std::to_string(other))},
        fact.topic);
  }
}

void IsrWatch::on_changed(Partition& partition, const Seen& seen, const PartitionWatch& states,
                          const WatermarkWatch& marks) {
  const Fact& fact = seen.fact;
  if (partition.creations.is_another(fact)) {
    const Creations creations = partition.creations;
    partition = Partition{};
    partition.creations = creations;
  }
  const PartitionWatch::Newest newest = states.newest(fact.topic, fact.partition);
  const bool is_this = newest.state != nullptr && newest.state->event == seen.sequence;
  if (!is_this) return;  // told late
  const PartitionTold& told = *newest.state;
  const std::vector<std::int64_t> before = std::exchange(partition.isr, told.isr);
  const bool same_term =
      std::exchange(partition.leader_epoch, told.leader_epoch) == told.leader_epoch;
  if (!same_term || !newest.is_newest || told.leader < 0) return;
  const std::int64_t shown = marks.ghost(fact.topic, fact.partition);
  for (const std::int64_t id : told.isr) {
    const bool is_new = std::find(before.begin(), before.end(), id) == before.end();
    if (!is_new || id == told.leader || !states.is_settled(id)) continue;
    ++joins.looked_at;
    const auto proposed = partition.proposed.find(id);
    if (proposed != partition.proposed.end() && proposed->second < registered_[id].event) {
      joins.add({place_of(fact), proposed->second, seen.sequence,
                 broker_node(id) + " joined the ISR by what its leader saw of its former life"},
                fact.topic);
    }
    const Copy& copy = at_node(partition.copies, broker_node(id));
    if (copy.end >= shown) continue;
    joins.add(
        {place_of(fact, copy.end), -1, seen.sequence,
         broker_node(id) + " joined the ISR with a log that ends at " + std::to_string(copy.end) +
             ", but a high watermark of " + std::to_string(shown) + " had been shown"},
        fact.topic);
  }
}

}  // namespace weir
