// LogIndex: what a reader may rightly not see of a log: removed by retention, superseded by a newer
// record of its key in a compacted log, aborted.
//
// A record is superseded by one of its key that lies behind it, where the cleaner may have come: up
// to the offset that compactions tell, or anywhere where none is told. A send whose place nobody
// knows may lie behind it, too; after a full read there is no such send, for the newest of a key
// would have been seen. The cleaner also removes a tombstone in the end.
#include <algorithm>
#include <limits>

#include "checkers/log_index.h"

namespace weir::analysis {
namespace {

constexpr std::int64_t kAnywhere = std::numeric_limits<std::int64_t>::max();

struct Keyed {
  std::uint64_t key;    // (log, record key)
  std::int64_t offset;  // kAnywhere: nobody knows
  friend auto operator<=>(const Keyed&, const Keyed&) = default;
};

class Cleaner {
 public:
  explicit Cleaner(const LogIndex& index) : index_(index), h_(index.history) {
    find_reach();
    for (const Send& send : index.sends) {
      if (send.meta == kNoMeta || h_.metas[send.meta].record_key == kNoValue) continue;
      const std::int64_t place = place_of(send);
      if (place != kNoOffset) records_.push_back({key_of(send), place});
    }
    std::sort(records_.begin(), records_.end());
  }

  [[nodiscard]] bool may_have_removed(const Point& point) const {
    const std::uint32_t s = index_.identities[point.identity].first_send;
    if (s == kNone) return false;
    const Send& send = index_.sends[s];
    if (!index_.logs[send.log].compacted) return false;
    if (send.meta == kNoMeta || h_.metas[send.meta].record_key == kNoValue) return false;
    if (point.offset > reach_[send.log]) return false;
    if (h_.metas[send.meta].tombstone || h_.values.text(point.value) == "n") return true;
    const auto newer =
        std::upper_bound(records_.begin(), records_.end(), Keyed{key_of(send), point.offset});
    if (newer == records_.end() || newer->key != key_of(send)) return false;
    return newer->offset == kAnywhere || newer->offset <= reach_[send.log];
  }

 private:
  // How far the cleaner has come for all one knows.
  void find_reach() {
    reach_.assign(index_.logs.size(), kNoOffset);
    for (std::uint32_t i = 0; i < h_.ops.size(); ++i) {
      if (h_.ops[i].function != OpFunction::compaction) continue;
      for (const HistoryItem& item : h_.items_of(h_.ops[i])) {
        const std::uint32_t log = index_.log_at(item.key, i);
        if (log == kNone) continue;
        const std::int64_t up_to = item.offset == kNoOffset ? kAnywhere : item.offset;
        reach_[log] = std::max(reach_[log], up_to);
      }
    }
    std::ranges::replace(reach_, kNoOffset, kAnywhere);
  }

  [[nodiscard]] std::uint64_t key_of(const Send& send) const {
    return pair_key(send.log, h_.metas[send.meta].record_key);
  }

  // kNoOffset: it need not be there at all.
  [[nodiscard]] std::int64_t place_of(const Send& send) const {
    const Identity& identity = index_.identities[send.identity];
    const Log& log = index_.logs[send.log];
    if (identity.first_point != kNone) return log.points[identity.first_point].offset;
    if (identity.stored > 0) return log.stored[identity.first_stored].offset;
    const bool drained = h_.config.final_drain && h_.complete;
    return send.outcome == Outcome::failed || drained ? kNoOffset : kAnywhere;
  }

  const LogIndex& index_;
  const History& h_;
  std::vector<std::int64_t> reach_;  // per log
  std::vector<Keyed> records_;
};

}  // namespace

void LogIndex::find_optional_points() {
  for (Log& log : logs) {
    for (Point& point : log.points) {
      const Identity& i = identities[point.identity];
      const bool failed = i.sends > 0 && i.failed_sends == i.sends;
      // Who reads uncommitted is shown what others were shown of it.
      const bool hidden = failed && history.config.isolation == Isolation::read_committed;
      point.optional = hidden || point.offset < log.start;
    }
  }
  if (!history.config.compacted) return;
  const Cleaner cleaner(*this);
  for (Log& log : logs) {
    for (Point& point : log.points) {
      point.optional = point.optional || cleaner.may_have_removed(point);
    }
  }
}

}  // namespace weir::analysis
