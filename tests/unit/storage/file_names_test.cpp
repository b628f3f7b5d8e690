// File names, what a crash leaves on them, and what is done about it.
#include "broker/storage/file_names.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

TEST(FileNames, AreTwentyDigitsAndKafkasSuffixes) {
  EXPECT_EQ(segment_file_name(Offset{42}), "00000000000000000042.log");
  EXPECT_EQ(offset_index_file_name(Offset{0}), "00000000000000000000.index");
  EXPECT_EQ(time_index_file_name(Offset{7}), "00000000000000000007.timeindex");
  EXPECT_EQ(snapshot_file_name(Offset{INT64_MAX}), "09223372036854775807.snapshot");
}

TEST(FileNames, AreReadBackWithWhatACrashLeftOnThem) {
  const LogFileName segment = parse_log_file_name("00000000000000000042.log");
  EXPECT_EQ(segment.kind, LogFileKind::segment);
  EXPECT_EQ(segment.offset, Offset{42});
  EXPECT_EQ(segment.leftover, Leftover::none);
  const LogFileName cleaned = parse_log_file_name("00000000000000000042.timeindex.cleaned");
  EXPECT_EQ(cleaned.kind, LogFileKind::time_index);
  EXPECT_EQ(cleaned.leftover, Leftover::cleaned);
  for (const char* name : {"42.log", "0000000000000000004x.log", "00000000000000000042.txt",
                           "-0000000000000000042.log", "leader-epoch-checkpoint", "", ".tmp"}) {
    EXPECT_EQ(parse_log_file_name(name).kind, LogFileKind::other) << name;
  }
}

TEST(DirectoryPlan, SortsWhatThereIs) {
  const std::vector<std::string> names = {
      "00000000000000000010.log",      "00000000000000000000.log",        "clean-shutdown",
      "00000000000000000010.snapshot", "00000000000000000000.index",      "someone-else",
      "leader-epoch-checkpoint.tmp",   "00000000000000000000.log.deleted"};
  const DirectoryPlan plan = plan_directory(names);
  EXPECT_EQ(plan.segments, (std::vector<Offset>{Offset{0}, Offset{10}}));
  EXPECT_EQ(plan.snapshots, std::vector<Offset>{Offset{10}});
  EXPECT_TRUE(plan.has_clean_marker);
  EXPECT_EQ(plan.remove, (std::vector<std::string>{"leader-epoch-checkpoint.tmp",
                                                   "00000000000000000000.log.deleted"}));
  EXPECT_TRUE(plan.rename.empty());
}

TEST(DirectoryPlan, CompletesASwapAndDropsTheIndexesOfItsName) {
  const std::vector<std::string> names = {"00000000000000000000.index", "00000000000000000000.log",
                                          "00000000000000000000.log.swap",
                                          "00000000000000000000.index.swap"};
  const DirectoryPlan plan = plan_directory(names);
  EXPECT_EQ(plan.rename,
            (std::vector<Rename>{{"00000000000000000000.log.swap", "00000000000000000000.log"}}));
  EXPECT_EQ(plan.remove, (std::vector<std::string>{"00000000000000000000.index.swap",
                                                   "00000000000000000000.index"}));
  EXPECT_EQ(plan.segments, std::vector<Offset>{Offset{0}});
}

TEST(DirectoryPlan, CompletesASwapWhateverElseWasBeingCleaned) {
  const std::vector<std::string> names = {"00000000000000000000.log", "00000000000000000005.log",
                                          "00000000000000000000.log.cleaned",
                                          "00000000000000000005.log.swap"};
  const DirectoryPlan plan = plan_directory(names);
  EXPECT_EQ(plan.rename,
            (std::vector<Rename>{{"00000000000000000005.log.swap", "00000000000000000005.log"}}));
  EXPECT_EQ(plan.remove, std::vector<std::string>{"00000000000000000000.log.cleaned"});
  EXPECT_EQ(plan.segments, (std::vector<Offset>{Offset{0}, Offset{5}}));
}

TEST(OffsetCheckpoint, IsReadBackAndNothingElseIsBelieved) {
  EXPECT_EQ(encode_offset_checkpoint(Offset{12}), "0\n12\n");
  EXPECT_EQ(decode_offset_checkpoint("0\n12\n"), Offset{12});
  for (const char* text : {"", "0\n12", "0\n\n", "1\n12\n", "0\n-3\n", "0\n1x\n", "0\n1\n2\n"}) {
    EXPECT_FALSE(decode_offset_checkpoint(text)) << text;
  }
}

}  // namespace
}  // namespace weir
