// SyncWorker: the one thread beside the loop. It waits for the disk (fdatasync, fsync), so that the
// loop need not.
//
// Only a descriptor and a number travel to the thread and back. The handlers stay with the loop:
// they own coroutines and slices, whose counts of references are not atomic. Jobs are done in the
// order in which they were given.
#pragma once

#include <boost/asio/io_context.hpp>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <thread>

#include "broker/base/result.h"
#include "broker/ports/once.h"
#include "broker/real/descriptor.h"

namespace weir {

enum class SyncKind { file, directory };

class SyncWorker {
 public:
  explicit SyncWorker(boost::asio::io_context& context) : context_(context) {}
  ~SyncWorker() { shut_down(); }

  // Loop only. The descriptor stays open until the job is done.
  void sync(std::shared_ptr<const Descriptor> file, SyncKind kind, Once<Result<void>> done);

  // Loop only. Finishes the job under way, drops the others and destroys all waiting handlers.
  void shut_down();

 private:
  struct Job {
    std::shared_ptr<const Descriptor> file;
    SyncKind kind;
    std::uint64_t ticket;
  };

  void work();
  void finish(std::uint64_t ticket, int error);

  boost::asio::io_context& context_;
  std::map<std::uint64_t, Once<Result<void>>> waiting_;  // of the loop alone
  std::uint64_t next_ticket_ = 0;                        // of the loop alone

  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::deque<Job> jobs_;
  bool ending_ = false;

  std::thread thread_;  // started with the first job
};

}  // namespace weir
