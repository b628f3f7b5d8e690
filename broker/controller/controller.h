// The active controller: decides about the cluster's metadata, and says it in records. Pure.
//
// A decision is made on the uncommitted image, which is the log as far as this controller has
// appended; it changes that image at once, yields the records that say so, and the answer that may
// go out when they are committed. Replay of the same records gives every other node the same image,
// so a failover is a replay: a new controller starts from what is committed, with fresh sessions,
// and nothing else. (KIP-500, KIP-631, KIP-966; the rules of each command are in decide_*.cpp.)
//
// The driver's part:
//   - activate() when this node leads the quorum and all that is in the log is committed and
//     replayed, the quorum's record of the new leader included; resign() as soon as it leads no
//     more. If an append fails, or lands elsewhere than said, it must resign, and the quorum too.
//   - append a decision's batches at once, in order, before it takes the next decision; records of
//     others (the quorum's control records) are told by log_advanced().
//   - answer when the high watermark has reached append.end, also where nothing was appended, since
//     the decision may rest on what is not committed yet; NOT_CONTROLLER if the office ends before.
//     No answer means nobody knows whether the records will be committed.
//   - call deadline_passed() at next_deadline().
// Requests are taken as they stand on the wire; whatever they hold, the answer is Kafka's error.
#pragma once

#include <cstdint>
#include <optional>

#include "broker/base/random.h"
#include "broker/base/time.h"
#include "broker/controller/broker_sessions.h"
#include "broker/controller/controller_options.h"
#include "broker/controller/draft.h"
#include "broker/controller/metadata_image.h"
#include "broker/controller/replay.h"

namespace weir {

struct AllocateProducerIdsRequest;
struct AllocateProducerIdsResponse;
struct AlterConfigsRequest;
struct AlterConfigsResponse;
struct AlterPartitionReassignmentsRequest;
struct AlterPartitionReassignmentsResponse;
struct AlterPartitionRequest;
struct AlterPartitionResponse;
struct BrokerHeartbeatRequest;
struct BrokerHeartbeatResponse;
struct BrokerRegistrationRequest;
struct BrokerRegistrationResponse;
struct ControllerRegistrationRequest;
struct ControllerRegistrationResponse;
struct CreatePartitionsRequest;
struct CreatePartitionsResponse;
struct CreateTopicsRequest;
struct CreateTopicsResponse;
struct DeleteTopicsRequest;
struct DeleteTopicsResponse;
struct ElectLeadersRequest;
struct ElectLeadersResponse;
struct IncrementalAlterConfigsRequest;
struct IncrementalAlterConfigsResponse;
struct ListPartitionReassignmentsRequest;
struct ListPartitionReassignmentsResponse;
struct UnregisterBrokerRequest;
struct UnregisterBrokerResponse;
struct UpdateFeaturesRequest;
struct UpdateFeaturesResponse;

template <class Response>
struct Decided {
  Appends append;
  Response response;  // goes out when append.end is committed
};

class Controller {
 public:
  explicit Controller(ControllerOptions options);

  // -- the office ---------------------------------------------------------------------------------

  // From all that is in the log. A transaction that a former controller left open is aborted; on a
  // new cluster the appends bring its first records (features).
  [[nodiscard]] Appends activate(const MetadataReplay& committed, LeaderEpoch epoch, Instant now);
  // Forgets everything, so that no later office acts on it.
  void resign();
  [[nodiscard]] bool active() const { return epoch_.has_value(); }
  // Of the office; kNoLeaderEpoch without one.
  [[nodiscard]] LeaderEpoch epoch() const { return epoch_.value_or(kNoLeaderEpoch); }

  // Records that no decision brought now lie below `end` of the log.
  void log_advanced(Offset end);

  // The uncommitted image. Only while active.
  [[nodiscard]] const MetadataImage& image() const { return image_; }
  [[nodiscard]] const BrokerSessions& sessions() const { return sessions_; }
  [[nodiscard]] const ControllerOptions& options() const { return options_; }

  // -- time ---------------------------------------------------------------------------------------

  // When there is something to do without a request; never() without an office.
  [[nodiscard]] Instant next_deadline() const;
  // Fences whose session has ended, elects preferred leaders and unclean ones where they are due,
  // writes a NoOp where the log was idle. Also before the deadline: it looks at the time.
  [[nodiscard]] Appends deadline_passed(Instant now);

  // -- commands, only while active ----------------------------------------------------------------

  Decided<BrokerRegistrationResponse> decide(const BrokerRegistrationRequest&, Instant, Random&);
  Decided<BrokerHeartbeatResponse> decide(const BrokerHeartbeatRequest&, Instant, Random&);
  Decided<UnregisterBrokerResponse> decide(const UnregisterBrokerRequest&, Instant, Random&);
  Decided<ControllerRegistrationResponse> decide(const ControllerRegistrationRequest&, Instant,
                                                 Random&);
  Decided<CreateTopicsResponse> decide(const CreateTopicsRequest&, Instant, Random&);
  Decided<DeleteTopicsResponse> decide(const DeleteTopicsRequest&, Instant, Random&);
  Decided<CreatePartitionsResponse> decide(const CreatePartitionsRequest&, Instant, Random&);
  Decided<AlterPartitionResponse> decide(const AlterPartitionRequest&, Instant, Random&);
  Decided<ElectLeadersResponse> decide(const ElectLeadersRequest&, Instant, Random&);
  Decided<AlterPartitionReassignmentsResponse> decide(const AlterPartitionReassignmentsRequest&,
                                                      Instant, Random&);
  Decided<ListPartitionReassignmentsResponse> decide(const ListPartitionReassignmentsRequest&,
                                                     Instant, Random&);
  Decided<IncrementalAlterConfigsResponse> decide(const IncrementalAlterConfigsRequest&, Instant,
                                                  Random&);
  Decided<AlterConfigsResponse> decide(const AlterConfigsRequest&, Instant, Random&);
  Decided<AllocateProducerIdsResponse> decide(const AllocateProducerIdsRequest&, Instant, Random&);
  Decided<UpdateFeaturesResponse> decide(const UpdateFeaturesRequest&, Instant, Random&);

 private:
  template <class Request>
  auto run(const Request& request, Instant now, Random& random);
  void wrote(const Appends& appends, Instant now);

  ControllerOptions options_;
  std::optional<LeaderEpoch> epoch_;
  MetadataImage image_;
  BrokerSessions sessions_;
  Instant last_append_;
  Instant next_rebalance_;
  Instant next_unclean_check_;
};

}  // namespace weir
