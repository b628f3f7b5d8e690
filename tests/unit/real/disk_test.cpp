// What only real files have: errno, the lock file, full and read-only disks.
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <cerrno>
#include <fstream>

#include "broker/real/errors.h"
#include "tests/unit/real/scratch.h"

namespace weir {
namespace {

class RealDiskTest : public ::testing::Test {
 protected:
  void play(const Script::Body& body) {
    auto machine = RealMachine::open(loop_, options_for(scratch_, "b1"));
    ASSERT_TRUE(machine.has_value()) << machine.error();
    bool done = false;
    (*machine)->start([&](Machine& ports) {
      const Script::Body all = [&](Machine& mine) { return finish(mine, body, &done); };
      return std::make_unique<Script>(ports, all);
    });
    EXPECT_EQ(loop_.run(), 0);
    EXPECT_TRUE(done);
  }
  [[nodiscard]] std::string directory() const { return scratch_.path("b1"); }

 private:
  Task<> finish(Machine& machine, const Script::Body& body, bool* done) {
    co_await body(machine);
    *done = true;
    loop_.stop();
  }

  ScratchDirectory scratch_;
  RealLoop loop_;
};

TEST(RealErrors, MapEveryErrno) {
  EXPECT_EQ(disk_error(0), Errc::ok);
  EXPECT_EQ(disk_error(ENOSPC), Errc::no_space);
  EXPECT_EQ(disk_error(EDQUOT), Errc::no_space);
  EXPECT_EQ(disk_error(EIO), Errc::io_error);
  EXPECT_EQ(disk_error(EROFS), Errc::io_error);
  EXPECT_EQ(disk_error(ENOENT), Errc::not_found);
  EXPECT_EQ(disk_error(EEXIST), Errc::already_exists);
  for (int number = 1; number < 4096; ++number) {
    EXPECT_NE(disk_error(number), Errc::ok) << number;
    EXPECT_EQ(stream_error(number), Errc::reset) << number;
    const boost::system::error_code error(number, boost::system::system_category());
    EXPECT_NE(connect_error(error), Errc::ok) << number;
  }
}

Task<> meet_the_lock(Machine& machine) {
  const Result<std::vector<std::string>> names = co_await machine.disk.list("");
  EXPECT_TRUE(names.has_value() && names->empty());
  const Result<void> removed = co_await machine.disk.remove(".lock");
  EXPECT_EQ(code_of(removed), Errc::malformed);
  const Result<std::unique_ptr<File>> opened =
      co_await machine.disk.open(".lock", OpenMode::create);
  EXPECT_EQ(code_of(opened), Errc::malformed);
}

TEST_F(RealDiskTest, HidesItsLockFile) { play(meet_the_lock); }

Task<> find_earlier_files(Machine& machine) {
  const Result<std::unique_ptr<File>> file =
      co_await machine.disk.open("earlier", OpenMode::existing);
  EXPECT_TRUE(file.has_value());
  if (!file) co_return;
  const Result<Slice> got = co_await (*file)->read_at(0, 100);
  EXPECT_EQ(got->text(), "from an earlier life");
}

TEST_F(RealDiskTest, FindsWhatAnEarlierLifeLeft) {
  ASSERT_EQ(::mkdir(directory().c_str(), 0755), 0);
  std::ofstream(directory() + "/earlier") << "from an earlier life";
  play(find_earlier_files);
}

Task<> fill_the_disk(Machine& machine) {
  Result<std::unique_ptr<File>> file = co_await machine.disk.open("log", OpenMode::create);
  EXPECT_TRUE(file.has_value());
  if (!file) co_return;
  const Slice piece = Slice::copy_of(std::string(100'000, 'x'));
  Errc last = Errc::ok;
  for (std::uint64_t offset = 0; offset < 10'000'000 && last == Errc::ok; offset += piece.size()) {
    const Result<void> written = co_await (*file)->write_at(offset, piece);
    last = code_of(written);
  }
  EXPECT_EQ(last, Errc::no_space);
  // What lies there can still be read, and room can be made.
  const Result<Slice> got = co_await (*file)->read_at(0, 100'000);
  EXPECT_TRUE(got.has_value() && got->text() == piece.text());
  const Result<void> cut = co_await (*file)->truncate(100'000);
  EXPECT_EQ(code_of(cut), Errc::ok);
  const Result<void> again = co_await (*file)->write_at(100'000, piece);
  EXPECT_EQ(code_of(again), Errc::ok);
}

TEST_F(RealDiskTest, AFullDiskIsNoSpace) {
  ASSERT_EQ(::mkdir(directory().c_str(), 0755), 0);
  if (::mount("tmpfs", directory().c_str(), "tmpfs", 0, "size=1m") != 0) {
    GTEST_SKIP() << "a small disk can be mounted by root only";
  }
  play(fill_the_disk);
  EXPECT_EQ(::umount2(directory().c_str(), MNT_DETACH), 0);
}

}  // namespace
}  // namespace weir
