// Request and response headers, and whole frames: size, header, body (Kafka protocol guide).
//
// Request header v1 carries the client id; v2, used where the API's version is flexible, adds
// tagged fields but keeps the client id a classic string (KIP-482). Response header v1 likewise;
// ApiVersions is always answered with v0, since a client asks it before it knows anything
// (KIP-511).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "broker/wire/api_key.h"
#include "broker/wire/message.h"

namespace weir {

struct RequestHeader {
  std::int16_t api_key = -1;  // as received: it may be none of ApiKey
  std::int16_t api_version = -1;
  std::int32_t correlation_id = 0;
  std::optional<std::string> client_id = {};

  // Null for a key that Kafka does not know.
  [[nodiscard]] const ApiInfo* api() const { return find_api(api_key); }
  [[nodiscard]] bool is(ApiKey key) const { return api_key == static_cast<std::int16_t>(key); }
};

[[nodiscard]] bool is_flexible(ApiKey, std::int16_t version);
// 0 or 1.
[[nodiscard]] std::int16_t response_header_version(ApiKey, std::int16_t version);

// A received request: its header, and a reader that stands at the body.
struct ReceivedRequest {
  RequestHeader header;
  Reader body;
};

// Reads the header of a request frame (without its size). Versions that are not served are
// accepted: it is the caller who answers UNSUPPORTED_VERSION. Errors: unsupported (no such API, so
// the header's version is unknown), truncated, malformed.
[[nodiscard]] Result<ReceivedRequest> open_request(Reader frame);

struct ReceivedResponse {
  std::int32_t correlation_id = 0;
  Reader body;
};
// Reads the correlation id alone, by which the client finds the request, and so the header's
// version.
[[nodiscard]] Result<std::int32_t> peek_correlation_id(const Reader& frame);
[[nodiscard]] Result<ReceivedResponse> open_response(Reader frame, ApiKey, std::int16_t version);

// The parts of a frame around the body; the size is filled in by finish_frame.
void begin_request(Writer&, const RequestHeader&);
void begin_response(Writer&, ApiKey, std::int16_t version, std::int32_t correlation_id);
[[nodiscard]] Result<std::vector<Slice>> finish_frame(Writer&&);

// A whole request frame; the API key is the message's own.
template <class Request>
[[nodiscard]] Result<std::vector<Slice>> encode_request(const Request& request,
                                                        std::int16_t version,
                                                        std::int32_t correlation_id,
                                                        std::optional<std::string> client_id,
                                                        std::string* why = nullptr) {
  Writer writer;
  begin_request(writer, {static_cast<std::int16_t>(Request::kApi), version, correlation_id,
                         std::move(client_id)});
  if (auto done = encode(request, version, writer, why); !done) return done.error();
  return finish_frame(std::move(writer));
}

// A whole response frame.
template <class Response>
[[nodiscard]] Result<std::vector<Slice>> encode_response(const Response& response,
                                                         std::int16_t version,
                                                         std::int32_t correlation_id,
                                                         std::string* why = nullptr) {
  Writer writer;
  begin_response(writer, Response::kApi, version, correlation_id);
  if (auto done = encode(response, version, writer, why); !done) return done.error();
  return finish_frame(std::move(writer));
}

}  // namespace weir
