// Each file is whole or not there; the first that cannot be written ends it.
#include "scenarios/run_folder.h"

#include <sys/utsname.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "broker/base/text.h"
#include "checkers/history_json.h"
#include "checkers/verdict_json.h"
#include "scenarios/build_id.h"
#include "scenarios/json_text.h"
#include "scenarios/scenario_json.h"
#include "scenarios/whole_file.h"

namespace weir {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kReproFormat = "weir-repro/1";

class Folder {
 public:
  Folder(fs::path path, std::string& error) : path_(std::move(path)), error_(error) {
    std::error_code failed;
    fs::create_directories(path_, failed);
    if (failed) error_ = path_.string() + ": " + failed.message();
  }

  void write(const std::string& name, const std::string& content) {
    if (!error_.empty()) return;
    error_ = write_whole_file((path_ / name).string(), content);
  }

  void executable(const std::string& name) {
    std::error_code ignored;
    fs::permissions(path_ / name,
                    fs::perms::owner_exec | fs::perms::group_exec | fs::perms::others_exec,
                    fs::perm_options::add, ignored);
  }

 private:
  fs::path path_;
  std::string& error_;
};

std::string shape_header_verdicts(const Loaded& loaded, const RunOutcome& outcome,
                                  const Judgement& judgement) {
  VerdictHeader header;
  header.scenario = loaded.scenario.name;
  header.seed = format_hex(loaded.scenario.seed);
  header.build = std::string(build_id());
  header.fingerprint = fingerprint_text(outcome.fingerprint);
  header.shape = shape_of_failure(outcome);
  return to_json(header, outcome.verdicts, judgement.exit_code);
}

std::string repro_json(const Loaded& loaded, const RunOutcome& outcome) {
  nlohmann::ordered_json repro;
  repro["format"] = kReproFormat;
  repro["build"] = build_id();
  repro["fingerprint"] = fingerprint_text(outcome.fingerprint);
  repro["scenario"] = parse_ordered_json(write_scenario(loaded.scenario));
  return repro.dump(2) + "\n";
}

std::string run_info(const FolderOptions& options) {
  utsname host = {};
  ::uname(&host);
  nlohmann::ordered_json info;
  info["format"] = "weir-run-info/1";
  info["wall_milliseconds"] = static_cast<std::int64_t>(options.wall_seconds * 1000);
  info["host"] = host.nodename;
  info["system"] = std::string(host.sysname) + " " + host.release + " " + host.machine;
  info["compiler"] = __VERSION__;
  return info.dump(2) + "\n";
}

void point_latest(const fs::path& top, const fs::path& folder) {
  std::error_code ignored;
  fs::remove(top / "latest", ignored);
  fs::create_directory_symlink(fs::relative(folder, top, ignored), top / "latest", ignored);
}

}  // namespace

std::string fingerprint_text(std::uint64_t fingerprint) {
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(fingerprint));
  return text;
}

std::string write_run_folder(const Loaded& loaded, const RunOutcome& outcome,
                             const Judgement& judgement, const FolderOptions& options,
                             std::string& error) {
  const fs::path path = fs::path(options.top) / loaded.address();
  Folder folder(path, error);
  std::error_code ignored;
  fs::remove(path / "futures.json", ignored);  // of the run that was here before
  folder.write("scenario.json", write_scenario(loaded.scenario));
  for (const auto& [client, file] : loaded.files) {
    folder.write("records-" + client + ".jsonl", file.content);
  }
  folder.write("history.jsonl", write_history(outcome.history));
  folder.write("events.jsonl", outcome.traces.events);
  folder.write("trace.perfetto.json", outcome.traces.perfetto);
  folder.write("trace.shiviz.log", outcome.traces.shiviz);
  folder.write("metrics.om", outcome.traces.metrics);
  folder.write("repro.json", repro_json(loaded, outcome));
  folder.write("repro.sh",
               "#!/bin/sh\n# Repeats this run and compares its fingerprint.\n"
               "exec \"${WEIR:-weir}\" replay \"$(dirname \"$0\")/repro.json\" \"$@\"\n");
  folder.executable("repro.sh");
  folder.write("run-info.json", run_info(options));
  folder.write("verdict.json", shape_header_verdicts(loaded, outcome, judgement));
  if (error.empty()) point_latest(options.top, path);
  return path.string();
}

Repro read_repro(const std::string& what, const std::string& top, std::string& error) {
  Repro repro;
  std::string place = what.substr(0, what.find('#'));
  std::error_code ignored;
  if (!fs::exists(place, ignored)) place = (fs::path(top) / place).string();
  if (fs::is_directory(place, ignored)) place = (fs::path(place) / "repro.json").string();
  std::ifstream in(place, std::ios::binary);
  if (!in) {
    error = what + ": no kept run; expected a repro.json, a run's folder, or an address below " +
            top + " such as crash-and-return/0x7";
    return repro;
  }
  const nlohmann::ordered_json file = parse_ordered_json(in);
  if (!file.is_object() || file.value("format", "") != kReproFormat || !file.contains("scenario")) {
    error = place + ": expected an object of the format \"" + std::string(kReproFormat) + "\"";
    return repro;
  }
  repro.build = file.value("build", "");
  repro.fingerprint = file.value("fingerprint", "");
  repro.scenario = file["scenario"].dump(2);
  repro.directory = fs::path(place).parent_path().string();
  if (repro.directory.empty()) repro.directory = ".";
  return repro;
}

}  // namespace weir
