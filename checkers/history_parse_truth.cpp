// HistoryParser: what only a run knows of its history (see truth.h, truth_write.cpp).
#include <algorithm>
#include <limits>

#include "checkers/history_parse.h"

namespace weir {
namespace {

constexpr std::string_view kRecord = "a record [offset, value] or [offset, value, [id, epoch]]";

}  // namespace

bool HistoryParser::text(JsonValue v, Place at, std::string& out) {
  if (!v.is(JsonType::text)) return fail(v, at, "a text");
  out = v.node().text;
  return true;
}

bool HistoryParser::run(JsonValue v, Place at) {
  if (!v.is(JsonType::object)) return fail(v, at, "an object (what only the run knows)");
  if (!history_.truth) history_.truth.emplace();
  RunTruth& t = *history_.truth;
  return members(v, at, [&](std::string_view key, JsonValue m, Place here) {
    constexpr std::string_view kCount = "a count of 0 or more";
    if (key == "promises") return promises(m, here);
    if (key == "topics") return topics(m, here);
    if (key == "clients") return clients(m, here);
    if (key == "loss_allowed") return flag(m, here, t.loss_allowed);
    if (key == "drain_asked") return flag(m, here, t.drain_asked);
    if (key == "drained") return flag(m, here, t.drained);
    if (key == "limit") return text(m, here, t.limit);
    if (key == "retries") return integer(m, here, 0, kCount, t.retries);
    if (key == "deduplicated") return integer(m, here, 0, kCount, t.deduplicated);
    if (key == "sequences") return watched(m, here, t.sequences);
    if (key == "served") return watched(m, here, t.served);
    if (key == "searched") return watched(m, here, t.searched);
    if (key == "acknowledged") return watched(m, here, t.acknowledged);
    if (key == "elections") return watched(m, here, t.elections);
    if (key == "required") return texts(m, here, t.required);
    if (key == "guarantees") return guarantees(m, here);
    return true;
  });
}

bool HistoryParser::promises(JsonValue v, Place at) {
  if (!v.is(JsonType::object)) return fail(v, at, "promises by guarantee");
  return members(v, at, [&](std::string_view guarantee, JsonValue told, Place here) {
    if (!told.is(JsonType::object)) return fail(told, here, "an object");
    PromiseTruth& promise = history_.truth->promises.emplace_back();
    promise.guarantee = guarantee;
    return members(told, here, [&](std::string_view key, JsonValue m, Place place) {
      if (key == "promised") return flag(m, place, promise.promised);
      if (key == "claimed") return flag(m, place, promise.claimed);
      return key != "because" || texts(m, place, promise.because);
    });
  });
}

bool HistoryParser::topics(JsonValue v, Place at) {
  if (!v.is(JsonType::object)) return fail(v, at, "topics by name");
  return members(v, at, [&](std::string_view name, JsonValue told, Place here) {
    if (!told.is(JsonType::object)) return fail(told, here, "an object");
    TopicTruth& topic = history_.truth->topics.emplace_back();
    topic.name = name;
    return members(told, here, [&](std::string_view key, JsonValue m, Place place) {
      if (key == "survives") return flag(m, place, topic.survives);
      return key != "compacted" || flag(m, place, topic.compacted);
    });
  });
}

bool HistoryParser::clients(JsonValue v, Place at) {
  if (!v.is(JsonType::object)) return fail(v, at, "clients by name");
  return members(v, at, [&](std::string_view name, JsonValue told, Place here) {
    if (!told.is(JsonType::object)) return fail(told, here, "an object");
    ClientTruth& client = history_.truth->clients.emplace_back();
    client.name = name;
    return members(told, here, [&](std::string_view key, JsonValue m, Place place) {
      if (key == "acks") return text(m, place, client.acks);
      if (key == "idempotent") return flag(m, place, client.idempotent);
      return key != "ordered" || flag(m, place, client.ordered);
    });
  });
}

bool HistoryParser::watched(JsonValue v, Place at, WatchTruth& out) {
  if (!v.is(JsonType::object)) return fail(v, at, "an object");
  constexpr std::string_view kEvent = "an event number, or -1";
  return members(v, at, [&](std::string_view key, JsonValue m, Place here) {
    if (key == "looked_at") return integer(m, here, 0, "a count of 0 or more", out.looked_at);
    if (key == "breaches") return integer(m, here, 0, "a count of 0 or more", out.breaches);
    if (key != "kept") return true;
    if (!m.is(JsonType::array)) return fail(m, here, "a list of breaches");
    std::int64_t i = 0;
    for (const JsonValue told : m) {
      const JsonPath place = here.element(i++);
      if (!told.is(JsonType::object)) return fail(told, place, "an object");
      FactBreach& breach = out.kept.emplace_back();
      const bool good = members(told, place, [&](std::string_view k, JsonValue n, Place p) {
        if (k == "record") return text(n, p, breach.record);
        if (k == "made") return integer(n, p, -1, kEvent, breach.made);
        if (k == "broken") return integer(n, p, -1, kEvent, breach.broken);
        return k != "about" || text(n, p, breach.about);
      });
      if (!good) return false;
    }
    return true;
  });
}

bool HistoryParser::stored(JsonValue v, Place at) {
  const auto key = find(v, "key"), replicas = find(v, "replicas");
  if (!key || !replicas || !replicas->is(JsonType::array)) {
    return fail(v, at, "{\"key\", \"start\", \"each\", \"replicas\": [...]}");
  }
  PartitionTruth partition;
  if (!name(*key, at.member("key"), "a key", partition.key)) return false;
  const auto start = find(v, "start"), each = find(v, "each");
  if (start && !offset(*start, at.member("start"), false, partition.start)) return false;
  if (each && !flag(*each, at.member("each"), partition.each)) return false;
  if (!history_.truth) history_.truth.emplace();
  const JsonPath list = at.member("replicas");
  std::int64_t i = 0;
  for (const JsonValue told : *replicas) {
    if (!replica(told, list.element(i++), partition)) return false;
  }
  history_.truth->partitions.push_back(std::move(partition));
  return true;
}

bool HistoryParser::replica(JsonValue v, Place at, PartitionTruth& partition) {
  if (!v.is(JsonType::object)) return fail(v, at, "a replica (an object)");
  ReplicaTruth told;
  const bool good = members(v, at, [&](std::string_view key, JsonValue m, Place here) {
    if (key == "node") return text(m, here, told.node);
    if (key == "holds") return flag(m, here, told.holds);
    if (key == "damage") return text(m, here, told.damage);
    if (key == "records") return stored_records(m, here, told);
    if (key != "shared") return true;
    std::int64_t shared = 0;
    const std::size_t first =
        partition.replicas.empty() ? 0 : partition.replicas.front().records.size();
    constexpr std::string_view kShared = "at most as many records as the first replica has";
    if (!integer(m, here, 0, kShared, shared)) return false;
    if (shared > static_cast<std::int64_t>(first)) return fail(m, here, kShared);
    told.shared = static_cast<std::uint32_t>(shared);
    return true;
  });
  if (good) partition.replicas.push_back(std::move(told));
  return good;
}

bool HistoryParser::stored_records(JsonValue v, Place at, ReplicaTruth& replica) {
  if (!v.is(JsonType::array)) return fail(v, at, "a list of records");
  auto& sessions = history_.truth->sessions;
  std::int32_t session = -1;
  std::int64_t i = 0;
  for (const JsonValue record : v) {
    const JsonPath here = at.element(i++);
    const bool list = record.is(JsonType::array);
    const auto where = list ? element(record, 0) : std::nullopt;
    const auto what = list ? element(record, 1) : std::nullopt;
    if (!where || !what) return fail(record, here, kRecord);
    StoredAt& at_end = replica.records.emplace_back();
    if (!offset(*where, here.element(0), false, at_end.offset)) return false;
    if (!what->is(JsonType::null)) at_end.value = value(*what);
    if (const auto told = element(record, 2); told) {
      const JsonPath place = here.element(2);
      if (!told->is(JsonType::array)) return fail(*told, place, kRecord);
      const auto id = element(*told, 0), epoch = element(*told, 1);
      session = -1;
      if (id && epoch) {
        std::pair<std::int64_t, std::int64_t> named;
        if (!integer(*id, place.element(0), 0, kRecord, named.first)) return false;
        if (!integer(*epoch, place.element(1), -1, kRecord, named.second)) return false;
        const auto known = std::ranges::find(sessions, named);
        session = static_cast<std::int32_t>(known - sessions.begin());
        if (known == sessions.end()) sessions.push_back(named);
      }
    }
    at_end.session = session;
  }
  return true;
}

}  // namespace weir
