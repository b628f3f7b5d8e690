// weir merge: the parts of a sharded sweep become the sweep that one machine would have done.
#include <cstdio>
#include <memory>

#include "scenarios/build_id.h"
#include "scenarios/cli/sweep_end.h"
#include "scenarios/cli/sweep_flags.h"
#include "scenarios/cli/verbs.h"
#include "scenarios/sweep_folder.h"

namespace weir::cli {
namespace {

struct MergeFlags {
  std::vector<std::string> folders;
  SweepEndFlags end;
};

int merge(const Session& session, const MergeFlags& flags) {
  std::vector<KeptSweep> parts;
  for (const std::string& folder : flags.folders) {
    std::string error;
    parts.push_back(read_sweep(folder, error));
    if (error.empty() && parts.back().build != build_id()) {
      error = folder + ": of build " + parts.back().build + ", this is " + std::string(build_id()) +
              "; merge with the program that swept";
    }
    if (!error.empty()) {
      complain(error);
      return kExitUsage;
    }
  }
  std::string error;
  KeptSweep whole = merge_shards(std::move(parts), error);
  if (!error.empty()) {
    complain(error);
    return kExitUsage;
  }
  SweepResult result;
  result.results = std::move(whole.results);
  result.interrupted = !whole.complete;
  const std::string path = flags.end.top + "/" + sweep_folder_name(whole.plan);
  const std::vector<OldShape> old_shapes = read_old_shapes(path, std::string(build_id()));
  SweepFolder folder(path, whole.plan, old_shapes, {});
  if (!folder.error().empty()) {
    complain(folder.error());
    return kExitInternal;
  }
  return end_sweep(session, flags.end, whole.plan, result, &folder, old_shapes);
}

}  // namespace

void add_merge(CLI::App& app, Session& session) {
  auto flags = std::make_shared<MergeFlags>();
  CLI::App* verb = app.add_subcommand("merge", "The parts of a sharded sweep as one");
  verb->add_option("part", flags->folders, "Folders of all parts: runs/sweep-b81e-*of4")
      ->required();
  add_sweep_end_flags(*verb, flags->end);
  verb->footer("The result is that of the sweep without --shard, byte for byte.");
  verb->callback([flags, &session] { session.exit_code = merge(session, *flags); });
}

}  // namespace weir::cli
