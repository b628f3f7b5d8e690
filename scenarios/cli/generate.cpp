// weir generate: histories with known answers, for checkers and their benchmarks.
#include "checkers/generate/generate.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "broker/base/suggest.h"
#include "checkers/history_json.h"
#include "checkers/json_writer.h"
#include "scenarios/cli/verbs.h"

namespace weir::cli {
namespace {

struct GenerateOptions {
  std::string family = "log";
  std::string out;
  std::vector<std::string> plants;
  GeneratePlan plan;
};

bool find_kinds(const GenerateOptions& options, std::vector<FindingKind>& kinds) {
  std::vector<std::string> names;
  for (const FindingKind kind : plantable(options.family)) names.emplace_back(name_of(kind));
  for (const std::string& name : options.plants) {
    if (name == "all") {
      kinds = plantable(options.family);
    } else if (std::find(names.begin(), names.end(), name) != names.end()) {
      kinds.push_back(finding_kind_named(name));
    } else {
      complain("--plant " + name + ": cannot be planted in a history of the family " +
               options.family + did_you_mean(name, names));
      return false;
    }
  }
  return true;
}

std::string answers(const Generated& made) {
  JsonWriter json;
  json.begin_object().key("format").text("weir-answers/1").key("planted").begin_array();
  for (const Planted& p : made.planted) {
    json.begin_object().key("kind").text(name_of(p.kind)).key("key").text(p.key);
    if (!p.value.empty()) json.key("value").raw(p.value);
    json.end_object();
  }
  json.end_array().end_object();
  return json.take() + "\n";
}

int generate(GenerateOptions& options) {
  if (!find_kinds(options, options.plan.plants)) return kExitUsage;
  const bool lists = options.family == "list-append";
  const Generated made = lists ? generate_list_append(options.plan) : generate_log(options.plan);
  std::error_code error;
  std::filesystem::create_directories(options.out, error);
  std::ofstream history(options.out + "/history.jsonl", std::ios::binary);
  write_history(made.history, history);
  std::ofstream key(options.out + "/answers.json", std::ios::binary);
  key << answers(made);
  if (history.flush() && key.flush()) return kExitOk;
  complain(options.out + ": cannot be written");
  return kExitUsage;
}

}  // namespace

void add_generate(CLI::App& app, Session& session) {
  auto options = std::make_shared<GenerateOptions>();
  CLI::App* verb = app.add_subcommand("generate", "Histories with known answers, for checkers");
  verb->add_option("folder", options->out, "history.jsonl and answers.json go here")->required();
  verb->add_option("--family", options->family, "log or list-append")
      ->check(CLI::IsMember({"log", "list-append"}))
      ->capture_default_str();
  verb->add_option("--operations", options->plan.operations, "About so many")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{10'000'000}))
      ->capture_default_str();
  verb->add_option("--keys", options->plan.keys, "Partitions, or lists at a time")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  verb->add_option("--seed", options->plan.seed, "The same seed gives the same bytes")
      ->capture_default_str();
  verb->add_option("--plant", options->plants, "Kinds of findings to plant, or all");
  verb->callback([options, &session] { session.exit_code = generate(*options); });
}

}  // namespace weir::cli
