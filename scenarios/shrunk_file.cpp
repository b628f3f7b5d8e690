// Naming and writing.
#include "scenarios/shrunk_file.h"

#include <algorithm>
#include <filesystem>

#include "broker/base/text.h"
#include "scenarios/scenario_json.h"
#include "scenarios/whole_file.h"

namespace weir {
namespace {

void write_whole(const std::filesystem::path& path, const std::string& text, std::string& error) {
  std::error_code ignored;
  if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), ignored);
  error = write_whole_file(path.string(), text);
}

std::string counted(std::size_t n, const char* noun) {
  return grouped(static_cast<std::int64_t>(n)) + " " + noun + (n == 1 ? "" : "s");
}

// Of clients and operators, in the order of their times.
std::vector<std::string> operations_told(const Scenario& scenario) {
  std::vector<std::pair<Duration, std::string>> timed;
  if (scenario.cluster.leader_moves) {
    for (const LeaderMove& move : *scenario.cluster.leader_moves) {
      timed.emplace_back(move.at, move.to.empty()
                                      ? "the operator looks at " + move.tp
                                      : "the leader of " + move.tp + " moves to " + move.to);
    }
  }
  for (const ClientSpec& client : scenario.clients) {
    if (const auto* producer = std::get_if<ProducerSpec>(&client.role)) {
      for (const SendOp& op : producer->workload.ops.value_or(std::vector<SendOp>{})) {
        const std::string partition = op.partition ? "-" + std::to_string(*op.partition) : "";
        timed.emplace_back(op.at, client.id + " sends to " + op.topic + partition);
      }
    } else if (const auto* consumer = std::get_if<ConsumerSpec>(&client.role)) {
      for (const PollOp& op : consumer->loop.ops.value_or(std::vector<PollOp>{})) {
        timed.emplace_back(op.at, client.id + " polls");
      }
    }
  }
  std::ranges::sort(timed);
  std::vector<std::string> lines;
  for (std::size_t i = 0, times = 1; i < timed.size(); ++i, ++times) {
    if (i + 1 < timed.size() && timed[i + 1] == timed[i]) continue;
    const std::string again = times > 1 ? ", " + std::to_string(times) + " times" : "";
    lines.push_back(timed[i].second + " at " + spaced(timed[i].first) + again);
    times = 0;
  }
  return lines;
}

}  // namespace

std::string listing_text(const Scenario& scenario, std::size_t most) {
  std::vector<std::string> lines;
  if (scenario.faults.fired) {
    for (const Fault& fault : *scenario.faults.fired) lines.push_back(to_text(fault));
  }
  for (std::string& line : operations_told(scenario)) lines.push_back(std::move(line));
  std::string text;
  for (std::size_t i = 0; i < std::min(lines.size(), most); ++i) text += "  " + lines[i] + "\n";
  if (lines.size() > most) {
    text += "  and " + grouped(static_cast<std::int64_t>(lines.size() - most)) + " more\n";
  }
  return text;
}

std::string size_text(const Shrunk& shrunk) {
  return counted(shrunk.faults, "fault") + " and " + counted(shrunk.operations, "operation");
}

Scenario presentable(const Shrunk& shrunk, const Scenario& original) {
  Scenario s = shrunk.scenario;
  s.schema.clear();
  s.name = original.name;
  // What was shrunk before keeps one shape in its name.
  if (!s.name.ends_with("-" + shrunk.shape)) s.name += "-" + shrunk.shape;
  s.about = "Shrunk from " + original.name + ", seed " + format_hex(original.seed) + ". " +
            shrunk.failure.guarantee + " is violated" +
            (shrunk.how.empty() ? "" : ": " + shrunk.how) + ".";
  if (!s.plant.empty()) s.expect[shrunk.failure.guarantee] = {"violated"};
  return s;
}

void write_shrunk(const std::string& path, Scenario s,
                  const std::map<std::string, RecordFile>& files, const std::string& prefix,
                  std::string& error) {
  const std::filesystem::path place(path);
  for (ClientSpec& client : s.clients) {
    auto* producer = std::get_if<ProducerSpec>(&client.role);
    const auto file = files.find(client.id);
    if (producer == nullptr || file == files.end()) continue;
    producer->workload.records_file = prefix + client.id + ".jsonl";
    const auto records = place.parent_path() / producer->workload.records_file;
    write_whole(records, file->second.content, error);
    if (!error.empty()) return;
  }
  write_whole(place, write_scenario(s), error);
}

}  // namespace weir
