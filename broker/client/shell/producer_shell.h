// ProducerShell: carries ProducerCore's effects out, keeps the callbacks, and records.
//
// Private to broker/client/shell; applications use Producer.
#pragma once

#include <deque>

#include "broker/client/partitioner.h"
#include "broker/client/producer_core.h"
#include "broker/client/shell/client_cluster.h"
#include "broker/client/shell/client_facts.h"
#include "broker/client/shell/producer.h"
#include "broker/client/shell/waiting_line.h"

namespace weir {

class ProducerShell final : public ClusterUser {
 public:
  ProducerShell(Machine& machine, ProducerOptions options, Recorder* recorder);

  void start();
  [[nodiscard]] Task<> send(ProducerRecord&& record, SendCallback done);
  [[nodiscard]] Task<SendResult> send_and_wait(ProducerRecord record);
  [[nodiscard]] Task<> flush();
  [[nodiscard]] Task<> close(Duration timeout);

 private:
  // A record on its way, from the invocation to its outcome.
  struct Pending {
    SendCallback done;
    std::int64_t operation = -1;
    std::string identity;  // where it is recorded
    std::uint64_t digest = 0;
    std::string topic;
    bool finished = false;
  };
  enum class Try { settled, wait };

  void node_ready(std::int32_t node) override { core_.node_ready(node); }
  void node_lost(std::int32_t node) override { core_.node_lost(node); }
  Instant step(Instant now) override;

  [[nodiscard]] Pending invoke(ProducerRecord& record, SendCallback done);
  [[nodiscard]] Task<> wait_to_send(ProducerRecord record, Pending pending, std::string why_wait);
  [[nodiscard]] Try try_append(ProducerRecord& record, Pending& pending, std::string& why_wait);
  [[nodiscard]] std::int32_t choose_partition(std::optional<std::int32_t> wanted,
                                              const std::optional<Slice>& key,
                                              const TopicMetadata& topic);
  void refuse(Pending& pending, const std::string& why);

  void carry_out(ProducerEffects& effects);
  void send_produce(const ProducerEffects::Produce& produce);
  void record_attempts(const ProducerEffects::Produce& produce);
  void ask_producer_id();
  void finish(std::vector<RecordCompletion> completions);
  void record_outcome(const Pending& pending, const SendResult& result);

  Machine& machine_;
  const ProducerOptions options_;
  ClientFacts facts_;
  ClientCluster cluster_;
  ProducerCore core_;
  Partitioner partitioner_;
  std::vector<std::int32_t> available_;  // partitions with a leader, while one is chosen
  Codecs codecs_;
  std::deque<Pending> pending_;  // by token, from first_token_ on
  std::uint64_t first_token_ = 0;
  WaitingLine senders_;   // for metadata or memory
  WaitingLine watchers_;  // for outcomes: flush and close
  std::uint64_t seen_metadata_ = 0;
  bool producer_id_wanted_ = false;
  bool closed_ = false;
};

}  // namespace weir
