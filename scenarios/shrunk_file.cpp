// Naming and writing.
#include "scenarios/shrunk_file.h"

#include <filesystem>
#include <fstream>

#include "broker/base/text.h"
#include "scenarios/scenario_json.h"

namespace weir {
namespace {

void write_whole(const std::filesystem::path& path, const std::string& text, std::string& error) {
  std::error_code ignored;
  if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), ignored);
  std::ofstream out(path, std::ios::binary);
  out << text;
  if (!out.flush()) error = path.string() + ": cannot be written";
}

std::string counted(std::size_t n, const char* noun) {
  return grouped(static_cast<std::int64_t>(n)) + " " + noun + (n == 1 ? "" : "s");
}

}  // namespace

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
