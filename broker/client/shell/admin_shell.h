// AdminShell: asks the right broker for each of the administrator's calls, and waits between the
// rounds.
//
// Private to broker/client/shell; applications use Admin. What a round asks and what an answer
// settles is decided in broker/client/admin_calls.h.
#pragma once

#include "broker/client/admin_calls.h"
#include "broker/client/backoff.h"
#include "broker/client/shell/admin.h"
#include "broker/client/shell/client_cluster.h"
#include "broker/client/shell/client_facts.h"

namespace weir {

// Who is to be asked.
struct AdminRoute {
  enum class Kind { anybody, controller, node } kind = Kind::anybody;
  std::int32_t node = -1;
};

class AdminShell final : public ClusterUser {
 public:
  AdminShell(Machine& machine, AdminOptions options, Recorder* recorder);

  void start();
  [[nodiscard]] Task<> close();

  // Asks in rounds until the call is done or default.api.timeout.ms is over.
  template <class Call>
  [[nodiscard]] Task<ClientResult<typename Call::Value>> perform(Call call, AdminRoute route);
  // Asks the leaders, in rounds; every partition has its own outcome.
  template <class Call>
  [[nodiscard]] Task<ClientResult<typename Call::Value>> perform_by_leader(Call call);
  // Calls whose parts belong to different brokers, one after another.
  template <class Call, class Part>
  [[nodiscard]] Task<ClientResult<typename Call::Value>> perform_by_owner(
      std::map<std::int32_t, std::vector<Part>> parts);

 private:
  // How much longer one call goes on, and how often it has failed.
  struct Patience {
    Instant deadline;
    int failures = 0;
    std::unique_ptr<Alarm> pause;
  };

  void node_ready(std::int32_t) override {}
  void node_lost(std::int32_t) override {}
  Instant step(Instant) override { return Instant::never(); }

  [[nodiscard]] Patience patience();
  [[nodiscard]] std::int32_t timeout_ms(const Patience& patience) const;
  [[nodiscard]] Instant next_try(Patience& patience);
  // A ready node; nothing after the deadline. Stands off from what has just failed: asks for new
  // metadata, and every other time anybody in the controller's place.
  [[nodiscard]] Task<std::optional<std::int32_t>> choose(AdminRoute route, Patience& patience);
  // One answer, repeated after lost connections.
  template <class Request>
  [[nodiscard]] Task<ClientResult<typename Request::Response>> ask(Request request,
                                                                   AdminRoute route,
                                                                   Patience& patience,
                                                                   std::int16_t limit);
  // One round: every leader that metadata names, once.
  template <class Call>
  [[nodiscard]] Task<> ask_leaders(Call& call, Patience& patience);

  Machine& machine_;
  const AdminOptions options_;
  ClientFacts facts_;
  ClientCluster cluster_;
};

template <class Request>
Task<ClientResult<typename Request::Response>> AdminShell::ask(Request request, AdminRoute route,
                                                               Patience& patience,
                                                               std::int16_t limit) {
  ClientError error(code_of(ErrorCode::request_timed_out),
                    "no broker could be reached within default.api.timeout.ms");
  while (machine_.clock.now() < patience.deadline) {
    const std::optional<std::int32_t> node = co_await choose(route, patience);
    if (!node) break;
    Result<typename Request::Response> response = co_await cluster_.ask(*node, request, limit);
    if (response) co_return std::move(*response);
    error.why = response.error().message() + " within default.api.timeout.ms";
    if (response.error() == make_error_code(Errc::unsupported)) {
      error = ClientError(code_of(ErrorCode::unsupported_version),
                          "the broker does not serve " + std::string(name_of(Request::kApi)));
      break;
    }
    const Instant next = next_try(patience);
    co_await patience.pause->wait_until(next);
  }
  co_return error;
}

template <class Call>
Task<ClientResult<typename Call::Value>> AdminShell::perform(Call call, AdminRoute route) {
  using Request = typename Call::Request;
  Patience waiting = patience();
  while (!call.done()) {
    Request request = call.request(timeout_ms(waiting));
    ClientResult<typename Request::Response> response =
        co_await ask(std::move(request), route, waiting, Call::kMaxVersion);
    if (response.has_error()) co_return response.error();
    const Instant next = next_try(waiting);
    const bool last = next >= waiting.deadline;
    call.take(*response, last);
    if (last || call.done()) break;
    co_await waiting.pause->wait_until(next);
  }
  ClientResult<typename Call::Value> result = call.result();
  co_return result;
}

template <class Call, class Part>
Task<ClientResult<typename Call::Value>> AdminShell::perform_by_owner(
    std::map<std::int32_t, std::vector<Part>> parts) {
  typename Call::Value all;
  for (const auto& part : parts) {
    AdminRoute route;
    if (part.first >= 0) route = AdminRoute{AdminRoute::Kind::node, part.first};
    Call call(part.second);
    ClientResult<typename Call::Value> some = co_await perform(std::move(call), route);
    if (some.has_error()) co_return some.error();
    std::ranges::move(*some, std::back_inserter(all));
  }
  co_return all;
}

template <class Call>
Task<> AdminShell::ask_leaders(Call& call, Patience& patience) {
  using Request = typename Call::Request;
  const bool known = co_await cluster_.wait_for_metadata(patience.deadline);
  if (!known) co_return;
  const std::map<std::int32_t, Request> requests =
      call.requests(cluster_.metadata(), timeout_ms(patience));
  for (const auto& request : requests) {
    // One leader that is away must not take the time of the others.
    const Instant until = std::min(
        patience.deadline, machine_.clock.now() + options_.connection.reconnect_backoff_max);
    const bool ready = co_await cluster_.wait_for_node(request.first, until);
    if (!ready) continue;
    Result<typename Request::Response> response =
        co_await cluster_.ask(request.first, request.second);
    if (response) call.take(*response, false);
  }
}

template <class Call>
Task<ClientResult<typename Call::Value>> AdminShell::perform_by_leader(Call call) {
  Patience waiting = patience();
  const std::set<std::string> topics = call.topics();
  for (const std::string& topic : topics) cluster_.metadata().want(topic);
  while (!call.done()) {
    co_await ask_leaders(call, waiting);
    const Instant next = next_try(waiting);
    if (call.done() || next >= waiting.deadline) break;
    co_await waiting.pause->wait_until(next);
  }
  call.give_up(cluster_.metadata());
  co_return call.values();
}

}  // namespace weir
