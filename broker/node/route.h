// One row of a dispatch table: an API, and the common path of its requests: decode, handle, encode.
//
// For dispatch.cpp and the tables of the listeners (routes_*.cpp) alone.
#pragma once

#include <span>
#include <string>
#include <utility>

#include "broker/node/dispatch.h"
#include "broker/node/handlers.h"
#include "broker/node/node.h"
#include "broker/wire/describe.h"

namespace weir {

using Serve = Task<Reply> (*)(Node&, RequestContext&, Reader);
struct Route {
  ApiKey key;
  Serve serve;
};

// What each kind of listener serves.
[[nodiscard]] std::span<const Route> broker_routes();
[[nodiscard]] std::span<const Route> controller_routes();

[[nodiscard]] Phrase begin_phrase(const RequestContext& context);
void emit_received(Node& node, const RequestContext& context, std::string_view phrase);

template <class Response>
void encode_into(Reply& reply, const RequestContext& context, const Response& response,
                 std::int16_t version) {
  std::string why;
  Result<std::vector<Slice>> frame =
      encode_response(response, version, context.header.correlation_id, &why);
  if (!frame) {
    reply.close_because = "the response cannot be encoded: " + why;
    return;
  }
  reply.frame = std::move(*frame);
  reply.said << Response::kName << " v" << version;
  describe(response, reply.said);
}

template <class Request>
using HandlerOf = Task<typename Request::Response> (*)(Node&, RequestContext&, Request);

template <class Request, HandlerOf<Request> kHandler>
Task<Reply> serve(Node& node, RequestContext& context, Reader body) {
  Reply reply;
  std::string why;
  Result<Request> request = decode<Request>(std::move(body), context.version(), &why);
  if (!request) {
    Phrase phrase = begin_phrase(context);
    phrase << " malformed";
    emit_received(node, context, phrase);
    reply.close_because = "malformed request: " + why;
    co_return reply;
  }
  emit_received(node, context, describe_request(*request, context.version()));
  using Response = typename Request::Response;
  Response response = co_await kHandler(node, context, std::move(*request));
  if (!context.close_because.empty()) {
    reply.close_because = context.close_because;
  } else if (!context.silent) {
    encode_into(reply, context, response, context.version());
  }
  co_return reply;
}

}  // namespace weir
