// Headers, field by field; they are few enough to be written out.
#include "broker/wire/request_header.h"

#include <algorithm>
#include <utility>

namespace weir {
namespace {

// Tagged fields that we know none of: read over.
void skip_tagged_fields(Reader& in) {
  for (std::uint32_t n = in.unsigned_varint(); n > 0 && in.ok(); --n) {
    in.unsigned_varint();
    in.skip(in.unsigned_varint());
  }
}

constexpr std::size_t kSizeBytes = 4;

}  // namespace

bool is_flexible(ApiKey key, std::int16_t version) {
  return version >= info_of(key).flexible_since;
}

std::int16_t response_header_version(ApiKey key, std::int16_t version) {
  if (key == ApiKey::api_versions) return 0;
  return is_flexible(key, version) ? 1 : 0;
}

Result<ReceivedRequest> open_request(Reader frame) {
  RequestHeader header;
  header.api_key = frame.int16();
  header.api_version = frame.int16();
  header.correlation_id = frame.int32();
  if (!frame.ok()) return frame.error();
  const ApiInfo* api = header.api();
  if (api == nullptr) return Errc::unsupported;
  const std::optional<std::size_t> length = frame.string_length(false);
  if (length.has_value()) header.client_id = frame.text(*length);
  if (header.api_version >= api->flexible_since) skip_tagged_fields(frame);
  if (!frame.ok()) return frame.error();
  return ReceivedRequest{std::move(header), std::move(frame)};
}

Result<std::int32_t> peek_correlation_id(const Reader& frame) {
  if (const std::optional<std::int32_t> id = frame.peek_int32()) return *id;
  Reader in = frame;  // it lies across slices, or is not there
  const std::int32_t id = in.int32();
  if (!in.ok()) return in.error();
  return id;
}

Result<ReceivedResponse> open_response(Reader frame, ApiKey key, std::int16_t version) {
  const std::int32_t id = frame.int32();
  if (response_header_version(key, version) >= 1) skip_tagged_fields(frame);
  if (!frame.ok()) return frame.error();
  return ReceivedResponse{id, std::move(frame)};
}

void begin_request(Writer& out, const RequestHeader& header) {
  out.int32(0);
  out.int16(header.api_key);
  out.int16(header.api_version);
  out.int32(header.correlation_id);
  if (header.client_id.has_value()) {
    const Bytes id =
        as_bytes(*header.client_id).first(std::min(header.client_id->size(), kMaxStringBytes));
    out.int16(static_cast<std::int16_t>(id.size()));
    out.raw(id);
  } else {
    out.int16(-1);
  }
  const ApiInfo* api = header.api();
  if (api != nullptr && header.api_version >= api->flexible_since) out.unsigned_varint(0);
}

void begin_response(Writer& out, ApiKey key, std::int16_t version, std::int32_t correlation_id) {
  out.int32(0);
  out.int32(correlation_id);
  if (response_header_version(key, version) >= 1) out.unsigned_varint(0);
}

Result<std::vector<Slice>> finish_frame(Writer&& out) {
  const std::size_t size = out.size() - kSizeBytes;
  if (size > INT32_MAX) return Errc::too_large;
  out.set_int32(0, static_cast<std::int32_t>(size));
  return std::move(out).finish();
}

}  // namespace weir
