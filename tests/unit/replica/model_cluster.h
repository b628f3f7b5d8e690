// A cluster in memory around the real machines of broker/replica: a few brokers, a few partitions,
// a network that delays, reorders, loses and repeats, crashes that keep or lose what was not
// synced, and a controller that never fails. One seed is one run; every step is checked.
//
// The driver's part is played here, in its simplest form: effects take place at once, except that
// between the judgement and the counting of a fetch anything may happen.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "broker/base/random.h"
#include "broker/replica/fetch_plan.h"
#include "broker/replica/isr_channel.h"
#include "broker/replica/replica_follower.h"
#include "broker/replica/replica_leader.h"
#include "broker/replica/role_change.h"
#include "tests/unit/replica/model_controller.h"
#include "tests/unit/replica/model_log.h"

namespace weir {

// A slip planted into the driver's part, to prove that the checks can fail.
enum class ModelSlip : std::uint8_t { none, follower_truncates_to_high_watermark };

struct ModelReplica {
  ModelLog log;
  Offset high_watermark{0};  // of whichever machine acts
  Offset checkpoint{0};      // the high watermark on disk
  std::optional<PartitionState> applied;
  std::unique_ptr<ReplicaLeader> leader;
  std::unique_ptr<ReplicaFollower> follower;
  bool asking = false;
  FetchPosition asked;
};

struct ModelBroker {
  explicit ModelBroker(BrokerId broker);

  BrokerId id;
  bool running = true;
  bool registered = true;
  bool clean_end = true;
  std::uint64_t life = 1;
  std::size_t applied = 0;        // version of the metadata
  std::size_t registered_at = 0;  // roles begin at this version of the metadata
  LiveBrokers live;
  std::map<PartitionKey, ModelReplica> replicas;
  FetchPlan plan;
  IsrChannel channel;
  std::map<BrokerId, ReplicaFetchRound> rounds;
  std::uint64_t alter_attempt = 0;
};

struct PartAnswer {
  PartitionKey key;
  FetchPosition asked;
  ReplicaFetchAnswer answer;  // without its batches
  Offset base;
  std::vector<ModelRecord> records;
};

struct FetchRequest {
  BrokerEpoch epoch;
  ReplicaFetchRound round;
};
struct FetchResponse {
  ReplicaFetchRound round;
  std::vector<PartAnswer> parts;
};
// What a leader does once its reads have ended: count them, then answer.
struct FetchEnd {
  struct Counted {
    PartitionKey key;
    FollowerFetch fetch;
    FetchVerdict verdict;
  };
  std::vector<Counted> counted;
  BrokerId follower;
  std::uint64_t follower_life;
  FetchResponse response;
};
struct EndsRequest {
  PartitionKey key;
  FetchPosition asked;
};
struct EndsResponse {
  PartitionKey key;
  FetchPosition asked;
  ErrorCode error;
  LogBounds bounds;
};
struct AlterRequest {
  std::uint64_t attempt;
  IsrRequest request;
};
struct AlterResponse {
  std::uint64_t attempt;
  ErrorCode error;
  std::vector<IsrOutcome> parts;
};

inline constexpr BrokerId kTheController{100};

struct ModelMessage {
  BrokerId from;
  std::uint64_t from_life;
  BrokerId to;
  std::uint64_t to_life;
  Instant sent;
  std::variant<FetchRequest, FetchResponse, FetchEnd, EndsRequest, EndsResponse, AlterRequest,
               AlterResponse>
      body;
};

class ModelCluster {
 public:
  explicit ModelCluster(std::uint64_t seed, ModelSlip slip = ModelSlip::none);

  // Faults and work, then healing, then everything must be replicated. Yields what was violated, or
  // an empty text.
  std::string run(int steps);

  struct Tally {
    std::uint64_t acked = 0;
    std::uint64_t elections = 0;
    std::uint64_t truncations = 0;
    std::uint64_t restarts_of_logs = 0;
    std::uint64_t expansions = 0;
    std::uint64_t shrinks = 0;
    std::uint64_t rollbacks = 0;
    std::uint64_t unclean_ends = 0;
  };
  [[nodiscard]] const Tally& tally() const { return tally_; }

 private:
  struct Waiting {
    BrokerId broker;
    std::uint64_t life;
    PartitionKey key;
    PendingAppend append;
    std::uint64_t id;
  };

  // model_cluster.cpp: what happens.
  void step(bool healing);
  void act(int action);
  void deliver(std::size_t index, bool keep);
  void tick(ModelBroker& b);
  void produce(ModelBroker& b, const PartitionKey& key, bool all);
  void answer_produce();
  void start_fetches(ModelBroker& b);
  void send_alter(ModelBroker& b);
  void end_broker(ModelBroker& b, int how);
  void start_broker(ModelBroker& b);
  void register_broker(ModelBroker& b);
  void time_out(ModelBroker& b);
  void delete_records(ModelBroker& b, const PartitionKey& key);
  void heal();
  [[nodiscard]] bool healthy() const;
  [[nodiscard]] std::string why_unhealthy() const;

  // model_broker.cpp: the drivers of one broker.
  void apply(ModelBroker& b, std::size_t version);
  void apply_role(ModelBroker& b, const PartitionKey& key, ModelReplica& r,
                  const PartitionState* after);
  void lead(ModelBroker& b, const PartitionKey& key, ModelReplica& r, const PartitionState& state);
  void follow(ModelBroker& b, const PartitionKey& key, ModelReplica& r,
              const PartitionState& state);
  void end_role(ModelBroker& b, const PartitionKey& key, ModelReplica& r);
  void carry(ModelBroker& b, const PartitionKey& key, ModelReplica& r, const LeaderEffects& e);
  void carry(ModelBroker& b, const PartitionKey& key, ModelReplica& r, const FollowerStep& step,
             const PartAnswer* answer);
  void receive(ModelBroker& b, const ModelMessage& m, const FetchRequest& request);
  void receive(ModelBroker& b, const ModelMessage& m, const FetchResponse& response);
  void receive(ModelBroker& b, const ModelMessage& m, const FetchEnd& end);
  void receive(ModelBroker& b, const ModelMessage& m, const EndsRequest& request);
  void receive(ModelBroker& b, const ModelMessage& m, const EndsResponse& response);
  void receive(ModelBroker& b, const ModelMessage& m, const AlterResponse& response);
  void control(const ModelMessage& m, const AlterRequest& request);
  [[nodiscard]] PartAnswer answer_part(const ModelReplica& r, const ReplicaFetchRound::Part& part,
                                       const FollowerFetch& fetch, FetchEnd& end);
  template <class Body>
  void send(const ModelBroker& from, BrokerId to, Body body);

  // model_checks.cpp: the invariants.
  void fail(const std::string& what);
  void check();
  void check_replica(const ModelBroker& b, const PartitionKey& key, const ModelReplica& r);
  void check_leader(const ModelBroker& b, const PartitionKey& key, const ModelReplica& r);
  void check_member(const PartitionKey& key, BrokerId id, Offset up_to, const char* id_of_law);
  void check_acked();
  void on_appended(const ModelBroker& b, const PartitionKey& key, Offset at, const ModelRecord& r);
  void on_watermark(const ModelBroker& b, const PartitionKey& key, const ModelReplica& r,
                    const WatermarkStep& step);

  ModelBroker& broker(BrokerId id) { return brokers_.at(static_cast<std::size_t>(id.value()) - 1); }
  [[nodiscard]] const ModelBroker& broker(BrokerId id) const {
    return brokers_.at(static_cast<std::size_t>(id.value()) - 1);
  }

  Random random_;
  ModelSlip slip_;
  Instant now_{1'000'000'000};
  std::int32_t min_isr_ = 1;
  bool power_mode_ = false;  // crashes may lose what was not synced, within the promise
  bool healing_ = false;
  std::int32_t losses_ = 0;
  std::vector<ModelBroker> brokers_;
  std::vector<PartitionKey> keys_;
  std::unique_ptr<ModelController> controller_;
  std::vector<ModelMessage> network_;
  std::vector<std::uint32_t> weights_;
  std::vector<Waiting> waiting_;
  std::uint64_t ids_ = 0;
  std::uint64_t attempts_ = 0;
  Tally tally_;

  // Ghosts.
  struct Ghost {
    std::vector<ModelRecord> committed;  // from offset 0: what any leader ever exposed
    std::map<Offset, std::uint64_t> acked;
    std::map<std::pair<LeaderEpoch, Offset>, ModelRecord> appended;
    std::map<LeaderEpoch, std::pair<BrokerId, std::uint64_t>> appender;
    Offset latest_shown{0};
    Offset deleted{0};
    PartitionEpoch partition_epoch;
    LeaderEpoch leader_epoch;
  };
  std::map<PartitionKey, Ghost> ghosts_;
  std::string violation_;
  int step_ = 0;
};

}  // namespace weir
