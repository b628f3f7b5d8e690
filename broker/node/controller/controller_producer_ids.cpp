// Asking for a block.
#include "broker/node/controller/controller_producer_ids.h"

#include "broker/wire/messages/allocate_producer_ids.h"

namespace weir {
namespace {

// A client that waits longer asks again.
constexpr Duration kPatienceForBlock = std::chrono::seconds(5);

}  // namespace

Task<Result<ProducerIdBlock>> ControllerProducerIds::next_block() {
  AllocateProducerIdsRequest request;
  request.broker_id = id_.value();
  request.broker_epoch = lifecycle_.epoch().value();
  const Instant deadline = machine_.clock.now() + kPatienceForBlock;
  Result<AllocateProducerIdsResponse> answer = co_await channel_.ask(request, deadline);
  if (!answer) co_return answer.error();
  const bool usable = answer->error_code == 0 && answer->producer_id_start >= 0 &&
                      answer->producer_id_len > 0 &&
                      answer->producer_id_start <= INT64_MAX - answer->producer_id_len;
  if (!usable) co_return make_error_code(Errc::unreachable);
  co_return ProducerIdBlock{ProducerId{answer->producer_id_start}, answer->producer_id_len};
}

}  // namespace weir
