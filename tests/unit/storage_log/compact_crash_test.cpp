// Cleaning under crashes and errors at every operation of the disk, and under any history.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "tests/unit/storage_log/key_lab.h"

namespace weir {
namespace {

using Do = KeyStep::Do;

const std::vector<KeyStep>& script() {
  static const std::vector<KeyStep> steps = {
      {Do::append, 3},  {Do::append, 2},   {Do::append, 4},     {Do::append, 1},
      {Do::append, 3},  {Do::append, 2},   {Do::append, 4},     {Do::append, 1},
      {Do::append, 3},  {Do::append, 2},   {Do::flush, 0},      {Do::compact, 0},
      {Do::append, 4},  {Do::append, 3},   {Do::append, 3},     {Do::append, 3},
      {Do::flush, 0},   {Do::append, 3},   {Do::append, 2},     {Do::wait, 1'200},
      {Do::compact, 0}, {Do::truncate, 0}, {Do::append, 3},     {Do::log_start, 9},
      {Do::append, 4},  {Do::append, 3},   {Do::maintain, 0},   {Do::flush, 0},
      {Do::compact, 0}, {Do::append, 3},   {Do::reopen, 0},     {Do::append, 4},
      {Do::append, 3},  {Do::append, 4},   {Do::log_start, 17}, {Do::flush, 0},
      {Do::compact, 0}, {Do::wait, 1'200}, {Do::maintain, 0},
  };
  return steps;
}

std::uint64_t operations_of_script() {
  KeyLab lab;
  EXPECT_TRUE(lab.run(script()));
  EXPECT_EQ(lab.complaints, std::vector<std::string>{});
  EXPECT_EQ(lab.errors_met, 0u);
  EXPECT_EQ(lab.cleanings, 4u);
  EXPECT_GT(lab.removed, 30);
  return lab.disk().operations();
}

void expect_sound(const KeyLab& lab, const std::string& where) {
  EXPECT_EQ(lab.complaints, std::vector<std::string>{}) << where;
}

TEST(CompactCrash, AKillAtAnyOperationLosesNoKey) {
  const std::uint64_t operations = operations_of_script();
  ASSERT_GT(operations, 150u);
  for (std::uint64_t k = 1; k <= operations && !testing::Test::HasFailure(); ++k) {
    KeyLab lab;
    lab.run(script(), k);
    lab.world().kill(lab.node());
    lab.check();
    expect_sound(lab, "kill at operation " + std::to_string(k));
  }
}

TEST(CompactCrash, ALossOfPowerAtAnyOperationLosesNoKey) {
  const std::uint64_t operations = operations_of_script();
  for (std::uint64_t k = 1; k <= operations && !testing::Test::HasFailure(); ++k) {
    for (std::uint64_t seed = 1; seed <= 4 && !testing::Test::HasFailure(); ++seed) {
      KeyLab lab(k * 10 + seed);
      lab.run(script(), k);
      lab.world().power_loss(lab.node());
      lab.check();
      expect_sound(lab, "power loss at " + std::to_string(k) + " seed " + std::to_string(seed));
    }
  }
}

TEST(CompactCrash, APowerLossDuringTheRecoveryFromAnotherLosesNoKeyEither) {
  const std::uint64_t operations = operations_of_script();
  for (std::uint64_t k = 40; k <= operations && !testing::Test::HasFailure(); k += 3) {
    for (std::uint64_t further = 1; further <= 24 && !testing::Test::HasFailure(); further += 2) {
      KeyLab lab(k * 100 + further);
      lab.run(script(), k);
      lab.world().power_loss(lab.node());
      lab.run({}, lab.disk().operations() + further);
      lab.world().power_loss(lab.node());
      lab.check();
      expect_sound(lab, "power losses at operation " + std::to_string(k) + " and " +
                            std::to_string(further) + " later");
    }
  }
}

TEST(CompactCrash, AFailureOfAnyOperationLosesNoKey) {
  const std::uint64_t operations = operations_of_script();
  for (const Errc error : {Errc::io_error, Errc::no_space}) {
    for (std::uint64_t k = 1; k <= operations && !testing::Test::HasFailure(); ++k) {
      KeyLab lab(k);
      lab.disk().fail({.nth = k, .error = error});
      lab.run(script());
      lab.disk().clear_faults();
      lab.world().power_loss(lab.node());
      lab.check();
      expect_sound(lab, "failure of operation " + std::to_string(k));
    }
  }
}

KeyStep step_of(std::uint8_t kind, std::uint8_t number) {
  switch (kind % 16) {
    case 0:
    case 1: return {Do::compact, 0};
    case 2:
    case 3: return {Do::flush, 0};
    case 4: return {Do::log_start, number % 40};
    case 5: return {Do::truncate, 0};
    case 6: return {Do::reopen, 0};
    case 7: return {Do::wait, number % 20 * 100};
    case 8: return {Do::maintain, 0};
    default: return {Do::append, 1 + number % 4};
  }
}

using Draws = std::vector<std::pair<std::uint8_t, std::uint8_t>>;

std::vector<KeyStep> steps_of(const Draws& draws) {
  std::vector<KeyStep> steps;
  for (const auto& [kind, number] : draws) steps.push_back(step_of(kind, number));
  return steps;
}

LogConfig config_of(std::uint8_t draw) {
  LogConfig config = KeyLab::small();
  config.segment_bytes = 150 + draw % 5 * 100;
  config.index_interval_bytes = draw % 3 * 120;
  config.dedupe_buffer_bytes = draw % 4 == 0 ? 100 : 1 << 20;
  config.segment_offset_span = draw % 7 == 0 ? 12 : INT32_MAX;
  return config;
}

TEST(CompactModel, AnyHistoryKeepsTheLatestOfEachKey) {
  EXPECT_TRUE(rc::check([](const Draws& draws, std::uint8_t config, bool buggify) {
    KeyLab lab(config, config_of(config), buggify);
    RC_ASSERT(lab.run(steps_of(draws)));
    lab.world().kill(lab.node());
    lab.check();
    RC_ASSERT(lab.complaints == std::vector<std::string>{});
    RC_ASSERT(lab.errors_met == 0u);
  }));
}

TEST(CompactModel, AnyHistoryWithALossOfPowerKeepsTheLatestOfEachKey) {
  EXPECT_TRUE(rc::check(
      [](const Draws& draws, std::uint8_t config, std::uint16_t seed, std::uint8_t crash) {
        KeyLab lab(seed, config_of(config));
        lab.run(steps_of(draws), 6 + crash);
        lab.world().power_loss(lab.node());
        lab.run(steps_of(draws));
        lab.world().power_loss(lab.node());
        lab.check();
        RC_ASSERT(lab.complaints == std::vector<std::string>{});
      }));
}

}  // namespace
}  // namespace weir
