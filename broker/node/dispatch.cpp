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

namespace {

Task<Reply> refuse_unserved(Node& node, RequestContext& context) {
  Reply reply;
  Phrase phrase = begin_phrase(context);
  phrase << " not served";
  emit_received(node, context, phrase);
  if (context.header.is(ApiKey::api_versions)) {
    encode_into(reply, context, unsupported_api_versions(context.listener), 0);
  } else {
    reply.close_because = "not served: ";
    reply.close_because += phrase.view();
  }
  co_return reply;
}

}  // namespace

// No coroutine of its own: every request comes by here.
Task<Reply> dispatch(Node& node, RequestContext& context, Reader body) {
  const ListenerKind kind = context.listener;
  if (context.api != nullptr && context.api->served_by(kind).contains(context.version())) {
    const Serve serve_it = find_handler(kind, context.api->key);
    if (serve_it != nullptr) return serve_it(node, context, std::move(body));
  }
  return refuse_unserved(node, context);
}

}  // namespace weir
