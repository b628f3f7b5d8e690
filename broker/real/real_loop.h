// RealLoop: the one thread on which real nodes live, and everything they share: the io_context, the
// chunk that sockets read into, the thread that syncs files, the way to stop.
//
// Several machines (nodes) may share one loop; their slices then stay on one thread, as the counts
// of references demand. run() returns when the programs of all machines have stopped, or at once
// when one of them halted (exit status 70).
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/ports/program.h"
#include "broker/real/receive_chunk.h"
#include "broker/real/sync_worker.h"

namespace weir {

inline constexpr int kExitHalted = 70;  // EX_SOFTWARE of sysexits.h: a node halted itself

class RealLoop final : public FiberHost {
 public:
  // Raises this process's limit of open descriptors to what the system allows, and lets its
  // allocator keep some freed memory.
  RealLoop();
  RealLoop(const RealLoop&) = delete;
  RealLoop& operator=(const RealLoop&) = delete;
  ~RealLoop() override;

  // SIGINT and SIGTERM call stop(); a second one ends the process without waiting any longer.
  void stop_on_signals();

  // Runs until everything has stopped, once; then ends it (see end()). Returns the status with
  // which the process should exit.
  [[nodiscard]] int run();

  // Asks every program to stop; run() returns when all have. Safe from tasks of the loop.
  void stop();

  // For the machines of this loop.
  [[nodiscard]] boost::asio::io_context& context() { return context_; }
  [[nodiscard]] ReceiveChunk& receive_chunk() { return receive_chunk_; }
  [[nodiscard]] SyncWorker& sync_worker() { return sync_worker_; }
  // Runs `program` from the next turn of the loop on, and keeps it.
  void start(std::unique_ptr<Program> program);
  // Starts a task on the next turn. An exception that leaves it ends the process.
  void spawn(std::string_view name, Task<> task);
  // Ends run() without stopping programs.
  void halt(std::string_view node, std::string_view why);
  // On a later turn.
  void post(Once<Resume>) override;
  // Destroys every coroutine that still waits, then the programs: as a crash does, without I/O.
  // Nothing can run on this loop afterwards.
  void end();

 private:
  // Services of Asio can be shut down before the context dies, so that frames die before programs.
  class Context : public boost::asio::io_context {
   public:
    using boost::asio::execution_context::shutdown;
    using boost::asio::io_context::io_context;
  };

  Task<> stop_program(Program& program);
  void stop_programs();
  void wait_for_signal();

  Context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::optional<boost::asio::signal_set> signals_;
  ReceiveChunk receive_chunk_;
  SyncWorker sync_worker_;
  std::vector<std::unique_ptr<Program>> programs_;
  std::size_t stopping_programs_ = 0;
  bool stopping_ = false;
  bool ended_ = false;
  int status_ = 0;
};

}  // namespace weir
