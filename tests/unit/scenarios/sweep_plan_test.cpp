// Who runs what: rounds, shards, and which part of a sweep a machine has.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "scenarios/shard.h"
#include "scenarios/sweep.h"
#include "scenarios/sweep_folder.h"

namespace weir {
namespace {

SweepPlan plan_of_two(std::uint64_t seeds) {
  SweepPlan plan;
  for (const char* label : {"a", "b", "old"}) {
    SweepSubject subject;
    subject.label = label;
    subject.saved = subject.label == "old";
    plan.subjects.push_back(std::move(subject));
  }
  plan.saved = {{2, 77}, {0, 5}};
  plan.options.first_seed = 10;
  plan.options.seeds = seeds;
  return plan;
}

std::vector<PlannedRun> all_runs(const SweepPlan& plan) {
  std::vector<PlannedRun> all;
  for (std::uint64_t round = 0; round * kSweepRound < plan.options.seeds; ++round) {
    const std::vector<PlannedRun> runs = runs_of_round(plan, round);
    all.insert(all.end(), runs.begin(), runs.end());
  }
  return all;
}

TEST(SweepPlan, RunsSavedFailuresFirstAndCountsEveryRunOnce) {
  const SweepPlan plan = plan_of_two(600);
  const std::vector<PlannedRun> runs = all_runs(plan);
  ASSERT_EQ(runs.size(), 2u + 2u * 600u);
  EXPECT_TRUE(runs[0].saved);
  EXPECT_EQ(runs[0].seed, 77u);
  EXPECT_TRUE(runs[1].saved);
  EXPECT_FALSE(runs[2].saved);
  std::set<std::pair<std::size_t, std::uint64_t>> seeds;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    EXPECT_EQ(runs[i].index, i);
    if (!runs[i].saved) seeds.emplace(runs[i].subject, runs[i].seed);
  }
  EXPECT_EQ(seeds.size(), 1200u);
  EXPECT_EQ(seeds.begin()->second, 10u);
  EXPECT_EQ(seeds.rbegin()->second, 609u);
  EXPECT_TRUE(runs_of_round(plan, 3).empty());
}

TEST(SweepPlan, ShardsAreThePartsOfTheWhole) {
  const std::vector<PlannedRun> whole = all_runs(plan_of_two(300));
  for (std::uint64_t parts = 1; parts <= 7; ++parts) {
    std::map<std::uint64_t, PlannedRun> together;
    for (std::uint64_t part = 1; part <= parts; ++part) {
      SweepPlan plan = plan_of_two(300);
      plan.options.shard = {part, parts};
      for (const PlannedRun& run : all_runs(plan)) {
        EXPECT_TRUE(together.emplace(run.index, run).second) << run.index << " is there twice";
      }
    }
    ASSERT_EQ(together.size(), whole.size());
    for (const PlannedRun& run : whole) {
      const PlannedRun& same = together.at(run.index);
      EXPECT_EQ(same.subject, run.subject);
      EXPECT_EQ(same.seed, run.seed);
      EXPECT_EQ(same.doubled, run.doubled);
    }
  }
}

TEST(SweepPlan, WhichRunsAreDoubledDependsOnScenarioAndSeedAlone) {
  const std::vector<PlannedRun> few = all_runs(plan_of_two(100));
  const std::vector<PlannedRun> many = all_runs(plan_of_two(400));
  std::map<std::pair<std::size_t, std::uint64_t>, bool> doubled;
  std::size_t count = 0;
  for (const PlannedRun& run : many) {
    doubled[{run.subject, run.seed}] = run.doubled;
    count += run.doubled ? 1 : 0;
  }
  for (const PlannedRun& run : few) {
    if (!run.saved) {
      EXPECT_EQ((doubled[{run.subject, run.seed}]), run.doubled);
    }
  }
  EXPECT_GT(count, 15u);  // of 800, at one in twenty
  EXPECT_LT(count, 90u);
}

TEST(SweepPlan, TheFolderIsNamedByTheScenariosAlone) {
  SweepPlan plan = plan_of_two(100);
  const std::string name = sweep_folder_name(plan);
  plan.options.seeds = 7;
  plan.options.first_seed = 3;
  EXPECT_EQ(sweep_folder_name(plan), name);
  plan.options.shard = {2, 4};
  EXPECT_EQ(sweep_folder_name(plan), name + "-2of4");
  plan.options.shard = {};
  plan.subjects[2].digest = 9;  // of the corpus
  EXPECT_EQ(sweep_folder_name(plan), name);
  plan.subjects[0].digest = 9;
  EXPECT_NE(sweep_folder_name(plan), name);
}

std::string shard_text(const std::string& text, const std::map<std::string, std::string>& set) {
  std::string error;
  const Shard shard = parse_shard(
      text,
      [&set](const char* name) {
        const auto found = set.find(name);
        return found == set.end() ? nullptr : found->second.c_str();
      },
      error);
  if (!error.empty()) return error;
  return std::to_string(shard.part) + " of " + std::to_string(shard.parts);
}

TEST(Shard, IsWrittenOut) {
  EXPECT_EQ(shard_text("2/4", {}), "2 of 4");
  EXPECT_EQ(shard_text("5/4", {}),
            "expected I/N with I from 1 to N, auto, or auto/N; found part 5 of 4");
  for (const char* bad : {"0/4", "4", "/", "a/4", "auto/x", "1/0", ""}) {
    EXPECT_NE(shard_text(bad, {}).find("expected I/N"), std::string::npos) << bad;
  }
}

TEST(Shard, IsWhatTheSystemSays) {
  EXPECT_EQ(shard_text("auto", {{"CI_NODE_INDEX", "1"}, {"CI_NODE_TOTAL", "3"}}), "1 of 3");
  EXPECT_EQ(
      shard_text("auto", {{"BUILDKITE_PARALLEL_JOB", "0"}, {"BUILDKITE_PARALLEL_JOB_COUNT", "5"}}),
      "1 of 5");
  EXPECT_EQ(shard_text("auto", {{"CIRCLE_NODE_INDEX", "3"}, {"CIRCLE_NODE_TOTAL", "4"}}), "4 of 4");
  EXPECT_EQ(shard_text("auto/6", {{"JOB_COMPLETION_INDEX", "2"}}), "3 of 6");
  EXPECT_EQ(shard_text("auto", {{"SLURM_ARRAY_TASK_ID", "12"},
                                {"SLURM_ARRAY_TASK_MIN", "10"},
                                {"SLURM_ARRAY_TASK_MAX", "13"},
                                {"SLURM_ARRAY_TASK_COUNT", "4"}}),
            "3 of 4");
  EXPECT_EQ(shard_text("auto", {{"SLURM_ARRAY_TASK_ID", "9"},
                                {"SLURM_ARRAY_TASK_MIN", "1"},
                                {"SLURM_ARRAY_TASK_STEP", "4"},
                                {"SLURM_ARRAY_TASK_COUNT", "3"}}),
            "3 of 3");
}

TEST(Shard, SaysWhatIsMissing) {
  EXPECT_EQ(shard_text("auto", {{"JOB_COMPLETION_INDEX", "2"}}),
            "a Kubernetes Indexed Job: JOB_COMPLETION_INDEX is \"2\"; say how many parts there "
            "are: auto/N");
  EXPECT_EQ(shard_text("auto", {{"CI_NODE_INDEX", "2"}}),
            "GitLab: CI_NODE_INDEX is \"2\", CI_NODE_TOTAL is not set; say how many parts there "
            "are: auto/N");
  EXPECT_EQ(shard_text("auto", {{"GITHUB_ACTIONS", "true"}}),
            "GitHub sets no number of the job; write I/N, with a matrix: --shard ${{ matrix.part "
            "}}/4");
  EXPECT_EQ(shard_text("auto", {}),
            "no CI system or scheduler that is known here tells the part; write I/N");
  EXPECT_NE(shard_text("auto", {{"SLURM_ARRAY_TASK_ID", "5"},
                                {"SLURM_ARRAY_TASK_MIN", "1"},
                                {"SLURM_ARRAY_TASK_COUNT", "3"}})
                .find("equal steps"),
            std::string::npos);  // --array=1,2,5
}

TEST(MergeShards, TellsWhatDoesNotBelongTogether) {
  const auto part = [](std::uint64_t number, std::uint64_t parts) {
    KeptSweep kept;
    kept.plan = plan_of_two(10);
    kept.plan.options.shard = {number, parts};
    kept.build = "abc";
    return kept;
  };
  const auto says = [](std::vector<KeptSweep> parts) {
    std::string error;
    static_cast<void>(merge_shards(std::move(parts), error));
    return error;
  };
  EXPECT_EQ(says({part(1, 2), part(2, 2)}), "");
  EXPECT_EQ(says({part(1, 2)}), "part 2 of 2 is missing; give the folders of all parts");
  EXPECT_EQ(says({part(1, 2), part(1, 2)}), "part 1 of 2 is there twice");
  KeptSweep other = part(2, 2);
  other.build = "def";
  EXPECT_NE(says({part(1, 2), other}).find("different sweeps"), std::string::npos);
  other = part(2, 2);
  other.plan.options.seeds = 11;
  EXPECT_NE(says({part(1, 2), other}).find("different sweeps"), std::string::npos);
}

}  // namespace
}  // namespace weir
