// Loading: read, check, resolve, then the records and configurations that the scenario refers to.
#include "scenarios/load.h"

#include <algorithm>
#include <filesystem>

#include "broker/base/hash.h"
#include "broker/base/suggest.h"
#include "broker/base/text.h"
#include "broker/client/consumer_options.h"
#include "broker/client/producer_options.h"
#include "scenarios/cluster.h"
#include "scenarios/draw.h"
#include "scenarios/home.h"
#include "scenarios/plant.h"
#include "scenarios/scenario_json.h"

namespace weir {
namespace {

constexpr std::size_t kCommitDigits = 40;

void add_line(std::string& text, const std::string& line) {
  if (!text.empty() && text.back() != '\n') text += '\n';
  text += line;
}

std::string hex8(std::uint64_t value) {
  std::string digits = format_hex(value).substr(2);
  digits.insert(0, 16 - std::min<std::size_t>(digits.size(), 16), '0');
  return digits.substr(0, 8);
}

// The producers' records; files are looked for beside the scenario, or replaced by `records`.
void load_records(Loaded& loaded, const std::string& records, std::string& error) {
  bool used = false;
  for (ClientSpec& client : loaded.scenario.clients) {
    auto* producer = std::get_if<ProducerSpec>(&client.role);
    if (producer == nullptr) continue;
    Workload& workload = producer->workload;
    if (workload.records_file.empty()) {
      loaded.inputs.records[client.id] =
          generated_records(workload, loaded.scenario.seed, client.id);
      continue;
    }
    used = true;
    std::string path = records.empty() ? find_records(loaded.path, workload.records_file) : records;
    if (path.empty()) path = workload.records_file;
    RecordsError failed;
    RecordFile file = read_record_file(path, failed);
    std::unique_ptr<RecordSource> source;
    if (failed.text.empty()) source = records_from_file(file, workload, failed);
    if (source == nullptr) {
      add_line(error, failed.text);
      continue;
    }
    workload.records_file = "records-" + client.id + ".jsonl";  // as in the run's folder
    loaded.inputs.records[client.id] = std::move(source);
    loaded.files[client.id] = std::move(file);
  }
  if (!records.empty() && !used) {
    add_line(error, "--records " + records + ": no producer of " + loaded.scenario.name +
                        " reads a file of records");
  }
}

// An app is code, which no file can bring.
void check_apps(const Loaded& loaded, std::string& error) {
  for (const ClientSpec& client : loaded.profile.clients) {
    if (!std::holds_alternative<AppSpec>(client.role) || loaded.inputs.apps.contains(client.id)) {
      continue;
    }
    add_line(error, loaded.path + ": $.clients[" + client.id +
                        "]: an app is code, and this program does not bring it; run the scenario "
                        "with the program that does, such as the test that kept it");
  }
}

void finish(Loaded& loaded, const std::string& records, bool changed, std::string& error) {
  check_apps(loaded, error);
  const std::string configs = check_configs(resolve(loaded.profile));
  if (!configs.empty()) add_line(error, configs);
  std::string undrawn;
  loaded.scenario = at_seed(loaded.profile, loaded.profile.seed, undrawn);
  if (configs.empty() && !undrawn.empty()) add_line(error, loaded.path + ": " + undrawn);
  load_records(loaded, records, error);
  if (!changed && records.empty()) return;
  std::uint64_t hash = content_hash(loaded.scenario);
  hash = fold(hash, hash_text(loaded.scenario.plant));
  for (const auto& [client, file] : loaded.files) hash = fold(hash, hash_text(file.content));
  loaded.variant = hex8(hash);
}

}  // namespace

std::string Loaded::address() const {
  return scenario.name + (variant.empty() ? "" : "+" + variant) + "/" + format_hex(scenario.seed);
}

std::optional<std::uint64_t> parse_seed(const std::string& text) {
  const bool hex = std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
  });
  if (text.size() == kCommitDigits && hex) return hash_text(text);
  return parse_unsigned(text);
}

std::string check_configs(const Scenario& scenario) {
  std::string errors;
  const auto broker = validate(broker_config(scenario, 1));
  if (!broker) add_line(errors, "$.cluster.config: " + broker.error().text());
  if (broker) {
    for (const TopicSpec& topic : scenario.topics) {
      const auto settings = parse_topic_settings(broker->topic, topic.config);
      if (!settings) {
        add_line(errors, "$.topics[" + topic.name + "].config: " + settings.error().text());
      }
      if (const char* why = why_illegal_topic_name(topic.name)) {
        add_line(errors, "$.topics[" + topic.name + "].name: " + why);
      }
    }
  }
  for (const ClientSpec& client : scenario.clients) {
    if (client.id == Cluster::kDrain) {
      add_line(errors,
               "$.clients: the id \"drain\" belongs to the client that reads all at the end");
    }
    if (client.id == Cluster::kMover) {
      add_line(errors, "$.clients: the id \"mover\" belongs to the operator who moves leaders");
    }
    if (client.id == Cluster::kObserver) {
      add_line(errors, "$.clients: the id \"observer\" belongs to the client that asks about logs");
    }
    const std::string where = "$.clients[" + client.id + "].";
    const auto* app = std::get_if<AppSpec>(&client.role);
    if (std::holds_alternative<ProducerSpec>(client.role) || (app != nullptr && app->producer)) {
      const auto parsed = ProducerOptions::from(options_of_producer(scenario, client));
      const char* key = app == nullptr ? "config: " : "producer: ";
      if (!parsed) add_line(errors, where + key + parsed.error().text());
    }
    if (std::holds_alternative<ConsumerSpec>(client.role) || (app != nullptr && app->consumer)) {
      const auto parsed = ConsumerOptions::from(options_of_consumer(scenario, client));
      const char* key = app == nullptr ? "config: " : "consumer: ";
      if (!parsed) add_line(errors, where + key + parsed.error().text());
    }
  }
  return errors;
}

Loaded load(const LoadRequest& request, std::string& error) {
  Loaded loaded;
  loaded.inputs.apps = request.apps;
  loaded.path = find_scenario(request.name);
  if (loaded.path.empty()) {
    error = request.name + ": no such file, and no scenario of the library" +
            did_you_mean(request.name, library_scenarios()) + "; see `list scenarios`";
    return loaded;
  }
  std::vector<ScenarioSetting> settings;
  for (const std::string& text : request.settings) {
    std::optional<ScenarioSetting> setting = parse_setting(text);
    if (!setting) {
      add_line(error, "--set " + text + ": expected path=value, such as clients.P1.config.acks=1");
      continue;
    }
    settings.push_back(std::move(*setting));
  }
  ScenarioRead read = load_scenario(loaded.path, settings);
  if (!read.ok()) add_line(error, to_text(read.problems, loaded.path));
  if (!request.seed.empty()) {
    const std::optional<std::uint64_t> seed = parse_seed(request.seed);
    if (!seed) {
      add_line(error, "--seed " + request.seed +
                          ": expected a number, 0x and hex digits, or a commit's 40 hex digits");
    }
    read.scenario.seed = seed.value_or(0);
  }
  if (!request.plant.empty()) read.scenario.plant = request.plant;
  if (!error.empty()) return loaded;
  if (request.change) {
    request.change(read.scenario);
    const std::vector<ScenarioProblem> problems = check_scenario(read.scenario);
    if (!problems.empty()) error = to_text(problems, loaded.path + ", as the program changed it");
    if (!error.empty()) return loaded;
  }
  loaded.profile = std::move(read.scenario);
  const bool changed = !settings.empty() || !request.plant.empty() || request.change;
  finish(loaded, request.records, changed, error);
  return loaded;
}

Loaded load_resolved(const std::string& text, const std::string& directory, std::string& error) {
  Loaded loaded;
  loaded.path = (std::filesystem::path(directory) / "scenario.json").string();
  ScenarioRead read = read_scenario(text);
  if (!read.ok()) {
    error = to_text(read.problems, loaded.path);
    return loaded;
  }
  loaded.profile = std::move(read.scenario);
  finish(loaded, {}, false, error);
  return loaded;
}

}  // namespace weir
