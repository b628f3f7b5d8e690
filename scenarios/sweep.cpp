// Workers are forked processes that answer over a pipe, one JSON line a run; the parent polls them
// all.
#include "scenarios/sweep.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <exception>
#include <nlohmann/json.hpp>

#include "broker/base/hash.h"
#include "scenarios/exit_code.h"

namespace weir {
namespace {

constexpr std::uint64_t kRound = 256;  // seeds of each scenario between two looks at the clock

// Set by SIGINT: an int that a handler may write, and the one global of the sweep.
volatile std::sig_atomic_t interrupted = 0;
void on_interrupt(int) { interrupted = 1; }

struct Item {
  std::uint64_t index;
  std::size_t subject;
  std::uint64_t seed;
};

struct Worker {
  pid_t process = -1;
  int pipe = -1;
  std::string unread;
  std::vector<Item> items;  // dealt to it, in order
  std::size_t answered = 0;
};

bool is_doubled(const SweepOptions& options, std::uint64_t index) {
  Random random = Random::keyed(options.first_seed, 0, "doubled", std::to_string(index));
  return random.chance(options.doubled);
}

void write_all(int pipe, const std::string& text) {
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t n = ::write(pipe, text.data() + done, text.size() - done);
    if (n <= 0) ::_exit(kExitInternal);  // the parent is gone
    done += static_cast<std::size_t>(n);
  }
}

[[noreturn]] void work(const std::vector<SweepSubject>& subjects, const SweepOptions& options,
                       const std::vector<Item>& items, int pipe) {
  for (const Item& item : items) {
    SeedResult result;
    try {
      result = run_seed(subjects[item.subject], item.subject, item.index, item.seed,
                        is_doubled(options, item.index));
    } catch (const std::exception& error) {
      result.index = item.index;
      result.subject = item.subject;
      result.seed = item.seed;
      result.trouble = error.what();
      result.exit_code = kExitInternal;
    }
    write_all(pipe, to_json_line(result) + "\n");
  }
  ::_exit(0);
}

Worker start_worker(const std::vector<SweepSubject>& subjects, const SweepOptions& options,
                    std::vector<Item> items) {
  Worker worker;
  worker.items = std::move(items);
  int ends[2];
  if (::pipe(ends) != 0) return worker;
  std::fflush(nullptr);
  worker.process = ::fork();
  if (worker.process == 0) {
    ::close(ends[0]);
    ::signal(SIGINT, SIG_IGN);  // the parent decides
    work(subjects, options, worker.items, ends[1]);
  }
  ::close(ends[1]);
  worker.pipe = ends[0];
  return worker;
}

// What a worker that died left undone: its current run is blamed, the rest is lost with it.
SeedResult died(const Item& item) {
  SeedResult result;
  result.index = item.index;
  result.subject = item.subject;
  result.seed = item.seed;
  result.trouble = "the process that ran it died";
  result.exit_code = kExitInternal;
  return result;
}

void take(Worker& worker, std::vector<SeedResult>& results, const OnResult& on_result) {
  std::size_t begin = 0;
  for (std::size_t end = 0; (end = worker.unread.find('\n', begin)) != std::string::npos;) {
    SeedResult result = seed_result_from(worker.unread.substr(begin, end - begin));
    begin = end + 1;
    ++worker.answered;
    on_result(result);
    results[result.index] = std::move(result);
  }
  worker.unread.erase(0, begin);
}

// Reads what one worker has to say; false when it has ended.
bool read_from(Worker& worker, std::vector<SeedResult>& results, const OnResult& on_result) {
  char chunk[65536];
  const ssize_t n = ::read(worker.pipe, chunk, sizeof chunk);
  if (n > 0) {
    worker.unread.append(chunk, static_cast<std::size_t>(n));
    take(worker, results, on_result);
    return true;
  }
  if (n < 0 && errno == EINTR) return true;
  return false;
}

void finish(Worker& worker) {
  if (worker.pipe >= 0) ::close(worker.pipe);
  worker.pipe = -1;
  if (worker.process > 0) ::waitpid(worker.process, nullptr, 0);
}

// One round: deals `items` out by turns and collects every answer. A worker that dies is replaced
// by one that goes on behind the run that killed it.
void run_round(const std::vector<SweepSubject>& subjects, const SweepOptions& options,
               const std::vector<Item>& items, std::vector<SeedResult>& results,
               const OnResult& on_result) {
  std::vector<Worker> workers;
  for (unsigned job = 0; job < options.jobs; ++job) {
    std::vector<Item> mine;
    for (std::size_t i = job; i < items.size(); i += options.jobs) mine.push_back(items[i]);
    if (!mine.empty()) workers.push_back(start_worker(subjects, options, std::move(mine)));
  }
  while (!interrupted) {
    std::vector<pollfd> polled;
    for (const Worker& worker : workers) {
      if (worker.pipe >= 0) polled.push_back({worker.pipe, POLLIN, 0});
    }
    if (polled.empty()) return;
    if (::poll(polled.data(), polled.size(), 200) <= 0) continue;
    for (Worker& worker : workers) {
      if (worker.pipe < 0) continue;
      bool ready = false;
      for (const pollfd& p : polled) ready = ready || (p.fd == worker.pipe && p.revents != 0);
      if (!ready || read_from(worker, results, on_result)) continue;
      finish(worker);
      if (worker.answered < worker.items.size()) {
        SeedResult lost = died(worker.items[worker.answered]);
        on_result(lost);
        results[lost.index] = std::move(lost);
        const auto rest = worker.items.begin() + static_cast<std::ptrdiff_t>(worker.answered) + 1;
        std::vector<Item> left(rest, worker.items.end());
        if (!left.empty()) worker = start_worker(subjects, options, std::move(left));
      }
    }
  }
  for (Worker& worker : workers) {
    if (worker.process > 0 && worker.pipe >= 0) ::kill(worker.process, SIGKILL);
    finish(worker);
  }
}

}  // namespace

SweepResult sweep(const std::vector<SweepSubject>& subjects, const SweepOptions& options,
                  const OnResult& on_result) {
  interrupted = 0;
  struct sigaction act = {};
  struct sigaction before = {};
  act.sa_handler = on_interrupt;
  ::sigaction(SIGINT, &act, &before);
  const auto began = std::chrono::steady_clock::now();
  const auto passed = [began] { return std::chrono::steady_clock::now() - began; };
  SweepResult sweep;
  std::uint64_t index = 0;
  while (!interrupted) {
    std::uint64_t round = kRound;
    if (!options.duration) {
      if (sweep.seeds_done >= options.seeds) break;
      round = std::min(kRound, options.seeds - sweep.seeds_done);
    } else if (passed() >= *options.duration) {
      break;
    }
    std::vector<Item> items;
    for (std::size_t subject = 0; subject < subjects.size(); ++subject) {
      for (std::uint64_t k = 0; k < round; ++k) {
        items.push_back({index++, subject, sweep_seed(options, sweep.seeds_done + k)});
      }
    }
    sweep.results.resize(index);
    for (const Item& item : items) {
      // Until its answer comes, a run counts as interrupted.
      sweep.results[item.index] = died(item);
      sweep.results[item.index].exit_code = kExitInterrupted;
    }
    run_round(subjects, options, items, sweep.results, on_result);
    sweep.seeds_done += round;
  }
  sweep.interrupted = interrupted != 0;
  sweep.wall_seconds = std::chrono::duration<double>(passed()).count();
  ::sigaction(SIGINT, &before, nullptr);
  return sweep;
}

std::string to_json_line(const SeedResult& r) {
  nlohmann::ordered_json verdicts = nlohmann::ordered_json::object();
  for (const auto& [guarantee, word] : r.verdicts) verdicts[guarantee] = word;
  nlohmann::ordered_json line = {{"index", r.index},         {"subject", r.subject},
                                 {"seed", r.seed},           {"fingerprint", r.fingerprint},
                                 {"sim_ns", r.simulated_ns}, {"verdicts", std::move(verdicts)},
                                 {"shape", r.shape},         {"violated", r.violated},
                                 {"story", r.story},         {"headline", r.headline},
                                 {"doubled", r.doubled},     {"same", r.same},
                                 {"exit", r.exit_code},      {"trouble", r.trouble}};
  return line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

SeedResult seed_result_from(const std::string& json_line) {
  const nlohmann::ordered_json line = nlohmann::ordered_json::parse(json_line);
  SeedResult r;
  r.index = line.at("index").get<std::uint64_t>();
  r.subject = line.at("subject").get<std::size_t>();
  r.seed = line.at("seed").get<std::uint64_t>();
  r.fingerprint = line.at("fingerprint").get<std::uint64_t>();
  r.simulated_ns = line.at("sim_ns").get<std::int64_t>();
  for (const auto& [guarantee, word] : line.at("verdicts").items()) {
    r.verdicts.emplace_back(guarantee, word.get<std::string>());
  }
  r.shape = line.at("shape").get<std::string>();
  r.violated = line.at("violated").get<std::string>();
  r.story = line.at("story").get<std::string>();
  r.headline = line.at("headline").get<std::string>();
  r.doubled = line.at("doubled").get<bool>();
  r.same = line.at("same").get<bool>();
  r.exit_code = line.at("exit").get<int>();
  r.trouble = line.at("trouble").get<std::string>();
  return r;
}

}  // namespace weir
