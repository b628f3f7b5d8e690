// IsrChannel: the AlterPartition requests of one broker: all partitions' proposals in one request,
// one request under way, tried again until the controller has judged (KIP-497).
//
// A proposal ends only by the controller's verdict or by being withdrawn. What was sent and never
// answered may still take effect, so a verdict that would let the leader take its proposal back is
// not passed on while an unanswered attempt may still arrive (attempt_lifetime): the proposal is
// tried again instead, and the leader goes on counting the proposed ISR. Pure: finding the
// controller, the connection and the request's timeout are the driver's.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "broker/base/time.h"
#include "broker/replica/isr_proposal.h"

namespace weir {

struct IsrChannelConfig {
  BrokerId self;
  Duration retry_backoff = std::chrono::milliseconds(50);
  Duration attempt_lifetime = std::chrono::seconds(30);
  std::size_t max_proposals = 1'000;  // in one request; the others come next
};

// One AlterPartition request (v3).
struct IsrRequest {
  BrokerId broker;
  BrokerEpoch broker_epoch;
  std::vector<IsrProposal> proposals;  // the sender's own epoch is filled in
};

class IsrChannel {
 public:
  explicit IsrChannel(IsrChannelConfig config) : config_(config) {}

  // From the registration; nothing is sent without one.
  void on_registered(BrokerEpoch epoch, Instant now);

  // Replaces what this partition proposed before.
  void submit(IsrProposal proposal);
  // This broker does not lead the partition any more.
  void withdraw(const PartitionKey& key);

  // The request to send now, if any; must end with on_response or on_failure.
  [[nodiscard]] std::optional<IsrRequest> next_request(Instant now);
  [[nodiscard]] Instant next_deadline() const;

  // The answer: `error` is the top-level code. Yields what leaders must be told
  // (ReplicaLeader::on_isr_outcome); what is not among it is tried again.
  [[nodiscard]] std::vector<IsrOutcome> on_response(ErrorCode error,
                                                    std::span<const IsrOutcome> parts, Instant now);
  // No answer will come. The next attempt may go to another controller.
  void on_failure(Instant now);

  [[nodiscard]] bool request_under_way() const { return under_way_; }
  [[nodiscard]] std::size_t waiting() const { return entries_.size(); }

 private:
  struct Entry {
    IsrProposal proposal;
    std::optional<Instant> unanswered;  // when an attempt was given up last
  };
  struct Sent {
    PartitionKey key;
    std::uint64_t number = 0;
  };

  [[nodiscard]] Entry* find_sent(const Sent& sent);
  [[nodiscard]] bool must_try_again(const Entry& entry, ErrorCode error, Instant now) const;

  IsrChannelConfig config_;
  BrokerEpoch epoch_ = kUnknownBrokerEpoch;
  std::map<PartitionKey, Entry> entries_;
  bool under_way_ = false;
  std::vector<Sent> sent_;  // of the request under way, without those withdrawn since
  PartitionKey cursor_;     // the last one sent, where there are more than one request holds
  Instant not_before_{0};
};

}  // namespace weir
