// Forwarding: what changes metadata is asked of brokers and answered by the active controller.
//
// Kafka wraps such requests in an Envelope (KIP-590), so that the controller can check who the
// client is; here nobody has to prove who he is, so the request goes as it stands, in the client's
// version, and the controller's answer comes back untouched. The controller checks what is asked
// for.
#pragma once

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>

#include "broker/node/controller/answers.h"
#include "broker/node/controller/controller_channel.h"
#include "broker/node/dispatch.h"
#include "broker/node/node.h"

namespace weir {

// A request waits so long for a controller, whatever its own timeout says.
inline constexpr Duration kForwardPatienceMin = std::chrono::seconds(1);
inline constexpr Duration kForwardPatienceMax = std::chrono::seconds(60);

template <class Request>
[[nodiscard]] Duration forward_patience(const Request& request) {
  if constexpr (requires { request.timeout_ms; }) {
    const Duration asked = std::chrono::milliseconds(request.timeout_ms);
    return std::clamp(asked, kForwardPatienceMin, kForwardPatienceMax);
  } else {
    return kForwardPatienceMax;
  }
}

template <class Request>
Task<typename Request::Response> forward(Node& node, RequestContext& context, Request request) {
  using Response = typename Request::Response;
  const Instant deadline = node.machine.clock.now() + forward_patience(request);
  Result<Response> answer = co_await node.channel->ask(request, deadline, context.version());
  Response response;
  if (answer) {
    response = std::move(*answer);
  } else if (answer.error() == Errc::timed_out) {
    response =
        refuse(request, ErrorCode::request_timed_out, "no active controller answered in time");
  } else if (answer.error() == Errc::unsupported) {
    response = refuse(request, ErrorCode::unsupported_version,
                      "the active controller does not serve this version");
  } else {
    response = refuse(request, ErrorCode::not_controller, "this broker stops");
  }
  fit(response, context.version());
  co_return response;
}

}  // namespace weir
