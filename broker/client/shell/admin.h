// Admin: topics, partitions, settings and the cluster are made, changed and described; on the
// ports.
//
// Every call retries what may be retried until default.api.timeout.ms (see admin_calls.h), and
// answers one outcome for each thing it was asked about; a ClientError tells that no answer came at
// all, or that the brokers do not serve the request. Changes go to the controller that metadata
// names, or to any broker where that one cannot be reached (in KRaft each hands them on);
// DeleteRecords and ListOffsets go to the leaders, a broker's own settings to itself. Calls may
// overlap.
#pragma once

#include <map>
#include <memory>

#include "broker/client/admin_types.h"
#include "broker/client/consumer_options.h"
#include "broker/client/shell/recorder.h"
#include "broker/ports/machine.h"

namespace weir {

class AdminShell;

class Admin {
 public:
  Admin(Machine&, AdminOptions, Recorder* = nullptr);
  ~Admin();
  Admin(const Admin&) = delete;
  Admin& operator=(const Admin&) = delete;

  [[nodiscard]] Task<> start();
  [[nodiscard]] Task<> close();

  // -- topics -----------------------------------------------------------------------------------
  // A retried creation may find its own earlier success: TOPIC_ALREADY_EXISTS then is what Kafka
  // tells too.
  [[nodiscard]] Task<ClientResult<std::vector<TopicOutcome>>> create_topics(std::vector<NewTopic>);
  [[nodiscard]] Task<ClientResult<std::vector<TopicOutcome>>> delete_topics(
      std::vector<std::string> names);
  [[nodiscard]] Task<ClientResult<std::vector<TopicOutcome>>> create_partitions(
      std::vector<NewPartitions>);
  // Brokers, and the named topics; all topics where no name is given.
  [[nodiscard]] Task<ClientResult<ClusterDescription>> describe(
      std::vector<std::string> topics = {});
  // Log starts move to these offsets, or to the high watermark (kDeleteAllRecords).
  [[nodiscard]] Task<ClientResult<std::vector<DeletedRecords>>> delete_records(
      std::map<TopicPartition, Offset> before);
  // By timestamp, or kLatestOffset, kEarliestOffset, kMaxTimestampOffset; without regard to
  // transactions that are not over.
  [[nodiscard]] Task<ClientResult<std::vector<ListedOffset>>> list_offsets(
      std::map<TopicPartition, std::int64_t> timestamps);

  // -- settings ---------------------------------------------------------------------------------
  [[nodiscard]] Task<ClientResult<std::vector<ConfigDescription>>> describe_configs(
      std::vector<ConfigResource>);
  [[nodiscard]] Task<ClientResult<std::vector<ConfigOutcome>>> alter_configs(
      std::vector<ConfigChanges>);

  // -- leaders and replicas ---------------------------------------------------------------------
  // Without partitions: wherever an election of that kind is due; only those are then told.
  [[nodiscard]] Task<ClientResult<std::vector<PartitionOutcome>>> elect_leaders(
      LeaderElection, std::optional<std::vector<TopicPartition>> = {});
  [[nodiscard]] Task<ClientResult<std::vector<PartitionOutcome>>> reassign(
      std::vector<Reassignment>);
  // All that go on where no partitions are given.
  [[nodiscard]] Task<ClientResult<std::vector<OngoingReassignment>>> list_reassignments(
      std::optional<std::vector<TopicPartition>> = {});

  // -- the cluster ------------------------------------------------------------------------------
  [[nodiscard]] Task<ClientResult<ClusterDescription>> describe_cluster(bool with_fenced = false);
  [[nodiscard]] Task<ClientResult<MetadataQuorum>> describe_quorum();
  [[nodiscard]] Task<ClientResult<std::vector<LogDirDescription>>> describe_log_dirs(
      std::int32_t broker);

 private:
  std::unique_ptr<AdminShell> shell_;
};

}  // namespace weir
