// Zombie producers: appends and commits of a session that had been fenced before they began.
//
// Initialising a transactional id ends its earlier sessions (KIP-98): what they send afterwards
// must be refused. A send that was under way while the fence was raised may still get in. A
// partition that holds records of a newer epoch of a producer id refuses the older one as well.
#include <algorithm>
#include <map>

#include "checkers/members.h"
#include "checkers/report.h"

namespace weir::analysis {
namespace {

struct Session {
  std::int64_t id = -1;
  std::int64_t epoch = -1;
  bool operator==(const Session&) const = default;
};

struct Zombies {
  const LogIndex& index;
  Report& report;
  const History& h;
  std::map<NameId, std::vector<Session>> sessions = {};  // per transactional id, in time
  std::map<std::int64_t, NameId> owners = {};            // of producer ids
  std::map<std::pair<std::int64_t, std::uint32_t>, std::int64_t> newest = {};  // (id, log) -> epoch
  std::map<std::uint32_t, std::int64_t> fenced = {};  // invocation -> the epoch that had ended it

  void initialised(std::uint32_t i, const HistoryOp& op) {
    JsonTape tape;
    if (op.type != OpType::ok || op.text == kNoName || !tape.parse(h.name(op.text))) return;
    const JsonValue root(tape, 0);
    const auto id = HistoryParser::find(root, "id"), epoch = HistoryParser::find(root, "epoch");
    if (!id || !epoch || !id->is(JsonType::integer) || !epoch->is(JsonType::integer)) return;
    const NameId name = txn_id(i);
    if (name == kNoName) return;
    sessions[name].push_back({id->node().integer, epoch->node().integer});
    owners[id->node().integer] = name;
  }

  [[nodiscard]] NameId txn_id(std::uint32_t i) const {
    const NameId own = h.context_of(h.ops[i]).txn_id;
    return own == kNoName ? h.context_of(h.ops[index.invocation_of(i)]).txn_id : own;
  }

  // The epoch that had ended this session by now, or -1.
  [[nodiscard]] std::int64_t fence_of(const OpContext& c) const {
    NameId name = c.txn_id;
    if (name == kNoName) {
      const auto owner = owners.find(c.producer_id);
      if (owner == owners.end()) return -1;
      name = owner->second;
    }
    const auto it = sessions.find(name);
    if (it == sessions.end() || it->second.empty()) return -1;
    const Session mine{c.producer_id, c.producer_epoch};
    const Session& last = it->second.back();
    if (last == mine) return -1;
    for (const Session& s : it->second) {
      if (s == mine) return last.epoch;
    }
    return last.id == mine.id && last.epoch > mine.epoch ? last.epoch : -1;
  }

  void step(std::uint32_t i) {
    const HistoryOp& op = h.ops[i];
    if (op.function == OpFunction::init_txns) return initialised(i, op);
    const bool sends = op.function == OpFunction::send || op.function == OpFunction::txn;
    if (!sends && op.function != OpFunction::commit_txn) return;
    const OpContext& c = h.context_of(op);
    if (op.type == OpType::invoke) {
      if (c.producer_id < 0 || c.producer_epoch < 0) return;
      std::int64_t epoch = fence_of(c);
      for (std::uint32_t s = index.first_send[i]; epoch < 0 && s < index.sends.size(); ++s) {
        if (index.sends[s].invoked != i) break;
        const auto it = newest.find({c.producer_id, index.sends[s].log});
        if (it != newest.end() && it->second > c.producer_epoch) epoch = it->second;
      }
      if (epoch >= 0) fenced[i] = epoch;
      return;
    }
    const std::uint32_t invoked = index.invocation_of(i);
    const OpContext& session = h.context_of(h.ops[invoked]);
    for (std::uint32_t s = index.first_send[i]; s < index.sends.size(); ++s) {
      if (index.sends[s].completed != i) break;
      judge_send(index.sends[s], invoked, session, op.type);
      if (op.type != OpType::ok || session.producer_epoch < 0) continue;
      std::int64_t& epoch = newest[{session.producer_id, index.sends[s].log}];
      epoch = std::max(epoch, session.producer_epoch);
    }
    if (op.function == OpFunction::commit_txn && op.type == OpType::ok) {
      if (const auto it = fenced.find(invoked); it != fenced.end()) {
        accepted(kNone, nullptr, i, session, it->second);
      }
    }
  }

  void judge_send(const Send& send, std::uint32_t invoked, const OpContext& session, OpType type) {
    const auto it = fenced.find(invoked);
    if (it == fenced.end()) return;
    const bool seen = index.send_of(send.log, send.value) != kNone &&
                      index.identities[send.identity].polled_points > 0;
    if (type == OpType::ok || seen) {
      accepted(send.log, &send, send.completed, session, it->second);
    }
  }

  void accepted(std::uint32_t log, const Send* send, std::uint32_t op, const OpContext& session,
                std::int64_t current) {
    if (!report.room(FindingKind::zombie_write)) return;
    FindingBuilder f(index, FindingKind::zombie_write, log);
    if (send != nullptr) {
      f.with_value("value", send->value);
      if (send->offset != kNoOffset) f.with("offset", send->offset);
    }
    f.with("epoch", session.producer_epoch).with("current", current).with_op("op", op);
    f.because((send == nullptr ? "the commit of " + op_text(index, op)
                               : record_text(index, log, send->value)) +
              " is of producer epoch " + std::to_string(session.producer_epoch) +
              " and was accepted, though epoch " + std::to_string(current) +
              " had begun before it was sent");
    report.add(f);
  }
};

}  // namespace

void check_zombies(const LogIndex& index, Report& report) {
  bool any = false;
  for (const OpContext& c : index.history.contexts)
    any |= c.producer_epoch > 0 || c.txn_id != kNoName;
  if (!any) return;
  Zombies zombies{index, report, index.history};
  for (std::uint32_t i = 0; i < index.history.ops.size(); ++i) zombies.step(i);
}

}  // namespace weir::analysis
