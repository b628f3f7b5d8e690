// The timing wheel against a multimap, which is what it must equal.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <limits>
#include <map>
#include <vector>

#include "sim/event_queue.h"
#include "sim/kernel.h"
#include "sim/ring.h"

namespace weir::sim {
namespace {

constexpr std::int64_t kForever = std::numeric_limits<std::int64_t>::max();

// Events by time, then by order of insertion.
using Model = std::multimap<std::int64_t, std::uint64_t>;

struct Pair {
  EventQueue queue;
  Model model;
  std::map<std::uint64_t, Event*> events;  // by number
  std::int64_t now = 0;
  std::uint64_t next = 0;

  void push(std::int64_t at) {
    Event* e = queue.take_free();
    e->at = at;
    e->word = next;
    queue.push(e, now);
    events[next] = e;
    model.emplace(at, next++);
  }
  void cancel(std::size_t which) {
    if (events.empty()) return;
    auto chosen = events.begin();
    std::advance(chosen, static_cast<std::ptrdiff_t>(which % events.size()));
    for (auto i = model.begin(); i != model.end(); ++i) {
      if (i->second != chosen->first) continue;
      model.erase(i);
      break;
    }
    queue.remove(chosen->second);
    queue.give_back(chosen->second);
    events.erase(chosen);
  }
  void pop(std::int64_t until) {
    Event* e = queue.pop(until);
    if (model.empty() || model.begin()->first > until) {
      RC_ASSERT(e == nullptr);
      // The caller's time may move on to there; later events are pushed from that instant.
      if (until != kForever) now = std::max(now, until);
      return;
    }
    RC_ASSERT(e != nullptr);
    RC_ASSERT(e->at == model.begin()->first);
    RC_ASSERT(e->word == model.begin()->second);
    now = e->at;
    events.erase(e->word);
    model.erase(model.begin());
    queue.give_back(e);
    RC_ASSERT(queue.size() == model.size());
  }
};

std::int64_t delay_of(std::uint64_t draw) {
  // Every magnitude, and many ties.
  const auto bits = static_cast<unsigned>(draw & 63) % 50;
  return static_cast<std::int64_t>((draw >> 6) & ((std::uint64_t{1} << bits) - 1));
}

TEST(EventQueue, EqualsAMultimapWithFirstInFirstOutTies) {
  EXPECT_TRUE(rc::check([](const std::vector<std::pair<std::uint8_t, std::uint64_t>>& steps) {
    Pair pair;
    for (const auto& [what, draw] : steps) {
      switch (what % 8) {
        case 0:
        case 1:
        case 2: pair.push(pair.now + delay_of(draw)); break;
        case 3: pair.push(pair.now + static_cast<std::int64_t>(draw % 3)); break;
        case 4: pair.cancel(draw); break;
        case 5: pair.pop(pair.now + delay_of(draw)); break;
        default: pair.pop(kForever); break;
      }
    }
    while (!pair.model.empty()) pair.pop(kForever);
    RC_ASSERT(pair.queue.pop(kForever) == nullptr);
  }));
}

TEST(EventQueue, StaysEqualOverALongRun) {
  Pair pair;
  Random random(11);
  for (int i = 0; i < 200'000; ++i) {
    const std::uint64_t draw = random.next();
    if (random.below(16) == 0) pair.cancel(draw >> 32);
    if (pair.model.size() < 200 || random.below(2) == 0) {
      pair.push(pair.now + delay_of(draw));
    } else {
      pair.pop(kForever);
    }
  }
}

TEST(Kernel, FoldsEveryEventAndFact) {
  const auto fingerprint = [](std::int64_t at, std::uint64_t word, bool fact) {
    Kernel kernel;
    kernel.schedule(at, EventKind::operation, 1, 1, 2, 3, word);
    Event* e = kernel.next(kForever);
    kernel.give_back(e);
    if (fact) kernel.emit({.kind = FactKind::healed}, NodeId{1}, "b1", 1);
    return kernel.fingerprint();
  };
  EXPECT_EQ(fingerprint(5, 0, false), fingerprint(5, 0, false));
  EXPECT_NE(fingerprint(5, 0, false), fingerprint(6, 0, false));
  EXPECT_NE(fingerprint(5, 0, false), fingerprint(5, 1, false));
  EXPECT_NE(fingerprint(5, 0, false), fingerprint(5, 0, true));
}

TEST(Ring, IsAFirstInFirstOutQueue) {
  Ring<int> ring;
  int in = 0;
  int out = 0;
  for (int round = 0; round < 100; ++round) {
    for (int i = 0; i < round % 7; ++i) ring.push(in++);
    while (ring.size() > 3) EXPECT_EQ(ring.pop(), out++);
  }
  while (!ring.empty()) EXPECT_EQ(ring.pop(), out++);
  EXPECT_EQ(in, out);
}

}  // namespace
}  // namespace weir::sim
