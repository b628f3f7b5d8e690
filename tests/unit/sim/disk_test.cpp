// The simulated disk: contents, durability, power losses by sector, injected errors.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <set>

#include "broker/base/assertion.h"
#include "sim/content.h"
#include "sim/tree.h"
#include "tests/unit/sim/programs.h"

namespace weir {
namespace {

TEST(Content, EqualsAString) {
  EXPECT_TRUE(rc::check([](const std::vector<std::pair<std::uint8_t, std::uint16_t>>& steps) {
    sim::Content content;
    std::string model;
    for (const auto& [what, draw] : steps) {
      const std::size_t at = draw % 97;
      if (what % 4 == 0) {
        content.truncate(at);
        model.resize(at, '\0');
      } else if (what % 4 == 1 && content.flip(at, 0x10)) {
        model[at] = static_cast<char>(model[at] ^ 0x10);
      } else {
        const std::string bytes(what % 13, static_cast<char>('a' + what % 26));
        const std::size_t where = what % 8 == 2 ? model.size() : at;
        content.write(where, Slice::copy_of(bytes));
        if (!bytes.empty() && model.size() < where + bytes.size()) {
          model.resize(where + bytes.size(), '\0');
        }
        model.replace(where < model.size() ? where : model.size(),
                      where < model.size() ? bytes.size() : 0, bytes);
      }
      RC_ASSERT(content.size() == model.size());
      RC_ASSERT(content.read(0, 1000).text() == model);
      const std::size_t from = draw % 50;
      const std::string part = from < model.size() ? model.substr(from, what) : std::string();
      RC_ASSERT(content.read(from, what).text() == part);
    }
  }));
}

TEST(Content, SharesTheBytesOfAnAppend) {
  sim::Content content;
  const Slice one = Slice::copy_of("hello");
  content.write(0, one);
  content.write(5, Slice::copy_of("world"));
  EXPECT_EQ(content.read(1, 3).data(), one.data() + 1);
  EXPECT_EQ(content.read(3, 4).text(), "lowo");
}

struct Steps {
  std::vector<std::string> said;
  std::string path = "d/log";
  std::string text = "hello";
  int writes = 1;
  bool sync = true;
  bool sync_directories = true;
};

std::string word(const Result<void>& r) { return r ? "ok" : r.error().message(); }

// Writes `text` so many times, one after the other.
Task<> write_file(Machine& m, Steps& s) {
  Result<void> made = co_await m.disk.make_directory("d");
  s.said.push_back("mkdir " + word(made));
  Result<std::unique_ptr<File>> file = co_await m.disk.open(s.path, OpenMode::create);
  if (!file) {
    s.said.push_back("open " + file.error().message());
    co_return;
  }
  const Slice bytes = Slice::copy_of(s.text);
  for (int i = 0; i < s.writes; ++i) {
    const auto at = static_cast<std::uint64_t>(i) * s.text.size();
    Result<void> written = co_await (*file)->write_at(at, bytes);
    s.said.push_back("write " + word(written));
  }
  if (s.sync) {
    Result<void> synced = co_await (*file)->sync();
    s.said.push_back("sync " + word(synced));
  }
  if (s.sync_directories) {
    Result<void> inner = co_await m.disk.sync_directory("d");
    Result<void> outer = co_await m.disk.sync_directory("");
    s.said.push_back("sync_directory " + word(inner) + " " + word(outer));
  }
}

class DiskTest : public testing::Test {
 protected:
  void build(WorldOptions options) {
    world_ = std::make_unique<World>(options);
    n_ = add(*world_, "n", [this](Machine& m) { return write_file(m, steps_); });
    world_->start(n_);
  }
  void run() { world_->run_until(world_->now() + ms(1000)); }
  DiskModel& disk() { return world_->disk(n_); }
  std::string durable(const std::string& path) {
    const std::optional<Slice> bytes = disk().read(path, DiskView::durable);
    return bytes ? std::string(bytes->text()) : "(none)";
  }
  std::string cached(const std::string& path) {
    const std::optional<Slice> bytes = disk().read(path);
    return bytes ? std::string(bytes->text()) : "(none)";
  }

  Steps steps_;
  std::unique_ptr<World> world_;
  NodeId n_;
};

TEST_F(DiskTest, KeepsWhatWasSyncedThroughAPowerLoss) {
  build(WorldOptions{});
  run();
  EXPECT_EQ(durable("d/log"), "hello");
  EXPECT_EQ(disk().unsynced_bytes(), 0u);
  world_->power_loss(n_);
  EXPECT_EQ(cached("d/log"), "hello");
}

TEST_F(DiskTest, AKillKeepsThePageCache) {
  steps_.sync = steps_.sync_directories = false;
  build(WorldOptions{});
  run();
  world_->kill(n_);
  EXPECT_EQ(cached("d/log"), "hello");
  EXPECT_EQ(durable("d/log"), "(none)");
  EXPECT_EQ(disk().unsynced_bytes(), 5u);
}

TEST_F(DiskTest, AFileWhoseEntryWasNotSyncedMayBeGone) {
  steps_.sync_directories = false;
  std::set<std::string> outcomes;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    build(WorldOptions{.seed = seed});
    run();
    world_->power_loss(n_);
    outcomes.insert(cached("d/log"));
  }
  EXPECT_EQ(outcomes, (std::set<std::string>{"(none)", "hello"}));
}

TEST_F(DiskTest, AnEntryIsDurableOnlyWithAllItsDirectories) {
  build(WorldOptions{});
  world_->set_launch(n_, scripted([](Machine& m) -> Task<> {
                       Result<void> made = co_await m.disk.make_directory("x/y");
                       Result<std::unique_ptr<File>> f =
                           co_await m.disk.open("x/y/f", OpenMode::create);
                       Result<void> synced = co_await m.disk.sync_directory("x/y");
                       WEIR_ASSERT(made && f && synced);
                     }));
  world_->kill(n_);
  world_->start(n_);
  run();
  EXPECT_EQ(durable("x/y/f"), "(none)");  // x/y itself is not durable
  world_->kill(n_);
  world_->set_launch(n_, scripted([](Machine& m) -> Task<> {
                       Result<void> top = co_await m.disk.sync_directory("");
                       Result<void> inner = co_await m.disk.sync_directory("x");
                       WEIR_ASSERT(top && inner);
                     }));
  world_->start(n_);
  run();
  EXPECT_EQ(durable("x/y/f"), "");
}

TEST_F(DiskTest, UnsyncedWritesAreKeptDroppedOrTornBySector) {
  steps_.text = std::string(2048, 'w');
  steps_.sync = false;
  std::set<std::size_t> kept;
  std::size_t torn = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    build(WorldOptions{.seed = seed});
    Lines lines(*world_);
    run();
    world_->power_loss(n_);
    const std::string left = cached("d/log");
    const auto whole = static_cast<std::size_t>(std::count(left.begin(), left.end(), 'w'));
    EXPECT_EQ(whole % 512, 0u);
    kept.insert(whole);
    torn += lines.count("disk.lost n torn");
  }
  EXPECT_GE(kept.size(), 4u);
  EXPECT_TRUE(kept.contains(0) && kept.contains(2048));
  EXPECT_GT(torn, 5u);
}

TEST_F(DiskTest, LaterWritesMaySurviveEarlierOnes) {
  steps_.text = std::string(512, 'w');
  steps_.writes = 6;
  steps_.sync = false;
  bool hole = false;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    build(WorldOptions{.seed = seed});
    run();
    world_->power_loss(n_);
    const std::string left = cached("d/log");
    hole = hole || (left.find('\0') != std::string::npos && left.back() == 'w');
  }
  EXPECT_TRUE(hole);
}

TEST_F(DiskTest, FailsEachOperationInTurn) {
  build(WorldOptions{});
  run();
  const std::uint64_t operations = disk().operations();
  EXPECT_EQ(operations, 6u);
  for (std::uint64_t k = 1; k <= operations; ++k) {
    steps_ = {};
    build(WorldOptions{});
    Lines lines(*world_);
    disk().fail({.nth = k});
    run();
    std::size_t failures = 0;
    for (const std::string& said : steps_.said) {
      failures += said.find("disk error") != std::string::npos ? 1 : 0;
    }
    EXPECT_EQ(failures, 1u) << k;
    ASSERT_EQ(lines.lines.size(), 1u) << k;
    EXPECT_TRUE(lines.lines[0].starts_with("disk.error n ")) << lines.lines[0];
  }
}

TEST_F(DiskTest, FailsTheKthOfAKindOnAPath) {
  steps_.writes = 5;
  build(WorldOptions{});
  disk().fail({.operation = DiskOperation::write, .path_contains = "log", .nth = 2, .times = 2});
  run();
  EXPECT_EQ(steps_.said[1], "write ok");
  EXPECT_EQ(steps_.said[2], "write disk error");
  EXPECT_EQ(steps_.said[3], "write disk error");
  EXPECT_EQ(steps_.said[4], "write ok");
}

TEST_F(DiskTest, AFailedSyncDropsTheDirtyPagesAndALaterOneSucceeds) {
  build(WorldOptions{});
  disk().fail({.operation = DiskOperation::sync});
  run();
  EXPECT_EQ(steps_.said[2], "sync disk error");
  EXPECT_EQ(cached("d/log"), std::string(5, '\0'));
  EXPECT_EQ(durable("d/log"), "");
  EXPECT_EQ(disk().unsynced_bytes(), 0u);
}

TEST_F(DiskTest, AFullDiskTakesAPrefix) {
  steps_.text = std::string(1000, 'x');
  steps_.writes = 3;
  WorldOptions options;
  options.disk.capacity_bytes = 2500;
  build(options);
  run();
  EXPECT_EQ(steps_.said[2], "write ok");
  EXPECT_EQ(steps_.said[3], "write no space left on the disk");
  EXPECT_EQ(cached("d/log").size(), 2500u);
}

TEST_F(DiskTest, AStuckDiskCompletesNothingUntilReleased) {
  build(WorldOptions{});
  disk().set_stuck(true);
  world_->at(at_ms(500), [this] {
    EXPECT_TRUE(steps_.said.empty());
    disk().set_stuck(false);
  });
  run();
  EXPECT_EQ(steps_.said.size(), 4u);
  EXPECT_EQ(durable("d/log"), "hello");
}

TEST_F(DiskTest, APowerLossUnderAStuckSyncPromisesNothing) {
  steps_.text = std::string(4096, 'w');
  build(WorldOptions{.seed = 5});
  world_->run_until(Instant{0} + us(70));  // the sync is under way
  EXPECT_EQ(steps_.said.size(), 2u);
  world_->power_loss(n_);
  EXPECT_EQ(steps_.said.size(), 2u);
}

TEST_F(DiskTest, ASlowDiskTakesItsFactor) {
  build(WorldOptions{});
  disk().set_slow(100);
  const RunEnd end = world_->run_until(at_ms(10'000));
  EXPECT_EQ(end.at, Instant{0} + us(100 * (20 + 20 + 20 + 500 + 500 + 500)));
}

TEST_F(DiskTest, BitRotShowsInBothViews) {
  build(WorldOptions{});
  run();
  EXPECT_TRUE(disk().rot("d/log", 1, 0x20));
  EXPECT_FALSE(disk().rot("d/log", 9));
  EXPECT_EQ(cached("d/log"), "hEllo");
  EXPECT_EQ(durable("d/log"), "hEllo");
}

TEST_F(DiskTest, AMisdirectedWriteSucceedsAndLandsElsewhereInItsFile) {
  steps_.text = std::string(512, 'w');
  steps_.writes = 6;
  std::set<std::string> outcomes;
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    steps_.said.clear();
    build(WorldOptions{.seed = seed});
    Lines lines(*world_);
    disk().fail({.path_contains = "log", .nth = 4, .misdirected = true});
    run();
    EXPECT_EQ(steps_.said[4], "write ok");
    ASSERT_EQ(lines.lines.size(), 1u);
    EXPECT_TRUE(lines.lines[0].starts_with("disk.error n write: misdirected from 1536 to "));
    const std::string left = cached("d/log");
    EXPECT_EQ(left.size(), 6u * 512);
    EXPECT_EQ(left.substr(1536, 512), std::string(512, '\0'));
    EXPECT_EQ(durable("d/log"), left);
    outcomes.insert(lines.lines[0]);
  }
  EXPECT_GT(outcomes.size(), 2u);
}

TEST_F(DiskTest, AMisdirectedWriteOverwritesWhatLiesThere) {
  steps_.text = std::string(512, 'w');
  build(WorldOptions{});
  run();
  world_->kill(n_);
  world_->set_launch(n_, scripted([](Machine& m) -> Task<> {
                       Result<std::unique_ptr<File>> f =
                           co_await m.disk.open("d/log", OpenMode::existing);
                       const Slice bytes = Slice::copy_of(std::string(512, 'x'));
                       Result<void> written = co_await (*f)->write_at(512, bytes);
                       WEIR_ASSERT(written);
                     }));
  disk().fail({.misdirected = true});
  world_->start(n_);
  run();
  EXPECT_EQ(cached("d/log"), std::string(512, 'x') + std::string(512, '\0'));
}

TEST_F(DiskTest, ReadsAndWritesShareTheThroughput) {
  steps_.text = std::string(1000, 'w');
  steps_.writes = 3;
  WorldOptions options;
  options.disk.bytes_per_second = 1'000'000;  // 1 ms for each write
  build(options);
  disk().set_slow(2);
  const RunEnd end = world_->run_until(at_ms(10'000));
  EXPECT_EQ(end.at, Instant{0} + us(2 * (20 + 20 + 3 * (1000 + 20) + 500 + 500 + 500)));
}

TEST_F(DiskTest, WhatAReplacedFileHeldIsDurableWhenItsReplacementIsLost) {
  std::set<std::string> outcomes;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    build(WorldOptions{.seed = seed});
    run();  // d/log holds "hello", synced, with its entry; nobody has looked at it since
    world_->kill(n_);
    world_->set_launch(n_, scripted([](Machine& m) -> Task<> {
                         Result<std::unique_ptr<File>> f =
                             co_await m.disk.open("d/new", OpenMode::create);
                         const Slice bytes = Slice::copy_of("world");
                         Result<void> written = co_await (*f)->write_at(0, bytes);
                         Result<void> synced = co_await (*f)->sync();
                         Result<void> renamed = co_await m.disk.rename("d/new", "d/log");
                         WEIR_ASSERT(written && synced && renamed);
                       }));
    world_->start(n_);
    run();
    world_->power_loss(n_);
    outcomes.insert(cached("d/log"));
  }
  EXPECT_EQ(outcomes, (std::set<std::string>{"hello", "world"}));
}

// Removes d with d/log in it, syncs only what is above, and makes d anew.
Task<> remove_and_make_anew(Machine& m) {
  Result<void> file = co_await m.disk.remove("d/log");
  Result<void> directory = co_await m.disk.remove("d");
  Result<void> synced = co_await m.disk.sync_directory("");
  Result<void> made = co_await m.disk.make_directory("d");
  Result<void> again = co_await m.disk.sync_directory("");
  WEIR_ASSERT(file && directory && synced && made && again);
}

TEST_F(DiskTest, WhatARemovedDirectoryHeldDoesNotReappear) {
  for (const bool durable_before : {true, false}) {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      steps_.sync_directories = durable_before;
      build(WorldOptions{.seed = seed});
      run();
      world_->kill(n_);
      world_->set_launch(n_, scripted([](Machine& m) { return remove_and_make_anew(m); }));
      world_->start(n_);
      run();
      world_->power_loss(n_);
      EXPECT_EQ(cached("d/log"), "(none)") << durable_before << " " << seed;
      EXPECT_TRUE(disk().files(DiskView::durable).empty());
    }
  }
}

TEST_F(DiskTest, ChangesInARenamedDirectoryFollowIt) {
  steps_.sync_directories = false;
  std::set<std::string> outcomes;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    build(WorldOptions{.seed = seed});
    run();
    world_->kill(n_);
    world_->set_launch(n_, scripted([](Machine& m) -> Task<> {
                         Result<void> moved = co_await m.disk.rename("d", "z");
                         Result<void> synced = co_await m.disk.sync_directory("");
                         Result<void> made = co_await m.disk.make_directory("d");
                         WEIR_ASSERT(moved && synced && made);
                       }));
    world_->start(n_);
    run();
    world_->power_loss(n_);
    EXPECT_EQ(cached("d/log"), "(none)");
    outcomes.insert(cached("z/log"));
  }
  EXPECT_EQ(outcomes, (std::set<std::string>{"(none)", "hello"}));
}

TEST_F(DiskTest, AWipedDiskIsEmpty) {
  build(WorldOptions{});
  run();
  world_->wipe_disk(n_);
  EXPECT_EQ(disk().files().size(), 1u);  // not while it is alive
  world_->kill(n_);
  world_->wipe_disk(n_);
  EXPECT_TRUE(disk().files().empty());
  EXPECT_TRUE(disk().files(DiskView::durable).empty());
}

// Either the old or the new name holds the old content, never neither, never both.
TEST_F(DiskTest, ARenameIsAtomicAtAPowerLoss) {
  std::set<std::string> outcomes;
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    build(WorldOptions{.seed = seed});
    run();
    world_->kill(n_);
    world_->set_launch(n_, scripted([](Machine& m) -> Task<> {
                         Result<void> renamed = co_await m.disk.rename("d/log", "d/new");
                         WEIR_ASSERT(renamed);
                       }));
    world_->start(n_);
    run();
    EXPECT_EQ(cached("d/new"), "hello");
    world_->power_loss(n_);
    outcomes.insert(cached("d/log") + cached("d/new"));
  }
  EXPECT_EQ(outcomes, (std::set<std::string>{"hello(none)", "(none)hello"}));
}

Task<> contract(Machine& m, std::vector<std::string>& said) {
  Result<std::unique_ptr<File>> none = co_await m.disk.open("f", OpenMode::existing);
  said.push_back(none ? "ok" : none.error().message());
  Result<std::unique_ptr<File>> f = co_await m.disk.open("f", OpenMode::exclusive);
  Result<std::unique_ptr<File>> again = co_await m.disk.open("f", OpenMode::exclusive);
  said.push_back(again ? "ok" : again.error().message());
  Result<std::unique_ptr<File>> lost = co_await m.disk.open("no/f", OpenMode::create);
  said.push_back(lost ? "ok" : lost.error().message());
  const Slice bytes = Slice::copy_of("abc");
  Result<void> w = co_await (*f)->write_at(3, bytes);
  Result<Slice> r = co_await (*f)->read_at(0, 100);
  said.push_back(word(w) + " " + std::to_string(r->size()));
  Result<void> t = co_await (*f)->truncate(4);
  said.push_back(word(t) + " " + std::to_string((*f)->size()));
  Result<void> d = co_await m.disk.make_directory("a/b/c");
  Result<void> e = co_await m.disk.make_directory("a/b/c");
  said.push_back(word(d) + " " + word(e));
  Result<void> full = co_await m.disk.remove("a/b");
  Result<void> gone = co_await m.disk.remove("f");
  said.push_back(word(full) + " " + word(gone));
  Result<Slice> still = co_await (*f)->read_at(3, 1);
  said.emplace_back(still->text());
  Result<void> moved = co_await m.disk.rename("a", "z");
  Result<std::vector<std::string>> top = co_await m.disk.list("");
  Result<std::vector<std::string>> deep = co_await m.disk.list("z/b");
  Result<std::vector<std::string>> missing = co_await m.disk.list("a");
  said.push_back(word(moved) + " " + (*top)[0] + " " + (*deep)[0] + " " +
                 missing.error().message());
}

TEST_F(DiskTest, KeepsThePortsContract) {
  std::vector<std::string> said;
  build(WorldOptions{});
  world_->kill(n_);
  world_->set_launch(n_, scripted([&said](Machine& m) { return contract(m, said); }));
  world_->start(n_);
  run();
  EXPECT_EQ(said,
            (std::vector<std::string>{"not found", "already exists", "not found", "ok 6", "ok 4",
                                      "ok ok", "already exists ok", "a", "ok z/ c/ not found"}));
}

}  // namespace
}  // namespace weir
