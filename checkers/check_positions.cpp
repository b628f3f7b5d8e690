// Positions: every change of a consumer's position has a cause, and only an uncaused one is found.
//
// For each consumer instance and partition an expected next offset is kept. Causes: delivery, seek,
// assignment from the beginning, a reset by policy; an assignment, revocation or subscription that
// drops the partition forgets it, and nothing is claimed until the next record. What an
// indeterminate poll saw is a fact, but whether the position moved is not: until the next sure poll
// it is a range, without an end where nobody tells what it saw. A failed (aborted) poll must begin
// at the position, too, and moves nothing; where a transaction of several operations did not commit
// for certain, its reader may begin again. Passing over an offset is a skip only where a record is
// known to be, and a gap only where the log's truth says that nothing explains it.
#include <algorithm>
#include <utility>

#include "checkers/check_gaps.h"
#include "checkers/flat_map.h"
#include "checkers/report.h"

namespace weir::analysis {
namespace {

constexpr std::int64_t kNotableLag = 1'000'000'000;  // ns; less is no news of each reader

struct Position {
  std::int64_t low = 0;  // the next offset, a range after an indeterminate poll
  std::int64_t high = 0;
  std::int64_t held_low = 0;  // before the operation that is being read
  std::int64_t held_high = 0;
  std::int64_t last_offset = kNoOffset;  // delivered last, kNoOffset after a seek
  std::int64_t worst_lag = 0;
  std::int64_t supposed_lag = 0;  // if a reader begins at the beginning of whom nothing is told
  std::uint32_t log = kNone;
  std::uint32_t rank = 0;  // of the last record, as a hint
  std::uint32_t last_op = kNoOperation;
  std::uint32_t touched = kNoOperation;  // the operation that is being read
  std::uint32_t stale_op = kNoOperation;
  std::uint32_t lag_op = kNoOperation;
  ValueId last_value = kNoValue;
  NameId key = kNoName;
  bool known = false;
  bool held_known = false;
  bool assigned = false;
  bool from_start = false;  // assigned from the beginning, nothing delivered yet
  bool by_hand = false;     // assigned outside of any group
};

class Positions {
 public:
  Positions(const LogIndex& index, Report& report)
      : index_(index), h_(index.history), report_(report), known_(index.logs.size()) {}

  void run() {
    for (std::uint32_t i = 0; i < h_.ops.size(); ++i) step(i);
    report_lag();
    check_gaps(index_, report_, std::move(gaps_));
  }

 private:
  struct Known {  // the highest offset known to exist, and since when
    std::int64_t offset;
    std::int64_t time;
  };

  void step(std::uint32_t i) {
    const HistoryOp& op = h_.ops[i];
    const Move move = index_.move_of(i);
    switch (move) {
      case Move::reassigned: reassign(i, op); break;
      case Move::sought: seek(i, op); break;
      case Move::given:
      case Move::taken:
        for (const HistoryItem& item : h_.items_of(op)) {
          Position& p = position(op.process, item.key);
          p.known = p.by_hand = false;
          p.assigned = move == Move::given;
        }
        break;
      case Move::reset: reset(i, op); break;
      case Move::crashed:
        for (const std::uint32_t id : of_process(op.process)) positions_[id] = forgotten(id);
        break;
      case Move::polled: poll(i, op); break;
      case Move::ended: end_transaction(i, op); break;
      case Move::none: break;
    }
  }

  // Dense processes, and the positions of each.
  std::vector<std::uint32_t>& of_process(std::int64_t process) {
    const auto fresh = static_cast<std::uint32_t>(by_process_.size());
    const std::uint32_t id = processes_.try_emplace(static_cast<std::uint64_t>(process), fresh);
    if (id == fresh) by_process_.emplace_back();
    last_process_ = id;
    return by_process_[id];
  }

  Position& position(std::int64_t process, NameId key) {
    std::vector<std::uint32_t>& mine = of_process(process);
    const auto fresh = static_cast<std::uint32_t>(positions_.size());
    const std::uint32_t id = ids_.try_emplace(pair_key(last_process_, key), fresh);
    if (id == fresh) {
      positions_.emplace_back().key = key;
      mine.push_back(id);
    }
    return positions_[id];
  }

  [[nodiscard]] Position forgotten(std::uint32_t id) const {
    Position p = positions_[id];
    p.known = p.assigned = p.from_start = p.by_hand = false;
    p.last_op = kNoOperation;
    return p;
  }

  void reassign(std::uint32_t i, const HistoryOp& op) {
    for (const std::uint32_t id : of_process(op.process)) positions_[id].assigned = false;
    for (const HistoryItem& item : h_.items_of(op)) {
      if (item.kind != ItemKind::entry) continue;
      Position& p = position(op.process, item.key);
      p.assigned = true;
      p.by_hand = op.function == OpFunction::assign;
      if (!op.seek_beginning) continue;
      p.known = false;
      p.from_start = op.type == OpType::ok;
      const std::uint32_t log = index_.log_at(item.key, i);
      if (op.type != OpType::ok || log == kNone) continue;
      if (h_.config.partial_history && !index_.logs[log].start_known) continue;
      // Where the log began at that moment is only known to lie between its first start and now.
      place(p, log, index_.logs[log].start);
      p.low = 0;
    }
    for (const std::uint32_t id : of_process(op.process)) {
      if (!positions_[id].assigned) positions_[id] = forgotten(id);
    }
  }

  static void place(Position& p, std::uint32_t log, std::int64_t offset) {
    p.known = true;
    p.log = log;
    p.low = p.high = offset;
    p.last_offset = kNoOffset;
    p.last_op = kNoOperation;
    p.rank = 0;
  }

  void seek(std::uint32_t i, const HistoryOp& op) {
    for (const HistoryItem& item : h_.items_of(op)) {
      if (item.kind != ItemKind::entry) continue;
      Position& p = position(op.process, item.key);
      const std::uint32_t log = index_.log_at(item.key, i);
      if (op.type != OpType::ok && p.known && p.log == log && item.offset != kNoOffset) {
        p.low = std::min(p.low, item.offset);  // it stands at either place
        p.high = std::max(p.high, item.offset);
        continue;
      }
      p.known = p.from_start = false;
      if (op.type == OpType::ok && item.offset != kNoOffset && log != kNone) {
        place(p, log, item.offset);
      }
    }
  }

  void reset(std::uint32_t i, const HistoryOp& op) {
    for (const HistoryItem& item : h_.items_of(op)) {
      Position& p = position(op.process, item.key);
      const std::uint32_t log = index_.log_at(item.key, i);
      p.known = p.from_start = false;
      if (item.offset == kNoOffset || log == kNone) continue;
      const bool to_beginning = item.meta != kNoMeta && h_.numbers[item.meta + 1] == 1;
      if (to_beginning) begun(index_.logs[log], log, i, item.offset);
      place(p, log, item.offset);
    }
  }

  // Who asks for the beginning is told where the log begins, or once began: the start only grows,
  // and the run tells the highest that it ever was.
  void begun(const Log& log, std::uint32_t l, std::uint32_t i, std::int64_t offset) {
    if (log.told == nullptr || offset <= log.start) return;
    const std::vector<ValueId> missed =
        existing(log, log.rank_below(log.start), log.rank_below(offset), false);
    if (missed.empty() || !report_.room(FindingKind::poll_skip)) return;
    FindingBuilder f(index_, FindingKind::poll_skip, l);
    f.with("expected", log.start).with("got", offset).with("offset", offset);
    f.with_values("skipped", missed).with("process", h_.ops[i].process).with_ops({i});
    f.because("the consumer of process " + std::to_string(h_.ops[i].process) +
              " asked for the beginning of " + std::string(h_.name(log.key)) +
              ", and was put at offset " + std::to_string(offset) + " (" + op_text(index_, i) +
              "), passing over " + index_.value_text(missed[0]).json +
              (missed.size() > 1 ? " and others" : "") + ", though the log begins at " +
              std::to_string(log.start));
    report_.add(f);
  }

  // What is known to lie at these ranks and may not be passed over; so many as are listed.
  [[nodiscard]] static std::vector<ValueId> existing(const Log& log, std::uint32_t from,
                                                     std::uint32_t to, bool shown_alone) {
    std::vector<ValueId> found;
    for (std::uint32_t point = log.first[from]; point < log.first[to]; ++point) {
      if (log.points[point].optional || (shown_alone && !log.points[point].polled)) continue;
      found.push_back(log.points[point].value);
      if (found.size() == kMaxListed) break;
    }
    return found;
  }

  // What did not commit for certain may be read again.
  void end_transaction(std::uint32_t i, const HistoryOp& op) {
    const bool committed = op.function == OpFunction::commit_txn && op.type == OpType::ok;
    const bool over = op.type != OpType::invoke || index_.partner[i] == kNoOperation;
    if (committed || !over || index_.transaction_of[i] == kNone) return;
    const std::uint32_t begun = index_.transactions[index_.transaction_of[i]].begun;
    for (const std::uint32_t id : of_process(op.process)) {
      Position& p = positions_[id];
      if (p.last_op != kNoOperation && p.last_op > begun) p.low = 0;
    }
  }

  void poll(std::uint32_t i, const HistoryOp& op) {
    if (op.type == OpType::ok) learn(i, op);
    if (index_.may_have_polled(i)) {
      for (const std::uint32_t id : of_process(op.process)) positions_[id].high = kMaxOffset;
    }
    if (!LogIndex::polls(op)) return;
    bool polled = false;
    for (const HistoryItem& item : h_.items_of(op)) {
      if (item.kind == ItemKind::rebalance) position(op.process, item.key).known = false;
      polled |= item.kind == ItemKind::poll;
    }
    if (!polled) return;
    undone_.clear();
    Position* p = nullptr;
    for (const HistoryItem& item : h_.items_of(op)) {
      if (item.kind != ItemKind::record) continue;
      if (p == nullptr || p->key != item.key) {
        p = &position(op.process, item.key);
        if (op.type == OpType::fail) undone_.emplace_back(p - positions_.data(), *p);
      }
      deliver(*p, i, op.type == OpType::ok, item);
    }
    for (auto it = undone_.rbegin(); it != undone_.rend(); ++it) {
      positions_[static_cast<std::size_t>(it->first)] = it->second;
    }
    if (op.type == OpType::ok) measure_lag(i, op);
  }

  void deliver(Position& p, std::uint32_t i, bool ok, const HistoryItem& item) {
    const std::uint32_t log = index_.log_at(item.key, i);
    if (log == kNone || log != index_.log_at(item.key, index_.invocation_of(i))) return;
    if (p.log != log) {
      p.known = false;
      p.touched = kNoOperation;
      p.log = log;
      p.rank = 0;
    }
    const bool first = p.touched != i;
    if (first) {
      p.touched = i;
      p.held_low = p.low;
      p.held_high = p.high;
      p.held_known = p.known;
    }
    const Log& l = index_.logs[log];
    const std::uint32_t rank = l.rank_near(item.offset, p.rank);
    if (first) {
      if (p.known) compare(p, l, i, item, rank, p.low, p.high, false);
    } else {
      compare(p, l, i, item, rank, p.last_offset + 1, p.last_offset + 1, true);
    }
    const std::int64_t next = item.offset + 1;
    p.low = ok || !p.held_known ? next : std::min(p.held_low, next);
    p.high = ok || !p.held_known ? next : std::max(p.held_high, next);
    p.known = ok || p.held_known;
    p.from_start = false;
    p.last_offset = item.offset;
    p.last_value = item.value;
    p.last_op = i;
    p.rank = rank;
  }

  void compare(const Position& p, const Log& log, std::uint32_t i, const HistoryItem& item,
               std::uint32_t rank, std::int64_t low, std::int64_t high, bool inside) {
    if (item.offset < low) {
      rewound(p, log, i, item, rank, low, inside);
    } else if (item.offset > high) {
      if (log.truth.markers_known) gaps_.push_back({p.log, high, item.offset, i});
      const std::uint32_t from = log.rank_near(high, p.rank);
      if (from < rank) skipped(p, log, i, item, from, rank, high, inside);
    }
  }

  void rewound(const Position& p, const Log& log, std::uint32_t i, const HistoryItem& item,
               std::uint32_t rank, std::int64_t expected, bool inside) {
    const FindingKind kind =
        inside ? FindingKind::int_nonmonotonic_poll : FindingKind::nonmonotonic_poll;
    if (!report_.room(kind)) return;
    FindingBuilder f(index_, kind, p.log);
    describe(f, p, log, i, item, rank, expected, inside);
    f.because("the consumer of process " + std::to_string(h_.ops[i].process) + " was at offset " +
              std::to_string(expected) + " of " + std::string(h_.name(log.key)) + after(p) +
              ", and " + op_text(index_, i) + " went back to offset " +
              std::to_string(item.offset) + " without a cause");
    report_.add(f);
  }

  void skipped(const Position& p, const Log& log, std::uint32_t i, const HistoryItem& item,
               std::uint32_t from, std::uint32_t to, std::int64_t expected, bool inside) {
    // Who begins at the beginning and finds less than others has passed it over; what nobody was
    // ever shown is the log's loss, and told as such.
    const std::vector<ValueId> missed = existing(log, from, to, p.from_start);
    const FindingKind kind = inside ? FindingKind::int_poll_skip : FindingKind::poll_skip;
    if (missed.empty() || !report_.room(kind)) return;
    FindingBuilder f(index_, kind, p.log);
    describe(f, p, log, i, item, to, expected, inside);
    f.with_values("skipped", missed);
    f.because("the consumer of process " + std::to_string(h_.ops[i].process) + " was at offset " +
              std::to_string(expected) + " of " + std::string(h_.name(log.key)) + after(p) +
              ", and " + op_text(index_, i) + " continued at offset " +
              std::to_string(item.offset) + ", passing over " + index_.value_text(missed[0]).json +
              (missed.size() > 1 ? " and others" : ""));
    report_.add(f);
  }

  [[nodiscard]] std::string after(const Position& p) const {
    if (p.last_op == kNoOperation || p.last_offset == kNoOffset) return " (its seek target)";
    return " (after " + op_text(index_, p.last_op) + ")";
  }

  void describe(FindingBuilder& f, const Position& p, const Log& log, std::uint32_t i,
                const HistoryItem& item, std::uint32_t rank, std::int64_t expected, bool inside) {
    f.with("expected", expected).with("got", item.offset).with("offset", item.offset);
    if (p.last_offset != kNoOffset) {
      f.with_values("values", {p.last_value, item.value});
      f.with("delta", static_cast<std::int64_t>(rank) -
                          static_cast<std::int64_t>(log.rank_below(p.last_offset)));
    } else {
      f.with_values("values", {item.value});
    }
    f.with("process", h_.ops[i].process);
    inside ? f.with_op("op", i) : f.with_ops({p.last_op, i});
  }

  // What this completion tells about the ends of logs, for the measure of lag.
  void learn(std::uint32_t i, const HistoryOp& op) {
    for (const HistoryItem& item : h_.items_of(op)) {
      if (item.offset == kNoOffset) continue;
      if (item.kind != ItemKind::record && item.kind != ItemKind::send) continue;
      const std::uint32_t log = index_.log_at(item.key, i);
      if (log == kNone) continue;
      auto& known = known_[log];
      if (known.empty() || item.offset > known.back().offset) {
        known.push_back({item.offset, op.time});
      }
    }
  }

  // Lag: how long before this poll's invocation a record beyond its result was known to exist.
  void measure_lag(std::uint32_t i, const HistoryOp& op) {
    const std::int64_t asked = h_.ops[index_.invocation_of(i)].time;
    for (const std::uint32_t id : of_process(op.process)) {
      Position& p = positions_[id];
      std::int64_t next = p.low;
      if (!p.known) {
        // Assigned and never delivered: whatever exists at all is beyond it.
        const bool supposed = p.by_hand && p.last_op == kNoOperation;
        if (!p.assigned || !(p.from_start || supposed)) continue;
        p.log = index_.log_at(p.key, i);
        next = 0;
      }
      if (p.log == kNone || index_.logs[p.log].transactional) continue;
      const auto& known = known_[p.log];
      if (known.empty() || known.back().offset < next) continue;
      const auto it = std::lower_bound(known.begin(), known.end(), next,
                                       [](const Known& k, std::int64_t o) { return k.offset < o; });
      const std::int64_t lag = asked - it->time;
      if ((p.known || p.from_start) && lag > p.worst_lag) {
        p.worst_lag = lag;
        p.stale_op = i;
      }
      if (lag <= p.supposed_lag) continue;
      p.supposed_lag = lag;
      p.lag_op = i;
    }
  }

  // Whatever is worth a note, and the worst of all in any case.
  void report_lag() {
    const auto bound = h_.config.bounds.staleness_ns;
    const auto worst = std::ranges::max_element(positions_, std::less<>{}, &Position::supposed_lag);
    for (const Position& p : positions_) {
      const bool stale = bound.has_value() && p.worst_lag > *bound;
      const std::int64_t lag = stale ? p.worst_lag : p.supposed_lag;
      const bool notable = lag >= kNotableLag || (&p == &*worst && lag > 0);
      if (!stale && !notable) continue;
      if (!(stale ? report_.room(FindingKind::staleness)
                  : report_.room_for_note(FindingKind::lag))) {
        continue;
      }
      FindingBuilder f(index_, stale ? FindingKind::staleness : FindingKind::lag, p.log);
      const std::uint32_t op = stale ? p.stale_op : p.lag_op;
      f.with(stale ? "lag_at_least_ns" : "at_least_ns", lag).with_op("op", op);
      f.because(op_text(index_, op) + " returned less of " +
                std::string(h_.name(index_.logs[p.log].key)) +
                " than had been known to exist for " + std::to_string(lag) + " ns" +
                (stale ? "; the bound is " + std::to_string(*bound) + " ns" : ""));
      stale ? report_.add(f) : report_.note(f);
    }
  }

  const LogIndex& index_;
  const History& h_;
  Report& report_;
  FlatMap processes_{0};
  FlatMap ids_{0};
  std::uint32_t last_process_ = 0;
  std::vector<std::vector<std::uint32_t>> by_process_;
  std::vector<Position> positions_;
  std::vector<std::pair<std::ptrdiff_t, Position>> undone_;  // by a poll that failed
  std::vector<std::vector<Known>> known_;
  std::vector<Gap> gaps_;
};

}  // namespace

void check_positions(const LogIndex& index, Report& report) { Positions(index, report).run(); }

}  // namespace weir::analysis
