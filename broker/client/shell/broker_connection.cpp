// Connecting, the handshake, the writer and the reader of one connection.
#include "broker/client/shell/broker_connection.h"

#include <algorithm>

#include "broker/client/backoff.h"
#include "broker/wire/error_code.h"

namespace weir {

BrokerConnection::BrokerConnection(Machine& machine, TaskGroup& tasks,
                                   const ConnectionOptions& options, Owner& owner,
                                   const Recorder* recorder, std::int32_t node, HostPort address)
    : machine_(machine),
      tasks_(tasks),
      options_(options),
      owner_(owner),
      recorder_(recorder),
      node_(node),
      address_(std::move(address)),
      wake_(machine.timers.alarm()),
      outbound_ready_(machine.timers.alarm()) {}

void BrokerConnection::want() {
  if (wanted_ || stopped_) return;
  wanted_ = true;
  if (running_) return wake_->notify();
  running_ = true;
  tasks_.spawn("connection", run());
}

void BrokerConnection::stop() {
  stopped_ = true;
  if (!running_) return;
  broken_why_ = "closed by the client";
  broken_ = true;
  if (stream_) stream_->close();
  outbound_ready_->notify();
  wake_->notify();
}

Task<> BrokerConnection::run() {
  while (!stopped_) {
    if (!wanted_) {
      co_await wake_->wait_until(Instant::never());
    } else if (machine_.clock.now() < not_before_) {
      co_await wake_->wait_until(not_before_);
    } else {
      co_await connect_once();
    }
  }
  running_ = false;
}

Task<> BrokerConnection::connect_once() {
  state_ = State::connecting;
  const Endpoint to{address_.host, address_.port};
  const Instant deadline = machine_.clock.now() + options_.connection_setup_timeout;
  Result<std::unique_ptr<Stream>> connected = co_await machine_.network.connect(to, deadline);
  if (!connected || stopped_) {
    fail();
    co_return;
  }
  stream_ = std::move(*connected);
  frames_ = FrameReader();
  versions_.clear();
  outbound_.clear();
  write_waits_ = false;
  broken_ = false;
  broken_why_.clear();
  writing_ = true;
  tasks_.spawn("connection writer", write_frames());
  const bool shaken = co_await shake_hands();
  if (shaken) {
    state_ = State::ready;
    failures_ = 0;
    owner_.connection_ready(*this);
    co_await read_answers();
  }
  broken_ = true;
  stream_->close();
  outbound_ready_->notify();
  while (writing_) {
    co_await wake_->wait_until(Instant::never());
  }
  stream_.reset();
  fail();
}

void BrokerConnection::fail() {
  state_ = State::idle;
  wanted_ = false;
  not_before_ = machine_.clock.now() + exponential_backoff(options_.reconnect_backoff,
                                                           options_.reconnect_backoff_max,
                                                           failures_++, machine_.entropy.random());
  std::deque<InFlight> lost = std::exchange(in_flight_, {});
  for (InFlight& request : lost) {
    request.handler({make_error_code(Errc::reset), request.version, request.sent});
  }
  owner_.connection_lost(*this);
}

Task<bool> BrokerConnection::shake_hands() {
  co_await ask_versions(ApiVersionsRequest::kVersions.max);
  if (versions_.empty() && !broken_) co_await ask_versions(0);
  co_return !versions_.empty();
}

// Asks in one version. An older broker answers UNSUPPORTED_VERSION in the form of v0, and names the
// versions it has.
Task<> BrokerConnection::ask_versions(std::int16_t version) {
  ApiVersionsRequest request;
  request.client_software_name = "weir";
  request.client_software_version = "1";
  auto frame = encode_request(request, version, next_correlation_, options_.client_id);
  if (!frame) co_return;
  const auto ignore = [](const RawAnswer&) {};
  enqueue(std::move(*frame), ApiKey::api_versions, version, describe_request(request, version),
          ignore, true);
  Result<Reader> received = co_await next_frame();
  if (!received) co_return;
  const std::int32_t correlation = in_flight_.empty() ? -1 : in_flight_.front().correlation;
  Result<ReceivedResponse> opened = open_response(*received, ApiKey::api_versions, version);
  if (!opened || opened->correlation_id != correlation) {
    broken_ = true;
    broken_why_ = "the broker's first response is none";
    co_return;
  }
  in_flight_.pop_front();
  emit(FactKind::response_received, ApiKey::api_versions, correlation, "ApiVersions response");
  Reader peek = opened->body;
  const bool refused = error_code_of(peek.int16()) == ErrorCode::unsupported_version;
  const std::int16_t form = refused ? std::int16_t{0} : version;
  Result<ApiVersionsResponse> response = decode<ApiVersionsResponse>(opened->body, form);
  if (!response) {
    broken_ = true;
    broken_why_ = "cannot read the broker's versions: " + response.error().message();
  } else if (!refused) {
    versions_ = std::move(response->api_keys);
  }
}

std::optional<std::int16_t> BrokerConnection::version_of(ApiKey api, VersionRange own,
                                                         std::int16_t limit) const {
  const auto it = std::ranges::find(versions_, static_cast<std::int16_t>(api),
                                    &ApiVersionsResponse::ApiVersion::api_key);
  if (it == versions_.end()) return std::nullopt;
  const std::int16_t highest = std::min({own.max, it->max_version, limit});
  if (highest < own.min || highest < it->min_version) return std::nullopt;
  return highest;
}

void BrokerConnection::enqueue(std::vector<Slice> frame, ApiKey api, std::int16_t version,
                               const std::string& phrase, AnswerHandler handler, bool answered) {
  const std::int32_t correlation = next_correlation_++;
  in_flight_.push_back({correlation, api, version, machine_.clock.now() + options_.request_timeout,
                        false, answered, std::move(handler)});
  emit(FactKind::request_sent, api, correlation, phrase);
  const bool in_turn = !write_waits_ && outbound_.empty();
  if (in_turn && answered && stream_->write_now(frame)) {
    in_flight_.back().sent = true;
    return;
  }
  std::ranges::move(frame, std::back_inserter(outbound_));
  outbound_ready_->notify();
}

Task<> BrokerConnection::write_frames() {
  while (!broken_) {
    if (outbound_.empty()) {
      co_await outbound_ready_->wait_until(Instant::never());
      continue;
    }
    const std::vector<Slice> slices = std::exchange(outbound_, {});
    for (InFlight& request : in_flight_) request.sent = true;
    const std::int32_t up_to = next_correlation_;
    write_waits_ = true;
    Result<void> accepted = co_await stream_->write(slices);
    write_waits_ = false;
    if (!accepted) {
      if (broken_why_.empty()) broken_why_ = accepted.error().message();
      broken_ = true;
      stream_->close();
      break;
    }
    written(up_to);
  }
  writing_ = false;
  wake_->notify();
}

// Requests below `up_to` that expect no response are done.
void BrokerConnection::written(std::int32_t up_to) {
  std::vector<InFlight> done;
  for (auto it = in_flight_.begin(); it != in_flight_.end();) {
    if (!it->answered && it->correlation < up_to) {
      done.push_back(std::move(*it));
      it = in_flight_.erase(it);
    } else {
      ++it;
    }
  }
  for (InFlight& request : done) request.handler({Reader(), request.version, true});
}

// The next frame, or nothing where the whole of it has not arrived yet.
Result<std::optional<Reader>> BrokerConnection::arrived_frame() {
  for (;;) {
    Result<std::optional<Reader>> whole = frames_.next();
    if (!whole) broken_why_ = "not a response: " + whole.error().message();
    if (!whole || *whole) return whole;
    Slice arrived = stream_->read_arrived();
    if (arrived.empty()) return whole;
    frames_.feed(std::move(arrived));
  }
}

// False: nothing more will come.
bool BrokerConnection::feed(Result<Slice> received) {
  if (received) {
    frames_.feed(std::move(*received));
    return true;
  }
  if (broken_why_.empty()) broken_why_ = received.error().message();
  broken_ = true;
  return false;
}

Task<Result<Reader>> BrokerConnection::next_frame() {
  for (;;) {
    Result<std::optional<Reader>> whole = arrived_frame();
    if (!whole) co_return whole.error();
    if (*whole) co_return std::move(**whole);
    Result<Slice> received = co_await stream_->read();
    const boost::system::error_code error =
        received ? boost::system::error_code() : received.error();
    if (!feed(std::move(received))) co_return error;
  }
}

Task<> BrokerConnection::read_answers() {
  while (!broken_) {
    Result<std::optional<Reader>> whole = arrived_frame();
    if (!whole) co_return;
    if (*whole) {
      if (!deliver(std::move(**whole))) co_return;
      continue;
    }
    Result<Slice> received = co_await stream_->read();
    if (!feed(std::move(received))) co_return;
  }
}

bool BrokerConnection::deliver(Reader&& frame) {
  const Result<std::int32_t> correlation = peek_correlation_id(frame);
  auto it = in_flight_.begin();
  while (it != in_flight_.end() && !it->answered) ++it;
  if (!correlation || it == in_flight_.end() || it->correlation != *correlation) {
    broken_why_ = "a response that was not asked for";
    return false;
  }
  Result<ReceivedResponse> opened = open_response(std::move(frame), it->api, it->version);
  if (!opened) {
    broken_why_ = "cannot read a response: " + opened.error().message();
    return false;
  }
  InFlight request = std::move(*it);
  in_flight_.erase(it);
  if (recorder_ != nullptr) {
    emit(FactKind::response_received, request.api, request.correlation,
         std::string(name_of(request.api)) + " v" + std::to_string(request.version) + " response");
  }
  request.handler({std::move(opened->body), request.version, true});
  return true;
}

Instant BrokerConnection::next_deadline() const {
  return in_flight_.empty() || broken_ ? Instant::never() : in_flight_.front().deadline;
}

void BrokerConnection::expire(Instant now) {
  if (next_deadline() > now || broken_) return;
  broken_why_ = "no response within request.timeout.ms";
  broken_ = true;
  // The reader notices, and ends the connection.
  stream_->close();
}

void BrokerConnection::emit(FactKind kind, ApiKey api, std::int32_t correlation,
                            std::string_view why) {
  if (recorder_ == nullptr) return;
  Fact fact;
  fact.kind = kind;
  fact.api = static_cast<std::int16_t>(api);
  fact.operation = correlation;
  fact.peer = stream_ ? std::string_view(stream_->peer()) : std::string_view(address_.host);
  fact.why = why;
  machine_.facts.emit(fact);
}

}  // namespace weir
