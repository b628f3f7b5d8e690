// InitProducerId: a new producer id for an idempotent producer (KIP-98).
//
// Without a transactional id the answer is always a fresh id, whatever the producer had before
// (KIP-360 asks for an epoch bump only in transactions). Transactions have no coordinator yet.
#include "broker/node/handlers.h"
#include "broker/node/node.h"
#include "broker/wire/error_code.h"

namespace weir {
namespace {

ErrorCode judge(const InitProducerIdRequest& request) {
  const bool has_id = request.producer_id != kNoProducerId.value();
  const bool has_epoch = request.producer_epoch != kNoProducerEpoch.value();
  if (has_id != has_epoch) return ErrorCode::invalid_request;
  if (!request.transactional_id) return ErrorCode::none;
  return request.transactional_id->empty() ? ErrorCode::invalid_request
                                           : ErrorCode::coordinator_not_available;
}

}  // namespace

Task<InitProducerIdResponse> handle(Node& node, RequestContext& context,
                                    InitProducerIdRequest request) {
  InitProducerIdResponse response;
  response.producer_epoch = kNoProducerEpoch.value();
  const ErrorCode error = judge(request);
  if (error != ErrorCode::none) {
    response.error_code = code_of(error);
    co_return response;
  }
  Result<ProducerId> id = co_await node.producer_ids.next();
  if (!id) {
    // Retriable, and no id was promised. Kafka's brokers answer so when the controller does not.
    response.error_code = code_of(ErrorCode::coordinator_load_in_progress);
    if (context.listener == ListenerKind::standalone) {
      node.topics.disk_failed("producer-ids", id.error());
    }
    co_return response;
  }
  response.producer_id = id->value();
  response.producer_epoch = 0;
  co_return response;
}

void describe(const InitProducerIdResponse& response, Phrase& phrase) {
  if (response.error_code != 0) {
    phrase << " " << name_of(error_code_of(response.error_code));
  } else {
    phrase << " producer " << response.producer_id;
  }
}

}  // namespace weir
