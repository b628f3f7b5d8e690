// JSON with a fixed order of keys, written through temporary names.
#include "scenarios/sweep_folder.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <filesystem>
#include <iterator>
#include <nlohmann/json.hpp>

#include "broker/base/hash.h"
#include "broker/base/text.h"
#include "scenarios/build_id.h"
#include "scenarios/coverage.h"
#include "scenarios/exit_code.h"
#include "scenarios/json_text.h"
#include "scenarios/scenario_json.h"
#include "scenarios/sweep_summary.h"
#include "scenarios/whole_file.h"

namespace weir {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::string_view kFormat = "weir-sweep/1";
constexpr std::string_view kBeforeFormat = "weir-sweep-before/1";

Json subject_json(const SweepSubject& subject) {
  return {{"label", subject.label},
          {"asked_as", subject.asked_as},
          {"records", subject.records},
          {"settings", subject.settings},
          {"digest", subject.digest},
          {"saved", subject.saved},
          {"scenario", parse_ordered_json(write_scenario(subject.scenario))}};
}

std::string plan_json(const SweepPlan& plan, bool complete) {
  const SweepOptions& options = plan.options;
  Json json = {{"format", kFormat},
               {"build", build_id()},
               {"id", sweep_id(plan)},
               {"complete", complete},
               {"first_seed", options.first_seed},
               {"seeds", options.seeds},
               {"timed", options.duration.has_value()},
               {"until_new", options.until_new},
               {"doubled", format_ratio(options.doubled)},
               {"shard", {{"part", options.shard.part}, {"parts", options.shard.parts}}},
               {"states", protocol_state_names()},
               {"faults", fault_names()},
               {"saved", Json::array()},
               {"scenarios", Json::array()}};
  for (const SavedRun& saved : plan.saved) {
    json["saved"].push_back({{"scenario", saved.subject}, {"seed", saved.seed}});
  }
  for (const SweepSubject& subject : plan.subjects) {
    json["scenarios"].push_back(subject_json(subject));
  }
  return json.dump(2) + "\n";
}

SweepSubject subject_from(const Json& json) {
  SweepSubject subject;
  subject.label = json.at("label").get<std::string>();
  subject.asked_as = json.at("asked_as").get<std::string>();
  subject.records = json.at("records").get<std::string>();
  subject.settings = json.at("settings").get<std::vector<std::string>>();
  subject.digest = json.at("digest").get<std::uint64_t>();
  subject.saved = json.at("saved").get<bool>();
  subject.scenario = read_scenario(json.at("scenario").dump()).scenario;
  return subject;
}

// Throws where a key is missing or has another form.
KeptSweep plan_from(const Json& json) {
  KeptSweep kept;
  kept.build = json.at("build").get<std::string>();
  kept.id = json.at("id").get<std::uint64_t>();
  kept.complete = json.at("complete").get<bool>();
  SweepOptions& options = kept.plan.options;
  options.first_seed = json.at("first_seed").get<std::uint64_t>();
  options.seeds = json.at("seeds").get<std::uint64_t>();
  if (json.at("timed").get<bool>()) options.duration = Duration(0);
  options.until_new = json.at("until_new").get<bool>();
  options.doubled = parse_ratio(json.at("doubled").get<std::string>()).value_or(options.doubled);
  options.shard.part = json.at("shard").at("part").get<std::uint64_t>();
  options.shard.parts = json.at("shard").at("parts").get<std::uint64_t>();
  for (const Json& saved : json.at("saved")) {
    kept.plan.saved.push_back(
        {saved.at("scenario").get<std::size_t>(), saved.at("seed").get<std::uint64_t>()});
  }
  for (const Json& subject : json.at("scenarios")) {
    kept.plan.subjects.push_back(subject_from(subject));
  }
  return kept;
}

bool has_words(const Json& json, const char* key, std::span<const std::string_view> words) {
  const std::vector<std::string> found = json.value(key, std::vector<std::string>{});
  return std::ranges::equal(found, words);
}

Json old_shape_json(const OldShape& old) {
  return {{"scenario", old.label}, {"shape", old.shape}, {"guarantee", old.guarantee},
          {"build", old.build},    {"runs", old.runs},   {"of", old.of},
          {"seeds", old.seeds}};
}

OldShape old_shape_from(const Json& json, const std::string& build) {
  OldShape old;
  old.label = json.at("scenario").get<std::string>();
  old.shape = json.at("shape").get<std::string>();
  old.guarantee = json.at("guarantee").get<std::string>();
  old.build = json.value("build", build);
  old.runs = json.at("runs").get<std::uint64_t>();
  old.of = json.at("of").get<std::uint64_t>();
  old.seeds = json.at("seeds").get<std::vector<std::uint64_t>>();
  return old;
}

// The object in the file; null where there is none.
Json read_json(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return nullptr;
  Json json = parse_ordered_json(in);
  return json.is_object() ? json : Json(nullptr);
}

std::string lines_of(const std::vector<SeedResult>& results) {
  std::string lines;
  for (const SeedResult& result : results) lines += to_json_line(result) + "\n";
  return lines;
}

std::vector<SeedResult> read_results(const fs::path& path, std::string& error) {
  std::vector<SeedResult> results;
  std::ifstream in(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  std::size_t begin = 0;
  for (std::size_t end = 0; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1) {
    try {
      results.push_back(seed_result_from(text.substr(begin, end - begin)));
    } catch (const std::exception& what) {
      error = path.string() + ":" + std::to_string(line_of(text, begin)) +
              ": expected the result of a run, as `sweep --json` prints it: " + what.what();
      break;
    }
  }
  return results;
}

}  // namespace

std::uint64_t sweep_id(const SweepPlan& plan) {
  std::uint64_t hash = 0;
  for (const SweepSubject& subject : plan.subjects) {
    if (!subject.saved) hash = fold(fold(hash, hash_text(subject.label)), subject.digest);
  }
  return mix(hash);
}

std::string sweep_folder_name(const SweepPlan& plan) {
  char digits[5];
  std::snprintf(digits, sizeof digits, "%04x", static_cast<unsigned>(sweep_id(plan) & 0xffff));
  const Shard& shard = plan.options.shard;
  std::string name = std::string("sweep-") + digits;
  if (shard.parts > 1) {
    name += "-" + std::to_string(shard.part) + "of" + std::to_string(shard.parts);
  }
  return name;
}

KeptSweep read_sweep(const std::string& folder, std::string& error) {
  const fs::path path = fs::path(folder) / "sweep.json";
  const Json json = read_json(path);
  if (json.is_null() || json.value("format", "") != kFormat) {
    error = path.string() + ": no kept sweep; expected the folder of one, such as runs/sweep-b81e";
    return {};
  }
  if (!has_words(json, "states", protocol_state_names()) ||
      !has_words(json, "faults", fault_names())) {
    error = path.string() + ": kept by build " + json.value("build", "?") +
            ", which knew other kinds of faults or other states; run the sweep again";
    return {};
  }
  KeptSweep kept;
  try {
    kept = plan_from(json);
  } catch (const nlohmann::json::exception& what) {
    error = path.string() + ": " + what.what();
    return {};
  }
  kept.results = read_results(fs::path(folder) / "results.jsonl", error);
  for (const SeedResult& result : kept.results) {
    if (result.subject < kept.plan.subjects.size()) continue;
    error = folder + "/results.jsonl: a run of scenario " + std::to_string(result.subject) +
            ", and sweep.json lists " + std::to_string(kept.plan.subjects.size());
    break;
  }
  return kept;
}

std::vector<OldShape> read_old_shapes(const std::string& folder, const std::string& build) {
  std::vector<OldShape> shapes;
  try {
    const Json summary = read_json(fs::path(folder) / "summary.json");
    if (!summary.is_null() && summary.value("build", build) != build) {
      for (const Json& shape : summary.at("shapes")) {
        shapes.push_back(old_shape_from(shape, summary.at("build").get<std::string>()));
      }
    }
    const Json before = read_json(fs::path(folder) / "before.json");
    if (before.is_null()) return shapes;
    for (const Json& json : before.at("shapes")) {
      OldShape old = old_shape_from(json, {});
      const auto same = [&old](const OldShape& other) {
        return other.label == old.label && other.shape == old.shape;
      };
      if (std::ranges::none_of(shapes, same)) shapes.push_back(std::move(old));
    }
  } catch (const nlohmann::json::exception&) {
    // What cannot be read is not remembered; the sweep itself does not depend on it.
    return shapes;
  }
  return shapes;
}

SweepFolder::SweepFolder(std::string path, const SweepPlan& plan,
                         const std::vector<OldShape>& old_shapes,
                         const std::vector<SeedResult>& known)
    : path_(std::move(path)) {
  std::error_code failed;
  fs::create_directories(path_, failed);
  if (failed) error_ = path_ + ": " + failed.message();
  if (!old_shapes.empty()) {
    Json before = {{"format", kBeforeFormat}, {"shapes", Json::array()}};
    for (const OldShape& old : old_shapes) before["shapes"].push_back(old_shape_json(old));
    write("before.json", before.dump(2) + "\n");
  }
  fs::remove(fs::path(path_) / "summary.json", failed);  // of what was here before
  write("sweep.json", plan_json(plan, false));
  write("results.jsonl", lines_of(known));
  results_.open(fs::path(path_) / "results.jsonl", std::ios::binary | std::ios::app);
}

void SweepFolder::add(const SeedResult& result) {
  results_ << to_json_line(result) << '\n';
  results_.flush();
  if (!results_ && error_.empty()) error_ = path_ + "/results.jsonl: " + std::strerror(errno);
}

void SweepFolder::finish(const SweepPlan& plan, const SweepResult& sweep,
                         const std::vector<OldShape>& old_shapes) {
  results_.close();
  write("results.jsonl", lines_of(sweep.results));
  write("summary.json", summary_json(plan, sweep, old_shapes));
  write("sweep.json", plan_json(plan, !sweep.interrupted));
}

void SweepFolder::write(const std::string& name, const std::string& content) {
  if (!error_.empty()) return;
  error_ = write_whole_file((fs::path(path_) / name).string(), content);
}

KeptSweep merge_shards(std::vector<KeptSweep> parts, std::string& error) {
  if (parts.empty()) {
    error = "nothing to merge";
    return {};
  }
  const std::uint64_t expected = parts.front().plan.options.shard.parts;
  std::vector<bool> seen(expected, false);
  KeptSweep whole = std::move(parts.front());
  const auto take = [&](const KeptSweep& part) {
    const SweepOptions& a = whole.plan.options;
    const SweepOptions& b = part.plan.options;
    const bool same = part.id == whole.id && part.build == whole.build &&
                      a.first_seed == b.first_seed && a.seeds == b.seeds &&
                      a.duration == b.duration && a.shard.parts == b.shard.parts &&
                      part.plan.saved.size() == whole.plan.saved.size();
    if (!same) {
      error =
          "the parts are of different sweeps: they differ in scenarios, seeds, number of "
          "parts, saved failures or build (" +
          whole.build + ", " + part.build + ")";
      return;
    }
    const std::uint64_t place = b.shard.part - 1;
    if (place >= seen.size() || seen[place]) {
      error = "part " + std::to_string(b.shard.part) + " of " + std::to_string(expected) +
              " is there twice";
      return;
    }
    seen[place] = true;
  };
  take(whole);
  for (std::size_t i = 1; i < parts.size() && error.empty(); ++i) {
    take(parts[i]);
    whole.complete = whole.complete && parts[i].complete;
    std::ranges::move(parts[i].results, std::back_inserter(whole.results));
  }
  for (std::size_t i = 0; i < seen.size() && error.empty(); ++i) {
    if (!seen[i]) {
      error = "part " + std::to_string(i + 1) + " of " + std::to_string(expected) +
              " is missing; give the folders of all parts";
    }
  }
  std::ranges::sort(whole.results, {}, &SeedResult::index);
  whole.plan.options.shard = {};
  return whole;
}

}  // namespace weir
