// HistoryRecorder: one fact, at most two lines of history.
#include "checkers/history_recorder.h"

#include <algorithm>

#include "broker/base/same_text.h"
#include "broker/base/text.h"
#include "checkers/json_writer.h"

namespace weir {

void HistoryRecorder::on(std::string_view node, std::uint64_t life, Instant at,
                         std::int64_t sequence, const Fact& fact) {
  const Moment now{at, sequence};
  if (assignment_.open && fact.kind != FactKind::consumer_assigned) close_assignment();
  switch (fact.kind) {
    case FactKind::client_configured: {
      JsonWriter json;
      json.begin_object().key("client").text(node).key("config").raw(fact.why.empty() ? "{}"
                                                                                      : fact.why);
      json.end_object();
      add_event(OpFunction::client, process_of(node, life).number, now, json.take());
      break;
    }
    case FactKind::send_invoked:
    case FactKind::send_acknowledged:
    case FactKind::send_failed:
    case FactKind::send_unknown: on_send(process_of(node, life), now, fact); break;
    case FactKind::poll_invoked:
    case FactKind::poll_record:
    case FactKind::poll_completed:
    case FactKind::poll_failed: on_poll(process_of(node, life), now, fact); break;
    case FactKind::consumer_assigned: on_assigned(process_of(node, life), now, fact); break;
    case FactKind::consumer_seek:
    case FactKind::position_reset: on_position(process_of(node, life), now, fact); break;
    case FactKind::fault_injected:
    case FactKind::fault_healed:
    case FactKind::fault_skipped:
    case FactKind::healed: on_fault(now, fact); break;
    case FactKind::node_killed:
    case FactKind::node_power_lost:
    case FactKind::node_failed:
    case FactKind::assertion_failed: on_end_of_life(node, life, now); break;
    default: break;  // brokers, network, disks: no client sees them
  }
}

History HistoryRecorder::take() {
  if (assignment_.open) close_assignment();
  History taken = std::move(history_);
  *this = HistoryRecorder();
  return taken;
}

HistoryRecorder::Process& HistoryRecorder::process_of(std::string_view node, std::uint64_t life) {
  if (last_.process != nullptr && last_.life == life && same_text(last_.node, node)) {
    return *last_.process;
  }
  auto it = processes_.find(node);
  if (it == processes_.end()) it = processes_.try_emplace(std::string(node)).first;
  Process& process = it->second[life];
  if (process.number < 0) process.number = next_process_++;
  last_ = {std::string(node), life, &process};
  return process;
}

void HistoryRecorder::add(OpFunction function, OpType type, std::int64_t process,
                          std::int64_t operation, Moment now, std::span<const HistoryItem> items,
                          std::string_view error) {
  HistoryOp op;
  op.function = function;
  op.type = type;
  op.process = process;
  op.op = operation;
  op.time = now.at.ns;
  op.sequence = now.sequence;
  op.items_begin = static_cast<std::uint32_t>(history_.items.size());
  history_.items.insert(history_.items.end(), items.begin(), items.end());
  op.items_end = static_cast<std::uint32_t>(history_.items.size());
  if (!error.empty()) {
    OpContext context;
    context.error = history_.names.intern(error);
    op.context = history_.intern_context(context);
  }
  history_.ops.push_back(op);
}

void HistoryRecorder::add_event(OpFunction function, std::int64_t process, Moment now,
                                const std::string& json, std::span<const HistoryItem> items) {
  add(function, OpType::event, process, -1, now, items);
  history_.ops.back().text = history_.names.intern(json);
}

NameId HistoryRecorder::key_of(const Fact& fact) {
  const bool same = last_key_.partition == fact.partition && same_text(last_key_.topic, fact.topic);
  if (same && last_key_.id != kNoName) return last_key_.id;
  std::string key(fact.topic);
  key += '-';
  key += fact.partition < 0 ? "?" : std::to_string(fact.partition);
  last_key_ = {std::string(fact.topic), fact.partition, history_.names.intern(key)};
  return last_key_.id;
}

std::uint32_t HistoryRecorder::meta_of(const Fact& fact) {
  RecordMeta meta;
  meta.digest = fact.digest;
  history_.metas.push_back(meta);
  return static_cast<std::uint32_t>(history_.metas.size() - 1);
}

void HistoryRecorder::on_send(Process& process, Moment now, const Fact& fact) {
  HistoryItem item;
  item.kind = ItemKind::send;
  item.key = key_of(fact);
  item.value = history_.text_value(fact.record);
  OpType type = OpType::invoke;
  if (fact.kind == FactKind::send_invoked) {
    item.meta = meta_of(fact);
    RecordMeta& meta = history_.metas[item.meta];
    if (fact.old != 0) meta.record_key = history_.integer_value(fact.old);
    meta.tombstone = fact.value < 0;
    if (const std::size_t at = fact.peer.rfind('@'); at != std::string_view::npos) {
      meta.derived_key = history_.names.intern(fact.peer.substr(0, at));
      meta.derived_offset = parse_integer(fact.peer.substr(at + 1)).value_or(kNoOffset);
    }
  } else if (fact.kind == FactKind::send_acknowledged) {
    type = OpType::ok;
    item.offset = fact.value < 0 ? kNoOffset : fact.value;
  } else {
    type = fact.kind == FactKind::send_failed ? OpType::fail : OpType::info;
  }
  add(OpFunction::send, type, process.number, fact.operation, now, std::span(&item, 1), fact.why);
}

void HistoryRecorder::on_poll(Process& process, Moment now, const Fact& fact) {
  HistoryItem item;
  item.kind = ItemKind::poll;
  if (fact.kind == FactKind::poll_invoked) {
    process.polled.clear();
    add(OpFunction::poll, OpType::invoke, process.number, fact.operation, now, std::span(&item, 1));
    return;
  }
  if (fact.kind == FactKind::poll_record) {
    item.kind = ItemKind::record;
    item.key = key_of(fact);
    item.offset = fact.value;
    item.value = fact.record.empty() ? history_.text_value("digest:" + std::to_string(fact.digest))
                                     : history_.text_value(fact.record);
    item.epoch = fact.epoch;
    item.meta = meta_of(fact);
    process.polled.push_back(item);
    return;
  }
  // Grouped by partition in the order in which partitions first came; a poll is atomic for its
  // caller, so the interleaving of partitions says nothing.
  std::vector<HistoryItem> items{item};
  if (fact.kind == FactKind::poll_completed) {
    std::vector<NameId> keys;
    for (const HistoryItem& record : process.polled) {
      if (std::find(keys.begin(), keys.end(), record.key) == keys.end()) {
        keys.push_back(record.key);
      }
    }
    for (const NameId key : keys) {
      HistoryItem head;
      head.kind = ItemKind::polled;
      head.key = key;
      items.push_back(head);
      for (const HistoryItem& record : process.polled) {
        if (record.key == key) items.push_back(record);
      }
    }
  }
  process.polled.clear();
  const OpType type = fact.kind == FactKind::poll_completed ? OpType::ok : OpType::fail;
  add(OpFunction::poll, type, process.number, fact.operation, now, items, fact.why);
}

void HistoryRecorder::on_assigned(Process& process, Moment now, const Fact& fact) {
  const bool same = assignment_.open && assignment_.process == process.number &&
                    assignment_.operation == fact.operation;
  if (!same) {
    if (assignment_.open) close_assignment();
    assignment_ = {process.number, fact.operation, now.at, now.sequence, {}, true};
  }
  assignment_.keys.push_back(key_of(fact));
}

void HistoryRecorder::close_assignment() {
  std::vector<HistoryItem> items;
  for (const NameId key : assignment_.keys) {
    HistoryItem item;
    item.kind = ItemKind::entry;
    item.key = key;
    items.push_back(item);
  }
  const Moment then{assignment_.at, assignment_.sequence};
  for (const OpType type : {OpType::invoke, OpType::ok}) {
    add(OpFunction::assign, type, assignment_.process, assignment_.operation, then, items);
  }
  assignment_ = {};
}

// A seek to a number is an operation. A seek to an end is a reset whose target nobody knows yet,
// and position.reset is one whose target the broker has told.
void HistoryRecorder::on_position(Process& process, Moment now, const Fact& fact) {
  HistoryItem item;
  item.key = key_of(fact);
  item.offset = fact.value < 0 ? kNoOffset : fact.value;
  if (fact.kind == FactKind::consumer_seek && fact.value >= 0) {
    item.kind = ItemKind::entry;
    for (const OpType type : {OpType::invoke, OpType::ok}) {
      add(OpFunction::seek, type, process.number, -1, now, std::span(&item, 1));
    }
    return;
  }
  const bool reset = fact.kind == FactKind::position_reset;
  const std::int64_t from = reset && fact.old >= 0 ? fact.old : kNoOffset;
  item.kind = ItemKind::reset;
  item.meta = static_cast<std::uint32_t>(history_.numbers.size());
  history_.numbers.push_back(from);
  const bool earliest = reset && fact.why.find("earliest") != std::string_view::npos;
  history_.numbers.push_back(earliest ? 1 : 0);
  const auto number = [](std::int64_t n) {
    return n == kNoOffset ? std::string("null") : std::to_string(n);
  };
  JsonWriter json;
  json.begin_object().key(history_.name(item.key)).begin_object();
  json.key("from").raw(number(from)).key("to").raw(number(item.offset));
  json.key("policy").text(fact.why).end_object().end_object();
  add_event(OpFunction::offset_reset, process.number, now, json.take(), std::span(&item, 1));
}

// The phrase of a fault is "kind target"; `phase` says whether it begins, ends or was skipped.
void HistoryRecorder::on_fault(Moment now, const Fact& fact) {
  JsonWriter json;
  json.begin_object();
  if (fact.kind == FactKind::healed) {
    json.key("kind").text("healed");
  } else {
    const std::size_t space = fact.why.find(' ');
    json.key("kind").text(fact.why.substr(0, space));
    if (space != std::string_view::npos) json.key("node").text(fact.why.substr(space + 1));
    if (!fact.record.empty()) json.key("label").text(fact.record);
    json.key("phase").text(fact.kind == FactKind::fault_injected ? "begins"
                           : fact.kind == FactKind::fault_healed ? "ends"
                                                                 : "skipped");
  }
  json.end_object();
  add_event(OpFunction::fault, -1, now, json.take());
}

// Only nodes that were seen as clients have a process that can crash.
void HistoryRecorder::on_end_of_life(std::string_view node, std::uint64_t life, Moment now) {
  const auto it = processes_.find(node);
  if (it == processes_.end()) return;
  const auto process = it->second.find(life);
  if (process == it->second.end()) return;
  add(OpFunction::crash, OpType::invoke, process->second.number, -1, now, {});
  add(OpFunction::crash, OpType::info, process->second.number, -1, now, {});
}

}  // namespace weir
