// AlterPartition (key 56): a partition's leader asks the controller to change its in-sync replicas
// (KIP-497).
//
// Partition epoch is the version compared and set. LeaderRecoveryState 1 is a leader elected
// uncleanly that recovers (KIP-704). From 3 each replica has its broker epoch, so that a restarted
// one does not slip in (KIP-903).
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "broker/wire/field.h"
#include "broker/wire/message.h"
#include "broker/wire/uuid.h"

namespace weir {

struct AlterPartitionRequest {
  static constexpr ApiKey kApi = ApiKey::alter_partition;
  static constexpr std::string_view kName = "AlterPartitionRequest";
  static constexpr VersionRange kVersions{2, 3};
  static constexpr std::int16_t kFlexibleSince = 0;
  using Response = struct AlterPartitionResponse;

  struct BrokerState {
    std::int32_t broker_id = 0;
    std::int64_t broker_epoch = -1;

    using Self = BrokerState;
    template <class V>
    static constexpr void fields(V& v) {
      v("BrokerId", &Self::broker_id, from(3));
      v("BrokerEpoch", &Self::broker_epoch, from(3));
    }
  };

  struct PartitionData {
    std::int32_t partition_index = 0;
    std::int32_t leader_epoch = 0;
    std::vector<std::int32_t> new_isr = {};
    std::vector<BrokerState> new_isr_with_epochs = {};
    std::int8_t leader_recovery_state = 0;
    std::int32_t partition_epoch = 0;

    using Self = PartitionData;
    template <class V>
    static constexpr void fields(V& v) {
      v("PartitionIndex", &Self::partition_index, from(0));
      v("LeaderEpoch", &Self::leader_epoch, from(0));
      v("NewIsr", &Self::new_isr, versions(0, 2));
      v("NewIsrWithEpochs", &Self::new_isr_with_epochs, from(3));
      v("LeaderRecoveryState", &Self::leader_recovery_state, from(1));
      v("PartitionEpoch", &Self::partition_epoch, from(0));
    }
  };

  struct TopicData {
    Uuid topic_id = {};
    std::vector<PartitionData> partitions = {};

    using Self = TopicData;
    template <class V>
    static constexpr void fields(V& v) {
      v("TopicId", &Self::topic_id, from(2).ignorable());
      v("Partitions", &Self::partitions, from(0));
    }
  };

  std::int32_t broker_id = 0;
  std::int64_t broker_epoch = -1;
  std::vector<TopicData> topics = {};

  using Self = AlterPartitionRequest;
  template <class V>
  static constexpr void fields(V& v) {
    v("BrokerId", &Self::broker_id, from(0));
    v("BrokerEpoch", &Self::broker_epoch, from(0));
    v("Topics", &Self::topics, from(0));
  }
};

struct AlterPartitionResponse {
  static constexpr ApiKey kApi = ApiKey::alter_partition;
  static constexpr std::string_view kName = "AlterPartitionResponse";
  static constexpr VersionRange kVersions{2, 3};
  static constexpr std::int16_t kFlexibleSince = 0;

  struct PartitionData {
    std::int32_t partition_index = 0;
    std::int16_t error_code = 0;
    std::int32_t leader_id = 0;
    std::int32_t leader_epoch = 0;
    std::vector<std::int32_t> isr = {};
    std::int8_t leader_recovery_state = 0;
    std::int32_t partition_epoch = 0;

    using Self = PartitionData;
    template <class V>
    static constexpr void fields(V& v) {
      v("PartitionIndex", &Self::partition_index, from(0));
      v("ErrorCode", &Self::error_code, from(0));
      v("LeaderId", &Self::leader_id, from(0));
      v("LeaderEpoch", &Self::leader_epoch, from(0));
      v("Isr", &Self::isr, from(0));
      v("LeaderRecoveryState", &Self::leader_recovery_state, from(1).ignorable());
      v("PartitionEpoch", &Self::partition_epoch, from(0));
    }
  };

  struct TopicData {
    Uuid topic_id = {};
    std::vector<PartitionData> partitions = {};

    using Self = TopicData;
    template <class V>
    static constexpr void fields(V& v) {
      v("TopicId", &Self::topic_id, from(2).ignorable());
      v("Partitions", &Self::partitions, from(0));
    }
  };

  std::int32_t throttle_time_ms = 0;
  std::int16_t error_code = 0;
  std::vector<TopicData> topics = {};

  using Self = AlterPartitionResponse;
  template <class V>
  static constexpr void fields(V& v) {
    v("ThrottleTimeMs", &Self::throttle_time_ms, from(0));
    v("ErrorCode", &Self::error_code, from(0));
    v("Topics", &Self::topics, from(0));
  }
};

}  // namespace weir
