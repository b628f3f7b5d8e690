// LogIndex: the records of compacted logs by key, which may be gone, and which must be there.
//
// A cleaner keeps the newest record of each key, so an older one may be missing where something
// newer of its key lies; of a key that a tombstone ended, all may be missing in the end. The key of
// a stored record is the one it was sent with.
#include <algorithm>

#include "checkers/log_index.h"

namespace weir::analysis {

ValueId LogIndex::record_key_of(const Identity& identity) const {
  if (identity.first_send == kNone) return kNoValue;
  const Send& send = sends[identity.first_send];
  return send.meta == kNoMeta ? kNoValue : history.metas[send.meta].record_key;
}

const LatestOfKey* LogIndex::latest_of_key(const Identity& identity) const {
  const ValueId key = record_key_of(identity);
  if (key == kNoValue || !logs[identity.log].compacted) return nullptr;
  const std::uint32_t found = key_ids_.find(pair_key(identity.log, key));
  return found == kNone ? nullptr : &keys_[found];
}

void LogIndex::find_keys() {
  for (Log& log : logs) {
    log.compacted =
        read_back() ? log.topic != nullptr && log.topic->compacted : history.config.compacted;
  }
  const bool read_in_full = history.config.final_drain && history.complete;
  for (const Send& send : sends) {
    const Identity& identity = identities[send.identity];
    const ValueId record_key = record_key_of(identity);
    if (record_key == kNoValue || !logs[send.log].compacted) continue;
    if (send.outcome == Outcome::failed && identity.points == 0) continue;
    const std::uint32_t id = key_ids_.try_emplace(pair_key(send.log, record_key),
                                                  static_cast<std::uint32_t>(keys_.size()));
    if (id == keys_.size()) keys_.emplace_back();
    LatestOfKey& key = keys_[id];
    const Log& log = logs[send.log];
    std::int64_t at = kNoOffset;
    if (identity.stored > 0) at = log.stored[identity.first_stored].offset;
    for (std::uint32_t p = identity.first_point; p != kNone; p = log.points[p].next) {
      at = std::max(at, log.points[p].offset);
    }
    key.newest = std::max(key.newest, at);
    // A full read would have shown it, or what took its place.
    if (at == kNoOffset && !read_in_full) key.anywhere = true;
    const bool tombstone = history.values.text(send.value) == "n" ||
                           (send.meta != kNoMeta && history.metas[send.meta].tombstone);
    if (tombstone) key.ended = std::max(key.ended, at == kNoOffset ? kMaxOffset : at);
  }
  if (!read_back()) return;
  for (std::uint32_t l = 0; l < logs.size(); ++l) {
    if (logs[l].compacted) find_stored_keys(l);
  }
}

// What each replica has of each key.
void LogIndex::find_stored_keys(std::uint32_t l) {
  const Log& log = logs[l];
  for (std::uint32_t r = 0; r < log.replicas.size(); ++r) {
    const auto note = [&](const StoredAt& record) {
      const std::uint32_t identity = identity_of(l, record.value);
      const ValueId record_key = identity == kNone ? kNoValue : record_key_of(identities[identity]);
      const std::uint32_t id =
          record_key == kNoValue ? kNone : key_ids_.find(pair_key(l, record_key));
      if (id == kNone) return;
      std::vector<std::int64_t>& stored = keys_[id].stored;
      if (stored.empty()) stored.assign(log.replicas.size(), kNoOffset);
      stored[r] = std::max(stored[r], record.offset);
    };
    const std::vector<StoredAt>& first = log.replicas.front().told->records;
    const ReplicaTruth& told = *log.replicas[r].told;
    for (std::uint32_t i = 0; i < std::min<std::size_t>(told.shared, first.size()); ++i) {
      note(first[i]);
    }
    for (const StoredAt& record : told.records) note(record);
  }
}

bool LogIndex::may_be_cleaned(const Identity& identity, std::int64_t offset) const {
  const LatestOfKey* key = latest_of_key(identity);
  return key != nullptr && (key->anywhere || key->newest > offset || key->ended >= offset);
}

Lack LogIndex::find_lack_of_key(const Identity& identity, std::int64_t offset) const {
  const LatestOfKey* key = latest_of_key(identity);
  if (key != nullptr && key->ended != kNoOffset && key->ended >= offset) return {};
  return find_lack_where(identity.log, [&](std::size_t replica) {
    const std::int64_t stored =
        key == nullptr || key->stored.empty() ? kNoOffset : key->stored[replica];
    return stored != kNoOffset && stored >= offset;
  });
}

}  // namespace weir::analysis
