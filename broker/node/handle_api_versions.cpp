// ApiVersions (KIP-35, KIP-511, KIP-584): what is served, and nothing else.
//
// No features are finalised yet, so the feature fields keep their defaults, which v3 and later
// leave out; features whose minimum is 0 would have to be left out up to v3 in any case
// (KAFKA-17011).
#include <algorithm>

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

}  // namespace

Task<ApiVersionsResponse> handle(Node&, RequestContext& context, ApiVersionsRequest request) {
  ApiVersionsResponse response;
  if (context.version() >= kFirstWithSoftwareName &&
      !(is_software_name(request.client_software_name) &&
        is_software_name(request.client_software_version))) {
    response.error_code = code_of(ErrorCode::invalid_request);
    co_return response;
  }
  for (const ApiInfo& api : all_apis()) {
    if (api.advertised.empty()) continue;
    response.api_keys.push_back(
        {static_cast<std::int16_t>(api.key), api.advertised.min, api.advertised.max});
  }
  co_return response;
}

ApiVersionsResponse unsupported_api_versions() {
  ApiVersionsResponse response;
  const ApiInfo& api = info_of(ApiKey::api_versions);
  response.error_code = code_of(ErrorCode::unsupported_version);
  response.api_keys.push_back({static_cast<std::int16_t>(api.key), api.served.min, api.served.max});
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
