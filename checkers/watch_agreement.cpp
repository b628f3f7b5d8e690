// Mirrors of logs, and their comparison.
#include "checkers/watch_agreement.h"

#include <charconv>

namespace weir {
namespace watching {

std::vector<std::int64_t> ids_in(std::string_view record, std::string_view key) {
  std::vector<std::int64_t> ids;
  for (std::size_t from = 0; from < record.size();) {
    const std::size_t to = std::min(record.find(' ', from), record.size());
    std::string_view word = record.substr(from, to - from);
    from = to + 1;
    if (!word.starts_with(key) || word.size() <= key.size() || word[key.size()] != '=') continue;
    word.remove_prefix(key.size() + 1);
    while (!word.empty()) {
      const std::size_t comma = std::min(word.find(','), word.size());
      std::int64_t id = -1;
      const auto parsed = std::from_chars(word.data(), word.data() + comma, id);
      if (parsed.ec == std::errc()) ids.push_back(id);
      word.remove_prefix(std::min(comma + 1, word.size()));
    }
  }
  return ids;
}

}  // namespace watching

using namespace watching;

void AgreementWatch::on(const Seen& seen) {
  const Fact& fact = seen.fact;
  switch (fact.kind) {
    case FactKind::log_appended: on_append(at_partition(partitions_, fact), seen); return;
    case FactKind::log_opened: {
      Partition& partition = at_partition(partitions_, fact);
      Mirror& mirror = at_node(partition.mirrors, seen.node);
      // A log that begins anew may be that of another topic under the old name: nothing that was
      // seen of the old one may be compared with it.
      if (fact.value == 0 && !mirror.empty()) partition.mirrors.clear();
      cut(at_node(partition.mirrors, seen.node), fact.value);
      return;
    }
    case FactKind::log_truncated:
      cut(at_node(at_partition(partitions_, fact).mirrors, seen.node), fact.value);
      return;
    case FactKind::log_start_advanced: {
      Mirror& mirror = at_node(at_partition(partitions_, fact).mirrors, seen.node);
      while (!mirror.empty() && mirror.front().last < fact.value) mirror.pop_front();
      return;
    }
    case FactKind::log_compacted: at_partition(partitions_, fact).compacted = true; return;
    case FactKind::partition_changed: {
      Partition& partition = at_partition(partitions_, fact);
      if (partition.creations.is_another(fact)) partition.mirrors.clear();
      return;
    }
    case FactKind::topic_deleted:
      for (auto& [key, partition] : partitions_) {
        if (key.first == fact.topic) partition.mirrors.clear();
      }
      return;
    default: return;  // changes no log
  }
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
