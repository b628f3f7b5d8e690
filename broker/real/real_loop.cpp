// Starting, stopping and ending of what runs on the loop.
#include "broker/real/real_loop.h"

#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <utility>

namespace weir {
namespace {

constexpr int kMapAboveBytes = 32 * 1024 * 1024;
constexpr int kKeepFreedBytes = 64 * 1024 * 1024;
constexpr int kGrowByBytes = 16 * 1024 * 1024;

// A broker needs a descriptor for each connection and each segment; the soft limit is often 1024.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) {
    std::fprintf(stderr, "weir: the limit of open descriptors stays as it is\n");
  }
}

// Batches come and go as buffers of a megabyte. Left alone, the allocator gives each back to the
// system, and the kernel then clears and maps its pages anew for the next one: a third of the time
// of a fetch.
void keep_freed_memory() {
  ::mallopt(M_MMAP_THRESHOLD, kMapAboveBytes);
  ::mallopt(M_TRIM_THRESHOLD, kKeepFreedBytes);
  ::mallopt(M_TOP_PAD, kGrowByBytes);
}

// An exception that leaves a task is a programmer's error (a failed assertion): the process says
// where, and dies with a core. What is not a std::exception ends in std::terminate.
[[noreturn]] void abort_for(const std::string& task, const std::exception_ptr& failure) noexcept {
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "weir: task %s failed: %s\n", task.c_str(), error.what());
  }
  std::abort();
}

}  // namespace

RealLoop::RealLoop() : work_(context_.get_executor()), sync_worker_(context_) {
  raise_descriptor_limit();
  keep_freed_memory();
}

RealLoop::~RealLoop() { end(); }

void RealLoop::stop_on_signals() {
  signals_.emplace(context_, SIGINT, SIGTERM);
  wait_for_signal();
}

void RealLoop::wait_for_signal() {
  signals_->async_wait([this](const boost::system::error_code& error, int signal) {
    if (error) return;
    if (stopping_) ::_exit(128 + signal);
    wait_for_signal();
    stop();
  });
}

int RealLoop::run() {
  if (!ended_) context_.run();
  end();
  return status_;
}

void RealLoop::stop() {
  if (std::exchange(stopping_, true)) return;
  boost::asio::post(context_, [this] { stop_programs(); });
}

void RealLoop::stop_programs() {
  stopping_programs_ = programs_.size();
  if (programs_.empty()) context_.stop();
  for (const auto& program : programs_) spawn("stop", stop_program(*program));
}

Task<> RealLoop::stop_program(Program& program) {
  co_await program.stop();
  if (--stopping_programs_ == 0) context_.stop();
}

void RealLoop::start(std::unique_ptr<Program> program) {
  Program& running = *programs_.emplace_back(std::move(program));
  spawn("run", running.run());
}

void RealLoop::spawn(std::string_view name, Task<> task) {
  std::move(task).start(*this, Once<std::exception_ptr>(
                                   [name = std::string(name)](const std::exception_ptr& failure) {
                                     if (failure) abort_for(name, failure);
                                   }));
}

void RealLoop::post(Once<Resume> run) {
  boost::asio::post(context_, [run = std::move(run)]() mutable { run({}); });
}

void RealLoop::halt(std::string_view node, std::string_view why) {
  std::fprintf(stderr, "weir: node %.*s halted: %.*s\n", static_cast<int>(node.size()), node.data(),
               static_cast<int>(why.size()), why.data());
  status_ = kExitHalted;
  context_.stop();
}

void RealLoop::end() {
  if (std::exchange(ended_, true)) return;
  context_.stop();
  sync_worker_.shut_down();
  context_.shutdown();
  programs_.clear();
}

}  // namespace weir
