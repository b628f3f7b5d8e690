// HistoryParser: micro-operations, records, keys and offsets, and what a history is judged against.
#include <array>
#include <charconv>

#include "checkers/history_parse.h"

namespace weir {
namespace {

constexpr std::array<std::string_view, 2> kIsolations = {"read_committed", "read_uncommitted"};

}  // namespace

std::optional<JsonValue> HistoryParser::element(JsonValue array, std::int64_t index) {
  for (const JsonValue v : array) {
    if (index-- == 0) return v;
  }
  return std::nullopt;
}

bool HistoryParser::micro_ops(HistoryOp& op, JsonValue v, Place at, bool& known) {
  if (!v.is(JsonType::array)) return fail(v, at, "a list of micro-operations");
  std::int64_t i = 0;
  for (const JsonValue micro : v) {
    const JsonPath here = at.element(i++);
    const auto head = micro.is(JsonType::array) ? element(micro, 0) : std::nullopt;
    if (!head || !head->is(JsonType::text)) {
      return fail(micro, here, "a micro-operation such as [\"send\", key, value] or [\"poll\"]");
    }
    const std::string_view what = head->node().text;
    bool good = true;
    if (what == "send") {
      good = send(op, micro, here);
    } else if (what == "poll") {
      good = poll(micro, here);
    } else if (what == "offsets") {
      const auto group = element(micro, 1);
      const auto next = element(micro, 2);
      if (!group || !next) return fail(micro, here, "[\"offsets\", group, {key: next}]");
      NameId id = kNoName;
      if (!name(*group, here.element(1), "a group's id", id)) return false;
      add(ItemKind::offsets, id);
      good = key_offsets(*next, here.element(2));
    } else if (what == "append" || what == "r") {
      good = list_micro_op(op, micro, here, what == "r");
    } else if (op.function == OpFunction::txn) {
      known = false;  // another family's
      return true;
    } else {
      return fail(*head, here.element(0), "\"send\", \"poll\" or \"offsets\"");
    }
    if (!good) return false;
  }
  return true;
}

bool HistoryParser::send(const HistoryOp& op, JsonValue micro, Place at) {
  const auto key = element(micro, 1);
  const auto payload = element(micro, 2);
  if (!key || !payload) return fail(micro, at, "[\"send\", key, value]");
  NameId id = kNoName;
  if (!name(*key, at.element(1), "a key", id)) return false;
  std::int64_t where = kNoOffset;
  ValueId what = kNoValue;
  const JsonPath place = at.element(2);
  const auto first = payload->is(JsonType::array) ? element(*payload, 0) : std::nullopt;
  const auto second = payload->is(JsonType::array) ? element(*payload, 1) : std::nullopt;
  if (op.type == OpType::invoke) {
    what = value(*payload);
  } else if (first && second && !element(*payload, 2)) {
    if (!offset(*first, place.element(0), true, where)) return false;
    what = value(*second);
  } else if (op.type == OpType::ok) {
    return fail(*payload, place, "a pair [offset or null, value]");
  } else {
    what = value(*payload);
  }
  HistoryItem& item = add(ItemKind::send, id);
  item.offset = where;
  item.value = what;
  const auto extra = element(micro, 3);
  return !extra || meta(*extra, at.element(3), item);
}

// ["append", key, value] and ["r", key, [value ...] or null].
bool HistoryParser::list_micro_op(const HistoryOp& op, JsonValue micro, Place at, bool read) {
  const auto key = element(micro, 1);
  if (!key) return fail(micro, at, "[\"append\", key, value] or [\"r\", key, values]");
  NameId id = kNoName;
  if (!name(*key, at.element(1), "a key", id)) return false;
  const auto payload = element(micro, 2);
  if (!read) {
    if (!payload) return fail(micro, at, "[\"append\", key, value]");
    add(ItemKind::append, id).value = value(*payload);
    return true;
  }
  const auto begin = static_cast<std::int64_t>(history_.elements.size());
  const bool known = payload && payload->is(JsonType::array);
  if (payload && !known && !payload->is(JsonType::null)) {
    return fail(*payload, at.element(2), "a list of values or null");
  }
  if (known) {
    for (const JsonValue v : *payload) history_.elements.push_back(value(v));
  }
  HistoryItem& item = add(ItemKind::read_list, id);
  // Of a completed transaction null is the empty list; of one that nobody knows about, nothing.
  if (known || op.type == OpType::ok) {
    item.offset = begin;
    item.meta =
        static_cast<std::uint32_t>(static_cast<std::int64_t>(history_.elements.size()) - begin);
  }
  return true;
}

bool HistoryParser::poll(JsonValue micro, Place at) {
  add(ItemKind::poll, kNoName);
  const auto results = element(micro, 1);
  if (!results || results->is(JsonType::null)) return true;
  const JsonPath place = at.element(1);
  if (!results->is(JsonType::object)) {
    return fail(*results, place, "records by key, {key: [[offset, value] ...]}");
  }
  return members(*results, place, [&](std::string_view key, JsonValue list, Place here) {
    return records(history_.names.intern(key), list, here);
  });
}

bool HistoryParser::records(NameId key, JsonValue list, Place at) {
  add(ItemKind::polled, key);
  if (list.is(JsonType::null)) return true;
  if (!list.is(JsonType::array)) return fail(list, at, "a list of [offset, value]");
  std::int64_t i = 0;
  for (const JsonValue record : list) {
    const JsonPath here = at.element(i++);
    if (!record.is(JsonType::array)) return fail(record, here, "a record [offset, value]");
    const auto where = element(record, 0);
    const auto what = element(record, 1);
    if (!where || !what) return fail(record, here, "a record [offset, value]");
    HistoryItem& item = add(ItemKind::record, key);
    if (!offset(*where, here.element(0), false, item.offset)) return false;
    item.value = value(*what);
    if (const auto extra = element(record, 2); extra && !meta(*extra, here.element(2), item)) {
      return false;
    }
  }
  return true;
}

bool HistoryParser::meta(JsonValue v, Place at, HistoryItem& item) {
  if (v.is(JsonType::null)) return true;
  if (!v.is(JsonType::object)) return fail(v, at, "an object (what else is known of the record)");
  RecordMeta meta;
  const bool good = members(v, at, [&](std::string_view key, JsonValue m, Place here) {
    if (m.is(JsonType::null)) return true;
    if (key == "leader_epoch") {
      std::int64_t epoch = -1;
      if (!integer(m, here, -1, "a leader epoch of -1 or more", epoch)) return false;
      if (epoch > std::numeric_limits<std::int32_t>::max()) {
        return fail(m, here, "a leader epoch of at most 2147483647");
      }
      item.epoch = static_cast<std::int32_t>(epoch);
    } else if (key == "seq") {
      return integer(m, here, -1, "a sequence number of -1 or more", meta.sequence);
    } else if (key == "record_key") {
      meta.record_key = value(m);
    } else if (key == "tombstone") {
      return flag(m, here, meta.tombstone);
    } else if (key == "send_id") {
      meta.send_id = value(m);
    } else if (key == "derived_from") {
      const auto from = m.is(JsonType::array) ? element(m, 0) : std::nullopt;
      const auto where = m.is(JsonType::array) ? element(m, 1) : std::nullopt;
      if (!from || !where) return fail(m, here, "[key, offset]");
      return name(*from, here.element(0), "a key", meta.derived_key) &&
             offset(*where, here.element(1), false, meta.derived_offset);
    } else if (key == "digest") {
      std::uint64_t digest = 0;
      const std::string_view text = m.is(JsonType::text) ? m.node().text : std::string_view();
      const char* last = text.data() + text.size();
      const auto [end, error] = std::from_chars(text.data(), last, digest, 16);
      if (text.empty() || error != std::errc() || end != last) {
        return fail(m, here, "a digest of 16 hexadecimal digits");
      }
      meta.digest = digest;
    }
    return true;
  });
  if (!good) return false;
  if (meta == RecordMeta{}) return true;
  item.meta = static_cast<std::uint32_t>(history_.metas.size());
  history_.metas.push_back(meta);
  return true;
}

bool HistoryParser::keys(JsonValue v, Place at) {
  if (!v.is(JsonType::array)) return fail(v, at, "a list of keys");
  std::int64_t i = 0;
  for (const JsonValue key : v) {
    NameId id = kNoName;
    if (!name(key, at.element(i++), "a key", id)) return false;
    add(ItemKind::entry, id);
  }
  return true;
}

bool HistoryParser::key_offsets(JsonValue v, Place at) {
  if (!v.is(JsonType::object)) return fail(v, at, "offsets by key, {key: offset}");
  return members(v, at, [&](std::string_view key, JsonValue where, Place here) {
    HistoryItem& item = add(ItemKind::entry, history_.names.intern(key));
    return offset(where, here, true, item.offset);
  });
}

bool HistoryParser::handled(JsonValue v, Place at) {
  if (!v.is(JsonType::array)) return fail(v, at, "a list of [key, offset]");
  std::int64_t i = 0;
  for (const JsonValue pair : v) {
    const JsonPath here = at.element(i++);
    const auto key = pair.is(JsonType::array) ? element(pair, 0) : std::nullopt;
    const auto where = pair.is(JsonType::array) ? element(pair, 1) : std::nullopt;
    if (!key || !where) return fail(pair, here, "[key, offset]");
    NameId id = kNoName;
    if (!name(*key, here.element(0), "a key", id)) return false;
    if (!offset(*where, here.element(1), false, add(ItemKind::entry, id).offset)) return false;
  }
  return true;
}

bool HistoryParser::log_states(JsonValue v, Place at) {
  if (!v.is(JsonType::object)) return fail(v, at, "{key: {\"start\", \"hw\", \"lso\", \"end\"}}");
  return members(v, at, [&](std::string_view key, JsonValue state, Place here) {
    if (!state.is(JsonType::object)) return fail(state, here, "an object");
    add(ItemKind::log, history_.names.intern(key)).meta =
        static_cast<std::uint32_t>(history_.numbers.size());
    for (const std::string_view part : {"start", "hw", "lso", "end"}) {
      std::int64_t where = kNoOffset;
      const auto found = find(state, part);
      if (found && !offset(*found, here.member(part), true, where)) return false;
      history_.numbers.push_back(where);
    }
    const std::size_t count_at = history_.numbers.size();
    history_.numbers.push_back(-1);
    const auto markers = find(state, "markers");
    if (!markers || markers->is(JsonType::null)) return true;
    const JsonPath place = here.member("markers");
    std::int64_t count = 0;
    if (markers->is(JsonType::array)) {
      for (const JsonValue m : *markers) {
        std::int64_t where = 0;
        if (!offset(m, place.element(count++), false, where)) return false;
        history_.numbers.push_back(where);
      }
      history_.numbers[count_at] = count;
      return true;
    }
    if (!markers->is(JsonType::object)) {
      return fail(*markers, place, "{offset: kind} or a list of offsets");
    }
    const bool good = members(*markers, place, [&](std::string_view text, JsonValue m, Place p) {
      std::int64_t where = 0;
      const char* last = text.data() + text.size();
      const auto [end, error] = std::from_chars(text.data(), last, where);
      if (error != std::errc() || end != last || where < 0) {
        return fail(m, p, "a key that is an offset");
      }
      history_.numbers.push_back(where);
      ++count;
      return true;
    });
    history_.numbers[count_at] = count;
    return good;
  });
}

bool HistoryParser::resets(JsonValue v, Place at) {
  if (!v.is(JsonType::object)) return fail(v, at, "{key: {\"from\", \"to\"}}");
  return members(v, at, [&](std::string_view key, JsonValue reset, Place here) {
    const auto to = find(reset, "to");
    if (!to) return fail(reset, here, "an object with \"from\" and \"to\"");
    HistoryItem item;
    item.kind = ItemKind::reset;
    item.key = history_.names.intern(key);
    std::int64_t from = kNoOffset;
    if (!offset(*to, here.member("to"), true, item.offset)) return false;
    if (const auto f = find(reset, "from"); f && !offset(*f, here.member("from"), true, from)) {
      return false;
    }
    item.meta = static_cast<std::uint32_t>(history_.numbers.size());
    history_.numbers.push_back(from);
    const auto policy = find(reset, "policy");
    history_.numbers.push_back(policy && policy->is(JsonType::text) &&
                               policy->node().text.find("earliest") != std::string_view::npos);
    history_.items.push_back(item);
    return true;
  });
}

bool HistoryParser::compactions(JsonValue v, Place at) {
  if (!v.is(JsonType::object)) return fail(v, at, "{key: {\"up_to\"}}");
  return members(v, at, [&](std::string_view key, JsonValue run, Place here) {
    HistoryItem& item = add(ItemKind::entry, history_.names.intern(key));
    const auto up_to = find(run, "up_to");
    return !up_to || offset(*up_to, here.member("up_to"), true, item.offset);
  });
}

bool HistoryParser::bounds(JsonValue v, Place at) {
  if (!v.is(JsonType::object)) return fail(v, at, "an object");
  HistoryBounds& b = history_.config.bounds;
  return members(v, at, [&](std::string_view key, JsonValue m, Place here) {
    std::optional<std::int64_t>* bound = key == "staleness_ns"          ? &b.staleness_ns
                                         : key == "orphan_ns"           ? &b.orphan_ns
                                         : key == "lso_ns"              ? &b.lso_ns
                                         : key == "uncaused_rebalances" ? &b.uncaused_rebalances
                                                                        : nullptr;
    if (bound == nullptr || m.is(JsonType::null)) return true;
    std::int64_t n = 0;
    if (!integer(m, here, 0, "a bound of 0 or more", n)) return false;
    *bound = n;
    return true;
  });
}

bool HistoryParser::pipeline(JsonValue v, Place at) {
  if (!v.is(JsonType::object)) return fail(v, at, "an object with \"in\" and \"out\"");
  HistoryPipeline& p = history_.config.pipeline.emplace();
  const auto in = find(v, "in"), out = find(v, "out"), map = find(v, "map");
  const auto positions = find(v, "positions");
  if (in && !texts(*in, at.member("in"), p.in)) return false;
  if (out && !texts(*out, at.member("out"), p.out)) return false;
  p.one_to_one = !map || (map->is(JsonType::text) && map->node().text == "one-to-one");
  p.positions_in_output =
      positions && positions->is(JsonType::text) && positions->node().text == "in-output";
  return true;
}

bool HistoryParser::group(JsonValue v, Place at) {
  HistoryConfig& c = history_.config;
  const auto protocol = find(v, "protocol"), id = find(v, "id"), topics = find(v, "topics");
  c.cooperative =
      protocol && protocol->is(JsonType::text) && protocol->node().text == "cooperative";
  if (id && id->is(JsonType::text)) c.group = id->node().text;
  if (const auto timeout = find(v, "session_timeout_ns");
      timeout && !timeout->is(JsonType::null) &&
      !integer(*timeout, at.member("session_timeout_ns"), 0, "a time of 0 or more",
               c.session_timeout_ns.emplace())) {
    return false;
  }
  if (!topics || !topics->is(JsonType::object)) return true;
  return members(*topics, at.member("topics"), [&](std::string_view, JsonValue keys, Place here) {
    return texts(keys, here, c.group_keys);
  });
}

bool HistoryParser::texts(JsonValue v, Place at, std::vector<std::string>& out) {
  if (!v.is(JsonType::array)) return fail(v, at, "a list of texts");
  std::int64_t i = 0;
  for (const JsonValue entry : v) {
    NameId id = kNoName;
    if (!name(entry, at.element(i++), "a name", id)) return false;
    out.emplace_back(history_.names.text(id));
  }
  return true;
}

bool HistoryParser::config(JsonValue v, Place at) {
  if (!v.is(JsonType::object)) return fail(v, at, "an object");
  HistoryConfig& c = history_.config;
  c.text.clear();
  append_json(c.text, v);
  return members(v, at, [&](std::string_view key, JsonValue m, Place here) {
    std::size_t which = 0;
    if (m.is(JsonType::null)) return true;
    if (key == "isolation") {
      if (!word(m, here, kIsolations, which)) return false;
      c.isolation = static_cast<Isolation>(which);
    } else if (key == "acks") {
      const bool number = m.is(JsonType::integer);
      const std::string_view text = m.is(JsonType::text) ? m.node().text : std::string_view();
      const std::int64_t n = number ? m.node().integer : -2;
      if (text == "0" || n == 0) {
        c.acks = AckLevel::none;
      } else if (text == "1" || n == 1) {
        c.acks = AckLevel::leader;
      } else if (text == "all" || text == "-1" || n == -1) {
        c.acks = AckLevel::all;
      } else {
        return fail(m, here, "\"0\", \"1\" or \"all\"");
      }
    } else if (key == "cleanup") {
      if (!m.is(JsonType::text)) return fail(m, here, "\"delete\" or \"compact\"");
      c.compacted = m.node().text.find("compact") != std::string_view::npos;
    } else if (key == "idempotence") {
      return flag(m, here, c.idempotence);
    } else if (key == "max_in_flight") {
      return integer(m, here, 1, "a number of 1 or more", c.max_in_flight);
    } else if (key == "retries") {
      if (!m.is(JsonType::integer)) return flag(m, here, c.retries);
      c.retries = m.node().integer > 0;
    } else if (key == "values_unique") {
      return flag(m, here, c.values_unique);
    } else if (key == "final_drain") {
      return flag(m, here, c.final_drain);
    } else if (key == "handling_recorded") {
      return flag(m, here, c.handling_recorded);
    } else if (key == "partial_history") {
      return flag(m, here, c.partial_history);
    } else if (key == "auto_commit") {
      return flag(m, here, c.auto_commit);
    } else if (key == "group") {
      return group(m, here);
    } else if (key == "pipeline") {
      return pipeline(m, here);
    } else if (key == "ww_deps") {
      return flag(m, here, c.ww_deps);
    } else if (key == "consistency_models") {
      return texts(m, here, c.models);
    } else if (key == "initial") {
      c.initial.clear();
      append_json(c.initial, m, MemberOrder::by_name);
    } else if (key == "contract") {
      if (!m.is(JsonType::text)) return fail(m, here, "a contract's name");
      c.contract = m.node().text;
    } else if (key == "bounds") {
      return bounds(m, here);
    }
    return true;
  });
}

}  // namespace weir
