// Which partition a record goes to: murmur2 of the key, or the sticky partition (KIP-480, KIP-794).
//
// The hash is the Java client's, so that keys meet the same partition whoever sends them. Null keys
// stay with one partition until about batch.size bytes went there, then move to a random other one:
// full batches instead of many small ones. A record with an explicit partition never comes here.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>

#include "broker/base/bytes.h"
#include "broker/base/random.h"
#include "broker/client/producer_options.h"

namespace weir {

// Kafka's 32-bit MurmurHash2, seed 0x9747b28c.
[[nodiscard]] std::int32_t murmur2(Bytes);

class Partitioner {
 public:
  Partitioner(PartitionerKind kind, std::int64_t batch_size)
      : kind_(kind), batch_size_(batch_size) {}
  Partitioner(const Partitioner&) = delete;
  Partitioner& operator=(const Partitioner&) = delete;

  // `available` are the partitions with a known leader; without any, all `count` are candidates.
  [[nodiscard]] std::int32_t choose(const std::string& topic, const std::optional<Slice>& key,
                                    std::int32_t count, std::span<const std::int32_t> available,
                                    Random& random);

  // A record of `bytes` went to the partition that choose() gave for a null key.
  void appended(const std::string& topic, std::int64_t bytes);

 private:
  struct Sticky {
    std::int32_t partition = -1;
    std::int64_t bytes = 0;
    std::uint32_t next = 0;  // of round robin
  };

  [[nodiscard]] Sticky& sticky_of(const std::string& topic);

  PartitionerKind kind_;
  std::int64_t batch_size_;
  std::map<std::string, Sticky, std::less<>> topics_;     // never erased from
  std::pair<const std::string, Sticky>* last_ = nullptr;  // that sticky_of() gave
};

}  // namespace weir
