// ConsumerShell: carries the Fetcher's effects out while the application polls, and records.
//
// Private to broker/client/shell; applications use Consumer.
#pragma once

#include <set>

#include "broker/client/fetch_messages.h"
#include "broker/client/shell/client_cluster.h"
#include "broker/client/shell/client_facts.h"
#include "broker/client/shell/consumer.h"

namespace weir {

class ConsumerShell final : public ClusterUser {
 public:
  ConsumerShell(Machine& machine, ConsumerOptions options, Recorder* recorder);

  void start();
  void assign(const std::vector<TopicPartition>& partitions);
  [[nodiscard]] const Fetcher& fetcher() const { return fetcher_; }
  bool seek(const TopicPartition& tp, Offset position);
  bool seek_to(const std::vector<TopicPartition>& partitions, AutoOffsetReset where);
  [[nodiscard]] Task<ClientResult<std::vector<ConsumerRecord>>> poll(Duration timeout);
  [[nodiscard]] Task<ClientResult<Offset>> position(TopicPartition tp);
  [[nodiscard]] Task<ClientResult<std::map<TopicPartition, Offset>>> offsets(
      std::vector<TopicPartition> partitions, std::int64_t timestamp);
  [[nodiscard]] Task<> close();

 private:
  using Offsets = std::map<TopicPartition, Offset>;
  using Queries = std::vector<FetcherEffects::Query>;

  void node_ready(std::int32_t node) override { fetcher_.node_ready(node); }
  void node_lost(std::int32_t node) override { fetcher_.node_lost(node); }
  Instant step(Instant now) override;

  void step_fetcher(Instant now);
  void carry_out(FetcherEffects& effects);
  void send_fetch(const FetcherEffects::Fetch& fetch);
  void send_list_offsets(const FetcherEffects::ListOffsets& question);
  void send_validation(const FetcherEffects::Validate& question);
  void record_positions(const FetcherEffects& effects);
  // The open queries by ready leader; asks for metadata and connections that are missing.
  [[nodiscard]] std::map<std::int32_t, Queries> by_leader(const std::set<TopicPartition>& open,
                                                          std::int64_t timestamp);
  void record_seek(const TopicPartition& tp, std::int64_t value, std::string_view why);
  void record_poll(std::int64_t operation, const std::vector<ConsumerRecord>& records);

  Machine& machine_;
  const ConsumerOptions options_;
  ClientFacts facts_;
  ClientCluster cluster_;
  Fetcher fetcher_;
  Codecs codecs_;
  std::unique_ptr<Alarm> polled_;  // of the one poll or position() that waits
  FetcherActivity activity_ = FetcherActivity::idle;
  TopicPartition resolving_;  // what position() waits for, under FetcherActivity::resolve
  bool closed_ = false;
};

}  // namespace weir
