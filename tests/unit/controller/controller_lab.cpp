// The lab's log, brokers and phrases.
#include "controller_lab.h"

#include <gtest/gtest.h>

#include "broker/base/assertion.h"

namespace weir {
namespace {

std::string list(const std::vector<BrokerId>& ids) {
  std::string text;
  for (const BrokerId id : ids) text += (text.empty() ? "" : ",") + std::to_string(id.value());
  return text;
}

ControllerOptions of_lab(ControllerOptions options) {
  options.cluster_id = kLabCluster;
  return options;
}

}  // namespace

ControllerLab::ControllerLab(ControllerOptions options, int brokers)
    : controller(of_lab(std::move(options))) {
  append(controller.activate(standby, epoch, now));
  for (int id = 1; id <= brokers; ++id) start_broker(id);
}

void ControllerLab::append(const Appends& appends) {
  EXPECT_EQ(appends.base.value(), static_cast<std::int64_t>(log.size()));
  std::vector<MetadataRecord> records;
  for (const auto& batch : appends.batches) {
    for (const VersionedRecord& versioned : batch) {
      // As it would come out of the log: a value that its version cannot carry shows here.
      std::string why;
      const auto bytes = encode_metadata_record(versioned.record, versioned.version, &why);
      ASSERT_TRUE(bytes.has_value()) << why;
      const auto back = decode_metadata_record(*bytes, &why);
      ASSERT_TRUE(back.has_value()) << why;
      records.push_back(*back);
      log.push_back(versioned);
    }
  }
  ASSERT_EQ(appends.end.value(), static_cast<std::int64_t>(log.size()));
  ASSERT_EQ(appends.causes.size(), records.size());
  std::string why;
  ASSERT_TRUE(standby.apply(records, {appends.end, epoch}, &why)) << why;
  ASSERT_TRUE(standby.published().same_content(controller.image()));
  ASSERT_EQ(standby.published().digest(), controller.image().digest());
}

void ControllerLab::fail_over() {
  controller.resign();
  epoch = epoch + 1;
  append(controller.activate(standby, epoch, now));
}

void ControllerLab::pass(Duration time) {
  now = now + time;
  append(controller.deadline_passed(now));
}

BrokerRegistrationRequest ControllerLab::registration(std::int32_t id, std::uint64_t incarnation,
                                                      std::int64_t previous_epoch) const {
  BrokerRegistrationRequest request;
  request.broker_id = id;
  request.cluster_id = kLabCluster;
  request.incarnation_id = {static_cast<std::uint64_t>(id), incarnation};
  request.listeners.push_back({"PLAINTEXT", "b" + std::to_string(id), 9092, 0});
  for (const FeatureRange& f : supported_features()) {
    request.features.push_back({f.name, f.min, f.max});
  }
  request.rack = std::nullopt;
  request.log_dirs.push_back({100, static_cast<std::uint64_t>(id)});
  request.previous_broker_epoch = previous_epoch;
  return request;
}

std::int64_t ControllerLab::start_broker(std::int32_t id, std::uint64_t incarnation,
                                         std::int64_t previous_epoch) {
  const auto response = ask(registration(id, incarnation, previous_epoch));
  EXPECT_EQ(response.error_code, 0) << name_of(error_code_of(response.error_code));
  EXPECT_FALSE(heartbeat(id).is_fenced);
  return response.broker_epoch;
}

BrokerHeartbeatResponse ControllerLab::heartbeat(std::int32_t id, bool want_fence,
                                                 bool want_shut_down) {
  BrokerHeartbeatRequest request;
  request.broker_id = id;
  const BrokerImage* broker = image().broker(BrokerId{id});
  request.broker_epoch = broker == nullptr ? -1 : broker->epoch.value();
  request.current_metadata_offset = static_cast<std::int64_t>(log.size()) - 1;
  request.want_fence = want_fence;
  request.want_shut_down = want_shut_down;
  return ask(request);
}

void ControllerLab::lose_all_but(const std::vector<std::int32_t>& ids) {
  now = now + controller.options().session_timeout;
  for (const std::int32_t id : ids) heartbeat(id);
  append(controller.deadline_passed(now));
}

Uuid ControllerLab::create_topic(const std::string& name,
                                 std::vector<std::vector<std::int32_t>> replicas,
                                 ConfigMap configs) {
  CreateTopicsRequest request;
  auto& topic = request.topics.emplace_back();
  topic.name = name;
  topic.num_partitions = -1;
  topic.replication_factor = -1;
  std::int32_t index = 0;
  for (auto& brokers : replicas) topic.assignments.push_back({index++, std::move(brokers)});
  for (const auto& [key, value] : configs) topic.configs.push_back({key, value});
  const auto response = ask(request);
  EXPECT_EQ(response.topics.at(0).error_code, 0) << *response.topics.at(0).error_message;
  return response.topics.at(0).topic_id;
}

const PartitionImage& ControllerLab::partition(const std::string& topic, std::int32_t index) const {
  const auto found = image().topic(topic);
  WEIR_ASSERT(found != nullptr && found->partition(index) != nullptr);
  return *image().partition(found->id, index);
}

std::string ControllerLab::state(const std::string& topic, std::int32_t index) const {
  const PartitionImage& p = partition(topic, index);
  std::string text = "leader=" + std::to_string(p.leader.value()) + "/" +
                     std::to_string(p.leader_epoch.value()) + " isr=" + list(p.isr);
  if (!p.elr.empty()) text += " elr=" + list(p.elr);
  if (!p.last_known_elr.empty()) text += " last=" + list(p.last_known_elr);
  if (!p.adding.empty()) text += " adding=" + list(p.adding);
  if (!p.removing.empty()) text += " removing=" + list(p.removing);
  if (p.recovery == LeaderRecovery::recovering) text += " recovering";
  return text;
}

AlterPartitionRequest ControllerLab::alter_isr(const std::string& topic,
                                               std::vector<std::int32_t> isr,
                                               std::int32_t index) const {
  const PartitionImage& p = partition(topic, index);
  AlterPartitionRequest request;
  request.broker_id = p.leader.value();
  const BrokerImage* leader = image().broker(p.leader);
  request.broker_epoch = leader == nullptr ? -1 : leader->epoch.value();
  auto& data = request.topics.emplace_back();
  data.topic_id = image().topic(topic)->id;
  auto& asked = data.partitions.emplace_back();
  asked.partition_index = index;
  asked.leader_epoch = p.leader_epoch.value();
  asked.partition_epoch = p.partition_epoch.value();
  for (const std::int32_t id : isr) {
    const BrokerImage* broker = image().broker(BrokerId{id});
    asked.new_isr_with_epochs.push_back({id, broker == nullptr ? -1 : broker->epoch.value()});
  }
  return request;
}

ErrorCode ControllerLab::ask_isr(const AlterPartitionRequest& request) {
  const auto response = ask(request);
  if (response.error_code != 0) return error_code_of(response.error_code);
  return error_code_of(response.topics.at(0).partitions.at(0).error_code);
}

ErrorCode ControllerLab::reassign(const std::string& topic,
                                  std::optional<std::vector<std::int32_t>> replicas,
                                  std::int32_t index) {
  AlterPartitionReassignmentsRequest request;
  auto& asked = request.topics.emplace_back();
  asked.name = topic;
  asked.partitions.push_back({index, std::move(replicas)});
  return error_code_of(ask(request).responses.at(0).partitions.at(0).error_code);
}

ErrorCode ControllerLab::set_config(std::int8_t type, const std::string& resource,
                                    const std::string& key, std::optional<std::string> value) {
  IncrementalAlterConfigsRequest request;
  auto& asked = request.resources.emplace_back();
  asked.resource_type = type;
  asked.resource_name = resource;
  const std::int8_t operation = value ? 0 : 1;
  asked.configs.push_back({key, operation, std::move(value)});
  return error_code_of(ask(request).responses.at(0).error_code);
}

}  // namespace weir
