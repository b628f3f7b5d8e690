// Cleaning under crashes and errors at every operation of the disk, and under any history.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "tests/unit/storage_log/key_lab.h"

namespace weir {
namespace {

using KeyDo = KeyStep::Do;

const std::vector<KeyStep>& script_of_keys() {
  static const std::vector<KeyStep> steps = {
      {KeyDo::append, 3},  {KeyDo::append, 2},   {KeyDo::append, 4},     {KeyDo::append, 1},
      {KeyDo::append, 3},  {KeyDo::append, 2},   {KeyDo::append, 4},     {KeyDo::append, 1},
      {KeyDo::append, 3},  {KeyDo::append, 2},   {KeyDo::flush, 0},      {KeyDo::compact, 0},
      {KeyDo::append, 4},  {KeyDo::append, 3},   {KeyDo::append, 3},     {KeyDo::append, 3},
      {KeyDo::flush, 0},   {KeyDo::append, 3},   {KeyDo::append, 2},     {KeyDo::wait, 1'200},
      {KeyDo::compact, 0}, {KeyDo::truncate, 0}, {KeyDo::append, 3},     {KeyDo::log_start, 9},
      {KeyDo::append, 4},  {KeyDo::append, 3},   {KeyDo::maintain, 0},   {KeyDo::flush, 0},
      {KeyDo::compact, 0}, {KeyDo::append, 3},   {KeyDo::reopen, 0},     {KeyDo::append, 4},
      {KeyDo::append, 3},  {KeyDo::append, 4},   {KeyDo::log_start, 17}, {KeyDo::flush, 0},
      {KeyDo::compact, 0}, {KeyDo::wait, 1'200}, {KeyDo::maintain, 0},
  };
  return steps;
}

std::uint64_t operations_of_keys() {
  KeyLab lab;
  EXPECT_TRUE(lab.run(script_of_keys()));
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
  const std::uint64_t operations = operations_of_keys();
  ASSERT_GT(operations, 150u);
  for (std::uint64_t k = 1; k <= operations && !testing::Test::HasFailure(); ++k) {
    KeyLab lab;
    lab.run(script_of_keys(), k);
    lab.world().kill(lab.node());
    lab.check();
    expect_sound(lab, "kill at operation " + std::to_string(k));
  }
}

TEST(CompactCrash, ALossOfPowerAtAnyOperationLosesNoKey) {
  const std::uint64_t operations = operations_of_keys();
  for (std::uint64_t k = 1; k <= operations && !testing::Test::HasFailure(); ++k) {
    for (std::uint64_t seed = 1; seed <= 2 && !testing::Test::HasFailure(); ++seed) {
      KeyLab lab(k * 10 + seed);
      lab.run(script_of_keys(), k);
      lab.world().power_loss(lab.node());
      lab.check();
      expect_sound(lab, "power loss at " + std::to_string(k) + " seed " + std::to_string(seed));
    }
  }
}

TEST(CompactCrash, APowerLossDuringTheRecoveryFromAnotherLosesNoKeyEither) {
  const std::uint64_t operations = operations_of_keys();
  for (std::uint64_t k = 40; k <= operations && !testing::Test::HasFailure(); k += 7) {
    for (std::uint64_t further = 1; further <= 24 && !testing::Test::HasFailure(); further += 3) {
      KeyLab lab(k * 100 + further);
      lab.run(script_of_keys(), k);
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
  const std::uint64_t operations = operations_of_keys();
  for (const Errc error : {Errc::io_error, Errc::no_space}) {
    for (std::uint64_t k = 1; k <= operations && !testing::Test::HasFailure(); ++k) {
      KeyLab lab(k);
      lab.disk().fail({.nth = k, .error = error});
      lab.run(script_of_keys());
      lab.disk().clear_faults();
      lab.world().power_loss(lab.node());
      lab.check();
      expect_sound(lab, "failure of operation " + std::to_string(k));
    }
  }
}

KeyStep key_step_of(std::uint8_t kind, std::uint8_t number) {
  switch (kind % 16) {
    case 0:
    case 1: return {KeyDo::compact, 0};
    case 2:
    case 3: return {KeyDo::flush, 0};
    case 4: return {KeyDo::log_start, number % 40};
    case 5: return {KeyDo::truncate, 0};
    case 6: return {KeyDo::reopen, 0};
    case 7: return {KeyDo::wait, number % 20 * 100};
    case 8: return {KeyDo::maintain, 0};
    default: return {KeyDo::append, 1 + number % 4};
  }
}

using Draws = std::vector<std::pair<std::uint8_t, std::uint8_t>>;

std::vector<KeyStep> key_steps_of(const Draws& draws) {
  std::vector<KeyStep> steps;
  for (const auto& [kind, number] : draws) steps.push_back(key_step_of(kind, number));
  return steps;
}

LogConfig key_config_of(std::uint8_t draw) {
  LogConfig config = KeyLab::small();
  config.segment_bytes = 150 + draw % 5 * 100;
  config.index_interval_bytes = draw % 3 * 120;
  config.dedupe_buffer_bytes = draw % 4 == 0 ? 100 : 1 << 20;
  config.segment_offset_span = draw % 7 == 0 ? 12 : INT32_MAX;
  return config;
}

TEST(CompactModel, AnyHistoryKeepsTheLatestOfEachKey) {
  EXPECT_TRUE(rc::check([](const Draws& draws, std::uint8_t config, bool buggify) {
    KeyLab lab(config, key_config_of(config), buggify);
    RC_ASSERT(lab.run(key_steps_of(draws)));
    lab.world().kill(lab.node());
    lab.check();
    RC_ASSERT(lab.complaints == std::vector<std::string>{});
    RC_ASSERT(lab.errors_met == 0u);
  }));
}

TEST(CompactModel, AnyHistoryWithALossOfPowerKeepsTheLatestOfEachKey) {
  EXPECT_TRUE(rc::check(
      [](const Draws& draws, std::uint8_t config, std::uint16_t seed, std::uint8_t crash) {
        KeyLab lab(seed, key_config_of(config));
        lab.run(key_steps_of(draws), 6 + crash);
        lab.world().power_loss(lab.node());
        lab.run(key_steps_of(draws));
        lab.world().power_loss(lab.node());
        lab.check();
        RC_ASSERT(lab.complaints == std::vector<std::string>{});
      }));
}

}  // namespace
}  // namespace weir
