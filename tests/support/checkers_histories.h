// Histories made in tests: operations in a few words, and clean runs of any length.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "broker/base/random.h"
#include "checkers/history.h"

namespace weir {

class HistoryBuilder {
 public:
  using Records = std::vector<std::pair<std::int64_t, std::string>>;  // (offset, value)

  History history;

  // One send; returns nothing, the next line of this process completes it.
  void invoke_send(std::int64_t process, const std::string& key, const std::string& value,
                   std::int64_t op = -1) {
    line(OpFunction::send, OpType::invoke, process, op);
    item(ItemKind::send, key, kNoOffset, value);
    done();
  }
  void complete_send(OpType type, std::int64_t process, const std::string& key, std::int64_t offset,
                     const std::string& value, std::int64_t op = -1) {
    line(OpFunction::send, type, process, op);
    item(ItemKind::send, key, offset, value);
    done();
  }
  void send(std::int64_t process, const std::string& key, std::int64_t offset,
            const std::string& value, OpType type = OpType::ok) {
    invoke_send(process, key, value);
    complete_send(type, process, key, offset, value);
  }
  void poll(std::int64_t process, const std::map<std::string, Records>& records) {
    line(OpFunction::poll, OpType::invoke, process, -1);
    item(ItemKind::poll, "", kNoOffset, "");
    done();
    line(OpFunction::poll, OpType::ok, process, -1);
    item(ItemKind::poll, "", kNoOffset, "");
    for (const auto& [key, list] : records) {
      item(ItemKind::polled, key, kNoOffset, "");
      for (const auto& [offset, value] : list) item(ItemKind::record, key, offset, value);
    }
    done();
  }
  void assign(std::int64_t process, const std::vector<std::string>& keys, bool from_beginning) {
    for (const OpType type : {OpType::invoke, OpType::ok}) {
      line(OpFunction::assign, type, process, -1).seek_beginning = from_beginning;
      for (const std::string& key : keys) item(ItemKind::entry, key, kNoOffset, "");
      done();
    }
  }

 private:
  HistoryOp& line(OpFunction function, OpType type, std::int64_t process, std::int64_t number) {
    HistoryOp& op = history.ops.emplace_back();
    op.function = function;
    op.type = type;
    op.process = process;
    op.op = number;
    op.time = time_ += 1000;
    op.items_begin = static_cast<std::uint32_t>(history.items.size());
    return op;
  }
  void item(ItemKind kind, const std::string& key, std::int64_t offset, const std::string& value) {
    HistoryItem& i = history.items.emplace_back();
    i.kind = kind;
    if (kind != ItemKind::poll) i.key = history.names.intern(key);
    i.offset = offset;
    if (kind == ItemKind::send || kind == ItemKind::record) i.value = history.text_value(value);
  }
  void done() { history.ops.back().items_end = static_cast<std::uint32_t>(history.items.size()); }

  std::int64_t time_ = 0;
};

// A run in which nothing goes wrong: `sends` records over 16 partitions, pipelined by 8 producers,
// some indeterminate, and consumers that read everything, about five records for each send.
inline History clean_history(std::int64_t sends, std::uint64_t seed) {
  constexpr std::int64_t kPartitions = 16, kProducers = 8, kConsumers = 5, kBatch = 10;
  Random random = Random::keyed(seed, 0, "clean-history", "test");
  HistoryBuilder b;
  std::vector<HistoryBuilder::Records> logs(kPartitions);
  std::vector<std::string> keys;
  for (std::int64_t p = 0; p < kPartitions; ++p) keys.push_back("orders-" + std::to_string(p));
  std::vector<std::vector<std::size_t>> at(kConsumers, std::vector<std::size_t>(kPartitions, 0));
  for (std::int64_t c = 0; c < kConsumers; ++c) b.assign(100 + c, keys, true);
  const auto read = [&](std::int64_t consumer, std::size_t p, std::size_t limit) {
    std::size_t& from = at[static_cast<std::size_t>(consumer)][p];
    const std::size_t to = std::min(logs[p].size(), from + limit);
    if (from == to) return;
    HistoryBuilder::Records some(logs[p].begin() + static_cast<std::ptrdiff_t>(from),
                                 logs[p].begin() + static_cast<std::ptrdiff_t>(to));
    from = to;
    b.poll(100 + consumer, {{keys[p], std::move(some)}});
  };
  for (std::int64_t n = 0; n < sends; ++n) {
    const std::int64_t producer = n % kProducers;
    const auto p = static_cast<std::size_t>(random.below(kPartitions));
    const std::string value = "P" + std::to_string(producer) + ":" + std::to_string(n / kProducers);
    b.invoke_send(producer, keys[p], value, n);
    const auto offset = static_cast<std::int64_t>(logs[p].size());
    const bool unknown = random.below(100) == 0;
    if (!unknown || random.below(2) == 0) logs[p].emplace_back(offset, value);
    b.complete_send(unknown ? OpType::info : OpType::ok, producer, keys[p],
                    unknown ? kNoOffset : offset, value, n);
    if (n % kBatch != 0) continue;
    for (std::int64_t c = 0; c < kConsumers; ++c) {
      read(c, static_cast<std::size_t>(random.below(kPartitions)), 3 * kBatch);
    }
  }
  for (std::int64_t c = 0; c < kConsumers; ++c) {
    for (std::size_t p = 0; p < kPartitions; ++p) {
      while (at[static_cast<std::size_t>(c)][p] < logs[p].size()) read(c, p, 500);
    }
  }
  b.history.config.final_drain = true;
  b.history.config.text = "{\"final_drain\":true}";
  return std::move(b.history);
}

}  // namespace weir
