// Grouping of a disk's files by partition directory, and their translation for the checkers.
#include "scenarios/readback.h"

#include <algorithm>
#include <map>

#include "broker/storage/stored_log.h"

namespace weir {
namespace {

constexpr std::string_view kIdentityHeader = "weir-id";

ReadbackRecord translated(const StoredRecord& stored) {
  ReadbackRecord record;
  record.offset = stored.offset.value();
  record.leader_epoch = stored.epoch.value();
  record.producer_id = stored.producer.value();
  record.producer_epoch = stored.producer_epoch.value();
  record.sequence = stored.sequence;
  record.timestamp = stored.timestamp.ms;
  record.digest = stored.digest;
  record.id = std::string(stored.header(kIdentityHeader));
  return record;
}

// What tells of records: names inside the directory, and bytes.
using Files = std::map<std::string, Slice, std::less<>>;

struct Held {
  bool anything = false;  // also other files
  Files files;
};

Held held_in(const DiskModel& disk, const std::string& directory) {
  Held held;
  for (const std::string& path : disk.files()) {
    if (!path.starts_with(directory)) continue;
    held.anything = true;
    std::string name = path.substr(directory.size());
    if (!tells_of_records(name)) continue;
    if (std::optional<Slice> content = disk.read(path)) {
      held.files.emplace(std::move(name), std::move(*content));
    }
  }
  return held;
}

bool hold_the_same(const Files& a, const Files& b) {
  return std::ranges::equal(a, b, [](const auto& x, const auto& y) {
    return x.first == y.first && x.second.text() == y.second.text();
  });
}

ReadbackLog parsed(const Files& files) {
  ReadbackLog log;
  const StoredLog stored = read_stored_log(files);
  log.records.reserve(stored.records.size());
  log.log_start = stored.log_start.value();
  log.log_end = log.log_start;
  for (const StoredRecord& record : stored.records) {
    log.log_end = record.offset.value() + 1;
    if (!record.control) log.records.push_back(translated(record));
  }
  for (const std::string& damage : stored.damage) {
    if (!log.damage.empty()) log.damage += "; ";
    log.damage += damage;
  }
  return log;
}

}  // namespace

std::vector<ReadbackLog> read_back(World& world, const Scenario& scenario,
                                   const std::vector<NodeId>& brokers) {
  std::vector<ReadbackLog> logs;
  for (const TopicSpec& topic : scenario.topics) {
    for (std::int32_t p = 0; p < topic.partitions; ++p) {
      const std::string directory = topic.name + "-" + std::to_string(p) + "/";
      Files before;  // of the replica that was read last
      for (const NodeId broker : brokers) {
        Held held = held_in(world.disk(broker), directory);
        // One of several brokers may hold no replica; a broker that stands alone should.
        if (!held.anything && brokers.size() > 1) continue;
        // Replicas mostly agree to the byte: then one reading tells what both hold.
        const bool same = !before.empty() && hold_the_same(before, held.files);
        ReadbackLog log = same ? logs.back() : parsed(held.files);
        log.topic = topic.name;
        log.partition = p;
        log.node = world.name(broker);
        logs.push_back(std::move(log));
        before = std::move(held.files);
      }
    }
  }
  return logs;
}

}  // namespace weir
