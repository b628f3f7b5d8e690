// Looking up by client and count.
#include "checkers/identity_index.h"

#include <optional>
#include <utility>

#include "broker/base/same_text.h"

namespace weir {
namespace {

// "P1:17" is ("P1", 17); a count has no leading zeros, so that each text has one reading.
std::optional<std::pair<std::string_view, std::size_t>> split(std::string_view id) {
  constexpr std::size_t kMostDigits = 9;
  std::size_t at = id.size();
  std::size_t count = 0;
  std::size_t scale = 1;
  while (at > 0 && id[at - 1] >= '0' && id[at - 1] <= '9') {
    if (id.size() - at == kMostDigits) return std::nullopt;
    --at;
    count += scale * static_cast<std::size_t>(id[at] - '0');
    scale *= 10;
  }
  const std::size_t digits = id.size() - at;
  const bool plain = digits == 1 || (digits > 1 && id[at] != '0');
  if (!plain || at == 0 || id[at - 1] != ':') return std::nullopt;
  return std::pair(id.substr(0, at - 1), count);
}

}  // namespace

std::uint32_t IdentityIndex::find(std::string_view id) const {
  if (const auto parts = split(id)) {
    for (const Client& client : clients_) {
      if (parts->second >= client.numbers.size()) continue;
      if (!same_text(client.name, parts->first)) continue;
      if (client.numbers[parts->second] != kNone) return client.numbers[parts->second];
    }
  }
  if (others_.empty()) return kNone;
  const auto found = others_.find(id);
  return found == others_.end() ? kNone : found->second;
}

std::uint32_t IdentityIndex::number(std::string_view id) {
  const std::uint32_t known = find(id);
  if (known != kNone) return known;
  const std::uint32_t fresh = size_++;
  const auto parts = split(id);
  if (!parts) {
    others_.emplace(id, fresh);
    return fresh;
  }
  Client* client = nullptr;
  for (Client& c : clients_) {
    if (same_text(c.name, parts->first)) client = &c;
  }
  if (client == nullptr) {
    client = &clients_.emplace_back();
    client->name = parts->first;
  }
  if (parts->second > client->numbers.size() + kFarAhead) {
    others_.emplace(id, fresh);
    return fresh;
  }
  if (parts->second >= client->numbers.size()) client->numbers.resize(parts->second + 1, kNone);
  client->numbers[parts->second] = fresh;
  return fresh;
}

}  // namespace weir
