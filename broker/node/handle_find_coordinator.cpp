// FindCoordinator: there are no groups and no transactions yet, so there is no coordinator either.
//
// It is served all the same: clients conclude from its versions that LZ4 and broker-side groups
// exist. COORDINATOR_NOT_AVAILABLE is retriable, so a client keeps asking.
#include "broker/node/handlers.h"
#include "broker/node/node.h"
#include "broker/wire/error_code.h"

namespace weir {
namespace {

constexpr std::int16_t kFirstWithManyKeys = 4;
constexpr std::int16_t kFirstWithShareGroups = 6;
constexpr std::int8_t kShareGroup = 2;
constexpr std::int32_t kNobody = -1;

ErrorCode judge(const FindCoordinatorRequest& request, std::int16_t version) {
  const bool known = request.key_type >= 0 && request.key_type <= kShareGroup;
  if (!known) return ErrorCode::invalid_request;
  if (request.key_type == kShareGroup && version < kFirstWithShareGroups) {
    return ErrorCode::invalid_request;
  }
  return ErrorCode::coordinator_not_available;
}

std::string_view message_of(ErrorCode error) {
  return error == ErrorCode::invalid_request ? "the type of the coordinator is unknown"
                                             : "there are no groups and no transactions yet";
}

}  // namespace

Task<FindCoordinatorResponse> handle(Node&, RequestContext& context,
                                     FindCoordinatorRequest request) {
  FindCoordinatorResponse response;
  const ErrorCode error = judge(request, context.version());
  if (context.version() < kFirstWithManyKeys) {
    response.error_code = code_of(error);
    response.error_message = message_of(error);
    response.node_id = kNobody;
    response.port = kNobody;
    co_return response;
  }
  for (std::string& key : request.coordinator_keys) {
    FindCoordinatorResponse::Coordinator coordinator;
    coordinator.key = std::move(key);
    coordinator.node_id = kNobody;
    coordinator.port = kNobody;
    coordinator.error_code = code_of(error);
    coordinator.error_message = message_of(error);
    response.coordinators.push_back(std::move(coordinator));
  }
  co_return response;
}

void describe(const FindCoordinatorResponse& response, Phrase& phrase) {
  const std::int16_t code =
      response.coordinators.empty() ? response.error_code : response.coordinators[0].error_code;
  phrase << " " << name_of(error_code_of(code));
}

}  // namespace weir
