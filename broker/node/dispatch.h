// Dispatch: from a received frame to the handler of its API, and back to a response frame.
//
// The rules for what cannot be served are Kafka's: ApiVersions in an unknown version is answered in
// v0 with UNSUPPORTED_VERSION (KIP-511); any other API or version that is not served, and a request
// that cannot be decoded, closes the connection.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "broker/base/bytes.h"
#include "broker/node/phrase.h"
#include "broker/ports/task.h"
#include "broker/wire/request_header.h"

namespace weir {

class Connection;
struct Node;

// One request under way. Handlers see the version, and say here when there is nothing to answer.
struct RequestContext {
  RequestHeader header;
  const ApiInfo* api = nullptr;
  Connection& connection;
  ListenerKind listener = ListenerKind::standalone;  // where it came in
  std::string peer;  // the client id, or else who is at the other end of the stream

  bool silent = false;             // no response, as acks=0 asks for
  std::string close_because = {};  // no response, and the end of the connection

  [[nodiscard]] std::int16_t version() const { return header.api_version; }
};

struct Reply {
  std::vector<Slice> frame = {};   // empty: nothing to send
  std::string close_because = {};  // not empty: the connection ends
  Phrase said = {};                // what the response says, for people
};

// By the table of the listener's APIs. Emits request.received; the caller emits response.sent right
// before it writes the frame.
[[nodiscard]] Task<Reply> dispatch(Node& node, RequestContext& context, Reader body);

}  // namespace weir
