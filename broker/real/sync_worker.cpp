// The queue of sync jobs, and the thread that does them.
#include "broker/real/sync_worker.h"

#include <pthread.h>
#include <signal.h>

#include <boost/asio/post.hpp>
#include <cerrno>
#include <utility>

#include "broker/base/assertion.h"
#include "broker/real/errors.h"

namespace weir {
namespace {

int sync_descriptor(int fd, SyncKind kind) {
  int result = 0;
  do {
    result = kind == SyncKind::file ? ::fdatasync(fd) : ::fsync(fd);
  } while (result != 0 && errno == EINTR);
  return result == 0 ? 0 : errno;
}

}  // namespace

void SyncWorker::sync(std::shared_ptr<const Descriptor> file, SyncKind kind,
                      Once<Result<void>> done) {
  const std::uint64_t ticket = next_ticket_++;
  waiting_.emplace(ticket, std::move(done));
  {
    const std::lock_guard lock(mutex_);
    WEIR_ASSERT(!ending_);
    jobs_.push_back(Job{std::move(file), kind, ticket});
  }
  if (!thread_.joinable()) {
    // Signals are the loop's business: the thread inherits a mask that blocks them all.
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    thread_ = std::thread([this] { work(); });
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }
  changed_.notify_one();
}

void SyncWorker::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return ending_ || !jobs_.empty(); });
    if (ending_) return;
    Job job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    const int error = sync_descriptor(job.file->get(), job.kind);
    job.file.reset();
    boost::asio::post(context_, [this, ticket = job.ticket, error] { finish(ticket, error); });
    lock.lock();
  }
}

void SyncWorker::finish(std::uint64_t ticket, int error) {
  auto node = waiting_.extract(ticket);
  if (node.empty()) return;
  if (error == 0) {
    node.mapped()(Result<void>());
  } else {
    node.mapped()(Result<void>(disk_error(error)));
  }
}

void SyncWorker::shut_down() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    jobs_.clear();
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
  waiting_.clear();
}

}  // namespace weir
