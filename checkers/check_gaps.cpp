// Offsets that exist, were passed over by a reader, hold no known record, and that no marker
// explains.
//
// A send of which nobody knows the place may fill one of them, where it was begun before anything
// behind that offset was known to exist: offsets are given in order. So holes are too many where
// more of them had to be filled by some moment than there were such sends before it; one by one
// they could all be explained. Each log has one finding, for nobody can say which of them it is.
#include "checkers/check_gaps.h"

#include <algorithm>
#include <span>

namespace weir::analysis {
namespace {

struct Hole {
  std::int64_t from, to;
  std::uint32_t passed;  // the operation that passed over it
  std::uint32_t filled;  // the first operation by which it must have been filled
};

class Holes {
 public:
  Holes(const LogIndex& index, Report& report, std::uint32_t log)
      : index_(index), report_(report), id_(log), log_(index.logs[log]) {
    known_behind_.assign(log_.points.size() + 1, log_.truth.op);
    for (std::size_t p = log_.points.size(); p > 0; --p) {
      known_behind_[p - 1] = std::min(known_behind_[p], log_.points[p - 1].first_op);
    }
    for (const Send& send : index.sends) {
      if (send.log == id_) take(send);
    }
    std::sort(told_.begin(), told_.end());
    std::sort(begun_.begin(), begun_.end());
  }

  void settle(std::span<const Gap> gaps) {
    std::int64_t done = 0;  // below it this log's gaps are settled
    for (const Gap& gap : gaps) {
      const std::int64_t from = std::max({gap.from, log_.start, done});
      const std::int64_t to = std::min(gap.to, log_.truth.readable_end);
      done = std::max(done, to);
      if (from < to) add(from, to, gap.op);
    }
    if (too_many() && report_.room(FindingKind::offset_gap_unexplained)) tell();
  }

 private:
  void take(const Send& send) {
    const bool located =
        send.offset != kNoOffset || index_.identities[send.identity].polled_points > 0;
    if (!located && (send.outcome != Outcome::failed || log_.transactional)) {
      begun_.push_back(send.invoked == kNoOperation ? 0 : send.invoked);
    }
    if (send.offset != kNoOffset && !send.committed) told_.push_back(send.offset);
  }

  void add(std::int64_t from, std::int64_t to, std::uint32_t op) {
    // Places that are taken: known records, markers, and failed sends that were told an offset.
    std::vector<std::int64_t> taken;
    const auto add_of = [&](const std::vector<std::int64_t>& offsets) {
      for (auto it = std::lower_bound(offsets.begin(), offsets.end(), from);
           it != offsets.end() && *it < to; ++it) {
        taken.push_back(*it);
      }
    };
    add_of(log_.offsets);
    add_of(log_.truth.markers);
    add_of(told_);
    std::sort(taken.begin(), taken.end());
    taken.push_back(to);
    std::int64_t at = from;
    for (const std::int64_t next : taken) {
      if (at < next) {
        holes_.push_back({at, next, op, known_behind_[log_.first[log_.rank_below(next)]]});
      }
      at = std::max(at, next + 1);
    }
  }

  [[nodiscard]] bool too_many() const {
    std::vector<Hole> holes = holes_;
    std::ranges::sort(holes, {}, &Hole::filled);
    std::int64_t count = 0;
    for (const Hole& hole : holes) {
      count += hole.to - hole.from;
      const auto before = std::lower_bound(begun_.begin(), begun_.end(), hole.filled);
      if (count > before - begun_.begin()) return true;
    }
    return false;
  }

  void tell() {
    std::vector<std::int64_t> offsets;
    std::int64_t count = 0;
    for (const Hole& hole : holes_) {
      count += hole.to - hole.from;
      for (std::int64_t o = hole.from; o < hole.to && offsets.size() < kMaxListed; ++o) {
        offsets.push_back(o);
      }
    }
    const std::uint32_t passed = holes_.front().passed;
    FindingBuilder f(index_, FindingKind::offset_gap_unexplained, id_);
    f.with_numbers("offsets", offsets).with("count", count).with_ops({passed, log_.truth.op});
    f.because(
        std::to_string(count) + " offsets of " + std::string(index_.history.name(log_.key)) +
        " from " + std::to_string(offsets.front()) + " on exist (" +
        op_text(index_, log_.truth.op) + "), are no markers and belong to no send, and " +
        op_text(index_, passed) + " passed over them" +
        (begun_.empty() ? "" : "; what was sent and has no known place cannot be all of them"));
    report_.add(f);
  }

  const LogIndex& index_;
  Report& report_;
  std::uint32_t id_;
  const Log& log_;
  std::vector<std::uint32_t> known_behind_;  // per point: when it or one behind it was known
  std::vector<std::uint32_t> begun_;         // sends without a place
  std::vector<std::int64_t> told_;           // offsets of sends that may lie there
  std::vector<Hole> holes_;                  // ascending
};

}  // namespace

void check_gaps(const LogIndex& index, Report& report, std::vector<Gap> gaps) {
  std::sort(gaps.begin(), gaps.end());
  for (std::size_t begin = 0, end = 0; begin < gaps.size(); begin = end) {
    const std::uint32_t log = gaps[begin].log;
    while (end < gaps.size() && gaps[end].log == log) ++end;
    if (index.logs[log].compacted) continue;
    Holes(index, report, log).settle(std::span(gaps).subspan(begin, end - begin));
  }
}

}  // namespace weir::analysis
