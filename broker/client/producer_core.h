// ProducerCore: which batch goes to which broker when, and what became of every record. Pure.
//
// The record accumulator and the sender of Kafka's producer in one step machine: batches per
// partition, linger, buffer.memory; at most one batch a partition in a request, at most
// max.in.flight requests a broker; retries with backoff until retries or delivery.timeout.ms are
// spent, at once where a newer leader is known. Order: with idempotence, or with one request in
// flight, retries keep it, also from one leader to the next; otherwise a retried batch goes to the
// head of its queue, and batches in flight together may change places, exactly as in Kafka.
//
// Every record ends once as acknowledged, failed (it definitely is not in the log) or unknown. A
// retry that is rejected does not undo an earlier attempt that was left open: such a record stays
// unknown. Use: report what happened, then call step(); carry out the effects; call step() again at
// next_deadline(), or after the next event. Connections and metadata are others' business.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "broker/base/random.h"
#include "broker/client/metadata_cache.h"
#include "broker/client/producer_batch.h"
#include "broker/client/producer_options.h"
#include "broker/client/sequences.h"

namespace weir {

// One partition of a produce response.
struct PartitionAnswer {
  TopicPartition tp;
  ErrorCode code = ErrorCode::none;
  std::string error = {};  // the code's name, with the broker's message where it gave one
  std::int64_t base_offset = -1;
  std::int64_t log_start_offset = -1;
};

struct RecordCompletion {
  std::uint64_t token = 0;
  SendResult result;
};

struct ProducerEffects {
  struct Produce {
    std::uint64_t request = 0;  // to be named in produce_answered() or produce_lost()
    std::int32_t node = -1;
    std::vector<BatchPtr> batches;  // one a partition, sorted by partition
  };
  std::vector<Produce> send;
  bool init_producer_id = false;   // to any broker; one is under way at a time
  std::set<std::int32_t> connect;  // nodes that are needed and not ready
  bool refresh_metadata = false;
  std::vector<RecordCompletion> complete;
};

class ProducerCore {
 public:
  explicit ProducerCore(const ProducerOptions& options);
  ProducerCore(const ProducerCore&) = delete;
  ProducerCore& operator=(const ProducerCore&) = delete;

  // -- the application --------------------------------------------------------------------------
  enum class Appended {
    no_memory,  // nothing happened, the record was not taken: wait until memory was freed, and try
                // again
    quietly,    // nothing to do before the next deadline that was told already
    wake,       // call step()
  };
  [[nodiscard]] Appended append(const TopicPartition& tp, BufferedRecord&& record, Instant now);
  // Why a record of this size can never be sent, or empty.
  [[nodiscard]] std::string refusal(const BufferedRecord& record) const;
  // Senders wait for memory: batches go without linger meanwhile.
  void set_memory_waiters(int count) { memory_waiters_ = count; }
  // Everything goes without linger between the two.
  void begin_flush() { ++flushes_; }
  void end_flush() { --flushes_; }
  // Gives up everything that has no outcome yet.
  void abandon(const std::string& why, ProducerEffects& effects);

  // -- the cluster ------------------------------------------------------------------------------
  void node_ready(std::int32_t node) { ready_.insert(node); }
  void node_lost(std::int32_t node) { ready_.erase(node); }
  // With acks=0 the answer is the completed write: one answer a partition, without offsets.
  void produce_answered(std::uint64_t request, std::span<const PartitionAnswer> answers,
                        Instant now, Random& random, ProducerEffects& effects);
  // No answer will come. Where not a byte was sent the attempt had no effect for certain.
  void produce_lost(std::uint64_t request, bool sent, Instant now, Random& random,
                    ProducerEffects& effects);
  void producer_id_assigned(ProducerId id, ProducerEpoch epoch);
  // Not answered, or answered by an error: retried with backoff, or fatal.
  void producer_id_failed(bool retriable, const std::string& why, Instant now, Random& random,
                          ProducerEffects& effects);

  void step(const MetadataCache& metadata, Instant now, ProducerEffects& effects);
  // When step() has something to do even if nothing happens.
  [[nodiscard]] Instant next_deadline() const { return next_deadline_; }

  [[nodiscard]] std::int64_t memory_free() const { return memory_free_; }
  [[nodiscard]] std::size_t unfinished() const { return unfinished_; }  // records

 private:
  struct Queue {
    std::deque<BatchPtr> waiting;
    std::vector<BatchPtr> in_flight;
    bool muted = false;
  };
  struct Request {
    std::int32_t node = -1;
    std::vector<BatchPtr> batches;
  };

  [[nodiscard]] Queue& queue_of(const TopicPartition& tp);
  [[nodiscard]] bool sendable(const Queue& q, Instant now) const;
  [[nodiscard]] Instant ready_at(const Queue& q, const MetadataCache& metadata, Instant now) const;
  bool drain_ready_nodes(const MetadataCache& metadata, Instant now, ProducerEffects& effects);
  bool drain_node(std::int32_t node, const MetadataCache& metadata, Instant now,
                  ProducerEffects& effects);
  void expire(Instant now, ProducerEffects& effects);
  void find_next_deadline(const MetadataCache& metadata, Instant now);
  Request take_request(std::uint64_t request);
  void settle_answer(const BatchPtr& batch, const PartitionAnswer& answer, Instant now,
                     Random& random, ProducerEffects& effects);
  void reenqueue(const BatchPtr& batch, Instant now, Random& random);
  void split(const BatchPtr& batch);
  void acknowledge(const BatchPtr& batch, std::int64_t base_offset, ProducerEffects& effects);
  void give_up_what_is_open(ProducerEffects&);
  void fail(const BatchPtr& batch, const std::string& why, ProducerEffects& effects);
  void finish(const BatchPtr& batch, SendOutcome outcome, std::int64_t base_offset,
              const std::string& why, ProducerEffects& effects);
  [[nodiscard]] Instant expiry(const ProducerBatch& batch) const {
    return batch.created + options_.delivery_timeout;
  }

  const ProducerOptions options_;
  std::map<TopicPartition, Queue> queues_;                        // never erased from
  std::pair<const TopicPartition, Queue>* last_queue_ = nullptr;  // that queue_of() gave
  std::map<std::uint64_t, Request> requests_;
  std::map<std::int32_t, std::int64_t> in_flight_;  // requests of a node
  std::set<std::int32_t> ready_;
  Sequences sequences_;
  bool identity_under_way_ = false;
  Instant identity_not_before_{};
  int identity_failures_ = 0;
  std::int64_t memory_free_;
  std::size_t unfinished_ = 0;
  int memory_waiters_ = 0;
  int flushes_ = 0;
  std::uint64_t last_request_ = 0;
  Instant next_deadline_ = Instant::never();
};

}  // namespace weir
