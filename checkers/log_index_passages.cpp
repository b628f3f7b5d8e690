// LogIndex: which stretches of a log its readers went through.
//
// A record that was never shown was passed over only by a reader that stood before it and went on
// behind it. Where a reader was put somewhere on purpose (a seek, a reset by policy, the committed
// offset of its group), what lies before says nothing. A reader of whom no such thing is told began
// at the beginning, for all one knows. Only ok polls count: what others returned may come again,
// and what an indeterminate one was shown nobody tells, so its reader begins anew at its next
// record.
#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "checkers/log_index.h"
#include "checkers/members.h"

namespace weir::analysis {
namespace {

class Readers {
 public:
  Readers(const LogIndex& index, std::vector<Log>& logs)
      : index_(index), h_(index.history), logs_(logs), members_(index.history) {}

  void step(std::uint32_t i) {
    const HistoryOp& op = h_.ops[i];
    members_.see(op);
    switch (index_.move_of(i)) {
      case Move::reassigned: reassign(i, op); break;
      case Move::crashed: leave_all(op.process); break;
      case Move::sought: seek(i, op); break;
      case Move::reset:
        for (const HistoryItem& item : h_.items_of(op)) {
          put(i, op.process, item.key, std::max<std::int64_t>(item.offset, 0));
        }
        break;
      case Move::given:
        for (const HistoryItem& item : h_.items_of(op)) given(i, op, item.key);
        break;
      case Move::polled:
        if (index_.rebalances_inside && op.type != OpType::invoke) {
          for (const Rebalanced& r : rebalances_in(h_, i)) {
            if (r.given) given(i, op, r.key);
          }
        }
        if (LogIndex::polls(op) && op.type == OpType::ok) read(i, op);
        if (index_.may_have_polled(i)) {
          leave_all(op.process);
          unsure_.insert(op.process);
        }
        break;
      case Move::none:
      case Move::taken:
      case Move::ended: break;
    }
    const bool commits = op.function == OpFunction::commit || op.function == OpFunction::committed;
    if (commits) commit(op);
    if (index_.transaction_of[i] != kNone) commit_transaction(i);
  }

  void finish() {
    for (const auto& [seat, passage] : readers_) leave(passage);
  }

 private:
  struct Reader {
    Passage passage;
    std::uint32_t log = kNone;
  };
  using Seat = std::pair<std::int64_t, NameId>;  // (process, key)

  void leave(const Reader& reader) {
    if (reader.log != kNone && reader.passage.op != kNoOperation) {
      logs_[reader.log].passages.push_back(reader.passage);
    }
  }

  void leave_all(std::int64_t process) {
    auto it = readers_.lower_bound({process, 0});
    while (it != readers_.end() && it->first.first == process) {
      leave(it->second);
      it = readers_.erase(it);
    }
  }

  // Positions of what is still covered stay, unless they are put to the beginning.
  void reassign(std::uint32_t i, const HistoryOp& op) {
    std::map<NameId, Reader> kept;
    for (const HistoryItem& item : h_.items_of(op)) {
      const auto it = readers_.find({op.process, item.key});
      const bool stays = it != readers_.end() && item.kind == ItemKind::entry && !op.seek_beginning;
      if (stays) kept[item.key] = it->second;
    }
    for (const auto& [key, reader] : kept) readers_.erase({op.process, key});
    leave_all(op.process);
    for (const auto& [key, reader] : kept) readers_[{op.process, key}] = reader;
    if (!op.seek_beginning || op.type != OpType::ok) return;
    for (const HistoryItem& item : h_.items_of(op)) {
      if (item.kind == ItemKind::entry) put(i, op.process, item.key, 0);
    }
  }

  void put(std::uint32_t i, std::int64_t process, NameId key, std::int64_t offset) {
    Reader& reader = readers_[{process, key}];
    leave(reader);
    reader = {{offset, kNoOffset, kNoOperation}, index_.log_at(key, i)};
  }

  void given(std::uint32_t i, const HistoryOp& op, NameId key) {
    put(i, op.process, key, committed_[{members_.group_of(op.process), key}]);
  }

  // Where nobody knows whether it was sought, it stands at either place.
  void seek(std::uint32_t i, const HistoryOp& op) {
    for (const HistoryItem& item : h_.items_of(op)) {
      if (item.kind != ItemKind::entry || item.offset == kNoOffset) continue;
      const Reader before = readers_[{op.process, item.key}];
      if (op.type == OpType::ok) {
        put(i, op.process, item.key, item.offset);
      } else if (before.log != kNone || !unsure_.contains(op.process)) {
        const Passage& p = before.passage;
        put(i, op.process, item.key, std::max({item.offset, p.from, p.to + 1}));
      }
    }
  }

  void commit(const HistoryOp& op) {
    for (const HistoryItem& item : h_.items_of(op)) {
      if (item.kind != ItemKind::entry) continue;
      std::int64_t& next = committed_[{members_.group_of(op.process), item.key}];
      next = std::max(next, item.offset);
    }
  }

  void commit_transaction(std::uint32_t i) {
    for (const TransactionOffset& o : index_.transactions[index_.transaction_of[i]].offsets) {
      std::int64_t& next = committed_[{o.group, o.key}];
      next = std::max(next, o.next);
    }
  }

  void read(std::uint32_t i, const HistoryOp& op) {
    Reader* reader = nullptr;
    NameId key = kNoName;
    std::uint32_t log = kNone;
    for (const HistoryItem& item : h_.items_of(op)) {
      if (item.kind != ItemKind::record) continue;
      if (item.key != key) {
        key = item.key;
        log = index_.log_at(key, i);
        if (index_.log_at(key, index_.invocation_of(i)) != log) log = kNone;
        reader = &readers_[{op.process, key}];
      }
      if (log == kNone) continue;
      if (reader->log != log) {
        const bool anew = reader->log == kNone && unsure_.contains(op.process);
        leave(*reader);
        *reader = {{anew ? item.offset : 0, kNoOffset, kNoOperation}, log};
      }
      if (item.offset < reader->passage.to) continue;
      reader->passage.to = item.offset;
      reader->passage.op = i;
    }
  }

  const LogIndex& index_;
  const History& h_;
  std::vector<Log>& logs_;
  Members members_;
  std::map<Seat, Reader> readers_;
  std::set<std::int64_t> unsure_;  // processes that may have been shown anything
  std::map<std::pair<std::uint64_t, NameId>, std::int64_t> committed_;  // (group, key), at most
};

}  // namespace

Move LogIndex::move_of(std::uint32_t i) const {
  const HistoryOp& op = history.ops[i];
  const bool happened = op.type == OpType::ok || may_have_happened(i);
  switch (op.function) {
    case OpFunction::assign:
    case OpFunction::subscribe: return happened ? Move::reassigned : Move::none;
    case OpFunction::seek: return happened ? Move::sought : Move::none;
    case OpFunction::offset_reset: return Move::reset;
    case OpFunction::assigned: return Move::given;
    case OpFunction::revoked:
    case OpFunction::lost: return Move::taken;
    case OpFunction::crash: return Move::crashed;
    case OpFunction::send:
    case OpFunction::poll:
    case OpFunction::txn: return Move::polled;
    case OpFunction::commit_txn:
    case OpFunction::abort_txn: return Move::ended;
    case OpFunction::commit:
    case OpFunction::committed:
    case OpFunction::init_txns:
    case OpFunction::begin:
    case OpFunction::delete_records:
    case OpFunction::handle:
    case OpFunction::log:
    case OpFunction::compaction:
    case OpFunction::topic_recreated:
    case OpFunction::fault:
    case OpFunction::client:
    case OpFunction::other: return Move::none;
  }
  return Move::none;
}

bool LogIndex::may_have_polled(std::uint32_t i) const {
  const HistoryOp& op = history.ops[i];
  if (!may_have_happened(i)) return false;
  if (op.function != OpFunction::poll && op.function != OpFunction::txn) return false;
  bool asks = false;
  for (const HistoryItem& item : history.items_of(op)) {
    if (item.kind == ItemKind::record || item.kind == ItemKind::polled) return false;
    asks |= item.kind == ItemKind::poll;
  }
  // A completion without a value says what the invocation asked for.
  return asks || (op.function == OpFunction::poll && op.items_begin == op.items_end);
}

const Passage* Log::passed(std::int64_t offset) const {
  const auto behind = std::ranges::upper_bound(passages, offset, std::less<>{}, &Passage::from);
  if (behind == passages.begin()) return nullptr;
  const Passage& passage = *std::prev(behind);
  return passage.to < offset ? nullptr : &passage;
}

void LogIndex::find_passages() {
  bool put = rebalances_inside;
  for (std::uint32_t i = 0; i < history.ops.size() && !put; ++i) {
    const OpFunction f = history.ops[i].function;
    put = f == OpFunction::seek || f == OpFunction::offset_reset || f == OpFunction::assigned ||
          may_have_polled(i);
  }
  if (!put) {
    for (Log& log : logs) {
      if (log.max_read != kNoOffset) log.passages.push_back({0, log.max_read, log.max_read_op});
    }
    return;
  }
  Readers readers(*this, logs);
  for (std::uint32_t i = 0; i < history.ops.size(); ++i) readers.step(i);
  readers.finish();
  for (Log& log : logs) {
    std::ranges::sort(log.passages, [](const Passage& a, const Passage& b) {
      return std::tie(a.from, a.to, a.op) < std::tie(b.from, b.to, b.op);
    });
    for (std::size_t p = 1; p < log.passages.size(); ++p) {
      const Passage& before = log.passages[p - 1];
      Passage& passage = log.passages[p];
      if (before.to < passage.to) continue;
      passage.to = before.to;
      passage.op = before.op;
    }
  }
}

}  // namespace weir::analysis
