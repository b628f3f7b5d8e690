// A ProducerCore at its bench: time by hand, answers by hand, two brokers that are always ready.
#pragma once

#include <gtest/gtest.h>

#include "broker/client/producer_core.h"

namespace weir::test {

using std::chrono::milliseconds;

inline const TopicPartition kP0{"t", 0};
inline const TopicPartition kP1{"t", 1};

inline ProducerOptions options(OptionMap given = {}) {
  given.emplace("bootstrap.servers", "b1:9092");
  return ProducerOptions::from(given).value();
}

// A producer whose metadata names broker 1 for partition 0 and broker `second` for partition 1.
struct Bench {
  explicit Bench(OptionMap given = {}, std::int32_t second = 1)
      : opts(options(std::move(given))), core(opts), metadata(opts.connection) {
    MetadataUpdate update;
    update.brokers = {{1, {"b1", 9092}}, {2, {"b2", 9092}}};
    update.topics = {{.name = "t",
                      .partitions = {{.partition = 0, .leader = 1, .leader_epoch = 3},
                                     {.partition = 1, .leader = second, .leader_epoch = 3}}}};
    metadata.update(update, now, random);
    core.node_ready(1);
    core.node_ready(2);
    if (opts.idempotence) core.producer_id_assigned(ProducerId{7}, ProducerEpoch{0});
  }

  void send(const TopicPartition& tp, std::uint64_t token, std::size_t size = 10) {
    BufferedRecord record;
    record.value = Slice::copy_of(std::string(size, 'x'));
    record.token = token;
    ASSERT_NE(core.append(tp, std::move(record), now), ProducerCore::Appended::no_memory);
  }
  ProducerEffects step(milliseconds later = milliseconds(0)) {
    now = now + later;
    ProducerEffects effects;
    core.step(metadata, now, effects);
    return effects;
  }
  // One batch acknowledged in each partition: only then do batches follow each other unanswered.
  void warm() {
    for (const TopicPartition& tp : {kP0, kP1}) send(tp, 1000);
    for (const auto& produce : step().send) {
      std::vector<PartitionAnswer> answers;
      for (const BatchPtr& batch : produce.batches) answers.push_back({.tp = batch->tp});
      ProducerEffects effects;
      core.produce_answered(produce.request, answers, now, random, effects);
    }
  }
  // Partition 0 has a new leader.
  void move(std::int32_t leader, std::int32_t epoch) { metadata.learn_leader(kP0, leader, epoch); }
  ProducerEffects answer(std::uint64_t request, PartitionAnswer a) {
    ProducerEffects effects;
    core.produce_answered(request, {&a, 1}, now, random, effects);
    return effects;
  }
  ProducerEffects error(std::uint64_t request, ErrorCode code, const TopicPartition& tp = kP0) {
    return answer(request, {tp, code, std::string(name_of(code))});
  }
  ProducerEffects lose(std::uint64_t request, bool sent = true) {
    ProducerEffects effects;
    core.produce_lost(request, sent, now, random, effects);
    return effects;
  }

  ProducerOptions opts;
  Random random{1};
  Instant now{1'000'000'000};
  ProducerCore core;
  MetadataCache metadata;
};

inline std::vector<std::uint64_t> tokens(const ProducerBatch& batch) {
  std::vector<std::uint64_t> out;
  for (const BufferedRecord& r : batch.records) out.push_back(r.token);
  return out;
}

// Far enough for any backoff.
inline constexpr milliseconds kBackoff{1300};

}  // namespace weir::test
