// Fork, poll, wait.
#include "scenarios/sweep_workers.h"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <exception>

#include "scenarios/exit_code.h"

namespace weir {
namespace {

// Set by a signal: an int that a handler may write, and the one global of the sweep.
volatile std::sig_atomic_t interrupted = 0;
void on_interrupt(int) { interrupted = 1; }

struct Worker {
  pid_t process = -1;
  int pipe = -1;
  std::string unread;
  std::vector<PlannedRun> runs;  // dealt to it, in order
  std::size_t answered = 0;
};

void write_all(int pipe, const std::string& text) {
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t n = ::write(pipe, text.data() + done, text.size() - done);
    if (n <= 0) ::_exit(kExitInternal);  // the parent is gone
    done += static_cast<std::size_t>(n);
  }
}

[[noreturn]] void work(const SweepPlan& plan, const std::vector<PlannedRun>& runs, int pipe) {
  for (const PlannedRun& run : runs) {
    SeedResult result;
    try {
      result = run_seed(plan.subjects[run.subject], run);
    } catch (const std::exception& error) {
      result = in_trouble(run, error.what());
    }
    write_all(pipe, to_json_line(result) + "\n");
  }
  ::_exit(0);
}

Worker start_worker(const SweepPlan& plan, std::vector<PlannedRun> runs) {
  Worker worker;
  worker.runs = std::move(runs);
  int ends[2];
  if (::pipe(ends) != 0) return worker;
  std::fflush(nullptr);
  worker.process = ::fork();
  if (worker.process == 0) {
    ::close(ends[0]);
    ::signal(SIGINT, SIG_IGN);  // the parent decides
    ::signal(SIGTERM, SIG_DFL);
    work(plan, worker.runs, ends[1]);
  }
  ::close(ends[1]);
  worker.pipe = ends[0];
  return worker;
}

void take(Worker& worker, const std::function<void(SeedResult)>& on_result) {
  std::size_t begin = 0;
  for (std::size_t end = 0; (end = worker.unread.find('\n', begin)) != std::string::npos;) {
    SeedResult result = seed_result_from(worker.unread.substr(begin, end - begin));
    begin = end + 1;
    ++worker.answered;
    on_result(std::move(result));
  }
  worker.unread.erase(0, begin);
}

// Reads what one worker has to say; false when it has ended.
bool read_from(Worker& worker, const std::function<void(SeedResult)>& on_result) {
  char chunk[65536];
  const ssize_t n = ::read(worker.pipe, chunk, sizeof chunk);
  if (n > 0) {
    worker.unread.append(chunk, static_cast<std::size_t>(n));
    take(worker, on_result);
    return true;
  }
  return n < 0 && errno == EINTR;
}

void finish(Worker& worker) {
  if (worker.pipe >= 0) ::close(worker.pipe);
  worker.pipe = -1;
  if (worker.process > 0) ::waitpid(worker.process, nullptr, 0);
}

// The run that it was busy with is blamed; another worker does the rest.
void replace(const SweepPlan& plan, Worker& worker,
             const std::function<void(SeedResult)>& on_result) {
  on_result(in_trouble(worker.runs[worker.answered], "the process that ran it died"));
  const auto rest = worker.runs.begin() + static_cast<std::ptrdiff_t>(worker.answered) + 1;
  std::vector<PlannedRun> left(rest, worker.runs.end());
  if (!left.empty()) worker = start_worker(plan, std::move(left));
}

}  // namespace

Interruptible::Interruptible() {
  interrupted = 0;
  ::signal(SIGINT, on_interrupt);
  ::signal(SIGTERM, on_interrupt);
}

Interruptible::~Interruptible() {
  ::signal(SIGINT, SIG_DFL);
  ::signal(SIGTERM, SIG_DFL);
}

bool Interruptible::asked() { return interrupted != 0; }

void run_on_workers(const SweepPlan& plan, const std::vector<PlannedRun>& runs,
                    const std::function<void(SeedResult)>& on_result) {
  std::vector<Worker> workers;
  const std::size_t jobs = plan.options.jobs;
  for (std::size_t job = 0; job < jobs; ++job) {
    std::vector<PlannedRun> mine;
    for (std::size_t i = job; i < runs.size(); i += jobs) mine.push_back(runs[i]);
    if (!mine.empty()) workers.push_back(start_worker(plan, std::move(mine)));
  }
  while (interrupted == 0) {
    std::vector<pollfd> polled;
    std::vector<Worker*> asked;
    for (Worker& worker : workers) {
      if (worker.pipe < 0) continue;
      polled.push_back({worker.pipe, POLLIN, 0});
      asked.push_back(&worker);
    }
    if (polled.empty()) return;
    if (::poll(polled.data(), polled.size(), 200) <= 0) continue;
    for (std::size_t i = 0; i < polled.size(); ++i) {
      Worker& worker = *asked[i];
      if (polled[i].revents == 0 || read_from(worker, on_result)) continue;
      finish(worker);
      if (worker.answered < worker.runs.size()) replace(plan, worker, on_result);
    }
  }
  for (Worker& worker : workers) {
    if (worker.process > 0 && worker.pipe >= 0) ::kill(worker.process, SIGKILL);
    finish(worker);
  }
}

}  // namespace weir
