// Peers: how a node asks other nodes. Requests and answers over connections of its own.
//
// A purpose ("quorum", "fetch of the metadata log", ...) has one connection to each node, so that a
// long poll never stands in the way of a vote. The connections are those of the clients
// (broker_connection.h): ApiVersions first, requests pipelined, one that is late breaks the
// connection. Who asks gets the answer or an error, once; nothing is repeated here.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "broker/base/id.h"
#include "broker/client/shell/broker_connection.h"
#include "broker/client/shell/waiting_line.h"
#include "broker/ports/machine.h"
#include "broker/ports/task_group.h"

namespace weir {

class Peers final : public BrokerConnection::Owner {
 public:
  // As Kafka's brokers and controllers wait between two connections; a client's waits grow to a
  // second.
  static constexpr Duration kReconnectBackoff = std::chrono::milliseconds(50);

  // `purpose` is the client id that the others see. Both references outlive it. Without a
  // `reconnect_backoff` it is for the one who asks to wait after a failure.
  Peers(Machine& machine, std::string purpose, Duration request_timeout,
        Duration reconnect_backoff = kReconnectBackoff);

  // Errors: those of connecting (refused, unreachable, timed_out, reset), of the connection while
  // the request was under way, unsupported, and malformed. `limit` caps the version.
  template <class Request>
  [[nodiscard]] Task<Result<typename Request::Response>> ask(BrokerId to, HostPort address,
                                                             Request request,
                                                             std::int16_t limit = INT16_MAX) {
    const Send send = [&request, limit](BrokerConnection& connection, AnswerHandler done) {
      connection.send(request, std::move(done), true, limit);
    };
    RawAnswer answer = co_await exchange(to, std::move(address), send);
    if (!answer.body) co_return answer.body.error();
    co_return decode<typename Request::Response>(std::move(*answer.body), answer.version);
  }

  // Breaks the connections: everything under way ends with an error; later questions, too.
  void stop();
  [[nodiscard]] Task<> join();

 private:
  using Send = std::function<void(BrokerConnection&, AnswerHandler)>;
  struct Link {
    std::unique_ptr<BrokerConnection> connection;
    WaitingLine waiting;  // for the connection
  };

  Task<RawAnswer> exchange(BrokerId to, HostPort address, const Send& send);
  Link& link(BrokerId to, const HostPort& address);
  void connection_ready(BrokerConnection&) override;
  void connection_lost(BrokerConnection&) override;

  Machine& machine_;
  ConnectionOptions options_;
  TaskGroup tasks_;
  std::map<BrokerId, Link> links_;
  std::vector<std::unique_ptr<BrokerConnection>> retired_;  // of addresses that changed
  bool stopped_ = false;
};

}  // namespace weir
