// Finding the handler, and what becomes of requests that have none.
#include "broker/node/dispatch.h"

#include "broker/node/route.h"

namespace weir {
namespace {

// Null for an API that is not served.
Serve find_handler(ListenerKind kind, ApiKey key) {
  const auto routes = kind == ListenerKind::controller ? controller_routes() : broker_routes();
  for (const Route& route : routes) {
    if (route.key == key) return route.serve;
  }
  return nullptr;
}

}  // namespace

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

Task<Reply> dispatch(Node& node, RequestContext& context, Reader body) {
  Reply reply;
  const ListenerKind kind = context.listener;
  Serve serve_it = nullptr;
  if (context.api != nullptr && context.api->served_by(kind).contains(context.version())) {
    serve_it = find_handler(kind, context.api->key);
  }
  if (serve_it != nullptr) {
    reply = co_await serve_it(node, context, std::move(body));
    co_return reply;
  }
  Phrase phrase = begin_phrase(context);
  phrase << " not served";
  emit_received(node, context, phrase);
  if (context.header.is(ApiKey::api_versions)) {
    encode_into(reply, context, unsupported_api_versions(kind), 0);
  } else {
    reply.close_because = "not served: ";
    reply.close_because += phrase.view();
  }
  co_return reply;
}

}  // namespace weir
