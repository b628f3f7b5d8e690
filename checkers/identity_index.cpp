// Looking up by client and count.
#include "checkers/identity_index.h"

#include <optional>
#include <utility>

namespace weir {
namespace {

// "P1:17" is ("P1", 17); a count has no leading zeros, so that each text has one reading.
std::optional<std::pair<std::string_view, std::size_t>> split(std::string_view id) {
  constexpr std::size_t kMostDigits = 9;
  const std::size_t colon = id.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const std::string_view digits = id.substr(colon + 1);
  const bool plain = !digits.empty() && digits.size() <= kMostDigits &&
                     (digits.front() != '0' || digits.size() == 1);
  if (!plain) return std::nullopt;
  std::size_t count = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return std::nullopt;
    count = count * 10 + static_cast<std::size_t>(c - '0');
  }
  return std::pair(id.substr(0, colon), count);
}

}  // namespace

std::uint32_t IdentityIndex::find(std::string_view id) const {
  if (const auto parts = split(id)) {
    for (const Client& client : clients_) {
      if (client.name != parts->first || parts->second >= client.numbers.size()) continue;
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
    if (c.name == parts->first) client = &c;
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
