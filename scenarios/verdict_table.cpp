// The screen of a run. Nothing here depends on wall clock, path or locale: the same run prints the
// same bytes.
#include "scenarios/verdict_table.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <set>

#include "broker/base/text.h"
#include "scenarios/build_id.h"
#include "scenarios/home.h"

namespace weir {
namespace {

constexpr std::size_t kIdWidth = 24;
constexpr std::size_t kWordWidth = 15;

std::string padded(std::string text, std::size_t width) {
  if (text.size() < width) text.append(width - text.size(), ' ');
  return text + (text.back() == ' ' ? "" : " ");
}

std::string counted(std::int64_t n, const std::string& one, const std::string& many) {
  return grouped(n) + " " + (n == 1 ? one : many);
}

std::string seconds(std::int64_t ns) {
  const std::int64_t tenths = (ns + 50'000'000) / 100'000'000;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " s";
}

std::string or_default(const ConfigMap& config, std::string_view key,
                       const std::string& otherwise) {
  const std::string* set = find_config(config, key);
  return set == nullptr ? otherwise : *set;
}

// "2 producers acks=all idempotent": clients of one kind and configuration are counted together.
std::string clients_text(const Scenario& scenario) {
  std::map<std::string, std::int64_t> kinds;
  std::vector<std::string> order;
  for (const ClientSpec& client : scenario.clients) {
    std::string kind;
    if (std::holds_alternative<ProducerSpec>(client.role)) {
      const std::string acks = or_default(client.config, "acks", "all");
      const bool off = or_default(client.config, "enable.idempotence", "true") == "false";
      kind = "producer acks=" + acks + (off || acks == "0" || acks == "1" ? "" : " idempotent");
    } else if (std::holds_alternative<AppSpec>(client.role)) {
      kind = "app of its user";
    } else {
      kind = "consumer, " + or_default(client.config, "isolation.level", "read_uncommitted");
    }
    if (++kinds[kind] == 1) order.push_back(kind);
  }
  std::string text;
  for (const std::string& kind : order) {
    const std::size_t noun = kind.find_first_of(" ,");
    const std::string plural = kinds[kind] == 1 ? "" : "s";
    text += " | " + grouped(kinds[kind]) + " " + kind.substr(0, noun) + plural + kind.substr(noun);
  }
  return text;
}

std::string faults_text(const RunOutcome& outcome) {
  std::map<std::string, std::int64_t> kinds;
  std::int64_t skipped = 0;
  for (const Strike& strike : outcome.strikes) {
    if (strike.skipped.empty()) {
      ++kinds[std::string(name_of(strike.fault.kind))];
    } else {
      ++skipped;
    }
  }
  std::string text;
  for (const auto& [kind, count] : kinds) {
    text += (text.empty() ? "" : ", ") + grouped(count) + " " + kind;
  }
  if (text.empty()) text = "no faults";
  if (skipped > 0) text += ", " + grouped(skipped) + " skipped by their guards";
  return text;
}

std::string event_text(std::int64_t event) { return "event #" + grouped(event); }

// The paragraph of one violation, or of what is shown though nobody promised otherwise.
std::string told(const Verdict& verdict, const Violation& violation) {
  std::string text = std::string(name_of(verdict.word)) + " " + verdict.id + "\n";
  if (!violation.record.empty()) {
    text += "  record   " + violation.record;
    if (violation.made >= 0) text += "  " + event_text(violation.made);
    text += "\n";
  }
  for (const std::string& line : violation.argument) text += "  " + line + "\n";
  if (violation.broken >= 0) text += "  broken   at " + event_text(violation.broken) + "\n";
  if (!violation.seen.empty()) {
    text += "  noticed  at " + event_text(violation.seen.front()) + "\n";
  }
  return text;
}

// One paragraph for each broken guarantee; where none is, for what was not promised, each record
// once.
std::string stories_text(const std::vector<Verdict>& verdicts) {
  const bool violated = std::any_of(verdicts.begin(), verdicts.end(), [](const Verdict& v) {
    return v.word == VerdictWord::violated;
  });
  std::set<std::string> told_records;
  std::string text;
  for (const Verdict& verdict : verdicts) {
    const VerdictWord wanted = violated ? VerdictWord::violated : VerdictWord::not_promised;
    if (verdict.word != wanted || verdict.violations.empty()) continue;
    const Violation& first = verdict.violations.front();
    if (!violated && !told_records.insert(first.record).second) continue;
    text += "\n" + told(verdict, first);
    const auto more = static_cast<std::int64_t>(verdict.violations.size()) - 1;
    if (more > 0) text += "  and      " + counted(more, "other", "others") + " in verdict.json\n";
  }
  return text;
}

}  // namespace

std::string head_text(const Loaded& loaded, const RunOutcome& outcome, const TableOptions&) {
  const Scenario& scenario = loaded.scenario;
  std::string text = scenario.name + "   seed " + format_hex(scenario.seed) + "   build " +
                     std::string(build_id());
  if (!scenario.plant.empty()) text += "   planted: " + scenario.plant;
  text += "\n  " + counted(scenario.cluster.brokers, "broker", "brokers");
  for (const TopicSpec& topic : scenario.topics) {
    text += " | " + topic.name + ": " + counted(topic.partitions, "partition", "partitions") +
            ", rf " + std::to_string(topic.replication);
  }
  text += clients_text(scenario) + "\n  " + faults_text(outcome);
  text += "; simulated " + seconds(outcome.cost.simulated.ns) + ", " +
          counted(static_cast<std::int64_t>(outcome.cost.events), "event", "events") + "\n";
  return text;
}

std::string verdicts_text(const RunOutcome& outcome) {
  std::string text =
      "  " + padded("guarantee", kIdWidth) + padded("verdict", kWordWidth) + "looked at\n";
  for (const Verdict& verdict : outcome.verdicts) {
    text += "  " + padded(verdict.id, kIdWidth) +
            padded(std::string(name_of(verdict.word)), kWordWidth) + verdict.text + "\n";
  }
  return text + stories_text(outcome.verdicts);
}

std::string foot_text(const Loaded& loaded, const RunOutcome& outcome, const TableOptions& options,
                      int exit_code, const std::string& exit_reason) {
  std::map<VerdictWord, std::int64_t> counts;
  for (const Verdict& verdict : outcome.verdicts) ++counts[verdict.word];
  std::string line = grouped(counts[VerdictWord::holds]) + " hold, " +
                     grouped(counts[VerdictWord::violated]) + " violated, " +
                     grouped(counts[VerdictWord::not_exercised]) + " not exercised, " +
                     grouped(counts[VerdictWord::not_promised]) + " not promised";
  if (counts[VerdictWord::unknown] > 0) {
    line += ", " + grouped(counts[VerdictWord::unknown]) + " unknown";
  }
  char fingerprint[17];
  std::snprintf(fingerprint, sizeof fingerprint, "%016llx",
                static_cast<unsigned long long>(outcome.fingerprint));
  std::string text = padded(line, 62) + " fingerprint " + fingerprint + "\n";
  if (!options.folder.empty()) {
    text += "replay   " + options.called_as + " replay " + options.folder + "/repro.json\n";
    if (counts[VerdictWord::violated] > 0) {
      text += "shrink   " + options.called_as + " shrink " + options.folder + "\n";
    }
    if (options.report) {
      text += "report   " + options.folder + "/report/index.html\n";
      text += "picture  " + options.folder + "/report/sequence.svg\n";
    }
  } else {
    text += "replay   " + options.called_as + " run " + loaded.path + " --seed " +
            format_hex(loaded.scenario.seed) + "\n";
  }
  if (!exit_reason.empty()) text += "exit " + std::to_string(exit_code) + ": " + exit_reason + "\n";
  return text;
}

}  // namespace weir
