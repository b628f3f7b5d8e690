// OpenMetrics 1.0 text (github.com/OpenObservability): families with type and help, counters that
// end in _total, "# EOF" at the end. node_exporter's textfile collector reads it, too.
#include <cstdio>

#include "scenarios/ci_reports.h"
#include "scenarios/sweep_summary.h"

namespace weir {
namespace {

std::string label(const std::string& name, const std::string& value) {
  std::string text = name + "=\"";
  for (const char c : value) {
    if (c == '\\' || c == '"') text += '\\';
    text += c == '\n' ? std::string("\\n") : std::string(1, c);
  }
  return text + "\"";
}

class Families {
 public:
  void begin(const std::string& name, const std::string& type, const std::string& help) {
    text_ += "# TYPE " + name + " " + type + "\n# HELP " + name + " " + help + "\n";
  }
  void sample(const std::string& name, const std::string& labels, const std::string& value) {
    text_ += name + (labels.empty() ? "" : "{" + labels + "}") + " " + value + "\n";
  }
  void sample(const std::string& name, const std::string& labels, std::uint64_t value) {
    sample(name, labels, std::to_string(value));
  }
  [[nodiscard]] std::string finish() { return text_ + "# EOF\n"; }

 private:
  std::string text_;
};

std::string decimal(double value) {
  char text[48];
  std::snprintf(text, sizeof text, "%.6f", value);
  return text;
}

}  // namespace

std::string open_metrics(const SweepPlan& plan, const SweepTally& sweep, double wall_seconds) {
  Families out;
  out.begin("weir_seeds", "counter", "Seeds that were run.");
  for (std::size_t i = 0; i < plan.swept(); ++i) {
    out.sample("weir_seeds_total", label("scenario", plan.subjects[i].label),
               sweep.subjects[i].runs);
  }
  out.begin("weir_failures", "counter", "Seeds that failed, by the guarantee that was violated.");
  for (std::size_t i = 0; i < plan.swept(); ++i) {
    for (const std::string& id : sweep.subjects[i].order) {
      const std::uint64_t failures = sweep.subjects[i].guarantees.at(id).failures;
      out.sample("weir_failures_total",
                 label("scenario", plan.subjects[i].label) + "," + label("guarantee", id),
                 failures);
    }
  }
  out.begin("weir_doubled", "counter", "Runs that were repeated and compared.");
  out.sample("weir_doubled_total", "", sweep.doubled);
  out.begin("weir_nondeterministic", "counter", "Runs whose repetition differed.");
  out.sample("weir_nondeterministic_total", "", sweep.differing.size());
  out.begin("weir_internal_errors", "counter", "Runs that came to no end.");
  out.sample("weir_internal_errors_total", "", sweep.troubles.size());
  out.begin("weir_simulated_seconds", "counter", "Virtual time.");
  out.sample("weir_simulated_seconds_total", "",
             decimal(static_cast<double>(sweep.simulated_ms) / 1e3));
  out.begin("weir_shapes", "gauge", "Different failures that were seen.");
  out.sample("weir_shapes", "", sweep.shapes.size());
  const CellCount cells = cells_of(sweep.coverage);
  out.begin("weir_coverage_pairs", "gauge", "Pairs of a kind of fault and a state that met.");
  out.sample("weir_coverage_pairs", "", cells.visited);
  out.begin("weir_exit_code", "gauge", "The exit code of the sweep.");
  out.sample("weir_exit_code", "", static_cast<std::uint64_t>(sweep.exit_code));
  out.begin("weir_seed_seconds", "gauge", "Time of the clock on the wall for each seed.");
  const double seeds = static_cast<double>(sweep.runs + sweep.saved.size());
  out.sample("weir_seed_seconds", "", decimal(seeds > 0 ? wall_seconds / seeds : 0));
  return out.finish();
}

}  // namespace weir
