// Offsets that exist, were passed over by a reader, hold no known record, and that no marker
// explains.
//
// A send of which nobody knows the place may fill one of them. So all of a log are counted
// together: where there are more than such sends, some are unexplained, though each alone could be
// one. A log has one finding, for nobody can say which of them it is.
#include "checkers/check_gaps.h"

#include <algorithm>
#include <span>
#include <utility>

namespace weir::analysis {
namespace {

struct Hole {
  std::int64_t from, to;
  std::uint32_t passed;  // the operation that passed over it
};

// Of all logs: what may fill holes.
struct Fillers {
  explicit Fillers(const LogIndex& index) : unplaced(index.logs.size()) {
    for (const Send& send : index.sends) {
      const bool placed =
          send.offset != kNoOffset || index.identities[send.identity].polled_points > 0;
      const bool may = send.outcome != Outcome::failed || index.logs[send.log].transactional;
      unplaced[send.log] += !placed && may;
      if (send.offset != kNoOffset && !send.committed) told.emplace_back(send.log, send.offset);
    }
    std::sort(told.begin(), told.end());
  }

  std::vector<std::int64_t> unplaced;                        // sends that may lie anywhere
  std::vector<std::pair<std::uint32_t, std::int64_t>> told;  // where failed ones say they lie
};

class Holes {
 public:
  Holes(const LogIndex& index, Report& report, const Fillers& fillers, std::uint32_t log)
      : index_(index),
        report_(report),
        id_(log),
        log_(index.logs[log]),
        told_(fillers.told),
        unplaced_(fillers.unplaced[log]) {}

  void settle(std::span<const Gap> gaps) {
    std::int64_t done = 0;  // below it this log's gaps are settled
    for (const Gap& gap : gaps) {
      const std::int64_t from = std::max({gap.from, log_.start, done});
      const std::int64_t to = std::min(gap.to, log_.truth.readable_end);
      done = std::max(done, to);
      if (from < to) add(from, to, gap.op);
    }
    if (count_ > unplaced_ && report_.room(FindingKind::offset_gap_unexplained)) tell();
  }

 private:
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
    for (auto it = std::lower_bound(told_.begin(), told_.end(), std::pair(id_, from));
         it != told_.end() && *it < std::pair(id_, to); ++it) {
      taken.push_back(it->second);
    }
    std::sort(taken.begin(), taken.end());
    std::int64_t at = from;
    for (const std::int64_t next : taken) {
      hole(at, next, op);
      at = std::max(at, next + 1);
    }
    hole(at, to, op);
  }

  void hole(std::int64_t from, std::int64_t to, std::uint32_t op) {
    if (from >= to) return;
    holes_.push_back({from, to, op});
    count_ += to - from;
  }

  void tell() {
    std::vector<std::int64_t> offsets;
    for (const Hole& hole : holes_) {
      for (std::int64_t o = hole.from; o < hole.to && offsets.size() < kMaxListed; ++o) {
        offsets.push_back(o);
      }
    }
    const std::uint32_t passed = holes_.front().passed;
    FindingBuilder f(index_, FindingKind::offset_gap_unexplained, id_);
    f.with_numbers("offsets", offsets).with("count", count_).with_ops({passed, log_.truth.op});
    f.because(
        std::to_string(count_) + " offsets of " + std::string(index_.history.name(log_.key)) +
        " from " + std::to_string(offsets.front()) + " on exist (" +
        op_text(index_, log_.truth.op) + "), are no markers and belong to no send, and " +
        op_text(index_, passed) + " passed over them" +
        (unplaced_ == 0 ? "" : "; what was sent and has no known place cannot be all of them"));
    report_.add(f);
  }

  const LogIndex& index_;
  Report& report_;
  std::uint32_t id_;
  const Log& log_;
  const std::vector<std::pair<std::uint32_t, std::int64_t>>& told_;
  std::int64_t unplaced_;
  std::int64_t count_ = 0;   // offsets in holes
  std::vector<Hole> holes_;  // ascending
};

}  // namespace

void check_gaps(const LogIndex& index, Report& report, std::vector<Gap> gaps) {
  if (gaps.empty()) return;
  std::sort(gaps.begin(), gaps.end());
  const Fillers fillers(index);
  for (std::size_t begin = 0, end = 0; begin < gaps.size(); begin = end) {
    const std::uint32_t log = gaps[begin].log;
    while (end < gaps.size() && gaps[end].log == log) ++end;
    if (index.logs[log].compacted) continue;
    Holes(index, report, fillers, log).settle(std::span(gaps).subspan(begin, end - begin));
  }
}

}  // namespace weir::analysis
