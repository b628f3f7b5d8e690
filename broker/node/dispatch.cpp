// The table of handlers, and the common path of every request: decode, handle, encode.
#include "broker/node/dispatch.h"

#include "broker/node/handlers.h"
#include "broker/node/node.h"
#include "broker/wire/describe.h"

namespace weir {
namespace {

void emit_received(Node& node, const RequestContext& context, std::string_view phrase) {
  node.machine.facts.emit({.kind = FactKind::request_received,
                           .api = context.header.api_key,
                           .operation = context.header.correlation_id,
                           .peer = context.peer,
                           .why = phrase});
}

Phrase begin_phrase(const RequestContext& context) {
  Phrase phrase;
  phrase << (context.api == nullptr ? std::string_view("UnknownApi") : context.api->name) << " v"
         << context.version();
  return phrase;
}

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
  Response response = co_await handle(node, context, std::move(*request));
  if (!context.close_because.empty()) {
    reply.close_because = context.close_because;
  } else if (!context.silent) {
    encode_into(reply, context, response, context.version());
  }
  co_return reply;
}

using Serve = Task<Reply> (*)(Node&, RequestContext&, Reader);

// Null for an API that is not served.
Serve find_handler(ApiKey key) {
  struct Route {
    ApiKey key;
    Serve serve;
  };
  static constexpr Route kRoutes[] = {
      {ApiKey::produce, serve<ProduceRequest>},
      {ApiKey::fetch, serve<FetchRequest>},
      {ApiKey::list_offsets, serve<ListOffsetsRequest>},
      {ApiKey::metadata, serve<MetadataRequest>},
      {ApiKey::find_coordinator, serve<FindCoordinatorRequest>},
      {ApiKey::api_versions, serve<ApiVersionsRequest>},
      {ApiKey::create_topics, serve<CreateTopicsRequest>},
      {ApiKey::delete_topics, serve<DeleteTopicsRequest>},
      {ApiKey::init_producer_id, serve<InitProducerIdRequest>},
  };
  for (const Route& route : kRoutes) {
    if (route.key == key) return route.serve;
  }
  return nullptr;
}

}  // namespace

Task<Reply> dispatch(Node& node, RequestContext& context, Reader body) {
  Reply reply;
  const Serve serve_it = context.api == nullptr ? nullptr : find_handler(context.api->key);
  if (serve_it != nullptr && context.api->served.contains(context.version())) {
    reply = co_await serve_it(node, context, std::move(body));
    co_return reply;
  }
  Phrase phrase = begin_phrase(context);
  phrase << " not served";
  emit_received(node, context, phrase);
  if (context.header.is(ApiKey::api_versions)) {
    encode_into(reply, context, unsupported_api_versions(), 0);
  } else {
    reply.close_because = "not served: ";
    reply.close_because += phrase.view();
  }
  co_return reply;
}

}  // namespace weir
