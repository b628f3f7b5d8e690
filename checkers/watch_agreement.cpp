// Mirrors of logs, and their comparison.
#include "checkers/watch_agreement.h"

#include <algorithm>

namespace weir {
using namespace watching;

void AgreementWatch::on(const Seen& seen) {
  const Fact& fact = seen.fact;
  switch (fact.kind) {
    case FactKind::log_appended: on_append(at_partition(partitions_, fact), seen); return;
    case FactKind::log_opened: on_opened(at_partition(partitions_, fact), seen); return;
    case FactKind::log_synced: {
      Synced& synced = at_node(at_partition(partitions_, fact).synced, seen.node);
      synced.up_to = fact.value;
      synced.event = seen.sequence;
      return;
    }
    case FactKind::replica_leads:
    case FactKind::replica_follows:
    case FactKind::replica_offline: {
      Partition& partition = at_partition(partitions_, fact);
      partition.has_roles = true;
      at_node(partition.synced, seen.node).follows = fact.kind != FactKind::replica_leads;
      return;
    }
    case FactKind::log_truncated: {
      Partition& partition = at_partition(partitions_, fact);
      // What recovery cuts is judged when the log is opened, right after it.
      Synced& synced = at_node(partition.synced, seen.node);
      if (synced.follows) synced.up_to = std::min(synced.up_to, fact.value);
      cut(at_node(partition.mirrors, seen.node), fact.value);
      return;
    }
    case FactKind::log_start_advanced: {
      Mirror& mirror = at_node(at_partition(partitions_, fact).mirrors, seen.node);
      while (!mirror.empty() && mirror.front().last < fact.value) mirror.pop_front();
      return;
    }
    case FactKind::log_compacted: at_partition(partitions_, fact).compacted = true; return;
    case FactKind::partition_changed: {
      Partition& partition = at_partition(partitions_, fact);
      if (!partition.creations.is_another(fact)) return;
      partition.mirrors.clear();
      partition.synced.clear();
      return;
    }
    case FactKind::topic_deleted:
      for (auto& [key, partition] : partitions_) {
        if (key.first != fact.topic) continue;
        partition.mirrors.clear();
        partition.synced.clear();
      }
      return;
    default: return;  // changes no log
  }
}

void AgreementWatch::on_opened(Partition& partition, const Seen& seen) {
  const Fact& fact = seen.fact;
  // A log that begins anew may be that of another topic under the old name, or on a disk that was
  // wiped: nothing that was seen of the old one may be compared with it.
  if (fact.value == 0 && !at_node(partition.mirrors, seen.node).empty()) partition.mirrors.clear();
  cut(at_node(partition.mirrors, seen.node), fact.value);
  Synced& synced = at_node(partition.synced, seen.node);
  const bool binds = synced.up_to >= 0 && !synced.follows && fact.topic != kMetadataTopic;
  if (binds) {
    ++openings.looked_at;
    if (fact.value > 0 && fact.value < synced.up_to) {
      openings.add(
          {place_of(fact, fact.value), synced.event, seen.sequence,
           "the log of " + std::string(seen.node) + " ends at " + std::to_string(fact.value) +
               " when it is opened, but it was synced up to " + std::to_string(synced.up_to)},
          fact.topic);
    }
  }
  synced = {fact.value, seen.sequence, partition.has_roles};
}

// The batch that contains the offset goes as a whole.
void AgreementWatch::cut(Mirror& mirror, std::int64_t end) {
  while (!mirror.empty() && mirror.back().last >= end) mirror.pop_back();
}

void AgreementWatch::on_append(Partition& partition, const Seen& seen) {
  const Fact& fact = seen.fact;
  Mirror& mirror = at_node(partition.mirrors, seen.node);
  if (!mirror.empty() && fact.old <= mirror.back().last) {
    batches.add({place_of(fact, fact.old), mirror.back().event, seen.sequence,
                 std::string(seen.node) + " appended offset " + std::to_string(fact.old) +
                     " behind offset " + std::to_string(mirror.back().last)},
                fact.topic);
    cut(mirror, fact.old);
  }
  if (!mirror.empty() && fact.epoch < mirror.back().epoch) {
    batches.add(
        {place_of(fact, fact.old), mirror.back().event, seen.sequence,
         std::string(seen.node) + " appended a batch of leader epoch " +
             std::to_string(fact.epoch) + " behind one of " + std::to_string(mirror.back().epoch)},
        fact.topic);
  }
  if (!partition.compacted) {
    for (const auto& [node, other] : partition.mirrors) {
      if (node != seen.node) compare(other, node, seen);
    }
  }
  mirror.push_back({fact.old, fact.value, fact.digest, seen.sequence, fact.epoch});
}

void AgreementWatch::compare(const Mirror& other, std::string_view other_node, const Seen& seen) {
  const Fact& fact = seen.fact;
  // The first batch whose end is not below: almost always at the end, or not there yet.
  if (other.empty() || other.back().last < fact.old) return;
  const auto found = std::partition_point(
      other.begin(), other.end(), [&](const Batch& batch) { return batch.last < fact.old; });
  if (found->base > fact.value || found->epoch != fact.epoch) return;
  ++batches.looked_at;
  const bool same = found->base == fact.old && found->last == fact.value;
  if (same && found->digest == fact.digest) return;
  batches.add({place_of(fact, fact.old), found->event, seen.sequence,
               std::string(seen.node) + " appended, in leader epoch " + std::to_string(fact.epoch) +
                   ", " + (same ? "another batch" : "a batch of other bounds") + " than " +
                   std::string(other_node) + " has at offset " + std::to_string(fact.old)},
              fact.topic);
}

}  // namespace weir
