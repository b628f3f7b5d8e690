// InitProducerId (key 22): an id and epoch for an idempotent or transactional producer (KIP-98).
//
// Null asks for an idempotent producer; note that the default is empty, as in Kafka's schema, which
// is neither. 3 carries the producer's present id and epoch, to bump the epoch (KIP-360).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "broker/base/bytes.h"
#include "broker/wire/field.h"
#include "broker/wire/message.h"
#include "broker/wire/uuid.h"

namespace weir {

struct InitProducerIdRequest {
  static constexpr ApiKey kApi = ApiKey::init_producer_id;
  static constexpr std::string_view kName = "InitProducerIdRequest";
  static constexpr VersionRange kVersions{0, 5};
  static constexpr std::int16_t kFlexibleSince = 2;
  using Response = struct InitProducerIdResponse;

  std::optional<std::string> transactional_id = "";
  std::int32_t transaction_timeout_ms = 0;
  std::int64_t producer_id = -1;
  std::int16_t producer_epoch = -1;

  using Self = InitProducerIdRequest;
  template <class V>
  static constexpr void fields(V& v) {
    v("TransactionalId", &Self::transactional_id, from(0).nullable(0));
    v("TransactionTimeoutMs", &Self::transaction_timeout_ms, from(0));
    v("ProducerId", &Self::producer_id, from(3));
    v("ProducerEpoch", &Self::producer_epoch, from(3));
  }
};

struct InitProducerIdResponse {
  static constexpr ApiKey kApi = ApiKey::init_producer_id;
  static constexpr std::string_view kName = "InitProducerIdResponse";
  static constexpr VersionRange kVersions{0, 5};
  static constexpr std::int16_t kFlexibleSince = 2;

  std::int32_t throttle_time_ms = 0;
  std::int16_t error_code = 0;
  std::int64_t producer_id = -1;
  std::int16_t producer_epoch = 0;

  using Self = InitProducerIdResponse;
  template <class V>
  static constexpr void fields(V& v) {
    v("ThrottleTimeMs", &Self::throttle_time_ms, from(0).ignorable());
    v("ErrorCode", &Self::error_code, from(0));
    v("ProducerId", &Self::producer_id, from(0));
    v("ProducerEpoch", &Self::producer_epoch, from(0));
  }
};

}  // namespace weir
