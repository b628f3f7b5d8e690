// write_truth: what only a run knows of its history, as lines before the end mark.
//
// A replica that begins like the first one says only how long: that makes three copies of a log as
// long as one. A record says the session of its producer, [id, epoch], where it is not that of the
// record before it.
#include <algorithm>
#include <set>

#include "checkers/history_json.h"
#include "checkers/json_writer.h"
#include "checkers/verdict_json.h"

namespace weir {
namespace {

void write_watched(JsonWriter& json, std::string_view key, const WatchTruth& watch) {
  json.key(key).begin_object().key("looked_at").integer(watch.looked_at);
  json.key("breaches").integer(watch.breaches);
  if (!watch.kept.empty()) {
    json.key("kept").begin_array();
    for (const FactBreach& b : watch.kept) {
      json.begin_object().key("record").text(b.record).key("made").integer(b.made);
      json.key("broken").integer(b.broken).key("about").text(b.about).end_object();
    }
    json.end_array();
  }
  json.end_object();
}

void write_promises(JsonWriter& json, const RunTruth& truth) {
  json.key("promises").begin_object();
  for (const PromiseTruth& p : truth.promises) {
    json.key(p.guarantee).begin_object().key("promised").boolean(p.promised);
    if (p.claimed) json.key("claimed").boolean(true);
    json.key("because").begin_array();
    for (const std::string& line : p.because) json.text(line);
    json.end_array().end_object();
  }
  json.end_object();
}

std::string run_line(const RunTruth& truth, bool whole) {
  JsonWriter json;
  json.begin_object().key("run").begin_object();
  write_promises(json, truth);
  json.key("topics").begin_object();
  for (const TopicTruth& t : truth.topics) {
    json.key(t.name).begin_object().key("survives").boolean(t.survives);
    json.key("compacted").boolean(t.compacted).end_object();
  }
  json.end_object().key("clients").begin_object();
  for (const ClientTruth& c : truth.clients) {
    json.key(c.name).begin_object().key("acks").text(c.acks);
    json.key("idempotent").boolean(c.idempotent).key("ordered").boolean(c.ordered).end_object();
  }
  json.end_object().key("loss_allowed").boolean(truth.loss_allowed);
  json.key("drain_asked").boolean(truth.drain_asked).key("drained").boolean(truth.drained);
  if (!truth.limit.empty()) json.key("limit").text(truth.limit);
  json.key("retries").integer(truth.retries).key("deduplicated").integer(truth.deduplicated);
  write_watched(json, "sequences", truth.sequences);
  write_watched(json, "served", truth.served);
  write_watched(json, "searched", truth.searched);
  write_watched(json, "acknowledged", truth.acknowledged);
  write_watched(json, "elections", truth.elections);
  // A part of a history is not what the nodes were judged by.
  if (whole) {
    if (!truth.required.empty()) json.key("required").texts(truth.required);
    write_guarantees(json, truth.judged);
  }
  json.end_object().end_object();
  return json.take() + "\n";
}

void write_records(JsonWriter& json, const History& h, const std::vector<StoredAt>& records) {
  std::int32_t session = -1;
  json.key("records").begin_array();
  for (const StoredAt& record : records) {
    json.begin_array().integer(record.offset);
    json.raw(record.value == kNoValue ? std::string("null") : datum_of(h, record.value).json);
    if (record.session != session) {
      session = record.session;
      json.begin_array();
      if (session >= 0) {
        const auto& [id, epoch] = h.truth->sessions[static_cast<std::size_t>(session)];
        json.integer(id).integer(epoch);
      }
      json.end_array();
    }
    json.end_array();
  }
  json.end_array();
}

// Without the records of other values.
PartitionTruth narrowed(const PartitionTruth& whole, const std::set<ValueId>& only) {
  PartitionTruth partition = whole;
  const auto kept = [&only](const StoredAt& r) { return only.contains(r.value); };
  for (ReplicaTruth& replica : partition.replicas) {
    const std::vector<StoredAt>& first = whole.replicas.front().records;
    replica.shared = static_cast<std::uint32_t>(
        std::count_if(first.begin(), first.begin() + replica.shared, kept));
    std::erase_if(replica.records, [&kept](const StoredAt& r) { return !kept(r); });
  }
  return partition;
}

std::string partition_line(const History& h, const PartitionTruth& partition) {
  JsonWriter json;
  json.begin_object().key("stored").begin_object().key("key").text(h.name(partition.key));
  json.key("start").integer(partition.start).key("each").boolean(partition.each);
  json.key("replicas").begin_array();
  for (const ReplicaTruth& replica : partition.replicas) {
    json.begin_object().key("node").text(replica.node).key("holds").boolean(replica.holds);
    if (!replica.damage.empty()) json.key("damage").text(replica.damage);
    if (replica.shared > 0) json.key("shared").integer(replica.shared);
    if (!replica.records.empty()) write_records(json, h, replica.records);
    json.end_object();
  }
  json.end_array().end_object().end_object();
  return json.take() + "\n";
}

}  // namespace

std::string write_truth(const History& history, const std::set<ValueId>* only) {
  std::string out = run_line(*history.truth, only == nullptr);
  for (const PartitionTruth& partition : history.truth->partitions) {
    out += partition_line(history, only == nullptr ? partition : narrowed(partition, *only));
  }
  return out;
}

}  // namespace weir
