// Crashes and errors at every operation of the disk, one after the other, exhaustively.
//
// One script goes through all that a log does: appends, rolls, flushes, epochs, truncations, the
// log start, orderly closings and recoveries. It is run again and again, each time with a kill, a
// loss of power or a failing operation at the next of its disk operations.
#include <gtest/gtest.h>

#include "tests/unit/storage_log/log_lab.h"

namespace weir {
namespace {

using Do = LogStep::Do;

const std::vector<LogStep>& script() {
  static const std::vector<LogStep> steps = {
      {Do::append, 1},   {Do::append, 2},    {Do::epoch, 0},  {Do::append, 1},
      {Do::append, 1},   {Do::append, 3},    {Do::flush, 0},  {Do::append, 1},
      {Do::reread, 0},   {Do::log_start, 5}, {Do::append, 2}, {Do::epoch, 0},
      {Do::truncate, 4}, {Do::append, 1},    {Do::reopen, 0}, {Do::append, 2},
      {Do::append, 2},   {Do::append, 1},    {Do::append, 1}, {Do::truncate_to_segment, 0},
      {Do::append, 1},   {Do::epoch, 0},     {Do::append, 1}, {Do::append, 2},
      {Do::maintain, 0}, {Do::reread, 0},    {Do::reopen, 0}, {Do::flush, 0},
      {Do::append, 1},   {Do::epoch, 1},     {Do::append, 2}, {Do::append, 2},
      {Do::append, 1},   {Do::append, 1},    {Do::epoch, 1},  {Do::append, 2},
      {Do::append, 2},   {Do::append, 2},    {Do::append, 2}, {Do::append, 1},
      {Do::truncate, 3}, {Do::append, 1},    {Do::reread, 0}, {Do::replicate, 5},
      {Do::epoch, 1},    {Do::replicate, 4}, {Do::flush, 0},  {Do::replicate, 2},
      {Do::truncate, 5}, {Do::replicate, 3}, {Do::reread, 0},
  };
  return steps;
}

LogConfig durable_config() {
  LogConfig config = LogLab::small();
  config.flush_messages = 1;
  return config;
}

std::uint64_t operations_of(const LogConfig& config) {
  LogLab lab(1, config);
  EXPECT_TRUE(lab.run(script()));
  EXPECT_EQ(lab.complaints, std::vector<std::string>{});
  return lab.disk().operations();
}

class CrashTest : public testing::TestWithParam<bool> {
 protected:
  LogConfig config() { return GetParam() ? durable_config() : LogLab::small(); }

  void expect_sound(const LogLab& lab, const std::string& where) {
    EXPECT_EQ(lab.complaints, std::vector<std::string>{}) << where;
  }
};

TEST_P(CrashTest, WithoutAnyTheScriptRunsThrough) {
  LogLab lab(1, config());
  EXPECT_TRUE(lab.run(script()));
  lab.world().kill(lab.node());
  lab.check(false);
  expect_sound(lab, "no crash");
  EXPECT_EQ(lab.errors_met, 0u);
}

TEST_P(CrashTest, AKillAtAnyOperationLosesNothingThatWasAppended) {
  const std::uint64_t operations = operations_of(config());
  ASSERT_GT(operations, 150u);
  for (std::uint64_t k = 1; k <= operations && !HasFailure(); ++k) {
    LogLab lab(1, config());
    lab.run(script(), k);
    lab.world().kill(lab.node());
    lab.check(false);
    expect_sound(lab, "kill at operation " + std::to_string(k));
  }
}

TEST_P(CrashTest, ALossOfPowerAtAnyOperationLosesNothingThatWasSynced) {
  const std::uint64_t operations = operations_of(config());
  for (std::uint64_t k = 1; k <= operations && !HasFailure(); ++k) {
    // The seed decides what is kept, dropped and torn.
    for (std::uint64_t seed = 1; seed <= 3 && !HasFailure(); ++seed) {
      LogLab lab(k * 10 + seed, config());
      lab.run(script(), k);
      lab.world().power_loss(lab.node());
      lab.check(true);
      expect_sound(
          lab, "power loss at operation " + std::to_string(k) + " seed " + std::to_string(seed));
    }
  }
}

// What the killed process had not made durable, the next one must, before it builds on it.
TEST_P(CrashTest, AKillAndLaterALossOfPowerLoseNothingThatWasSynced) {
  const std::uint64_t operations = operations_of(config());
  for (std::uint64_t k = 1; k <= operations && !HasFailure(); ++k) {
    for (std::uint64_t seed = 1; seed <= 2 && !HasFailure(); ++seed) {
      LogLab lab(k * 10 + seed, config());
      lab.run(script(), k);
      lab.world().kill(lab.node());
      lab.settle_next();
      lab.run({{Do::append, 1}, {Do::flush, 0}, {Do::append, 1}});
      lab.world().power_loss(lab.node());
      lab.check(true);
      expect_sound(lab, "kill at operation " + std::to_string(k) + " seed " + std::to_string(seed) +
                            ", then a power loss");
    }
  }
}

TEST_P(CrashTest, APowerLossDuringTheRecoveryFromAnotherLosesNothingEither) {
  const std::uint64_t operations = operations_of(config());
  for (std::uint64_t k = 5; k <= operations && !HasFailure(); k += 7) {
    for (std::uint64_t further = 1; further <= 24 && !HasFailure(); ++further) {
      LogLab lab(k * 100 + further, config());
      lab.run(script(), k);
      lab.world().power_loss(lab.node());
      lab.run({}, lab.disk().operations() + further);
      lab.world().power_loss(lab.node());
      lab.check(true);
      expect_sound(lab, "power losses at operation " + std::to_string(k) + " and " +
                            std::to_string(further) + " later");
    }
  }
}

TEST_P(CrashTest, AFailureOfAnyOperationIsToldOrMadeGood) {
  const std::uint64_t operations = operations_of(config());
  std::size_t errors_met = 0;
  for (const Errc error : {Errc::io_error, Errc::no_space}) {
    for (std::uint64_t k = 1; k <= operations && !HasFailure(); ++k) {
      LogLab lab(k, config());
      lab.disk().fail({.nth = k, .error = error});
      lab.run(script());
      errors_met += lab.errors_met;
      lab.disk().clear_faults();
      lab.world().power_loss(lab.node());
      lab.check(true);
      expect_sound(lab, "failure of operation " + std::to_string(k));
    }
  }
  EXPECT_GT(errors_met, operations);
}

TEST_P(CrashTest, ThreeFailuresInARowAreNoDifferent) {
  const std::uint64_t operations = operations_of(config());
  for (std::uint64_t k = 1; k <= operations && !HasFailure(); ++k) {
    LogLab lab(k, config());
    lab.run({{Do::append, 1}});
    lab.world().kill(lab.node());
    lab.disk().fail({.nth = k, .times = 3});
    lab.run(script());
    lab.disk().clear_faults();
    lab.world().power_loss(lab.node());
    std::erase(lab.complaints, "the log does not open");
    std::erase_if(lab.complaints,
                  [](const std::string& c) { return c.starts_with("a step fails"); });
    lab.check(true);
    expect_sound(lab, "failures of three operations from " + std::to_string(k));
  }
}

INSTANTIATE_TEST_SUITE_P(Flush, CrashTest, testing::Bool(),
                         [](const testing::TestParamInfo<bool>& p) {
                           return p.param ? std::string("EachAppend") : std::string("Never");
                         });

}  // namespace
}  // namespace weir
