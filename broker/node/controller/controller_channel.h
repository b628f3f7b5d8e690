// ControllerChannel: how a node asks the active controller, wherever it is by now.
//
// It is found through the quorum (MetadataLog::leader_address). An answer NOT_CONTROLLER, a lost
// connection, and a leader that is not the quorum's any more mean: find it and ask again, until the
// deadline, as Kafka's NodeToControllerChannelManager does. So a request may be carried out twice;
// the commands of the controller are made for that (registration by incarnation, AlterPartition by
// partition epoch) or say so (TOPIC_ALREADY_EXISTS).
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "broker/client/shell/waiting_line.h"
#include "broker/node/controller/answers.h"
#include "broker/node/quorum/metadata_log.h"
#include "broker/node/quorum/peers.h"
#include "broker/ports/machine.h"
#include "broker/ports/task_group.h"

namespace weir {

struct ChannelOptions {
  std::string purpose = "controller-channel";           // the client id that controllers see
  Duration request_timeout = std::chrono::seconds(30);  // controller.socket.timeout.ms
  Duration retry_pause = std::chrono::milliseconds(100);
};

class ControllerChannel {
 public:
  // The log outlives it; it may be closed before, then nobody is found any more.
  ControllerChannel(Machine& machine, MetadataLog& log, ChannelOptions options = {});

  // `limit` caps the version that is spoken. Errors: timed_out at the deadline, closed after
  // stop(), unsupported (the controller does not speak this).
  template <class Request>
  [[nodiscard]] Task<Result<typename Request::Response>> ask(Request request, Instant deadline,
                                                             std::int16_t limit = INT16_MAX) {
    using Response = typename Request::Response;
    Result<Response> outcome = make_error_code(Errc::timed_out);
    while (!stopped_ && machine_.clock.now() < deadline) {
      const auto attempt = std::make_shared<Attempt<Response>>();
      const bool found = co_await find(*attempt, deadline);
      if (!found) break;
      tasks_.spawn("ask the controller", exchange(attempt, request, limit));
      co_await await_answer(*attempt, deadline);
      if (attempt->outcome && is_final(*attempt->outcome)) {
        leave(*attempt);
        outcome = std::move(*attempt->outcome);
        co_return outcome;
      }
      co_await pause(*attempt, deadline);
      leave(*attempt);
    }
    if (stopped_) outcome = make_error_code(Errc::closed);
    co_return outcome;
  }

  // Ends what is under way; later questions, too.
  void stop();
  [[nodiscard]] Task<> join();

 private:
  struct Try {
    BrokerId to{-1};
    HostPort address;
    WaitingLine::Place place;
    bool answered = false;
  };
  template <class Response>
  struct Attempt : Try {
    std::optional<Result<Response>> outcome;
  };

  template <class Response, class Request>
  Task<> exchange(std::shared_ptr<Attempt<Response>> attempt, Request request, std::int16_t limit) {
    Result<Response> outcome =
        co_await peers_.ask(attempt->to, attempt->address, std::move(request), limit);
    attempt->outcome = std::move(outcome);
    attempt->answered = true;
    attempt->place->notify();
  }
  template <class Response>
  [[nodiscard]] static bool is_final(const Result<Response>& outcome) {
    if (outcome) return error_for_all(*outcome) != ErrorCode::not_controller;
    return outcome.error() == Errc::unsupported || outcome.error() == Errc::malformed;
  }

  Task<bool> find(Try& attempt, Instant deadline);
  Task<> await_answer(Try& attempt, Instant deadline);
  Task<> pause(Try& attempt, Instant deadline);
  void leave(const Try& attempt);

  Machine& machine_;
  MetadataLog& log_;
  ChannelOptions options_;
  Peers peers_;
  TaskGroup tasks_;
  WaitingLine waiting_;  // whoever waits for anything, so that stop() wakes them
  bool stopped_ = false;
};

}  // namespace weir
