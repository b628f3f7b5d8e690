// Laws of every story, over drawn logs: it names events of the causal cone only, each once, in
// order, and few.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <map>
#include <set>

#include "scenarios/cone.h"
#include "scenarios/story.h"
#include "tests/support/property.h"

namespace weir {
namespace {

const std::vector<std::string> kNodes = {"b1", "b2", "P1", "C1", "world"};

struct Drawn {
  EventFile file;
  Violation violation;
};

Drawn any_log() {
  const auto length = *rc::gen::inRange<std::int64_t>(1, 60);
  std::string text;
  for (std::int64_t seq = 1; seq <= length; ++seq) {
    const auto kind =
        *rc::gen::inRange<std::uint16_t>(0, static_cast<std::uint16_t>(FactKind::count_));
    const std::int64_t old = *rc::gen::inRange<std::int64_t>(0, 4);
    text += "{\"seq\":" + std::to_string(seq) + ",\"t\":" + std::to_string(seq / 3) + ",\"n\":\"" +
            *rc::gen::elementOf(kNodes) +
            "\",\"cause\":" + std::to_string(*rc::gen::inRange<std::int64_t>(0, seq)) +
            ",\"what\":\"" + std::string(name_of(static_cast<FactKind>(kind))) +
            "\",\"tp\":\"orders-0\",\"op\":" + std::to_string(*rc::gen::inRange(0, 3)) +
            ",\"old\":" + std::to_string(old) +
            ",\"value\":" + std::to_string(*rc::gen::inRange<std::int64_t>(0, 4)) +
            ",\"record\":\"P1:" + std::to_string(*rc::gen::inRange(0, 2)) + "\"}\n";
  }
  Drawn drawn;
  std::string error;
  drawn.file = EventFile::parse(text, error);
  RC_ASSERT(error.empty());
  drawn.violation.record = "orders-0@" + std::to_string(*rc::gen::inRange(0, 4));
  // Not every verdict names all three, and what it names is not always in the file.
  drawn.violation.made = *rc::gen::inRange<std::int64_t>(-1, length + 3);
  drawn.violation.broken = *rc::gen::inRange<std::int64_t>(-1, length + 1);
  if (*rc::gen::arbitrary<bool>()) {
    drawn.violation.seen = {*rc::gen::inRange<std::int64_t>(1, length + 1)};
  }
  return drawn;
}

// By the definition, edge by edge, until nothing is new.
std::set<std::int64_t> cone_by_definition(const EventFile& file,
                                          const std::vector<std::int64_t>& anchors) {
  std::set<std::int64_t> inside;
  std::int64_t end = -1;
  for (const std::int64_t anchor : anchors) {
    if (file.find(anchor) != nullptr) inside.insert(anchor);
    if (file.find(anchor) != nullptr) end = std::max(end, anchor);
  }
  for (const LoggedEvent& e : file.events()) {
    if (is_fault(e) && e.sequence <= end) inside.insert(e.sequence);
  }
  for (std::size_t before = 0; before != inside.size();) {
    before = inside.size();
    for (const LoggedEvent& e : file.events()) {
      if (!inside.contains(e.sequence)) continue;
      if (file.find(e.cause) != nullptr) inside.insert(e.cause);
      for (const LoggedEvent& earlier : file.events()) {
        const bool program_order = earlier.node == e.node && e.node != "world";
        if (program_order && earlier.sequence < e.sequence) inside.insert(earlier.sequence);
      }
    }
  }
  return inside;
}

TEST(CausalCone, IsWhatItsDefinitionSays) {
  expect_property([] {
    const Drawn drawn = any_log();
    const std::vector<std::int64_t> anchors = {drawn.violation.made, drawn.violation.broken};
    const CausalCone cone(drawn.file, anchors);
    const auto expected = cone_by_definition(drawn.file, anchors);
    for (const LoggedEvent& e : drawn.file.events()) {
      RC_ASSERT(cone.contains(e.sequence) == expected.contains(e.sequence));
    }
    RC_ASSERT(cone.size() == expected.size());
  });
}

TEST(Story, NamesOnlyEventsOfTheConeEachOnceInOrderAndFew) {
  expect_property([] {
    const Drawn drawn = any_log();
    const Story story =
        tell_story(drawn.file, subject_of(drawn.file, "durability.acked", drawn.violation));
    std::vector<std::int64_t> ends = story.subject.anchors;
    if (story.subject.until >= 0) ends.push_back(story.subject.until);
    const auto cone = cone_by_definition(drawn.file, ends);
    std::int64_t last = -1;
    for (const StoryStep& step : story.steps) {
      RC_ASSERT(!step.sequences.empty());
      for (const std::int64_t sequence : step.sequences) {
        RC_ASSERT(cone.contains(sequence));
        RC_ASSERT(sequence > last);
        last = sequence;
      }
    }
    RC_ASSERT(story.steps.size() <= kMostSteps);
  });
}

TEST(Story, NeverLeavesOutTheBreachThatTheVerdictNames) {
  expect_property([] {
    Drawn drawn = any_log();
    const auto events = static_cast<std::int64_t>(drawn.file.events().size());
    drawn.violation.broken = *rc::gen::inRange<std::int64_t>(1, events + 1);
    const Story story =
        tell_story(drawn.file, subject_of(drawn.file, "durability.acked", drawn.violation));
    const LoggedEvent* broken = drawn.file.find(drawn.violation.broken);
    RC_ASSERT((broken != nullptr));
    RC_PRE(broken->kind != FactKind::send_invoked);  // its first attempt may say it
    const bool told = std::ranges::any_of(story.steps, [&](const StoryStep& step) {
      return std::ranges::count(step.sequences, broken->sequence) > 0;
    });
    RC_ASSERT(told);
  });
}

}  // namespace
}  // namespace weir
