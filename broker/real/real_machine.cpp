// Assembling the ports of one node, and taking possession of its data directory.
#include "broker/real/real_machine.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <random>
#include <utility>

#include "broker/real/real_clock.h"
#include "broker/real/real_disk.h"
#include "broker/real/real_network.h"

namespace weir {
namespace {

class RealEntropy final : public Entropy {
 public:
  RealEntropy() {
    std::random_device system;
    random_ = Random(std::uint64_t{system()} << 32 | system());
  }
  Random& random() override { return random_; }

 private:
  Random random_;
};

class RealChance final : public Chance {
 public:
  bool unlucky(std::string_view) override { return false; }
};

class RealFacts final : public Facts {
 public:
  explicit RealFacts(std::function<void(const Fact&)> reader) : reader_(std::move(reader)) {}
  bool wanted() const override { return reader_ != nullptr; }
  void emit(const Fact& fact) override {
    if (reader_) reader_(fact);
  }

 private:
  std::function<void(const Fact&)> reader_;
};

class RealTasks final : public Tasks {
 public:
  RealTasks(RealLoop& loop, std::string node) : loop_(loop), node_(std::move(node)) {}
  void spawn(std::string_view name, Task<> task) override {
    loop_.spawn(node_ + "/" + std::string(name), std::move(task));
  }
  void halt(std::string_view why) override { loop_.halt(node_, why); }

 private:
  RealLoop& loop_;
  std::string node_;
};

std::string failure(const std::string& directory, std::string_view what) {
  return "data directory " + directory + ": " + std::string(what);
}

std::string error_text() { return std::strerror(errno); }

// Whose number the lock file holds, for the message.
std::string holder(int lock) {
  char text[32] = {};
  const ssize_t n = ::pread(lock, text, sizeof text - 1, 0);
  if (n <= 0) return "another process";
  return "process " + std::string(text, std::strcspn(text, "\n"));
}

}  // namespace

struct RealMachine::Parts {
  Parts(RealLoop& on, RealOptions options, Descriptor root, Descriptor lock_file)
      : loop(on),
        lock(std::move(lock_file)),
        timers(on.context()),
        network(on.context(), on.receive_chunk()),
        disk(on, std::move(root)),
        facts(std::move(options.on_fact)),
        tasks(on, std::move(options.name)) {}

  RealLoop& loop;
  Descriptor lock;  // the lock goes with the descriptor, also when the process is killed
  RealClock clock;
  RealTimers timers;
  RealNetwork network;
  RealDisk disk;
  RealEntropy entropy;
  RealChance chance;
  RealFacts facts;
  RealTasks tasks;
  Machine machine{clock, timers, network, disk, entropy, chance, facts, tasks};
};

RealMachine::Opened RealMachine::open(RealLoop& loop, RealOptions options) {
  const std::string directory = options.data_directory;
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) return failure(directory, "cannot be made: " + error.message());
  Descriptor root(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!root.open()) return failure(directory, "cannot be opened: " + error_text());
  Descriptor lock(::openat(root.get(), kLockFileName.data(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (!lock.open()) return failure(directory, "its lock file cannot be written: " + error_text());
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return failure(directory, "cannot be locked: " + error_text());
    return failure(directory, "in use by " + holder(lock.get()) +
                                  "; end it first, or choose another directory");
  }
  // Only for the message above: a full disk must not keep a broker from starting.
  const std::string mine = std::to_string(::getpid()) + "\n";
  if (::ftruncate(lock.get(), 0) == 0) {
    [[maybe_unused]] const ssize_t told = ::pwrite(lock.get(), mine.data(), mine.size(), 0);
  }
  auto parts = std::make_unique<Parts>(loop, std::move(options), std::move(root), std::move(lock));
  return std::unique_ptr<RealMachine>(new RealMachine(std::move(parts)));
}

RealMachine::RealMachine(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

RealMachine::~RealMachine() { parts_->loop.end(); }

Machine& RealMachine::machine() { return parts_->machine; }

void RealMachine::start(const Launch& launch) { parts_->loop.start(launch(parts_->machine)); }

}  // namespace weir
