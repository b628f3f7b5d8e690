// BrokerConnection: one broker, requests pipelined over one stream, responses matched in order.
//
// It connects when it is wanted, after the backoff of its last failure (reconnect.backoff.ms,
// doubling to its maximum); asks ApiVersions first, from v4 down where the broker is older
// (KIP-511), and speaks the highest version that both know. A request without a response within
// request.timeout.ms breaks the connection, as in Kafka: everything in flight is then answered by
// the error, oldest first, with the word whether a byte of it may have been sent. Nothing is
// repeated here.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "broker/client/option_reader.h"
#include "broker/client/shell/recorder.h"
#include "broker/ports/machine.h"
#include "broker/ports/task_group.h"
#include "broker/wire/describe.h"
#include "broker/wire/frame_reader.h"

namespace weir {

// What became of a request: the body of the response, or the error that ended the connection.
struct RawAnswer {
  Result<Reader> body;
  std::int16_t version = 0;
  bool sent = true;  // false: certainly not a byte left this machine
};
using AnswerHandler = std::function<void(RawAnswer)>;

class BrokerConnection {
 public:
  class Owner {
   public:
    virtual ~Owner() = default;
    virtual void connection_ready(BrokerConnection&) = 0;
    // After the handlers of what was in flight; also when connecting failed.
    virtual void connection_lost(BrokerConnection&) = 0;
  };

  // All references outlive the connection. Nothing is emitted without a recorder.
  BrokerConnection(Machine& machine, TaskGroup& tasks, const ConnectionOptions& options,
                   Owner& owner, const Recorder* recorder, std::int32_t node, HostPort address);

  [[nodiscard]] std::int32_t node() const { return node_; }
  void want();
  void stop();
  [[nodiscard]] bool ready() const { return state_ == State::ready; }
  [[nodiscard]] bool connecting() const { return state_ == State::connecting; }
  // Since the last success; a node that fails is asked last.
  [[nodiscard]] int failures() const { return failures_; }
  [[nodiscard]] Instant not_before() const { return not_before_; }
  [[nodiscard]] std::size_t in_flight() const { return in_flight_.size(); }
  [[nodiscard]] const HostPort& address() const { return address_; }

  // The highest version of both sides, at most `limit`; nothing where there is none in common.
  [[nodiscard]] std::optional<std::int16_t> version_of(ApiKey api, VersionRange own,
                                                       std::int16_t limit) const;

  // Sends at once, in order; only while ready. `answered` false: the broker sends no response
  // (acks=0), the handler is called when the bytes were accepted. `limit` caps the version. The
  // answer may be unsupported where no version fits, from inside the call.
  template <class Request>
  void send(const Request& request, AnswerHandler handler, bool answered = true,
            std::int16_t limit = INT16_MAX) {
    const auto version = version_of(Request::kApi, Request::kVersions, limit);
    if (!version) return handler({make_error_code(Errc::unsupported), 0, false});
    auto frame = encode_request(request, *version, next_correlation_, options_.client_id);
    if (!frame) return handler({frame.error(), *version, false});
    const std::string phrase =
        recorder_ == nullptr ? std::string() : describe_request(request, *version);
    enqueue(std::move(*frame), Request::kApi, *version, phrase, std::move(handler), answered);
  }

  // When the oldest request in flight runs out of time, and what happens then.
  [[nodiscard]] Instant next_deadline() const;
  void expire(Instant now);

 private:
  enum class State { idle, connecting, ready };
  struct InFlight {
    std::int32_t correlation = 0;
    ApiKey api{};
    std::int16_t version = 0;
    Instant deadline{};
    bool sent = false;
    bool answered = true;
    AnswerHandler handler;
  };

  [[nodiscard]] Task<> run();
  [[nodiscard]] Task<> connect_once();
  [[nodiscard]] Task<bool> shake_hands();
  [[nodiscard]] Task<> ask_versions(std::int16_t version);
  [[nodiscard]] Task<> write_frames();
  [[nodiscard]] Task<> read_answers();
  [[nodiscard]] Task<Result<Reader>> next_frame();
  [[nodiscard]] Result<std::optional<Reader>> arrived_frame();
  [[nodiscard]] bool feed(Result<Slice> received);
  void enqueue(std::vector<Slice> frame, ApiKey api, std::int16_t version,
               const std::string& phrase, AnswerHandler handler, bool answered);
  [[nodiscard]] bool deliver(Reader&& frame);
  void written(std::int32_t up_to);
  void fail();
  void emit(FactKind kind, ApiKey api, std::int32_t correlation, std::string_view why);

  Machine& machine_;
  TaskGroup& tasks_;
  const ConnectionOptions& options_;
  Owner& owner_;
  const Recorder* recorder_;
  const std::int32_t node_;
  const HostPort address_;

  State state_ = State::idle;
  bool wanted_ = false;
  bool running_ = false;
  bool stopped_ = false;
  int failures_ = 0;
  Instant not_before_{};
  std::unique_ptr<Alarm> wake_;
  std::unique_ptr<Stream> stream_;
  FrameReader frames_;
  std::vector<ApiVersionsResponse::ApiVersion> versions_;
  std::deque<InFlight> in_flight_;
  std::vector<Slice> outbound_;
  std::unique_ptr<Alarm> outbound_ready_;
  bool writing_ = false;      // the coroutine that writes what could not leave at once
  bool write_waits_ = false;  // it waits for the stream
  bool broken_ = false;
  std::string broken_why_;
  std::int32_t next_correlation_ = 0;
};

}  // namespace weir
