// weir bench: the figures of this build on this machine.
//
// Rates and times are per second of this process's CPU time, medians of several rounds, so that a
// busy machine disturbs them little. Runs are those of scenarios/bench; memory is the peak of a
// process that does one run and nothing else.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <functional>
#include <nlohmann/json.hpp>

#include "broker/base/suggest.h"
#include "broker/base/text.h"
#include "checkers/checkers.h"
#include "checkers/generate/generate.h"
#include "scenarios/cli/verbs.h"
#include "scenarios/home.h"
#include "scenarios/load.h"
#include "scenarios/run.h"
#include "sim/workload.h"

namespace weir::cli {
namespace {

constexpr int kRounds = 5;
constexpr std::uint64_t kKernelEvents = 10'000'000;
constexpr std::size_t kKernelPending = 10'000;
constexpr std::uint64_t kMessages = 1'000'000;
constexpr std::size_t kPairs = 50;

double cpu_seconds() {
  timespec now = {};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

double median_cpu_seconds(const std::function<void()>& work) {
  std::vector<double> times;
  for (int round = 0; round < kRounds; ++round) {
    const double began = cpu_seconds();
    work();
    times.push_back(cpu_seconds() - began);
  }
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}

Loaded bench_scenario(const std::string& name) {
  LoadRequest request;
  request.name = home() + "/scenarios/bench/" + name + ".json";
  std::string error;
  Loaded loaded = load(request, error);
  if (!error.empty()) complain(error);
  return loaded;
}

double run_cpu_ms(const std::string& name) {
  const Loaded loaded = bench_scenario(name);
  return 1e3 * median_cpu_seconds(
                   [&loaded] { static_cast<void>(run_scenario(loaded.scenario, loaded.inputs)); });
}

// Seconds of virtual time for a second of CPU.
double virtual_seconds_rate(const std::string& name) {
  const Loaded loaded = bench_scenario(name);
  double simulated = 0;
  const double cpu = median_cpu_seconds([&] {
    const RunOutcome outcome = run_scenario(loaded.scenario, loaded.inputs);
    simulated = std::chrono::duration<double>(outcome.cost.simulated - Instant{}).count();
  });
  return simulated / cpu;
}

double kernel_rate() {
  const double seconds = median_cpu_seconds(
      [] { static_cast<void>(run_kernel_workload(kKernelEvents, kKernelPending)); });
  return static_cast<double>(kKernelEvents) / seconds;
}

double message_seconds(bool deadlines) {
  return median_cpu_seconds(
      [deadlines] { static_cast<void>(run_message_workload(kMessages, kPairs, deadlines)); });
}

// Histories of a million operations, timed apart from making and reading them.
constexpr std::int64_t kCheckOperations = 1'000'000;
constexpr int kListKeys = 10;

Generated generated_history(bool lists) {
  GeneratePlan plan;
  plan.operations = kCheckOperations;
  if (lists) plan.keys = kListKeys;
  return lists ? generate_list_append(plan) : generate_log(plan);
}

double check_rate(bool lists) {
  const Generated made = generated_history(lists);
  const double seconds = median_cpu_seconds([&made] { static_cast<void>(find(made.history)); });
  return static_cast<double>(kCheckOperations) / seconds;
}

// Peak memory, in KiB, of a fresh process that does the work.
double peak_kib(const std::function<void()>& work) {
  const pid_t child = ::fork();
  if (child == 0) {
    work();
    ::_exit(0);
  }
  int status = 0;
  rusage usage = {};
  ::wait4(child, &status, 0, &usage);
  return static_cast<double>(usage.ru_maxrss);
}

struct Figure {
  std::string name;
  std::string about;
  std::function<double()> measure;
};

const std::vector<Figure>& figures() {
  static const std::vector<Figure> all = {
      // The peak comes first: a child's memory begins with what its parent had touched.
      {"small_run_peak_kib", "peak memory of bench/small-run in its own process",
       [] {
         return peak_kib([] {
           const Loaded loaded = bench_scenario("small-run");
           static_cast<void>(run_scenario(loaded.scenario, loaded.inputs));
         });
       }},
      {"check_peak_kib", "peak memory of making and checking a log history of 10^6 operations",
       [] { return peak_kib([] { static_cast<void>(find(generated_history(false).history)); }); }},
      {"kernel_events_per_second", "bare kernel, 10^4 pending, fingerprint on", kernel_rate},
      {"port_messages_per_second", "64 bytes between 100 nodes through the ports, as coroutines",
       [] { return static_cast<double>(kMessages) / message_seconds(false); }},
      {"timeout_overhead_ns", "what a deadline adds to a read of the same messages",
       [] {
         const double with = message_seconds(true);
         return (with - message_seconds(false)) * 1e9 / static_cast<double>(kMessages);
       }},
      {"small_run_cpu_ms", "bench/small-run with all checkers, after start-up",
       [] { return run_cpu_ms("small-run"); }},
      {"check_operations_per_second", "all kinds on 10^6 operations, 5 * 10^6 polled records",
       [] { return check_rate(false); }},
      {"check_list_append_transactions_per_second", "strict serializability of 10^6 transactions",
       [] { return check_rate(true); }},
      {"idle_minute_cpu_ms", "bench/idle-minute: 60 s of an idle cluster",
       [] { return run_cpu_ms("idle-minute"); }},
      {"cluster_virtual_seconds_per_cpu_second", "bench/cluster-load: RF 3, 1,000 records/s",
       [] { return virtual_seconds_rate("cluster-load"); }},
      {"cluster_idle_virtual_seconds_per_cpu_second",
       "bench/cluster-idle: nobody asks for anything",
       [] { return virtual_seconds_rate("cluster-idle"); }},
      {"cluster_boot_cpu_ms", "bench/cluster-boot: to the first acknowledged record",
       [] { return run_cpu_ms("cluster-boot"); }},
      {"cluster_small_run_cpu_ms", "bench/cluster-small-run: five faults, and healed",
       [] { return run_cpu_ms("cluster-small-run"); }},
  };
  return all;
}

int bench(const std::vector<std::string>& only, bool as_json) {
  std::vector<std::string> names;
  for (const Figure& figure : figures()) names.push_back(figure.name);
  for (const std::string& name : only) {
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      complain("--only " + name + ": no such figure" + did_you_mean(name, names));
      return kExitUsage;
    }
  }
  nlohmann::ordered_json out;
  for (const Figure& figure : figures()) {
    if (!only.empty() && std::find(only.begin(), only.end(), figure.name) == only.end()) continue;
    std::fprintf(stderr, "weir: measuring %s\n", figure.name.c_str());
    const double value = figure.measure();
    const bool small = value < 1000;
    out[figure.name] = small ? std::round(value * 100) / 100 : std::round(value);
    if (as_json) continue;
    char text[32];
    std::snprintf(text, sizeof text, "%.2f", value);
    std::printf("%-44s %14s  %s\n", figure.name.c_str(),
                small ? text : grouped(static_cast<std::int64_t>(value)).c_str(),
                figure.about.c_str());
  }
  if (as_json) std::printf("%s\n", out.dump().c_str());
  return kExitOk;
}

}  // namespace

void add_bench(CLI::App& app, Session& session) {
  struct Options {
    std::vector<std::string> only;
    bool as_json = false;
  };
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand("bench", "The figures of this build on this machine");
  verb->add_option("--only", options->only, "Measure these figures alone");
  verb->add_flag("--json", options->as_json, "One JSON object of numbers");
  verb->callback(
      [options, &session] { session.exit_code = bench(options->only, options->as_json); });
}

}  // namespace weir::cli
