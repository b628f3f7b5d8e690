// Consumer: Kafka's consumer with manual assignment, on the ports. Positions and the parsing of
// fetches: broker/client/fetcher.h.
//
// As in Kafka nothing is fetched unless poll() asks, and the fetch for the next poll is under way
// when poll() returns records. One poll at a time. Groups and commits follow later.
#pragma once

#include <map>
#include <memory>

#include "broker/client/client_types.h"
#include "broker/client/consumer_options.h"
#include "broker/client/shell/recorder.h"
#include "broker/ports/machine.h"

namespace weir {

class ConsumerShell;

class Consumer {
 public:
  // The recorder, where given, outlives the consumer.
  Consumer(Machine&, ConsumerOptions, Recorder* = nullptr);
  ~Consumer();
  Consumer(const Consumer&) = delete;
  Consumer& operator=(const Consumer&) = delete;

  [[nodiscard]] Task<> start();

  // Replaces the assignment. Partitions that stay keep their position; new ones begin where
  // auto.offset.reset says, or where seek() puts them.
  void assign(const std::vector<TopicPartition>&);
  [[nodiscard]] std::vector<TopicPartition> assignment() const;

  // Partitions must be assigned: false where one is not.
  bool seek(const TopicPartition&, Offset);
  bool seek_to_beginning(const std::vector<TopicPartition>& = {});  // empty: all assigned
  bool seek_to_end(const std::vector<TopicPartition>& = {});

  // Up to max.poll.records records, in order for each partition; empty after `timeout` without any.
  // Errors: no position and auto.offset.reset=none, offset out of range under none, corrupt
  // records, topic errors that waiting does not cure. A position is past a record once poll
  // returned it.
  [[nodiscard]] Task<ClientResult<std::vector<ConsumerRecord>>> poll(Duration timeout);

  // The offset of the next record to be returned; resolves a pending reset first.
  [[nodiscard]] Task<ClientResult<Offset>> position(TopicPartition);
  // The position as known now, without waiting.
  [[nodiscard]] std::optional<Offset> known_position(const TopicPartition&) const;

  // The first offset, and the end as the isolation level shows it (high watermark, or last stable
  // offset).
  [[nodiscard]] Task<ClientResult<std::map<TopicPartition, Offset>>> beginning_offsets(
      std::vector<TopicPartition>);
  [[nodiscard]] Task<ClientResult<std::map<TopicPartition, Offset>>> end_offsets(
      std::vector<TopicPartition>);

  // Closes the connections and joins every task.
  [[nodiscard]] Task<> close();

 private:
  std::unique_ptr<ConsumerShell> shell_;
};

}  // namespace weir
