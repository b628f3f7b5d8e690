// LogIndex: collecting logs, sends and polled records from the operations.
#include "checkers/log_index.h"

#include <algorithm>
#include <iterator>

#include "broker/base/same_text.h"
#include "checkers/flat_map.h"
#include "checkers/history_parse.h"

namespace weir::analysis {
namespace {

bool sends_records(const HistoryOp& op) {
  return op.function == OpFunction::send || op.function == OpFunction::txn ||
         op.function == OpFunction::poll;
}

}  // namespace

std::uint32_t Log::rank_below(std::int64_t offset) const {
  return static_cast<std::uint32_t>(std::lower_bound(offsets.begin(), offsets.end(), offset) -
                                    offsets.begin());
}

std::uint32_t Log::rank_near(std::int64_t offset, std::uint32_t hint) const {
  constexpr std::uint32_t kNear = 8;
  if (hint <= offsets.size() && (hint == 0 || offsets[hint - 1] < offset)) {
    const std::uint32_t last =
        static_cast<std::uint32_t>(std::min<std::size_t>(offsets.size(), hint + kNear));
    for (std::uint32_t i = hint; i < last; ++i) {
      if (offsets[i] >= offset) return i;
    }
    if (last == offsets.size()) return last;
  }
  return rank_below(offset);
}

LogIndex::LogIndex(const History& h) : history(h), partner(pair_operations(h)) {
  read_back() ? find_known_clients() : find_clients();
  find_incarnations();
  find_transactions();
  collect_sends();
  collect_polls();
  find_passages();
  if (read_back()) take_readback();
  for (std::uint32_t log = 0; log < observations_.size(); ++log) {
    make_points(logs[log], observations_[log]);
    observations_[log] = {};
  }
  name_identities();
  settle_commits();
  judge_acknowledged_offsets();
  add_acknowledged_points();
  link_points();
  find_ground_truth();
  find_keys();
  find_optional_points();
}

bool LogIndex::polls(const HistoryOp& op) {
  return (op.function == OpFunction::poll || op.function == OpFunction::txn ||
          op.function == OpFunction::send) &&
         op.type != OpType::invoke && op.type != OpType::event;
}

void LogIndex::find_incarnations() {
  incarnations_.resize(history.names.size());
  for (std::uint32_t i = 0; i < history.ops.size(); ++i) {
    if (history.ops[i].function != OpFunction::topic_recreated) continue;
    for (const HistoryItem& item : history.items_of(history.ops[i])) {
      log_for(item.key, 0);
      incarnations_[item.key].push_back(static_cast<std::uint32_t>(logs.size()));
      Log& log = logs.emplace_back();
      log.key = item.key;
      log.since = i;
    }
  }
}

std::uint32_t LogIndex::log_at(NameId key, std::uint32_t position) const {
  if (key >= incarnations_.size()) return kNone;
  const auto& ids = incarnations_[key];
  for (auto it = ids.rbegin(); it != ids.rend(); ++it) {
    if (logs[*it].since <= position) return *it;
  }
  return kNone;
}

std::uint32_t LogIndex::log_for(NameId key, std::uint32_t position) {
  if (incarnations_[key].empty()) {
    incarnations_[key].push_back(static_cast<std::uint32_t>(logs.size()));
    logs.emplace_back().key = key;
  }
  return log_at(key, position);
}

const ClientTraits& LogIndex::client_of(const Send& send) const {
  return client_of(history.ops[send.completed != kNoOperation ? send.completed : send.invoked],
                   send.value);
}

const ClientTraits& LogIndex::client_of(const HistoryOp& op, ValueId sent) const {
  if (!known_clients_.empty()) {
    std::string_view name = history.values.text(sent).substr(1);  // behind its tag
    name = name.substr(0, name.rfind(':'));
    if (last_client_ != nullptr && same_text(last_client_->first, name))
      return last_client_->second;
    const auto it = known_clients_.find(name);
    if (it == known_clients_.end()) return common_;
    last_client_ = &*it;
    return it->second;
  }
  if (clients_.empty()) return common_;
  const auto it = clients_.find(op.process);
  return it == clients_.end() ? common_ : it->second;
}

void LogIndex::find_known_clients() {
  // Of whom nothing is told, nothing is promised.
  common_ = {AckLevel::all, false, 5, true};
  for (const ClientTruth& c : history.truth->clients) {
    const AckLevel acks = c.acks == "0"   ? AckLevel::none
                          : c.acks == "1" ? AckLevel::leader
                                          : AckLevel::all;
    known_clients_[c.name] = {acks, c.idempotent, 5, !c.ordered};
  }
}

// The events `client` tell each process's configuration, by Kafka's names.
void LogIndex::find_clients() {
  const HistoryConfig& c = history.config;
  common_ = {c.acks, c.idempotence, c.max_in_flight, c.retries};
  JsonTape tape;
  for (const HistoryOp& op : history.ops) {
    if (op.function != OpFunction::client || op.text == kNoName) continue;
    if (!tape.parse(history.name(op.text))) continue;
    ClientTraits traits = common_;
    const JsonValue root(tape, 0);
    const JsonValue config = HistoryParser::find(root, "config").value_or(root);
    const auto text = [&](std::string_view key) {
      const auto found = HistoryParser::find(config, key);
      std::string out;
      if (found && found->is(JsonType::text)) {
        out = found->node().text;
      } else if (found) {
        append_json(out, *found);
      }
      return out;
    };
    const std::string acks = text("acks");
    if (acks == "0") traits.acks = AckLevel::none;
    if (acks == "1") traits.acks = AckLevel::leader;
    if (acks == "all" || acks == "-1") traits.acks = AckLevel::all;
    if (const std::string on = text("enable.idempotence"); !on.empty()) {
      traits.idempotence = on == "true";
    }
    const std::string limit = text("max.in.flight.requests.per.connection");
    if (!limit.empty()) traits.max_in_flight = limit == "1" ? 1 : 5;
    if (const std::string n = text("retries"); !n.empty()) traits.retries = n != "0";
    clients_[op.process] = traits;
  }
}

void LogIndex::collect_sends() {
  std::size_t count = 0;
  for (const HistoryItem& item : history.items) {
    count += item.kind == ItemKind::send;
    rebalances_inside |= item.kind == ItemKind::rebalance;
  }
  sends.reserve(count / 2 + 1);
  first_send.assign(history.ops.size(), kNone);
  for (std::uint32_t i = 0; i < history.ops.size(); ++i) {
    const HistoryOp& op = history.ops[i];
    if (!sends_records(op)) continue;
    if (op.type == OpType::invoke) {
      collect_send_op(i, partner[i]);
    } else if (op.type != OpType::event && partner[i] == kNoOperation) {
      collect_send_op(kNoOperation, i);
    }
  }
}

// What a completion does not say again of a record.
std::uint32_t LogIndex::meta_of_invocation(std::uint32_t invoked, ValueId value) const {
  if (invoked == kNoOperation) return kNoMeta;
  for (const HistoryItem& item : history.items_of(history.ops[invoked])) {
    if (item.kind == ItemKind::send && item.value == value) return item.meta;
  }
  return kNoMeta;
}

// The sends of one operation, from its completion or, where that tells none, its invocation.
void LogIndex::collect_send_op(std::uint32_t invoked, std::uint32_t completed) {
  const auto count = [&](std::uint32_t op) {
    std::size_t n = 0;
    if (op == kNoOperation) return n;
    for (const HistoryItem& item : history.items_of(history.ops[op])) {
      n += item.kind == ItemKind::send;
    }
    return n;
  };
  const std::uint32_t told = count(completed) > 0 ? completed : invoked;
  if (told == kNoOperation || count(told) == 0) return;
  const HistoryOp& op = history.ops[completed != kNoOperation ? completed : invoked];
  Outcome outcome = Outcome::unknown;
  if (completed != kNoOperation && op.type == OpType::ok) outcome = Outcome::ok;
  if (completed != kNoOperation && op.type == OpType::fail) outcome = Outcome::failed;
  const std::uint32_t id = transaction_of[told];
  const bool transactional = id != kNone;
  if (transactional) {
    transactions[id].sends = true;
    if (transactions[id].outcome == Outcome::failed) outcome = Outcome::failed;
    if (transactions[id].outcome == Outcome::unknown && outcome == Outcome::ok) {
      outcome = Outcome::unknown;
    }
  }
  for (const HistoryItem& item : history.items_of(history.ops[told])) {
    if (item.kind != ItemKind::send) continue;
    Send send;
    const std::uint32_t begin = invoked != kNoOperation ? invoked : completed;
    const std::uint32_t end = completed != kNoOperation ? completed : invoked;
    send.log = log_for(item.key, begin);
    send.offset = told == completed ? item.offset : kNoOffset;
    send.outcome = outcome;
    // A topic recreated in the middle of the operation: nobody knows in which log it ended.
    if (log_for(item.key, end) != send.log) {
      send.offset = kNoOffset;
      if (outcome == Outcome::ok) send.outcome = Outcome::unknown;
    }
    send.invoked = invoked;
    send.completed = completed;
    send.meta = item.meta != kNoMeta ? item.meta : meta_of_invocation(invoked, item.value);
    send.value = item.value;
    send.transaction = id;
    const bool confirms = client_of(op, item.value).acks != AckLevel::none;
    // With acks=0 `ok` means handed to the socket: no acknowledgement was ever given.
    send.acknowledged = send.outcome == Outcome::ok && confirms;
    // An acknowledgement inside a transaction that ended otherwise was one all the same.
    sends_acknowledged += completed != kNoOperation && op.type == OpType::ok && confirms;
    logs[send.log].transactional |= transactional;
    const auto position = static_cast<std::uint32_t>(sends.size());
    for (const std::uint32_t side : {invoked, completed}) {
      if (side != kNoOperation && first_send[side] == kNone) first_send[side] = position;
    }
    sends.push_back(send);
  }
}

void LogIndex::collect_polls() {
  observations_.resize(logs.size());
  for (std::uint32_t i = 0; i < history.ops.size(); ++i) {
    const HistoryOp& op = history.ops[i];
    if (!polls(op)) continue;
    NameId key = kNoName;
    std::uint32_t log = kNone;
    for (const HistoryItem& item : history.items_of(op)) {
      if (item.kind != ItemKind::record && item.kind != ItemKind::polled) continue;
      if (item.key != key) {
        key = item.key;
        log = log_for(key, i);
        if (log_for(key, invocation_of(i)) != log) log = kNone;
        observations_.resize(logs.size());
      }
      if (item.kind == ItemKind::polled) continue;
      ++records_polled;
      if (log == kNone) continue;
      const bool ok = op.type == OpType::ok;
      observations_[log].push_back({item.offset, item.value, i, item.epoch, ok});
      if (ok && item.offset > logs[log].max_read) {
        logs[log].max_read = item.offset;
        logs[log].max_read_op = i;
      }
    }
  }
}

void LogIndex::make_points(Log& log, std::vector<Observation>& seen) {
  const auto order = [](const Observation& a, const Observation& b) {
    if (a.offset != b.offset) return a.offset < b.offset;
    if (a.value != b.value) return a.value < b.value;
    return a.op < b.op;
  };
  // Mostly one or two have read the log, each from its beginning to its end.
  const auto second = std::is_sorted_until(seen.begin(), seen.end(), order);
  if (!std::is_sorted(second, seen.end(), order)) {
    std::sort(seen.begin(), seen.end(), order);
  } else if (second != seen.end()) {
    std::vector<Observation> merged;
    merged.reserve(seen.size());
    std::merge(seen.begin(), second, second, seen.end(), std::back_inserter(merged), order);
    seen = std::move(merged);
  }
  for (const Observation& o : seen) {
    if (log.points.empty() || log.points.back().offset != o.offset ||
        log.points.back().value != o.value) {
      Point& point = log.points.emplace_back();
      point.offset = o.offset;
      point.value = o.value;
      point.first_op = o.op;
      point.polled = true;
    }
    Point& point = log.points.back();
    point.polled_ok |= o.ok;
    if (point.epoch < 0) point.epoch = o.epoch;
  }
}

std::int64_t LogIndex::location_of(const Send& send) const {
  if (read_back()) {
    const Identity& i = identities[send.identity];
    return i.stored == 0 ? kNoOffset : logs[send.log].stored[i.first_stored].offset;
  }
  if (send.outcome == Outcome::failed) return kNoOffset;
  const Identity& i = identities[send.identity];
  const bool unique = history.config.values_unique && i.sends - i.failed_sends == 1;
  if (unique && i.points == 1) return logs[send.log].points[i.first_point].offset;
  if (unique && i.points > 1) return kNoOffset;
  return send.committed && !send.lied ? send.offset : kNoOffset;
}

// The log's points may lie in a partition that the invocation could not name yet ("orders-?").
void LogIndex::name_identities() {
  std::size_t expected = sends.size();
  for (const Log& log : logs) {
    expected += log.points.size();
    if (log.told != nullptr) expected += log.told->replicas.front().records.size();
  }
  identity_ids_ = FlatMap(expected);
  FlatMap& ids = identity_ids_;
  FlatMap unplaced;
  const auto identity = [&](std::uint32_t log, ValueId value) {
    const auto fresh = static_cast<std::uint32_t>(identities.size());
    const std::uint32_t id = ids.try_emplace(pair_key(log, value), fresh);
    if (id == fresh) {
      identities.emplace_back().log = log;
      identities.back().value = value;
    }
    return id;
  };
  std::vector<std::uint32_t> last_send;
  const auto attach = [&](std::uint32_t s) {
    Send& send = sends[s];
    send.identity = identity(send.log, send.value);
    last_send.resize(identities.size(), kNone);
    Identity& i = identities[send.identity];
    if (i.first_send == kNone) {
      i.first_send = s;
    } else {
      sends[last_send[send.identity]].next = s;
    }
    last_send[send.identity] = s;
    ++i.sends;
    i.failed_sends += send.outcome == Outcome::failed;
  };
  std::vector<std::uint32_t> waiting;
  for (std::uint32_t s = 0; s < sends.size(); ++s) {
    if (history.name(logs[sends[s].log].key).ends_with("-?")) {
      unplaced.set(sends[s].value, s);
      waiting.push_back(s);
    } else {
      attach(s);
    }
  }
  const auto place = [&](std::uint32_t l, ValueId value) {
    const std::uint32_t s = unplaced.find(value);
    if (s == kNone || sends[s].identity != kNone) return;
    const std::string_view topic = history.name(logs[sends[s].log].key);
    const std::string_view key = history.name(logs[l].key);
    if (key.substr(0, key.rfind('-') + 1) != topic.substr(0, topic.size() - 1)) return;
    sends[s].log = l;
    attach(s);
  };
  for (std::uint32_t l = 0; l < logs.size() && !waiting.empty(); ++l) {
    for (const Point& point : logs[l].points) place(l, point.value);
    if (logs[l].told == nullptr) continue;
    for (const StoredAt& at : logs[l].told->replicas.front().records) {
      if (at.value != kNoValue) place(l, at.value);
    }
  }
  for (const std::uint32_t s : waiting) {
    if (sends[s].identity == kNone) attach(s);
  }
  for (std::uint32_t l = 0; l < logs.size(); ++l) {
    for (Point& point : logs[l].points) {
      point.identity = identity(l, point.value);
      Identity& i = identities[point.identity];
      ++i.polled_points;
      i.first_poll = std::min(i.first_poll, point.first_op);
      if (point.polled_ok) i.first_ok_poll = std::min(i.first_ok_poll, point.first_op);
    }
    if (logs[l].told == nullptr) continue;
    std::vector<Stored>& stored = logs[l].stored;
    for (const StoredAt& at : logs[l].told->replicas.front().records) {
      Stored& record = stored.emplace_back(Stored{at.offset, kNone, at.session});
      if (at.value == kNoValue) continue;
      record.identity = identity(l, at.value);
      Identity& i = identities[record.identity];
      if (i.stored++ == 0) i.first_stored = static_cast<std::uint32_t>(stored.size()) - 1;
    }
  }
}

}  // namespace weir::analysis
