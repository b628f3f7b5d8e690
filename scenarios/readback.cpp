// Grouping of a disk's files by partition directory, and their translation for the checkers.
#include "scenarios/readback.h"

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
  record.digest = stored.digest;
  record.id = std::string(stored.header(kIdentityHeader));
  return record;
}

// Nothing where one of several brokers holds no replica; a broker that stands alone should.
std::optional<ReadbackLog> read_partition(World& world, NodeId broker, const std::string& topic,
                                          std::int32_t partition, bool alone) {
  ReadbackLog log;
  log.topic = topic;
  log.partition = partition;
  log.node = world.name(broker);
  const std::string directory = topic + "-" + std::to_string(partition) + "/";
  std::map<std::string, Slice, std::less<>> files;
  for (const std::string& path : world.disk(broker).files()) {
    if (!path.starts_with(directory)) continue;
    if (std::optional<Slice> content = world.disk(broker).read(path)) {
      files.emplace(path.substr(directory.size()), std::move(*content));
    }
  }
  if (files.empty() && !alone) return std::nullopt;
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
      for (const NodeId broker : brokers) {
        auto log = read_partition(world, broker, topic.name, p, brokers.size() == 1);
        if (log) logs.push_back(std::move(*log));
      }
    }
  }
  return logs;
}

}  // namespace weir
