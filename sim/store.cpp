// Operations of a disk: their effects, errors and completion times.
#include "sim/store.h"

#include <algorithm>
#include <utility>

#include "broker/ports/disk_path.h"
#include "sim/core.h"
#include "sim/process.h"

namespace weir::sim {
namespace {

std::int64_t transfer_time(std::uint64_t bytes, std::uint64_t bytes_per_second) {
  constexpr std::uint64_t kNanoseconds = 1'000'000'000;
  const std::uint64_t rest = bytes % bytes_per_second * kNanoseconds / bytes_per_second;
  return static_cast<std::int64_t>(bytes / bytes_per_second * kNanoseconds + rest);
}

}  // namespace

Store::Store(Core& core, Node& node, const DiskOptions& options)
    : core_(core),
      node_(node),
      options_(options),
      latency_(core.streams().stream("disk latency", node.name())),
      luck_(core.streams().stream("disk luck", node.name())),
      capacity_(options.capacity_bytes) {}

Errc Store::begin(DiskOperation operation, const std::string& path) {
  ++counts_[static_cast<std::size_t>(operation)];
  Errc error = Errc::ok;
  for (Armed& armed : faults_) {
    const DiskFault& fault = armed.fault;
    if (fault.misdirected) continue;
    if (fault.operation && *fault.operation != operation) continue;
    if (path.find(fault.path_contains) == std::string::npos) continue;
    ++armed.seen;
    if (armed.seen >= fault.nth && armed.seen - fault.nth < fault.times && error == Errc::ok) {
      error = fault.error;
    }
  }
  return error == Errc::ok ? error : failed(operation, path, error);
}

Errc Store::failed(DiskOperation operation, const std::string& path, Errc error) {
  const std::string why = std::string(name_of(operation)) + ": " + std::string(describe(error));
  Fact fact{.kind = FactKind::disk_error};
  fact.record = path;
  fact.why = why;
  core_.emit(fact, node_.id());
  return error;
}

bool Store::misdirects(const std::string& path) {
  bool strikes = false;
  for (Armed& armed : faults_) {
    const DiskFault& fault = armed.fault;
    if (!fault.misdirected || path.find(fault.path_contains) == std::string::npos) continue;
    ++armed.seen;
    strikes = strikes || (armed.seen >= fault.nth && armed.seen - fault.nth < fault.times);
  }
  return strikes;
}

CompletionTime Store::completion(const Latency& latency, std::int64_t& busy_until,
                                 std::uint64_t bytes) {
  const std::int64_t takes = latency.sample(latency_) * slow_;
  std::int64_t from = core_.kernel().now();
  if (options_.bytes_per_second > 0 && bytes > 0) {
    const std::int64_t transfer = transfer_time(bytes, options_.bytes_per_second) * slow_;
    transfer_until_ = std::max(transfer_until_, from) + transfer;
    from = transfer_until_;
  }
  busy_until = std::max(busy_until, from + takes);
  return stuck_ ? kNever : busy_until;
}

void Store::record(Change change) {
  static_cast<void>(cache_.apply(change));
  changes_.push_back(std::move(change));
}

Result<std::shared_ptr<Inode>> Store::open(const std::string& path, OpenMode mode,
                                           CompletionTime& done) {
  settle_directories();
  done = completion(options_.metadata, busy_until_);
  const Errc error = begin(DiskOperation::open, path);
  if (error != Errc::ok) return make_error_code(error);
  if (!is_disk_path(path)) return make_error_code(Errc::malformed);
  std::shared_ptr<Inode> inode = cache_.file(path);
  if (inode != nullptr) {
    if (mode == OpenMode::exclusive) return make_error_code(Errc::already_exists);
    return inode;
  }
  if (cache_.exists(path)) return make_error_code(Errc::already_exists);  // a directory
  if (mode == OpenMode::existing || !cache_.is_directory(parent_of(path))) {
    return make_error_code(Errc::not_found);
  }
  inode = std::make_shared<Inode>();
  record({.kind = Change::Kind::create, .from = {}, .to = path, .inode = inode});
  return inode;
}

Result<Slice> Store::read(Inode& inode, const std::string& path, std::uint64_t at,
                          std::size_t length, CompletionTime& done) {
  const std::uint64_t size = inode.cache.size();
  const std::uint64_t there = at < size ? std::min<std::uint64_t>(size - at, length) : 0;
  done = completion(options_.read, inode.busy_until, there);
  const Errc error = begin(DiskOperation::read, path);
  if (error != Errc::ok) return make_error_code(error);
  return inode.cache.read(at, length);
}

void Store::put(Inode& inode, std::uint64_t at, Slice bytes) {
  if (bytes.empty()) return;
  inode.cache.write(at, bytes);
  inode.dirty.push_back({.at = at, .bytes = std::move(bytes)});
}

Result<void> Store::write(Inode& inode, const std::string& path, std::uint64_t at,
                          std::span<const Slice> slices, CompletionTime& done) {
  settle(inode);
  std::uint64_t total = 0;
  for (const Slice& slice : slices) total += slice.size();
  done = completion(options_.write, inode.busy_until, total);
  std::uint64_t takes = total;
  Errc error = begin(DiskOperation::write, path);
  if (error != Errc::ok) {
    takes = luck_.below(total + 1);
  } else if (capacity_ != 0 && at + total > inode.cache.size()) {
    const std::uint64_t used = used_bytes();
    const std::uint64_t room = inode.cache.size() + (capacity_ > used ? capacity_ - used : 0);
    if (at + total > room) {
      takes = room > at ? room - at : 0;
      error = failed(DiskOperation::write, path, Errc::no_space);
    }
  }
  if (error == Errc::ok && misdirects(path)) {
    Buffer all;
    for (const Slice& slice : slices) all.append(slice);
    put_elsewhere(inode, path, at, std::move(all).share());
    return {};
  }
  for (const Slice& slice : slices) {
    const std::uint64_t n = std::min<std::uint64_t>(takes, slice.size());
    put(inode, at, slice.subslice(0, n));
    at += n;
    takes -= n;
  }
  if (error != Errc::ok) return make_error_code(error);
  return {};
}

void Store::put_elsewhere(Inode& inode, const std::string& path, std::uint64_t at,
                          const Slice& bytes) {
  const std::uint64_t end = std::max(inode.cache.size(), at + bytes.size());
  if (end > inode.cache.size()) {
    inode.cache.truncate(end);
    inode.dirty.push_back({.at = end, .truncation = true});
  }
  const std::uint64_t sector = at / kSector;
  std::uint64_t other = luck_.below(end / kSector + 1);
  if (other == sector) other = sector > 0 ? sector - 1 : sector + 1;
  const std::uint64_t to = other * kSector + at % kSector;
  if (to < end) put(inode, to, bytes.subslice(0, static_cast<std::size_t>(end - to)));
  const std::string why =
      "write: misdirected from " + std::to_string(at) + " to " + std::to_string(to);
  Fact fact{.kind = FactKind::disk_error};
  fact.record = path;
  fact.why = why;
  core_.emit(fact, node_.id());
}

Result<void> Store::truncate(Inode& inode, const std::string& path, std::uint64_t size,
                             CompletionTime& done) {
  settle(inode);
  done = completion(options_.metadata, inode.busy_until);
  const Errc error = begin(DiskOperation::truncate, path);
  if (error != Errc::ok) return make_error_code(error);
  inode.cache.truncate(size);
  inode.dirty.push_back({.at = size, .truncation = true});
  return {};
}

Result<void> Store::sync(Inode& inode, const std::string& path, CompletionTime& done) {
  settle(inode);
  done = completion(options_.sync, inode.busy_until);
  const Errc error = begin(DiskOperation::sync, path);
  if (error != Errc::ok) {
    drop_dirty_pages(inode);
    return make_error_code(error);
  }
  inode.syncs.push_back({done, inode.dirty_before + inode.dirty.size()});
  return {};
}

// The kernel forgets what it could not write; the size it still knows.
void Store::drop_dirty_pages(Inode& inode) {
  for (Inode::Sync& sync : inode.syncs) sync.done_at = core_.kernel().now();
  settle(inode);
  const std::uint64_t size = inode.cache.size();
  inode.dirty_before += inode.dirty.size();
  inode.dirty.clear();
  inode.cache = inode.durable;
  if (inode.cache.size() == size) return;
  inode.cache.truncate(size);
  inode.dirty.push_back({.at = size, .truncation = true});
}

void Store::settle(Inode& inode) const {
  std::size_t finished = 0;
  while (finished < inode.syncs.size() && inode.syncs[finished].done_at <= core_.kernel().now()) {
    ++finished;
  }
  if (finished == 0) return;
  const std::uint64_t up_to = inode.syncs[finished - 1].up_to;
  const std::uint64_t n =
      up_to > inode.dirty_before ? up_to - inode.dirty_before : 0;  // lost ones are not there
  for (std::uint64_t i = 0; i < n; ++i) {
    DirtyWrite& w = inode.dirty[i];
    if (w.truncation) {
      inode.durable.truncate(w.at);
    } else {
      inode.durable.write(w.at, std::move(w.bytes));
    }
  }
  inode.dirty.erase(inode.dirty.begin(), inode.dirty.begin() + static_cast<std::ptrdiff_t>(n));
  inode.dirty_before += n;
  inode.syncs.erase(inode.syncs.begin(),
                    inode.syncs.begin() + static_cast<std::ptrdiff_t>(finished));
}

Result<void> Store::change(DiskOperation operation, std::string from, std::string to,
                           CompletionTime& done) {
  settle_directories();
  const bool sync = operation == DiskOperation::sync_directory;
  done = completion(sync ? options_.sync : options_.metadata, busy_until_);
  const Errc error = begin(operation, from);
  if (error != Errc::ok) return make_error_code(error);
  const bool top = from.empty() && (sync || operation == DiskOperation::make_directory);
  if ((!top && !is_disk_path(from)) || (operation == DiskOperation::rename && !is_disk_path(to))) {
    return make_error_code(Errc::malformed);
  }
  switch (operation) {
    case DiskOperation::rename: return rename(from, to);
    case DiskOperation::remove: return remove(from);
    case DiskOperation::make_directory: return make_directories(from);
    case DiskOperation::sync_directory:
      if (!cache_.is_directory(from)) return make_error_code(Errc::not_found);
      directory_syncs_.push_back({done, std::move(from), changes_before_ + changes_.size()});
      return {};
    case DiskOperation::open:
    case DiskOperation::read:
    case DiskOperation::write:
    case DiskOperation::truncate:
    case DiskOperation::sync:
    case DiskOperation::list:
    case DiskOperation::count_: break;
  }
  return make_error_code(Errc::io_error);
}

Result<void> Store::rename(const std::string& from, const std::string& to) {
  if (from.empty() || !cache_.exists(from) || !cache_.is_directory(parent_of(to))) {
    return make_error_code(Errc::not_found);
  }
  if (from == to) return {};
  const std::shared_ptr<Inode> inode = cache_.file(from);
  const bool over_directory = cache_.is_directory(to);
  // A file replaces a file, a directory an empty directory, and nothing moves into itself.
  if (over_directory ? inode != nullptr || !cache_.empty_directory(to)
                     : inode == nullptr && cache_.exists(to)) {
    return make_error_code(Errc::already_exists);
  }
  if (to.starts_with(from + "/")) return make_error_code(Errc::malformed);
  record({.kind = Change::Kind::rename, .from = from, .to = to, .inode = inode});
  return {};
}

Result<void> Store::remove(const std::string& path) {
  if (path.empty() || !cache_.exists(path)) return make_error_code(Errc::not_found);
  if (cache_.is_directory(path) && !cache_.empty_directory(path)) {
    return make_error_code(Errc::already_exists);
  }
  record({.kind = Change::Kind::remove, .from = path, .to = {}, .inode = cache_.file(path)});
  return {};
}

Result<void> Store::make_directories(const std::string& path) {
  if (cache_.is_directory(path)) return {};
  if (cache_.exists(path)) return make_error_code(Errc::already_exists);
  const Result<void> parent = make_directories(parent_of(path));
  if (!parent) return parent;
  record({.kind = Change::Kind::make_directory, .from = {}, .to = path});
  return {};
}

Result<std::vector<std::string>> Store::list(const std::string& path, CompletionTime& done) {
  done = completion(options_.metadata, busy_until_);
  const Errc error = begin(DiskOperation::list, path);
  if (error != Errc::ok) return make_error_code(error);
  if (!path.empty() && !is_disk_path(path)) return make_error_code(Errc::malformed);
  if (!cache_.is_directory(path)) return make_error_code(Errc::not_found);
  std::vector<std::string> names = cache_.list(path);
  std::sort(names.begin(), names.end());
  return names;
}

void Store::wait_unstuck(std::uint32_t life, OperationId operation) {
  waiting_.emplace_back(life, operation);
}

void Store::set_stuck(bool stuck) {
  stuck_ = stuck;
  if (stuck) return;
  const std::int64_t now = core_.kernel().now();
  for (const auto& [path, inode] : cache_.entries()) {
    if (inode == nullptr) continue;
    for (Inode::Sync& sync : inode->syncs) sync.done_at = std::min(sync.done_at, now);
  }
  for (DirectorySync& sync : directory_syncs_) sync.done_at = std::min(sync.done_at, now);
  for (const auto& [life, operation] : std::exchange(waiting_, {})) {
    Process* process = node_.process(life);
    if (process != nullptr) process->finish_soon(operation, 0);
  }
}

std::uint64_t Store::used_bytes() const {
  std::uint64_t sum = 0;
  for (const auto& [path, inode] : cache_.entries()) {
    if (inode != nullptr) sum += inode->cache.size();
  }
  return sum;
}

}  // namespace weir::sim
