// The OpenMetrics text: families in a fixed order, a closing EOF line.
#include "scenarios/metrics.h"

namespace weir {

void Metrics::on(const Observed& seen) {
  const Fact& f = seen.fact;
  ++counts_[static_cast<std::size_t>(f.kind)];
  last_ns_ = seen.at.ns;
  if (f.kind == FactKind::log_appended) {
    appended_records_ += static_cast<std::uint64_t>(f.value - f.old + 1);
  }
  if (f.kind == FactKind::poll_record) ++polled_records_;
}

std::string Metrics::text() const {
  std::string out =
      "# TYPE weir_simulated_nanoseconds gauge\n"
      "# HELP weir_simulated_nanoseconds Virtual time of the last fact.\n";
  out += "weir_simulated_nanoseconds " + std::to_string(last_ns_) + "\n";
  out += "# TYPE weir_facts counter\n# HELP weir_facts Facts of each kind.\n";
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    if (counts_[i] == 0) continue;
    out += "weir_facts_total{kind=\"" + std::string(name_of(static_cast<FactKind>(i))) + "\"} " +
           std::to_string(counts_[i]) + "\n";
  }
  out += "# TYPE weir_records counter\n# HELP weir_records Records appended to logs, and polled.\n";
  out += "weir_records_total{what=\"appended\"} " + std::to_string(appended_records_) + "\n";
  out += "weir_records_total{what=\"polled\"} " + std::to_string(polled_records_) + "\n";
  return out + "# EOF\n";
}

}  // namespace weir
