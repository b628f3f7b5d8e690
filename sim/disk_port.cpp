// Files as handles on inodes: they stay usable when their entry is removed.
#include "sim/disk_port.h"

#include <utility>

#include "sim/core.h"
#include "sim/process.h"

namespace weir::sim {
namespace {

// The result waits in the table of operations until its time, or until the disk comes unstuck.
template <class T>
void complete_at(Process& process, CompletionTime at, T result, Once<T> done) {
  const OperationId op = process.wait(std::move(done));
  if (at == kNever) {
    process.keep(op, std::move(result));
    process.node().store().wait_unstuck(process.life(), op);
  } else {
    process.finish_at(op, at, std::move(result));
  }
}

class SimFile final : public File {
 public:
  SimFile(Process& process, std::shared_ptr<Inode> inode, std::string path)
      : process_(process), inode_(std::move(inode)), path_(std::move(path)) {}

  [[nodiscard]] std::uint64_t size() const override { return inode_->cache.size(); }

 private:
  void start_read(std::uint64_t offset, std::size_t length, Once<Result<Slice>> done) override {
    if (process_.dying()) return;
    CompletionTime at = 0;
    Result<Slice> got = store().read(*inode_, path_, offset, length, at);
    complete_at(process_, at, std::move(got), std::move(done));
  }
  void start_write(std::uint64_t offset, std::span<const Slice> slices,
                   Once<Result<void>> done) override {
    if (process_.dying()) return;
    CompletionTime at = 0;
    Result<void> written = store().write(*inode_, path_, offset, slices, at);
    complete_at(process_, at, std::move(written), std::move(done));
  }
  void start_truncate(std::uint64_t size, Once<Result<void>> done) override {
    if (process_.dying()) return;
    CompletionTime at = 0;
    Result<void> cut = store().truncate(*inode_, path_, size, at);
    complete_at(process_, at, std::move(cut), std::move(done));
  }
  void start_sync(Once<Result<void>> done) override {
    if (process_.dying()) return;
    CompletionTime at = 0;
    Result<void> synced = store().sync(*inode_, path_, at);
    complete_at(process_, at, std::move(synced), std::move(done));
  }

  Store& store() { return process_.node().store(); }

  Process& process_;
  std::shared_ptr<Inode> inode_;
  std::string path_;  // as it was opened, for errors
};

}  // namespace

void DiskPort::start_open(const std::string& path, OpenMode mode,
                          Once<Result<std::unique_ptr<File>>> done) {
  if (process_.dying()) return;
  CompletionTime at = 0;
  Result<std::shared_ptr<Inode>> inode = process_.node().store().open(path, mode, at);
  Result<std::unique_ptr<File>> file = make_error_code(Errc::io_error);
  if (inode) {
    file = std::unique_ptr<File>(new SimFile(process_, std::move(*inode), path));
  } else {
    file = inode.error();
  }
  complete_at(process_, at, std::move(file), std::move(done));
}

void DiskPort::start_change(Change what, const std::string& from, const std::string& to,
                            Once<Result<void>> done) {
  if (process_.dying()) return;
  DiskOperation operation = DiskOperation::rename;
  switch (what) {
    case Change::rename: operation = DiskOperation::rename; break;
    case Change::remove: operation = DiskOperation::remove; break;
    case Change::make_directory: operation = DiskOperation::make_directory; break;
    case Change::sync_directory: operation = DiskOperation::sync_directory; break;
  }
  CompletionTime at = 0;
  Result<void> changed = process_.node().store().change(operation, from, to, at);
  complete_at(process_, at, std::move(changed), std::move(done));
}

void DiskPort::start_list(const std::string& path, Once<Result<std::vector<std::string>>> done) {
  if (process_.dying()) return;
  CompletionTime at = 0;
  Result<std::vector<std::string>> names = process_.node().store().list(path, at);
  complete_at(process_, at, std::move(names), std::move(done));
}

}  // namespace weir::sim
