// Replicas: the partitions of a broker in a cluster: their logs, their roles, and all the work that
// goes on for them.
//
// Each image of the metadata is compared with what was applied before (role_change), and the
// difference carried out: logs are made, led, followed, removed. Nothing is done before the image
// holds the registration of this life: an older one may show this broker as the leader of a past in
// which others have led since. The log directory is one: when it fails, the node halts, as Kafka
// does.
//
// In order of the life: open(), on_registered() and publish() in any order, close().
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/controller/image_diff.h"
#include "broker/controller/metadata_image.h"
#include "broker/node/partition.h"
#include "broker/node/quorum/metadata_publisher.h"
#include "broker/node/replica/isr_sender.h"
#include "broker/node/replica/log_directories.h"
#include "broker/node/replica/replica_checkpoints.h"
#include "broker/node/replica/replica_fetchers.h"
#include "broker/node/turn.h"
#include "broker/ports/machine.h"
#include "broker/ports/task_group.h"
#include "broker/replica/role_change.h"

namespace weir {

class Replicas final : public ImageSubscriber,
                       private PartitionOwner,
                       private ReplicaFetchers::Host {
 public:
  // `settings` outlives this.
  Replicas(Machine& machine, BrokerId self, const BrokerSettings& settings,
           IsrSender::Ask ask_controller);

  // Reads the checkpoints and looks at the directories; false: the node was halted. No log is
  // opened yet.
  [[nodiscard]] Task<bool> open();
  // This life is registered with that epoch; again whenever it is registered anew. Where the newest
  // image holds the registration, all logs are open and all roles taken when this returns.
  [[nodiscard]] Task<> on_registered(BrokerEpoch epoch);
  [[nodiscard]] Task<> publish(std::shared_ptr<const MetadataImage> before,
                               std::shared_ptr<const MetadataImage> after) override;
  // Ends what goes on, closes every log with the clean marker, and notes the watermarks. The
  // publisher has stopped, and whoever carries AlterPartition has, too. True: all of it was done,
  // so the next life may call this stop clean.
  [[nodiscard]] Task<bool> close();

  // Null where this broker holds no replica of it.
  [[nodiscard]] std::shared_ptr<Partition> partition(std::string_view topic,
                                                     std::int32_t index) const;
  // All of them, by topic id and index.
  [[nodiscard]] std::vector<std::shared_ptr<Partition>> all() const;
  // Registered, and not fenced, as far as this broker knows.
  [[nodiscard]] bool is_alive(BrokerId broker) const;

  // An operation on the partition's log went wrong: halts where the log has failed, reports what is
  // damaged.
  void check_log(Partition& partition) override;

  [[nodiscard]] const FetchPlan& fetch_plan() const { return fetchers_.plan(); }

 private:
  struct Replica {
    std::shared_ptr<Partition> partition;
    std::optional<Offset> damage_told = {};
  };
  // What an image asks of one partition.
  struct Change {
    PartitionKey key;
    std::string topic;
    TopicSettings settings;
    RoleChange role = RoleChange::unchanged;
    PartitionState state;
  };
  using Periodic = Task<> (Replicas::*)();

  // PartitionOwner and ReplicaFetchers::Host.
  void propose(const IsrProposal& proposal) override;
  void deadline_is(Instant deadline) override;
  [[nodiscard]] Task<bool> before_cut(const Partition& partition) override;
  [[nodiscard]] std::shared_ptr<Partition> partition_of(const PartitionKey& key) override;
  [[nodiscard]] std::optional<HostPort> address_of(BrokerId broker) override;

  // Applying images (apply_image.cpp).
  [[nodiscard]] bool may_act() const;
  Task<> act();
  Task<bool> begin(const MetadataImage& image);
  void take_brokers(const std::vector<ChangedBroker>& brokers);
  void take_configs(const std::vector<std::shared_ptr<const TopicImage>>& topics);
  [[nodiscard]] std::vector<Change> changes_of(const ImageDiff& difference);
  [[nodiscard]] TopicSettings settings_of(const TopicImage& topic) const;
  Task<> carry_out(std::vector<Change> changes);
  Task<> remove(PartitionKey key);
  Task<> apply(Change change);
  Task<std::shared_ptr<Partition>> open_partition(const Change& change);
  Task<> lead(std::shared_ptr<Partition> partition, PartitionState state);
  Task<> follow(std::shared_ptr<Partition> partition, PartitionState state);
  void role_failed(Partition& partition);

  // What goes on (replica_care.cpp).
  void start_care();
  Task<> watch_deadlines();
  Task<> every(Duration interval, Alarm& alarm, Periodic work);
  Task<> checkpoint_high_watermarks();
  Task<> checkpoint_recovery_points();
  Task<> maintain_logs();
  Task<> clean_logs();
  // Roles that could not be taken, and damage that following anew cuts off: tried after a while.
  void restore_soon();
  Task<> restore_roles();
  Task<> restore_in_turn();
  [[nodiscard]] bool needs_role(Partition& partition) const;
  Task<> close_log(std::shared_ptr<Partition> partition);

  void disk_failed(std::string_view what, const boost::system::error_code& error);
  void halt(const std::string& why);

  Machine& machine_;
  BrokerId self_;
  const BrokerSettings& settings_;
  LiveBrokers brokers_;
  std::map<PartitionKey, Replica> replicas_;
  std::map<std::string, std::map<std::int32_t, std::shared_ptr<Partition>>, std::less<>> by_name_;
  std::vector<LogDirectory> found_;  // at the start, until the first image tells what they are
  ReplicaCheckpoints checkpoints_;
  IsrSender isr_sender_;
  ReplicaFetchers fetchers_;

  Turn turn_;  // one change of roles at a time
  BrokerEpoch epoch_ = kUnknownBrokerEpoch;
  std::shared_ptr<const MetadataImage> newest_;  // told
  std::shared_ptr<const MetadataImage> acted_;   // carried out; null: none yet
  TaskGroup changes_;
  TaskGroup care_;
  std::vector<std::unique_ptr<Alarm>> care_alarms_;
  std::unique_ptr<Alarm> deadline_alarm_;
  Instant watched_until_ = Instant::never();  // when watch_deadlines looks again
  std::unique_ptr<Alarm> restore_alarm_;
  Instant restore_at_ = Instant::never();
  bool closing_ = false;
  bool closed_in_order_ = true;
  bool halted_ = false;
};

}  // namespace weir
