// Whom to ask, and for how long.
#include "broker/client/shell/admin_shell.h"

#include <algorithm>

namespace weir {

AdminShell::AdminShell(Machine& machine, AdminOptions options, Recorder* recorder)
    : machine_(machine),
      options_(std::move(options)),
      facts_(machine.facts, recorder),
      cluster_(machine, options_.connection, *this, recorder) {
  cluster_.metadata().create_no_topics();
}

void AdminShell::start() {
  if (facts_.recorded()) facts_.emit(FactKind::client_configured, options_.to_json());
  cluster_.start();
}

Task<> AdminShell::close() {
  co_await cluster_.close();
  facts_.emit(FactKind::client_closed, "");
}

AdminShell::Patience AdminShell::patience() {
  return {machine_.clock.now() + options_.default_api_timeout, 0, machine_.timers.alarm()};
}

std::int32_t AdminShell::timeout_ms(const Patience& patience) const {
  const Duration left = patience.deadline - machine_.clock.now();
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(left).count();
  return static_cast<std::int32_t>(std::max<std::int64_t>(ms, 0));
}

Instant AdminShell::next_try(Patience& patience) {
  const Duration wait =
      exponential_backoff(options_.connection.retry_backoff, options_.connection.retry_backoff_max,
                          patience.failures++, machine_.entropy.random());
  return std::min(patience.deadline, machine_.clock.now() + wait);
}

Task<std::optional<std::int32_t>> AdminShell::choose(AdminRoute route, Patience& patience) {
  std::optional<std::int32_t> node;
  const bool anybody = route.kind == AdminRoute::Kind::anybody;
  const bool stand_in = route.kind == AdminRoute::Kind::controller && patience.failures % 2 == 1;
  if (!anybody && (patience.failures > 0 || cluster_.metadata().updates() == 0)) {
    const bool known = co_await cluster_.wait_for_metadata(patience.deadline);
    if (!known) co_return node;
  }
  std::int32_t wanted = -1;
  if (route.kind == AdminRoute::Kind::node) wanted = route.node;
  if (route.kind == AdminRoute::Kind::controller) wanted = cluster_.metadata().controller();
  if (!anybody && !stand_in && wanted >= 0) {
    // A controller that cannot be reached so soon is stood in for by any broker.
    Instant until = patience.deadline;
    if (route.kind == AdminRoute::Kind::controller) {
      until = std::min(until, machine_.clock.now() + options_.connection.reconnect_backoff_max);
    }
    const bool ready = co_await cluster_.wait_for_node(wanted, until);
    if (ready) {
      node = wanted;
      co_return node;
    }
    if (route.kind == AdminRoute::Kind::node) co_return node;
  }
  node = co_await cluster_.wait_for_any_node(patience.deadline);
  co_return node;
}

}  // namespace weir
