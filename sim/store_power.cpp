// What is durable: directory syncs, power losses by sector, and inspection.
#include <algorithm>
#include <utility>

#include "sim/core.h"
#include "sim/store.h"

namespace weir::sim {
namespace {

constexpr Ratio kHalf{1, 2};

}  // namespace

void Store::settle_directories() {
  std::size_t finished = 0;
  while (finished < directory_syncs_.size() &&
         directory_syncs_[finished].done_at <= core_.kernel().now()) {
    flush_changes(directory_syncs_[finished].directory, directory_syncs_[finished].up_to);
    ++finished;
  }
  directory_syncs_.erase(directory_syncs_.begin(),
                         directory_syncs_.begin() + static_cast<std::ptrdiff_t>(finished));
}

void Store::flush_changes(const std::string& directory, std::uint64_t up_to) {
  const auto concerns = [&directory](const Change& change) {
    using Kind = Change::Kind;
    const bool leaves = change.kind == Kind::remove || change.kind == Kind::rename;
    const bool enters = change.kind != Kind::remove;
    return (leaves && parent_of(change.from) == directory) ||
           (enters && parent_of(change.to) == directory);
  };
  for (std::size_t i = 0; i < changes_.size() && changes_before_ + i < up_to; ++i) {
    if (concerns(changes_[i])) changes_[i].synced = true;
  }
  // In order: one that becomes durable may be the directory that a later one waits for. A change
  // that goes counts as gone in front, so that a mark taken before never reaches further.
  std::vector<Change> left;
  for (Change& change : changes_) {
    if (!change.synced || !durable_.apply(change)) {
      left.push_back(std::move(change));
    } else if (change.inode == nullptr && change.kind != Change::Kind::make_directory) {
      follow(change, left);
    }
  }
  changes_before_ += changes_.size() - left.size();
  changes_ = std::move(left);
}

// Earlier changes of entries below a directory that is durably gone can never come about, and those
// of one that was renamed come about under its new name.
void Store::follow(const Change& directory, std::vector<Change>& earlier) {
  const std::string below = directory.from + "/";
  const bool gone = directory.kind == Change::Kind::remove;
  const auto concerned = [&below](const std::string& path) { return path.starts_with(below); };
  if (gone) {
    std::erase_if(earlier, [&](const Change& c) { return concerned(c.from) || concerned(c.to); });
    return;
  }
  for (Change& change : earlier) {
    for (std::string* path : {&change.from, &change.to}) {
      if (concerned(*path)) *path = directory.to + "/" + path->substr(below.size());
    }
  }
}

void Store::lose_power() {
  settle_directories();
  // Also what the cache has removed or replaced: without its change it is there again.
  for (const Tree* tree : {&cache_, &durable_}) {
    for (const auto& [path, inode] : tree->entries()) {
      if (inode != nullptr) settle(*inode);
    }
  }
  for (const Change& change : changes_) {
    if (change.inode != nullptr) settle(*change.inode);
  }
  lose_changes();
  directory_syncs_.clear();
  busy_until_ = 0;
  transfer_until_ = 0;
  waiting_.clear();
  cache_ = durable_;
  for (const auto& [path, inode] : cache_.entries()) {
    if (inode != nullptr) lose_writes(path, *inode);
  }
}

// Every change that was not synced is kept or not, one by one: a journal that orders them is a
// special case of that.
void Store::lose_changes() {
  for (Change& change : std::exchange(changes_, {})) {
    const bool kept = change.synced || luck_.chance(kHalf);
    if (kept && durable_.apply(change)) continue;
    if (change.kind != Change::Kind::create) continue;
    tell_lost(change.to, change.inode->cache.size(), "entry dropped");
  }
  changes_before_ = 0;
}

void Store::lose_writes(const std::string& path, Inode& inode) {
  std::uint64_t lost = 0;
  bool torn = false;
  for (const DirtyWrite& write : inode.dirty) lost += keep_some(inode, write, torn);
  inode.cache = inode.durable;
  inode.dirty.clear();
  inode.dirty_before = 0;
  inode.syncs.clear();
  inode.busy_until = 0;
  if (lost > 0) tell_lost(path, lost, torn ? "torn" : "dropped");
}

// One write is kept, dropped, or torn by sectors; yields the bytes that were not kept.
std::uint64_t Store::keep_some(Inode& inode, const DirtyWrite& write, bool& torn) {
  enum Outcome : std::uint64_t { kept, dropped, tears, count };
  const std::uint64_t outcome = luck_.below(write.truncation ? std::uint64_t{tears} : count);
  if (outcome == dropped) return write.bytes.size();
  if (outcome == kept) {
    if (write.truncation) {
      inode.durable.truncate(write.at);
    } else {
      inode.durable.write(write.at, write.bytes);
    }
    return 0;
  }
  std::uint64_t lost = 0;
  std::uint64_t from = 0;
  while (from < write.bytes.size()) {
    const std::uint64_t sector_end = ((write.at + from) / kSector + 1) * kSector - write.at;
    const std::uint64_t to = std::min<std::uint64_t>(sector_end, write.bytes.size());
    if (luck_.chance(kHalf)) {
      inode.durable.write(write.at + from, write.bytes.subslice(from, to - from));
    } else {
      lost += to - from;
    }
    from = to;
  }
  if (lost > 0) torn = true;
  return lost;
}

void Store::tell_lost(const std::string& path, std::uint64_t bytes, std::string_view why) {
  Fact fact{.kind = FactKind::disk_lost};
  fact.value = static_cast<std::int64_t>(bytes);
  fact.record = path;
  fact.why = why;
  core_.emit(fact, node_.id());
}

void Store::wipe() {
  cache_ = {};
  durable_ = {};
  changes_.clear();
  changes_before_ = 0;
  directory_syncs_.clear();
}

bool Store::rot(const std::string& path, std::uint64_t offset, std::uint8_t mask) {
  settle_directories();
  bool found = false;
  for (const Tree* tree : {&cache_, &durable_}) {
    const std::shared_ptr<Inode> inode = tree->file(path);
    if (inode == nullptr) continue;
    settle(*inode);
    if (tree == &cache_) {
      found = inode->cache.flip(offset, mask);
      if (found) static_cast<void>(inode->durable.flip(offset, mask));
    } else if (inode != cache_.file(path)) {
      found = inode->durable.flip(offset, mask) || found;
    }
  }
  return found;
}

std::uint64_t Store::operations(DiskOperation operation) const {
  return counts_[static_cast<std::size_t>(operation)];
}

std::vector<std::string> Store::files(DiskView view) {
  settle_directories();
  std::vector<std::string> paths;
  for (const auto& [path, inode] : (view == DiskView::cache ? cache_ : durable_).entries()) {
    if (inode != nullptr) paths.push_back(path);
  }
  return paths;
}

std::optional<Slice> Store::contents(const std::string& path, DiskView view) {
  settle_directories();
  const std::shared_ptr<Inode> inode = (view == DiskView::cache ? cache_ : durable_).file(path);
  if (inode == nullptr) return std::nullopt;
  settle(*inode);
  const Content& content = view == DiskView::cache ? inode->cache : inode->durable;
  return content.read(0, content.size());
}

std::uint64_t Store::unsynced_bytes() {
  std::uint64_t sum = 0;
  for (const auto& [path, inode] : cache_.entries()) {
    if (inode == nullptr) continue;
    settle(*inode);
    for (const DirtyWrite& write : inode->dirty) sum += write.bytes.size();
  }
  return sum;
}

}  // namespace weir::sim
