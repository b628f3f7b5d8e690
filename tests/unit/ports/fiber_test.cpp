// Fibers: in which order coroutines run and end, who owns them, and where exceptions go.
#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "broker/ports/task.h"

namespace weir {
namespace {

using Lines = std::vector<std::string>;

// Runs posted functions when it is told to, as a world or a loop does.
class Host final : public FiberHost {
 public:
  void post(Once<Resume> run) override { posted.push_back(std::move(run)); }
  void turn() {
    Once<Resume> next = std::move(posted.front());
    posted.pop_front();
    next({});
  }
  void run() {
    while (!posted.empty()) turn();
  }
  // Drops what is posted, and what that posts in turn.
  void end() {
    while (!posted.empty()) {
      const std::deque<Once<Resume>> dropped = std::exchange(posted, {});
    }
  }

  std::deque<Once<Resume>> posted;
};

// Tells when it is destroyed.
class Mark {
 public:
  Mark(Lines& lines, std::string name) : lines_(&lines), name_(std::move(name)) {}
  Mark(Mark&& other) noexcept
      : lines_(std::exchange(other.lines_, nullptr)), name_(std::move(other.name_)) {}
  Mark& operator=(Mark&&) = delete;
  ~Mark() {
    if (lines_ != nullptr) lines_->push_back("~" + name_);
  }

 private:
  Lines* lines_;
  std::string name_;
};

class FiberTest : public testing::Test {
 protected:
  void start(Task<> task) {
    std::move(task).start(host, Once<std::exception_ptr>([this](const std::exception_ptr& failure) {
                            try {
                              if (failure) std::rethrow_exception(failure);
                              lines.emplace_back("ended");
                            } catch (const std::runtime_error& error) {
                              lines.emplace_back(std::string("failed: ") + error.what());
                            }
                          }));
  }
  // An operation whose handler the test keeps.
  auto wait() {
    return operation<int>([this](Once<int> done) { handler = std::move(done); });
  }
  Task<int> called() {
    const Mark mark(lines, "called");
    const int got = co_await wait();
    lines.push_back("got " + std::to_string(got));
    co_return got + 1;
  }
  Task<> caller() {
    const Mark mark(lines, "caller");
    const int sum = co_await called();
    lines.push_back("sum " + std::to_string(sum));
  }

  Lines lines;
  Host host;
  Once<int> handler;
};

TEST_F(FiberTest, StartsLaterAndTellsItsEndInAnEventOfItsOwnWhereItNeverWaited) {
  const auto task = [](Lines& out) -> Task<> {
    out.emplace_back("runs");
    co_return;
  };
  start(task(lines));
  EXPECT_EQ(lines, Lines{});
  host.turn();
  EXPECT_EQ(lines, Lines{"runs"});
  host.turn();
  EXPECT_EQ(lines, (Lines{"runs", "ended"}));
  EXPECT_TRUE(host.posted.empty());
}

TEST_F(FiberTest, AResumedOperationGoesOnWithinTheCallOfItsHandlerUpToTheNextWait) {
  start(caller());
  host.run();
  ASSERT_TRUE(handler);
  EXPECT_EQ(lines, Lines{});
  handler(4);
  EXPECT_EQ(lines, (Lines{"got 4", "~called", "sum 5", "~caller", "ended"}));
  EXPECT_TRUE(host.posted.empty());
}

TEST_F(FiberTest, WhoDropsItsHandlerEndsItByAPostFromTheInnermostFrameOutwards) {
  start(caller());
  host.run();
  handler.reset();
  EXPECT_EQ(lines, Lines{}) << "it may be in use by what is being destroyed";
  ASSERT_EQ(host.posted.size(), 1u);
  host.end();
  EXPECT_EQ(lines, (Lines{"~called", "~caller"}));
}

TEST_F(FiberTest, OneThatNeverStartedIsEndedLikeAnyOther) {
  const auto task = [](Lines& out, Mark) -> Task<> {
    out.emplace_back("runs");
    co_return;
  };
  start(task(lines, Mark(lines, "argument")));
  host.posted.pop_front();
  EXPECT_EQ(lines, Lines{});
  host.run();
  EXPECT_EQ(lines, Lines{"~argument"});
}

TEST_F(FiberTest, AnExceptionPassesThroughItsCallersToTheEnd) {
  const auto thrower = []() -> Task<int> {
    throw std::runtime_error("broken");
    co_return 0;
  };
  const auto catcher = [](Lines& out, auto called) -> Task<> {
    bool caught = false;
    try {
      co_await called();
    } catch (const std::runtime_error&) {
      caught = true;
    }
    out.emplace_back(caught ? "caught" : "missed");
    co_await called();
    out.emplace_back("never");
  };
  start(catcher(lines, thrower));
  host.run();
  EXPECT_EQ(lines, (Lines{"caught", "failed: broken"}));
}

TEST_F(FiberTest, CallsInALoopThatNeverWaitUseNoStack) {
  constexpr int kCalls = 200'000;
  const auto one = []() -> Task<int> { co_return 1; };
  const auto loop = [](Lines& out, auto called) -> Task<> {
    int sum = 0;
    for (int i = 0; i < kCalls; ++i) {
      const int got = co_await called();
      sum += got;
    }
    out.push_back(std::to_string(sum));
  };
  start(loop(lines, one));
  host.run();
  EXPECT_EQ(lines, (Lines{std::to_string(kCalls), "ended"}));
}

TEST_F(FiberTest, AnOperationAlsoCallsAPlainHandler) {
  int got = 0;
  wait()([&got](int value) { got = value; });
  handler(7);
  EXPECT_EQ(got, 7);
}

TEST_F(FiberTest, WhatIsNeverAwaitedIsDestroyedWithItsTask) {
  const auto task = [](Lines& out, Mark) -> Task<> {
    out.emplace_back("runs");
    co_return;
  };
  {
    const Task<> never = task(lines, Mark(lines, "argument"));
  }
  EXPECT_EQ(lines, Lines{"~argument"});
}

TEST_F(FiberTest, ATaskThatIsDoneIsAwaitedWithoutASuspensionAndEndsWhereItIsStarted) {
  const auto task = [](Lines& out) -> Task<> {
    co_await Task<>::done();
    out.emplace_back("went on");
  };
  start(task(lines));
  start(Task<>::done());
  EXPECT_EQ(host.posted.size(), 2u);
  host.run();
  EXPECT_EQ(lines, (Lines{"went on", "ended", "ended"}));
}

TEST_F(FiberTest, AHandlerThatMovesAsBytesIsCalledOnceAndDroppedOnce) {
  lines.clear();
  start(caller());
  host.run();
  std::vector<Once<int>> moved;
  moved.push_back(std::move(handler));
  for (int i = 0; i < 20; ++i) moved.emplace(moved.begin());  // where it lies changes
  moved.back()(4);
  EXPECT_FALSE(static_cast<bool>(moved.back()));
  host.run();
  EXPECT_EQ(lines, (Lines{"got 4", "~called", "sum 5", "~caller", "ended"}));
  lines.clear();
  start(caller());
  host.run();
  moved.push_back(std::move(handler));
  moved.clear();
  host.end();
  EXPECT_EQ(lines, (Lines{"~called", "~caller"}));
}

}  // namespace
}  // namespace weir
