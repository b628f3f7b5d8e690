// ClientCluster: the connections of one client, its metadata, and the one task that lets time pass.
//
// Bootstrap servers have numbers below zero until metadata names the brokers (and again when none
// of those can be reached, KIP-899). Everything that happens ends in poke(); the pump then steps
// the client's core once, and sleeps until the next deadline of anybody. Nothing ticks: an idle
// client causes no events until its metadata is metadata.max.age.ms old.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "broker/client/metadata_cache.h"
#include "broker/client/shell/broker_connection.h"
#include "broker/client/shell/waiting_line.h"

namespace weir {

// A client on top of a ClientCluster.
class ClusterUser {
 public:
  virtual ~ClusterUser() = default;
  virtual void node_ready(std::int32_t node) = 0;
  virtual void node_lost(std::int32_t node) = 0;
  // Does what is due, and says when it wants to be called again even if nothing happens.
  virtual Instant step(Instant now) = 0;
};

class ClientCluster final : public BrokerConnection::Owner {
 public:
  // The options and the user outlive the cluster.
  ClientCluster(Machine& machine, const ConnectionOptions& options, ClusterUser& user,
                const Recorder* recorder);

  void start();
  void poke() { wake_->notify(); }
  // Stops the connections and the pump, and waits for all tasks. What is in flight is answered by
  // errors first.
  [[nodiscard]] Task<> close();

  [[nodiscard]] MetadataCache& metadata() { return metadata_; }
  void want(std::int32_t node);
  [[nodiscard]] bool ready(std::int32_t node) const;
  // A ready broker with the least in flight; or nothing, and one is being connected to.
  [[nodiscard]] std::optional<std::int32_t> any_node();

  // Woken by everything that may let a waiting question go on: connections and metadata.
  [[nodiscard]] WaitingLine& changes() { return changes_; }
  // Waits until this broker is known and ready; false after the deadline.
  [[nodiscard]] Task<bool> wait_for_node(std::int32_t node, Instant deadline);
  // Asks for new metadata and waits for the next that comes; false after the deadline.
  [[nodiscard]] Task<bool> wait_for_metadata(Instant deadline);
  // Waits for any_node(); nothing after the deadline.
  [[nodiscard]] Task<std::optional<std::int32_t>> wait_for_any_node(Instant deadline);
  // Asks a ready node, and waits for the response or the error.
  template <class Request>
  [[nodiscard]] Task<Result<typename Request::Response>> ask(std::int32_t node, Request request,
                                                             std::int16_t limit = INT16_MAX);

  // Sends to a ready node; `handler(Result<Response>, sent)` is called exactly once.
  template <class Request, class Handler>
  void send(std::int32_t node, const Request& request, Handler handler,
            std::int16_t limit = INT16_MAX) {
    connections_.at(node)->send(
        request,
        [this, handler = std::move(handler)](RawAnswer answer) mutable {
          handler(decode_body<typename Request::Response>(answer), answer.sent);
          poke();
        },
        true, limit);
  }
  // For requests that the broker does not answer: `handler(written, sent)`.
  template <class Request, class Handler>
  void send_unanswered(std::int32_t node, const Request& request, Handler handler) {
    connections_.at(node)->send(
        request,
        [this, handler = std::move(handler)](const RawAnswer& answer) mutable {
          handler(answer.body.has_value(), answer.sent);
          poke();
        },
        false);
  }

 private:
  void connection_ready(BrokerConnection&) override;
  void connection_lost(BrokerConnection&) override;

  // Retired ones are nobody's business any more.
  [[nodiscard]] bool is_current(const BrokerConnection& c) const {
    return connections_.at(c.node()).get() == &c;
  }

  template <class Response>
  static Result<Response> decode_body(RawAnswer& answer) {
    if (!answer.body) return answer.body.error();
    return decode<Response>(std::move(*answer.body), answer.version);
  }

  [[nodiscard]] Task<> pump();
  void refresh_metadata(Instant now);
  BrokerConnection& connection(std::int32_t node, const HostPort& address);
  [[nodiscard]] std::vector<std::int32_t> candidates();

  Machine& machine_;
  const ConnectionOptions& options_;
  ClusterUser& user_;
  const Recorder* recorder_;
  TaskGroup tasks_;
  std::unique_ptr<Alarm> wake_;
  MetadataCache metadata_;
  std::map<std::int32_t, std::unique_ptr<BrokerConnection>> connections_;
  std::vector<std::unique_ptr<BrokerConnection>> retired_;  // of addresses that changed
  WaitingLine changes_;
  bool started_ = false;
  bool stopped_ = false;
};

template <class Request>
Task<Result<typename Request::Response>> ClientCluster::ask(std::int32_t node, Request request,
                                                            std::int16_t limit) {
  using Response = typename Request::Response;
  struct Slot {
    std::unique_ptr<Alarm> done;
    std::optional<Result<Response>> result;
  };
  auto slot = std::make_shared<Slot>();
  slot->done = machine_.timers.alarm();
  send(
      node, request,
      [slot](Result<Response> response, bool) {
        slot->result.emplace(std::move(response));
        slot->done->notify();
      },
      limit);
  while (!slot->result) {
    co_await slot->done->wait_until(Instant::never());
  }
  Result<Response> result = std::move(*slot->result);
  co_return result;
}

}  // namespace weir
