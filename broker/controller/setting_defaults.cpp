// Kafka's defaults (4.x).
#include "broker/controller/setting_defaults.h"

namespace weir {

using enum SettingType;

std::span<const TopicSettingInfo> topic_setting_infos() {
  static constexpr TopicSettingInfo kInfos[] = {
      {"cleanup.policy", "log.cleanup.policy", list, "delete"},
      {"compression.type", "compression.type", string, "producer"},
      {"delete.retention.ms", "log.cleaner.delete.retention.ms", int64, "86400000"},
      {"file.delete.delay.ms", "log.segment.delete.delay.ms", int64, "60000"},
      {"flush.messages", "log.flush.interval.messages", int64, "9223372036854775807"},
      {"flush.ms", "log.flush.interval.ms", int64, "9223372036854775807"},
      {"index.interval.bytes", "log.index.interval.bytes", int32, "4096"},
      {"max.compaction.lag.ms", "log.cleaner.max.compaction.lag.ms", int64, "9223372036854775807"},
      {"max.message.bytes", "message.max.bytes", int32, "1048588"},
      {"message.timestamp.after.max.ms", "log.message.timestamp.after.max.ms", int64, "3600000"},
      {"message.timestamp.before.max.ms", "log.message.timestamp.before.max.ms", int64,
       "9223372036854775807"},
      {"message.timestamp.type", "log.message.timestamp.type", string, "CreateTime"},
      {"min.cleanable.dirty.ratio", "log.cleaner.min.cleanable.ratio", real, "0.5"},
      {"min.compaction.lag.ms", "log.cleaner.min.compaction.lag.ms", int64, "0"},
      {"min.insync.replicas", "min.insync.replicas", int32, "1"},
      {"preallocate", "log.preallocate", boolean, "false"},
      {"remote.storage.enable", "", boolean, "false"},
      {"retention.bytes", "log.retention.bytes", int64, "-1"},
      {"retention.ms", "log.retention.ms", int64, "604800000"},
      {"segment.bytes", "log.segment.bytes", int32, "1073741824"},
      {"segment.index.bytes", "log.index.size.max.bytes", int32, "10485760"},
      {"segment.jitter.ms", "log.roll.jitter.ms", int64, "0"},
      {"segment.ms", "log.roll.ms", int64, "604800000"},
      {"unclean.leader.election.enable", "unclean.leader.election.enable", boolean, "false"},
  };
  return kInfos;
}

std::span<const BrokerSettingInfo> broker_setting_infos() {
  static constexpr BrokerSettingInfo kInfos[] = {
      {"auto.create.topics.enable", boolean, "true"},
      {"auto.leader.rebalance.enable", boolean, "true"},
      {"broker.heartbeat.interval.ms", int32, "2000"},
      {"broker.session.timeout.ms", int32, "9000"},
      {"connections.max.idle.ms", int64, "600000"},
      {"controlled.shutdown.enable", boolean, "true"},
      {"default.replication.factor", int32, "1"},
      {"delete.topic.enable", boolean, "true"},
      {"fetch.max.bytes", int32, "57671680"},
      {"log.retention.check.interval.ms", int64, "300000"},
      {"max.connections", int32, "2147483647"},
      {"num.partitions", int32, "1"},
      {"producer.id.expiration.ms", int32, "86400000"},
      {"replica.lag.time.max.ms", int64, "30000"},
      {"socket.request.max.bytes", int32, "104857600"},
  };
  return kInfos;
}

}  // namespace weir
