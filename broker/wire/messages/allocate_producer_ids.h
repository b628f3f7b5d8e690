// AllocateProducerIds (key 67): a broker takes a block of producer ids from the controller
// (KIP-730).
#pragma once

#include <cstdint>
#include <string_view>

#include "broker/wire/field.h"
#include "broker/wire/message.h"

namespace weir {

struct AllocateProducerIdsRequest {
  static constexpr ApiKey kApi = ApiKey::allocate_producer_ids;
  static constexpr std::string_view kName = "AllocateProducerIdsRequest";
  static constexpr VersionRange kVersions{0, 0};
  static constexpr std::int16_t kFlexibleSince = 0;
  using Response = struct AllocateProducerIdsResponse;

  std::int32_t broker_id = 0;
  std::int64_t broker_epoch = -1;

  using Self = AllocateProducerIdsRequest;
  template <class V>
  static constexpr void fields(V& v) {
    v("BrokerId", &Self::broker_id, from(0));
    v("BrokerEpoch", &Self::broker_epoch, from(0));
  }
};

struct AllocateProducerIdsResponse {
  static constexpr ApiKey kApi = ApiKey::allocate_producer_ids;
  static constexpr std::string_view kName = "AllocateProducerIdsResponse";
  static constexpr VersionRange kVersions{0, 0};
  static constexpr std::int16_t kFlexibleSince = 0;

  std::int32_t throttle_time_ms = 0;
  std::int16_t error_code = 0;
  std::int64_t producer_id_start = 0;
  std::int32_t producer_id_len = 0;

  using Self = AllocateProducerIdsResponse;
  template <class V>
  static constexpr void fields(V& v) {
    v("ThrottleTimeMs", &Self::throttle_time_ms, from(0));
    v("ErrorCode", &Self::error_code, from(0));
    v("ProducerIdStart", &Self::producer_id_start, from(0));
    v("ProducerIdLen", &Self::producer_id_len, from(0));
  }
};

}  // namespace weir
