// Contract of files and directories (broker/ports/disk.h), without crashes.
#include <gtest/gtest.h>

#include <vector>

#include "broker/ports/task_group.h"
#include "tests/parity/stages.h"

namespace weir::parity {
namespace {

template <class StageKind>
class Files : public Parity<StageKind> {};
TYPED_TEST_SUITE(Files, Stages, StageNames);

using Names = std::vector<std::string>;

Task<std::unique_ptr<File>> open_file(Machine& machine, std::string path, OpenMode mode) {
  Result<std::unique_ptr<File>> file = co_await machine.disk.open(path, mode);
  EXPECT_EQ(code_of(file), Errc::ok) << path;
  if (!file) co_return nullptr;
  co_return std::move(*file);
}

Task<> expect_open(Machine& machine, std::string path, OpenMode mode, Errc expected) {
  const Result<std::unique_ptr<File>> file = co_await machine.disk.open(path, mode);
  EXPECT_EQ(code_of(file), expected) << path;
}

Task<> write_file(File& file, std::uint64_t offset, std::string text) {
  const Slice slice = Slice::copy_of(text);
  const Result<void> written = co_await file.write_at(offset, slice);
  EXPECT_EQ(code_of(written), Errc::ok);
}

Task<> make_file(Machine& machine, std::string path, std::string text) {
  const std::unique_ptr<File> file = co_await open_file(machine, path, OpenMode::create);
  co_await write_file(*file, 0, text);
}

Task<> expect_content(File& file, std::string expected) {
  const Result<Slice> got = co_await file.read_at(0, 1'000'000);
  EXPECT_EQ(code_of(got), Errc::ok);
  if (got) {
    EXPECT_EQ(got->text(), expected);
  }
  EXPECT_EQ(file.size(), expected.size());
}

Task<> expect_list(Machine& machine, std::string path, Names expected) {
  const Result<Names> names = co_await machine.disk.list(path);
  EXPECT_EQ(code_of(names), Errc::ok) << path;
  if (names) {
    EXPECT_EQ(*names, expected) << path;
  }
}

// --- content

Task<> read_and_write(Machine& machine, Meeting&) {
  const std::unique_ptr<File> file = co_await open_file(machine, "log", OpenMode::create);
  EXPECT_EQ(file->size(), 0u);
  const Result<Slice> empty = co_await file->read_at(0, 10);
  EXPECT_EQ(code_of(empty), Errc::ok);
  EXPECT_EQ(empty->size(), 0u);

  std::vector<Slice> parts;
  parts.push_back(Slice::copy_of("one "));
  parts.push_back(Slice());
  parts.push_back(Slice::copy_of("two "));
  const Result<void> written = co_await file->write_at(0, parts);
  EXPECT_EQ(code_of(written), Errc::ok);
  co_await write_file(*file, 8, "three");
  co_await expect_content(*file, "one two three");

  const Result<Slice> middle = co_await file->read_at(4, 3);
  EXPECT_EQ(middle->text(), "two");
  const Result<Slice> across = co_await file->read_at(8, 100);
  EXPECT_EQ(across->text(), "three");
  const Result<Slice> beyond = co_await file->read_at(14, 100);
  EXPECT_EQ(code_of(beyond), Errc::ok);
  EXPECT_EQ(beyond->size(), 0u);

  co_await write_file(*file, 4, "TWO");
  co_await expect_content(*file, "one TWO three");
  co_await write_file(*file, 15, "!");
  const std::string zeros(2, '\0');
  co_await expect_content(*file, "one TWO three" + zeros + "!");
  const Result<void> synced = co_await file->sync();
  EXPECT_EQ(code_of(synced), Errc::ok);
}

TYPED_TEST(Files, ReadBackWhatWasWrittenWithZerosBetween) { this->play(&read_and_write); }

Task<> cut_and_grow(Machine& machine, Meeting&) {
  const std::unique_ptr<File> file = co_await open_file(machine, "log", OpenMode::exclusive);
  co_await write_file(*file, 0, "0123456789");
  const Result<void> cut = co_await file->truncate(4);
  EXPECT_EQ(code_of(cut), Errc::ok);
  co_await expect_content(*file, "0123");
  const Result<void> grown = co_await file->truncate(6);
  EXPECT_EQ(code_of(grown), Errc::ok);
  const std::string zeros(2, '\0');
  co_await expect_content(*file, "0123" + zeros);
}

TYPED_TEST(Files, AreCutAndGrownByTruncate) { this->play(&cut_and_grow); }

Task<> large_file(Machine& machine, Meeting&) {
  const std::unique_ptr<File> file = co_await open_file(machine, "large", OpenMode::create);
  const std::string text = numbered_text(5'000'000);
  const Slice all = Slice::copy_of(text);
  std::vector<Slice> parts;
  for (std::size_t i = 0; i < 500; ++i) parts.push_back(all.subslice(i * 10'000, 10'000));
  const Result<void> written = co_await file->write_at(0, parts);
  EXPECT_EQ(code_of(written), Errc::ok);
  EXPECT_EQ(file->size(), text.size());
  const Result<Slice> got = co_await file->read_at(0, 10'000'000);
  EXPECT_EQ(code_of(got), Errc::ok);
  EXPECT_TRUE(got->text() == text);
}

TYPED_TEST(Files, TakeManySlicesInOneWrite) { this->play(&large_file); }

Task<> write_later(File& file, std::string text) { co_await write_file(file, 0, std::move(text)); }

Task<> sync_and_note(File& file, bool* done) {
  const Result<void> synced = co_await file.sync();
  EXPECT_EQ(code_of(synced), Errc::ok);
  *done = true;
}

Task<> keep_order(Machine& machine, Meeting&) {
  const std::unique_ptr<File> file = co_await open_file(machine, "log", OpenMode::create);
  TaskGroup group(machine);
  bool synced = false;
  group.spawn("first", write_later(*file, "first, longer"));
  group.spawn("sync", sync_and_note(*file, &synced));
  group.spawn("second", write_later(*file, "second"));
  co_await group.join();
  EXPECT_TRUE(synced);
  co_await expect_content(*file, "second longer");
}

TYPED_TEST(Files, TakeOperationsInTheOrderInWhichTheyWereStarted) { this->play(&keep_order); }

Task<> close_during_sync(Machine& machine, Meeting&) {
  std::unique_ptr<File> file = co_await open_file(machine, "log", OpenMode::create);
  co_await write_file(*file, 0, "kept");
  co_await expect_content(*file, "kept");
  file.reset();
  file = co_await open_file(machine, "log", OpenMode::existing);
  co_await expect_content(*file, "kept");
}

TYPED_TEST(Files, KeepTheirContentWhenClosed) { this->play(&close_during_sync); }

// --- opening

Task<> open_modes(Machine& machine, Meeting&) {
  co_await expect_open(machine, "a", OpenMode::existing, Errc::not_found);
  co_await expect_open(machine, "a", OpenMode::exclusive, Errc::ok);
  co_await expect_open(machine, "a", OpenMode::exclusive, Errc::already_exists);
  co_await expect_open(machine, "a", OpenMode::existing, Errc::ok);
  co_await expect_open(machine, "a", OpenMode::create, Errc::ok);
  co_await expect_open(machine, "missing/a", OpenMode::create, Errc::not_found);
  co_await expect_open(machine, "a/b", OpenMode::create, Errc::not_found);
}

TYPED_TEST(Files, OpenAsTheModeSays) { this->play(&open_modes); }

Task<> escape(Machine& machine, Meeting&) {
  const Names outside = {"", "..", "../a", "a/../../b", "/etc/passwd", "a//b", "./a", "a/.", "a/"};
  for (const std::string& path : outside) {
    const Result<std::unique_ptr<File>> file = co_await machine.disk.open(path, OpenMode::create);
    EXPECT_EQ(code_of(file), Errc::malformed) << path;
    if (!path.empty()) {
      const Result<void> made = co_await machine.disk.make_directory(path);
      EXPECT_EQ(code_of(made), Errc::malformed) << path;
      const Result<Names> names = co_await machine.disk.list(path);
      EXPECT_EQ(code_of(names), Errc::malformed) << path;
    }
    const Result<void> removed = co_await machine.disk.remove(path);
    EXPECT_EQ(code_of(removed), Errc::malformed) << path;
    const Result<void> renamed = co_await machine.disk.rename("a", path);
    EXPECT_EQ(code_of(renamed), Errc::malformed) << path;
  }
  const Names none;
  co_await expect_list(machine, "", none);
}

TYPED_TEST(Files, DoNotLeaveTheirDirectory) { this->play(&escape); }

// --- directories

Task<> directories(Machine& machine, Meeting&) {
  const Names none;
  co_await expect_list(machine, "", none);
  for (int i = 0; i < 2; ++i) {  // the second time it is there already
    const Result<void> made = co_await machine.disk.make_directory("logs/orders-0");
    EXPECT_EQ(code_of(made), Errc::ok);
  }
  co_await make_file(machine, "logs/orders-0/b", "b");
  co_await make_file(machine, "logs/orders-0/a", "a");
  co_await make_file(machine, "logs/orders-0/B", "B");
  co_await make_file(machine, "logs/orders-0-old", "o");
  co_await make_file(machine, "meta", "m");
  const Names top = {"logs/", "meta"};
  co_await expect_list(machine, "", top);
  const Names logs = {"orders-0-old", "orders-0/"};  // by byte value, the slash included
  co_await expect_list(machine, "logs", logs);
  const Names orders = {"B", "a", "b"};
  co_await expect_list(machine, "logs/orders-0", orders);

  const Result<void> synced = co_await machine.disk.sync_directory("logs/orders-0");
  EXPECT_EQ(code_of(synced), Errc::ok);
  const Result<void> top_synced = co_await machine.disk.sync_directory("");
  EXPECT_EQ(code_of(top_synced), Errc::ok);
  const Result<void> missing = co_await machine.disk.sync_directory("nowhere");
  EXPECT_EQ(code_of(missing), Errc::not_found);
  const Result<Names> nowhere = co_await machine.disk.list("nowhere");
  EXPECT_EQ(code_of(nowhere), Errc::not_found);
  const Result<Names> file = co_await machine.disk.list("meta");
  EXPECT_EQ(code_of(file), Errc::not_found);
  const Result<void> taken = co_await machine.disk.make_directory("meta");
  EXPECT_EQ(code_of(taken), Errc::already_exists);
}

TYPED_TEST(Files, LieInDirectoriesThatAreListedInOrder) { this->play(&directories); }

Task<> removal(Machine& machine, Meeting&) {
  const Result<void> missing = co_await machine.disk.remove("nothing");
  EXPECT_EQ(code_of(missing), Errc::not_found);
  const Result<void> made = co_await machine.disk.make_directory("d/e");
  EXPECT_EQ(code_of(made), Errc::ok);
  co_await make_file(machine, "d/f", "f");
  const std::unique_ptr<File> file = co_await open_file(machine, "d/f", OpenMode::existing);
  const Result<void> full = co_await machine.disk.remove("d");
  EXPECT_EQ(code_of(full), Errc::already_exists) << "a directory that is not empty";
  const Result<void> gone = co_await machine.disk.remove("d/f");
  EXPECT_EQ(code_of(gone), Errc::ok);
  co_await expect_open(machine, "d/f", OpenMode::existing, Errc::not_found);
  const Result<void> inner = co_await machine.disk.remove("d/e");
  EXPECT_EQ(code_of(inner), Errc::ok);
  const Result<void> outer = co_await machine.disk.remove("d");
  EXPECT_EQ(code_of(outer), Errc::ok);
  const Names none;
  co_await expect_list(machine, "", none);

  // An open file outlives its name.
  co_await expect_content(*file, "f");
  co_await write_file(*file, 1, "g");
  co_await expect_content(*file, "fg");
  const Result<void> synced = co_await file->sync();
  EXPECT_EQ(code_of(synced), Errc::ok);
}

TYPED_TEST(Files, OutliveTheirNamesWhileOpen) { this->play(&removal); }

Task<> renaming(Machine& machine, Meeting&) {
  co_await make_file(machine, "a", "content of a");
  co_await make_file(machine, "b", "content of b");
  const std::unique_ptr<File> old_b = co_await open_file(machine, "b", OpenMode::existing);
  const Result<void> renamed = co_await machine.disk.rename("a", "b");
  EXPECT_EQ(code_of(renamed), Errc::ok);
  const Names one = {"b"};
  co_await expect_list(machine, "", one);
  const std::unique_ptr<File> new_b = co_await open_file(machine, "b", OpenMode::existing);
  co_await expect_content(*new_b, "content of a");
  co_await expect_content(*old_b, "content of b");

  const Result<void> missing = co_await machine.disk.rename("a", "c");
  EXPECT_EQ(code_of(missing), Errc::not_found);
  const Result<void> nowhere = co_await machine.disk.rename("b", "nowhere/b");
  EXPECT_EQ(code_of(nowhere), Errc::not_found);
  const Result<void> made = co_await machine.disk.make_directory("old");
  EXPECT_EQ(code_of(made), Errc::ok);
  const Result<void> moved = co_await machine.disk.rename("b", "old/b");
  EXPECT_EQ(code_of(moved), Errc::ok);
  const Result<void> directory = co_await machine.disk.rename("old", "new");
  EXPECT_EQ(code_of(directory), Errc::ok);
  const Names moved_names = {"b"};
  co_await expect_list(machine, "new", moved_names);
  co_await expect_content(*new_b, "content of a");
}

Task<> expect_rename(Machine& machine, std::string from, std::string to, Errc expected) {
  const Result<void> renamed = co_await machine.disk.rename(from, to);
  EXPECT_EQ(code_of(renamed), expected) << from << " to " << to;
}

Task<> odd_renames(Machine& machine, Meeting&) {
  const Result<void> full = co_await machine.disk.make_directory("full/inner");
  EXPECT_EQ(code_of(full), Errc::ok);
  const Result<void> empty = co_await machine.disk.make_directory("empty");
  EXPECT_EQ(code_of(empty), Errc::ok);
  co_await make_file(machine, "file", "f");
  co_await expect_rename(machine, "file", "file", Errc::ok);
  co_await expect_rename(machine, "file", "empty", Errc::already_exists);
  co_await expect_rename(machine, "empty", "file", Errc::already_exists);
  co_await expect_rename(machine, "empty", "full", Errc::already_exists);
  co_await expect_rename(machine, "full", "full/inner/deep", Errc::malformed);
  co_await expect_rename(machine, "file", "file/below", Errc::not_found);
  co_await expect_rename(machine, "full", "empty", Errc::ok);
  const Names left = {"empty/", "file"};
  co_await expect_list(machine, "", left);
  co_await expect_open(machine, "empty", OpenMode::existing, Errc::already_exists);
  co_await expect_open(machine, "empty", OpenMode::create, Errc::already_exists);
}

TYPED_TEST(Files, AndDirectoriesReplaceOnlyTheirLike) { this->play(&odd_renames); }

TYPED_TEST(Files, AreRenamedOverOthers) { this->play(&renaming); }

}  // namespace
}  // namespace weir::parity
