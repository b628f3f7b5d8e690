// Any sequence of operations, with any crash: the log against a model that is a vector of batches.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "tests/unit/storage_log/log_lab.h"

namespace weir {
namespace {

using Do = LogStep::Do;
using Draw = std::pair<std::uint8_t, std::uint8_t>;

LogStep step_of(const Draw& draw) {
  const auto [kind, number] = draw;
  switch (kind % 16) {
    case 0: return {Do::flush, 0};
    case 1: return {Do::epoch, number % 2};
    case 2: return {Do::truncate, number % 9};
    case 3: return {Do::truncate_to_segment, 0};
    case 4: return {Do::log_start, number % 20};
    case 5: return {Do::maintain, 0};
    case 6: return {Do::reopen, 0};
    case 7: return {Do::reread, 0};
    case 8:
    case 9: return {Do::replicate, number % 7};
    default: return {Do::append, 1 + number % 4};
  }
}

std::vector<LogStep> steps_of(const std::vector<Draw>& draws) {
  std::vector<LogStep> steps;
  for (const Draw& draw : draws) steps.push_back(step_of(draw));
  return steps;
}

LogConfig config_of(std::uint8_t draw) {
  LogConfig config = LogLab::small();
  config.segment_bytes = 100 + draw % 8 * 100;
  config.index_interval_bytes = draw % 3 * 120;
  config.flush_messages = draw % 4 == 0 ? 1 : draw % 4 == 1 ? 5 : LogConfig::kForever;
  return config;
}

TEST(LogModel, AnyOperationsGiveWhatTheModelSays) {
  EXPECT_TRUE(rc::check([](const std::vector<Draw>& draws, std::uint8_t config) {
    LogLab lab(config, config_of(config));
    RC_ASSERT(lab.run(steps_of(draws)));
    lab.world().kill(lab.node());
    RC_ASSERT(lab.run({{Do::reread, 0}}));
    lab.world().kill(lab.node());
    lab.check(false);
    RC_ASSERT(lab.complaints == std::vector<std::string>{});
    RC_ASSERT(lab.errors_met == 0u);
  }));
}

TEST(LogModel, AnyOperationsAndLossesOfPowerKeepWhatWasPromised) {
  EXPECT_TRUE(rc::check([](const std::vector<Draw>& draws, std::uint8_t config, std::uint16_t seed,
                           std::uint8_t crash) {
    LogLab lab(seed, config_of(config));
    lab.run(steps_of(draws), 6 + crash % 200);
    lab.world().power_loss(lab.node());
    lab.check(true);
    RC_ASSERT(lab.complaints == std::vector<std::string>{});
  }));
}

TEST(LogModel, AnyOperationsAndKillsKeepAllThatWasAppended) {
  EXPECT_TRUE(
      rc::check([](const std::vector<Draw>& draws, std::uint8_t config, std::uint8_t crash) {
        LogLab lab(config, config_of(config));
        lab.run(steps_of(draws), 6 + crash % 200);
        lab.world().kill(lab.node());
        lab.check(false);
        RC_ASSERT(lab.complaints == std::vector<std::string>{});
      }));
}

TEST(LogModel, AnyOperationsWithBuggifyGiveWhatTheModelSays) {
  EXPECT_TRUE(
      rc::check([](const std::vector<Draw>& draws, std::uint8_t config, std::uint16_t seed) {
        LogLab lab(seed, config_of(config), true);
        RC_ASSERT(lab.run(steps_of(draws)));
        lab.world().kill(lab.node());
        lab.check(false);
        RC_ASSERT(lab.complaints == std::vector<std::string>{});
      }));
}

}  // namespace
}  // namespace weir
