// Answers, each against the facts before it.
#include "checkers/watch_answers.h"

#include <algorithm>

#include "broker/base/text.h"
#include "checkers/watch_isr.h"
#include "checkers/watch_watermarks.h"

namespace weir {

using namespace watching;

namespace {

// Kafka's keys of requests.
constexpr std::int16_t kProduce = 0;
constexpr std::int16_t kListOffsets = 2;
constexpr std::int16_t kMetadata = 3;
constexpr std::int16_t kDeleteTopics = 20;
constexpr std::int16_t kDeleteRecords = 21;
// Timestamps of ListOffsets that name places.
constexpr std::int64_t kLatest = -1;
constexpr std::int64_t kEarliest = -2;
constexpr std::int64_t kMaxTimestamp = -3;
constexpr std::int64_t kEarliestLocal = -4;

using Ids = std::vector<std::int64_t>;

Ids sorted_ids(std::string_view record, std::string_view name) {
  Ids ids = ids_in(record, name);
  std::ranges::sort(ids);
  return ids;
}

std::string text_of(const Ids& ids) {
  std::string text;
  for (const std::int64_t id : ids) text += (text.empty() ? "" : ",") + std::to_string(id);
  return text;
}

std::string text_of(std::int64_t leader, std::int32_t epoch, const Ids& replicas, const Ids& isr) {
  return "leader " + std::to_string(leader) + ", epoch " + std::to_string(epoch) + ", replicas " +
         text_of(replicas) + ", isr " + text_of(isr);
}

}  // namespace

void AnswerWatch::on(const Seen& seen, const WatermarkWatch& marks, const IsrWatch& copies) {
  const Fact& fact = seen.fact;
  switch (fact.kind) {
    case FactKind::partition_changed: on_changed(seen); return;
    case FactKind::metadata_applied: at_node(applied_, seen.node) = fact.value; return;
    case FactKind::node_started: at_node(applied_, seen.node) = -1; return;
    case FactKind::request_received:
      if (fact.api != kDeleteTopics) return;
      topics_are_deleted_ = true;
      searches.clear();
      return;
    case FactKind::log_opened:
    case FactKind::log_truncated: on_cut(seen); return;
    case FactKind::answer_told: break;
    default: return;  // no answer, and nothing that one is compared with here
  }
  if (topics_are_deleted_) return;
  if (fact.api == kProduce) on_acknowledged(seen, marks);
  if (fact.api == kMetadata) on_metadata(seen);
  if (fact.api == kDeleteRecords) on_deleted(seen, marks);
  if (fact.api != kListOffsets) return;
  if (fact.old == kLatest) on_latest(seen, marks);
  if (fact.old >= 0 || fact.old == kMaxTimestamp) on_search(seen, marks, copies);
  if (fact.old == kEarliest || fact.old == kEarliestLocal) on_earliest(seen, marks, copies);
}

void AnswerWatch::object(FactTally& tally, const Seen& seen, std::int64_t made, std::string about) {
  const bool is_offset = seen.fact.api != kMetadata;
  tally.add({is_offset ? place_of(seen.fact, seen.fact.value) : place_of(seen.fact), made,
             seen.sequence, std::string(seen.node) + " answered " + std::move(about)},
            seen.fact.topic);
}

void AnswerWatch::on_latest(const Seen& seen, const WatermarkWatch& marks) {
  const Fact& fact = seen.fact;
  const ReplicaMarks* log = marks.replica(fact.topic, fact.partition, seen.node);
  if (log == nullptr || log->end < 0) return;
  ++offsets.looked_at;
  const std::string latest = "ListOffsets latest with " + std::to_string(fact.value);
  const bool has_roles = marks.has_roles(fact.topic, fact.partition);
  if (has_roles && log->leads < 0) {
    object(offsets, seen, -1, latest + " without leading the partition");
    return;
  }
  if (has_roles && fact.epoch != log->leads) {
    object(offsets, seen, -1,
           latest + " and epoch " + std::to_string(fact.epoch) + ", but leads in epoch " +
               std::to_string(log->leads));
  }
  std::int64_t least = std::max(log->shown, has_roles ? log->epoch_start : log->start);
  std::int64_t most = log->end;
  std::string of = "log end " + std::to_string(log->end);
  if (fact.why.empty() && log->shown >= 0) {
    most = log->shown;
    of = "high watermark " + std::to_string(log->shown);
  } else if (fact.why.empty() && has_roles) {
    most = log->epoch_start;
    of = "high watermark, which cannot be beyond " + std::to_string(log->epoch_start) + " yet";
  }
  if (fact.value > most) object(offsets, seen, -1, latest + ", beyond its " + of);
  if (fact.value >= least) return;
  object(offsets, seen, -1,
         latest + ", but " + std::to_string(least) +
             (least == log->shown ? " was shown before" : " is where its log or its epoch begins"));
}

void AnswerWatch::on_earliest(const Seen& seen, const WatermarkWatch& marks,
                              const IsrWatch& copies) {
  const Fact& fact = seen.fact;
  const ReplicaMarks* log = marks.replica(fact.topic, fact.partition, seen.node);
  if (log == nullptr || log->end < 0) return;
  ++offsets.looked_at;
  const std::string earliest = "ListOffsets earliest with " + std::to_string(fact.value);
  if (fact.value != log->start) {
    object(offsets, seen, -1, earliest + ", but its log begins at " + std::to_string(log->start));
    return;
  }
  const IsrWatch::Copy* copy = copies.copy(fact.topic, fact.partition, seen.node);
  const std::int32_t epoch = copy == nullptr ? -1 : copy->epoch_at(fact.value);
  if (epoch < 0 || fact.epoch < 0 || epoch == fact.epoch) return;
  object(offsets, seen, -1,
         earliest + " and epoch " + std::to_string(fact.epoch) + ", but the record there is of " +
             std::to_string(epoch));
}

// What the search may see ends at the watermark that was shown when it began; at its end none is
// less. Which records it passed over is known when the logs are read back.
void AnswerWatch::on_search(const Seen& seen, const WatermarkWatch& marks, const IsrWatch& copies) {
  const Fact& fact = seen.fact;
  const ReplicaMarks* log = marks.replica(fact.topic, fact.partition, seen.node);
  const IsrWatch::Copy* copy = copies.copy(fact.topic, fact.partition, seen.node);
  if (log == nullptr || log->end < 0 || copy == nullptr || !fact.why.empty()) return;
  ++searched.looked_at;
  Search search;
  search.topic = fact.topic;
  search.partition = fact.partition;
  search.node = seen.node;
  search.event = seen.sequence;
  search.target = fact.old;
  search.offset = fact.value;
  search.timestamp = parse_integer(fact.record).value_or(-1);
  search.start = log->start;
  search.bound = static_cast<std::int64_t>(fact.digest);
  search.copy = *copy;
  std::int64_t shown = log->shown;
  if (shown < 0) shown = marks.has_roles(fact.topic, fact.partition) ? log->epoch_start : log->end;
  const std::string found = "a search by time with " + std::to_string(fact.value);
  if (search.bound > shown) {
    object(searched, seen, -1,
           found + ", looking up to " + std::to_string(search.bound) +
               ", beyond the high watermark " + std::to_string(shown));
  } else if (search.offset >= search.bound) {
    object(searched, seen, -1,
           found + ", beyond the end of its search " + std::to_string(search.bound));
  } else if (search.offset >= 0 && search.timestamp < search.target) {
    object(searched, seen, -1,
           found + ", whose timestamp " + std::to_string(search.timestamp) + " is less than " +
               std::to_string(search.target));
  }
  if (searches.size() < kMaxSearchesKept) searches.push_back(std::move(search));
}

// What comes behind the cut may be another record, of the same epoch where a broker stands alone.
void AnswerWatch::on_cut(const Seen& seen) {
  for (Search& search : searches) {
    const bool is_this = search.node == seen.node && search.partition == seen.fact.partition &&
                         search.topic == seen.fact.topic;
    if (is_this) search.bound = std::min(search.bound, seen.fact.value);
  }
}

void AnswerWatch::on_deleted(const Seen& seen, const WatermarkWatch& marks) {
  const Fact& fact = seen.fact;
  ++offsets.looked_at;
  const std::string low = "DeleteRecords with the low watermark " + std::to_string(fact.value);
  if (fact.value < fact.old) {
    object(offsets, seen, -1,
           low + ", below " + std::to_string(fact.old) + ", which was asked for");
  }
  const ReplicaMarks* own = marks.replica(fact.topic, fact.partition, seen.node);
  if (own != nullptr && own->end >= 0 && fact.value > own->start) {
    object(offsets, seen, -1, low + ", but its own log begins at " + std::to_string(own->start));
  }
  for (const std::int64_t id : ids_in(fact.record, "replicas")) {
    const ReplicaMarks* other = marks.replica(fact.topic, fact.partition, BrokerName(id));
    const std::int64_t furthest = other == nullptr ? 0 : other->furthest_start;
    if (fact.value <= furthest) continue;
    object(offsets, seen, -1,
           low + ", but the log of " + broker_node(id) + " never began beyond " +
               std::to_string(furthest));
  }
}

// A leader that was deposed since, and took the answer before, is not asked.
void AnswerWatch::on_acknowledged(const Seen& seen, const WatermarkWatch& marks) {
  const Fact& fact = seen.fact;
  const ReplicaMarks* log = marks.replica(fact.topic, fact.partition, seen.node);
  const bool has_roles = marks.has_roles(fact.topic, fact.partition);
  if (log == nullptr || (has_roles && fact.epoch != log->leads)) return;
  ++appends.looked_at;
  const std::int64_t at_first = has_roles ? log->epoch_start : log->start;
  const std::int64_t most = log->shown >= 0 ? log->shown : at_first;
  if (fact.value < most) return;
  object(appends, seen, -1,
         "Produce with acks=all: it has offset " + std::to_string(fact.value) +
             ", but its high watermark is " + std::to_string(most));
}

void AnswerWatch::on_changed(const Seen& seen) {
  const Fact& fact = seen.fact;
  State state;
  state.leader = fact.value;
  state.leader_epoch = fact.epoch;
  state.replicas = sorted_ids(fact.record, "replicas");
  state.isr = sorted_ids(fact.record, "isr");
  state.decided_below = static_cast<std::int64_t>(fact.digest);
  state.event = seen.sequence;
  // What a later controller repeats was decided before.
  at_partition(states_, fact).try_emplace(fact.old, std::move(state));
}

void AnswerWatch::on_metadata(const Seen& seen) {
  const Fact& fact = seen.fact;
  const std::string image = "Metadata from offset " + std::to_string(fact.old);
  const std::int64_t applied = at_node(applied_, seen.node);
  if (fact.old < applied) {
    ++metadata.looked_at;
    object(metadata, seen, -1,
           image + ", although it had applied all below " + std::to_string(applied));
  }
  const States* states = find_partition(states_, fact);
  if (states == nullptr) return;
  // The newest that the image must know.
  const auto newest = std::find_if(states->rbegin(), states->rend(), [&](const auto& told) {
    return told.second.decided_below <= fact.old;
  });
  if (newest == states->rend()) return;
  ++metadata.looked_at;
  const std::string epoch = ", partition epoch " + std::to_string(fact.sequence);
  if (fact.sequence < newest->first) {
    object(metadata, seen, newest->second.event,
           image + epoch + ", below which partition epoch " + std::to_string(newest->first) +
               " had been committed");
    return;
  }
  const auto told = states->find(fact.sequence);
  if (told == states->end() || told->second.decided_below > fact.old) return;
  const State& state = told->second;
  const Ids replicas = sorted_ids(fact.record, "replicas");
  const Ids isr = sorted_ids(fact.record, "isr");
  const bool same_leader = fact.value < 0 || fact.value == state.leader;
  if (same_leader && fact.epoch == state.leader_epoch && replicas == state.replicas &&
      isr == state.isr) {
    return;
  }
  object(metadata, seen, state.event,
         image + epoch + ": " + text_of(fact.value, fact.epoch, replicas, isr) +
             "; committed was " +
             text_of(state.leader, state.leader_epoch, state.replicas, state.isr));
}

}  // namespace weir
