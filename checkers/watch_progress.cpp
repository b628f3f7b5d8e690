// What each client asked for and got since everything healed.
#include "checkers/watch_progress.h"

#include "broker/base/same_text.h"

namespace weir {

using namespace watching;

namespace {

// Who polls less often does something else meanwhile.
constexpr std::int64_t kPauseNs = 1'000'000'000;

void first(std::int64_t& slot, std::int64_t when) {
  if (slot < 0) slot = when;
}

}  // namespace

void ProgressWatch::on(const Seen& seen) {
  switch (seen.fact.kind) {
    case FactKind::send_invoked:
    case FactKind::send_acknowledged:
    case FactKind::send_failed:
    case FactKind::send_unknown:
    case FactKind::poll_invoked:
    case FactKind::poll_record:
    case FactKind::poll_completed:
    case FactKind::poll_failed:
    case FactKind::consumer_seek:
    case FactKind::position_reset:
    case FactKind::position_truncated: on_client(seen); return;
    case FactKind::controller_activated:
    case FactKind::controller_resigned: on_controller(seen); return;
    case FactKind::healed: on_healed(seen.at); return;
    case FactKind::client_closed: on_end(seen); return;
    default:
      if (ends_life(seen.fact.kind)) on_end(seen);
      return;
  }
}

void ProgressWatch::on_healed(Instant at) {
  has_healed = true;
  healed = at;
  for (auto& [node, client] : clients) {
    const std::int64_t open = client.open_sends;
    const bool in_poll = client.in_poll;
    auto positions = std::move(client.positions);
    const bool gone = client.ended >= 0;
    client = ClientProgress{};
    client.open_sends = open;
    client.in_poll = in_poll;
    client.positions = std::move(positions);
    if (open > 0) client.asked = 0;
    if (in_poll) client.polled = client.last_poll = client.asks_since = 0;
    if (gone) client.ended = 0;
  }
  controller_first = in_office_.empty() ? -1 : 0;
  controller_none_since = 0;
}

// Facts of clients come in runs, so the client that was found last is remembered.
ClientProgress& ProgressWatch::client_of(std::string_view node) {
  if (last_ == nullptr || !same_text(last_->first, node)) {
    last_ = &*clients.try_emplace(std::string(node)).first;
  }
  return last_->second;
}

void ProgressWatch::on_client(const Seen& seen) {
  const Fact& fact = seen.fact;
  ClientProgress& client = client_of(seen.node);
  const std::int64_t when = since_heal(seen.at);
  client.ended = -1;  // a further life
  switch (fact.kind) {
    case FactKind::send_invoked:
      ++client.open_sends;
      client.resolved = -1;
      first(client.asked, when);
      return;
    case FactKind::send_acknowledged:
    case FactKind::send_failed:
    case FactKind::send_unknown:
      if (fact.kind == FactKind::send_acknowledged) first(client.acked, when);
      if (client.open_sends > 0 && --client.open_sends == 0) client.resolved = when;
      return;
    case FactKind::poll_invoked:
      first(client.polled, when);
      if (client.asks_since < 0 || when - client.last_poll > kPauseNs) client.asks_since = when;
      client.last_poll = when;
      client.in_poll = true;
      return;
    case FactKind::poll_completed:
    case FactKind::poll_failed:
      client.last_poll = when;
      client.in_poll = false;
      return;
    case FactKind::poll_record:
      ++consumed;
      first(client.first_record, when);
      client.last_record = client.asks_since = when;
      at_partition(client.positions, fact) = fact.value + 1;
      return;
    default:  // it reads on elsewhere
      client.asks_since = when;
      at_partition(client.positions, fact) = fact.value;
      return;
  }
}

void ProgressWatch::on_controller(const Seen& seen) {
  if (seen.fact.kind == FactKind::controller_resigned) {
    leaves_office(seen);
    return;
  }
  ++controller_terms;
  first(controller_first, since_heal(seen.at));
  at_node(in_office_, seen.node) = seen.fact.epoch;
}

void ProgressWatch::leaves_office(const Seen& seen) {
  const auto office = in_office_.find(seen.node);
  if (office == in_office_.end()) return;
  in_office_.erase(office);
  if (in_office_.empty()) controller_none_since = since_heal(seen.at);
}

void ProgressWatch::on_end(const Seen& seen) {
  leaves_office(seen);
  const auto client = clients.find(seen.node);
  if (client == clients.end()) return;
  first(client->second.ended, since_heal(seen.at));
  client->second.in_poll = false;
  // What a life left open, nobody waits for any more.
  if (client->second.open_sends > 0) client->second.resolved = since_heal(seen.at);
  client->second.open_sends = 0;
}

}  // namespace weir
