// The application's side of the administrator: each call with the broker it goes to.
#include "broker/client/shell/admin.h"

#include <algorithm>

#include "broker/client/shell/admin_shell.h"

namespace weir {
namespace {

constexpr AdminRoute kController{AdminRoute::Kind::controller};
constexpr AdminRoute kAnybody{AdminRoute::Kind::anybody};

}  // namespace

Admin::Admin(Machine& machine, AdminOptions options, Recorder* recorder)
    : shell_(std::make_unique<AdminShell>(machine, std::move(options), recorder)) {}
Admin::~Admin() = default;

Task<> Admin::start() {
  shell_->start();
  co_return;
}
Task<> Admin::close() { return shell_->close(); }

Task<ClientResult<std::vector<TopicOutcome>>> Admin::create_topics(std::vector<NewTopic> topics) {
  return shell_->perform(CreateTopicsCall(std::move(topics)), kController);
}

Task<ClientResult<std::vector<TopicOutcome>>> Admin::delete_topics(std::vector<std::string> names) {
  return shell_->perform(DeleteTopicsCall(names), kController);
}

Task<ClientResult<std::vector<TopicOutcome>>> Admin::create_partitions(
    std::vector<NewPartitions> topics) {
  return shell_->perform(CreatePartitionsCall(std::move(topics)), kController);
}

Task<ClientResult<ClusterDescription>> Admin::describe(std::vector<std::string> topics) {
  return shell_->perform(DescribeTopicsCall(std::move(topics)), kAnybody);
}

Task<ClientResult<std::vector<DeletedRecords>>> Admin::delete_records(
    std::map<TopicPartition, Offset> before) {
  return shell_->perform_by_leader(DeleteRecordsCall(std::move(before)));
}

Task<ClientResult<std::vector<ListedOffset>>> Admin::list_offsets(
    std::map<TopicPartition, std::int64_t> timestamps) {
  return shell_->perform_by_leader(ListOffsetsCall(std::move(timestamps)));
}

Task<ClientResult<std::vector<ConfigDescription>>> Admin::describe_configs(
    std::vector<ConfigResource> resources) {
  std::map<std::int32_t, std::vector<ConfigResource>> parts;
  for (ConfigResource& r : resources) parts[owner_of(r)].push_back(std::move(r));
  return shell_->perform_by_owner<DescribeConfigsCall>(std::move(parts));
}

Task<ClientResult<std::vector<ConfigOutcome>>> Admin::alter_configs(
    std::vector<ConfigChanges> changes) {
  std::map<std::int32_t, std::vector<ConfigChanges>> parts;
  for (ConfigChanges& c : changes) parts[owner_of(c.resource)].push_back(std::move(c));
  return shell_->perform_by_owner<AlterConfigsCall>(std::move(parts));
}

Task<ClientResult<std::vector<PartitionOutcome>>> Admin::elect_leaders(
    LeaderElection kind, std::optional<std::vector<TopicPartition>> partitions) {
  return shell_->perform(ElectLeadersCall(kind, std::move(partitions)), kController);
}

Task<ClientResult<std::vector<PartitionOutcome>>> Admin::reassign(std::vector<Reassignment> moves) {
  return shell_->perform(ReassignCall(std::move(moves)), kController);
}

Task<ClientResult<std::vector<OngoingReassignment>>> Admin::list_reassignments(
    std::optional<std::vector<TopicPartition>> partitions) {
  return shell_->perform(ListReassignmentsCall(std::move(partitions)), kController);
}

Task<ClientResult<ClusterDescription>> Admin::describe_cluster(bool with_fenced) {
  return shell_->perform(DescribeClusterCall(with_fenced), kAnybody);
}

Task<ClientResult<MetadataQuorum>> Admin::describe_quorum() {
  return shell_->perform(DescribeQuorumCall(), kAnybody);
}

Task<ClientResult<std::vector<LogDirDescription>>> Admin::describe_log_dirs(std::int32_t broker) {
  return shell_->perform(DescribeLogDirsCall(), AdminRoute{AdminRoute::Kind::node, broker});
}

}  // namespace weir
