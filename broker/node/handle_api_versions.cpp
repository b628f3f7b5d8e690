// ApiVersions (KIP-35, KIP-511, KIP-584): what the listener serves, and nothing else.
//
// In a cluster it also tells which features this build knows and which the cluster has finalized,
// as of the image; the epoch of those is the image's last offset, as in Kafka. Features whose
// minimum is 0 are left out up to v3 (KAFKA-17011). A broker that stands alone finalizes none: the
// fields keep their defaults, which v3 and later leave out.
#include <algorithm>

#include "broker/controller/features.h"
#include "broker/node/handlers.h"
#include "broker/node/node.h"
#include "broker/wire/error_code.h"

namespace weir {
namespace {

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// KIP-511: letters, digits, '-' and '.', with a letter or digit at both ends.
bool is_software_name(std::string_view text) {
  if (text.empty() || !is_letter_or_digit(text.front()) || !is_letter_or_digit(text.back())) {
    return false;
  }
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return is_letter_or_digit(c) || c == '-' || c == '.'; });
}

constexpr std::int16_t kFirstWithSoftwareName = 3;
constexpr std::int16_t kFirstWithMinimumZero = 4;

void tell_features(const MetadataImage& image, std::int16_t version,
                   ApiVersionsResponse& response) {
  for (const KnownFeature& feature : known_features()) {
    if (feature.min == 0 && version < kFirstWithMinimumZero) continue;
    response.supported_features.push_back({std::string(feature.name), feature.min, feature.max});
  }
  if (image.applied().end == Offset{0}) return;  // nothing is known of the cluster yet
  response.finalized_features_epoch = image.applied().end.value() - 1;
  for (const auto& [name, level] : image.features()) {
    response.finalized_features.push_back({name, level, level});
  }
}

}  // namespace

Task<ApiVersionsResponse> handle(Node& node, RequestContext& context, ApiVersionsRequest request) {
  ApiVersionsResponse response;
  if (context.version() >= kFirstWithSoftwareName &&
      !(is_software_name(request.client_software_name) &&
        is_software_name(request.client_software_version))) {
    response.error_code = code_of(ErrorCode::invalid_request);
    co_return response;
  }
  for (const ApiInfo& api : all_apis()) {
    const VersionRange told = api.advertised_by(context.listener);
    if (told.empty()) continue;
    response.api_keys.push_back({static_cast<std::int16_t>(api.key), told.min, told.max});
  }
  if (context.listener != ListenerKind::standalone) {
    tell_features(*node.image(), context.version(), response);
  }
  co_return response;
}

ApiVersionsResponse unsupported_api_versions(ListenerKind kind) {
  ApiVersionsResponse response;
  const ApiInfo& api = info_of(ApiKey::api_versions);
  response.error_code = code_of(ErrorCode::unsupported_version);
  const VersionRange served = api.served_by(kind);
  response.api_keys.push_back({static_cast<std::int16_t>(api.key), served.min, served.max});
  return response;
}

void describe(const ApiVersionsResponse& response, Phrase& phrase) {
  if (response.error_code != 0) {
    phrase << " " << name_of(error_code_of(response.error_code));
  } else {
    phrase << " " << response.api_keys.size() << " APIs";
  }
}

}  // namespace weir
