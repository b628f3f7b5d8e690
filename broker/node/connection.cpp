// The life of a connection.
#include "broker/node/connection.h"

#include "broker/node/node.h"

namespace weir {
namespace {

// An unlucky but legal moment: a response that is ready leaves late.
constexpr Duration kResponseDelay = std::chrono::milliseconds(20);

// Smaller frames seldom come in pieces, and are soon copied together where they do.
constexpr std::size_t kGatherBytes = 32 * 1024;

std::string_view why_frame_is_refused(boost::system::error_code error) {
  return error == Errc::too_large ? "a frame is larger than socket.request.max.bytes"
                                  : "a frame has a negative size";
}

}  // namespace

Connection::Connection(Node& node, ListenerKind kind, std::unique_ptr<Stream> stream)
    : node_(node),
      kind_(kind),
      stream_(std::move(stream)),
      alarm_(node.machine.timers.alarm()),
      frames_(static_cast<std::int32_t>(node.settings.socket_request_max_bytes)),
      last_moved_(node.machine.clock.now()) {}

Task<> Connection::serve() {
  Facts& facts = node_.machine.facts;
  facts.emit({.kind = FactKind::connection_opened, .peer = peer()});
  while (why_.empty()) {
    doing_ = Doing::reading;
    if (finishing_) {
      shut("the broker stops");
      break;
    }
    Reader frame;
    while (why_.empty() && !next_frame(frame)) {
      if (watching_) {  // the read that a long poll began is still under way
        co_await alarm_->wait_until(Instant::never());
      } else {
        ask_for_whole_frame();
        Result<Slice> received = co_await stream_->read();
        take(std::move(received));
      }
    }
    if (!why_.empty()) break;
    doing_ = Doing::handling;
    co_await answer(std::move(frame));
    last_moved_ = node_.machine.clock.now();
  }
  while (watching_) {
    co_await alarm_->wait_until(Instant::never());
  }
  facts.emit({.kind = FactKind::connection_closed, .peer = peer(), .why = why_});
}

// Gives the next frame, if the whole of it has arrived; or shuts the connection.
bool Connection::next_frame(Reader& frame) {
  for (;;) {
    Result<std::optional<Reader>> next = frames_.next();
    if (!next) {
      shut(std::string(why_frame_is_refused(next.error())));
      return false;
    }
    if (next->has_value()) {
      frame = std::move(**next);
      return true;
    }
    if (watching_) return false;
    Slice arrived = stream_->read_arrived();
    if (arrived.empty()) return false;
    take(std::move(arrived));
  }
}

// The batches of a frame that lies in one slice are written to the log as they lie there.
void Connection::ask_for_whole_frame() {
  const std::optional<FrameReader::Begun> begun = frames_.begun();
  if (!begun || begun->size < kGatherBytes) return;
  if (stream_->gather(begun->bytes, begun->size)) frames_.forget_begun();
}

void Connection::take(Result<Slice> received) {
  last_moved_ = node_.machine.clock.now();
  if (received) {
    frames_.feed(std::move(*received));
  } else if (received.error() == Errc::closed) {
    shut("closed by the peer");
  } else {
    shut(received.error().message());
  }
}

void Connection::watch() {
  if (watching_ || watched_enough_ || !why_.empty()) return;
  watching_ = true;
  watched_enough_ = true;
  // No coroutine of its own: most requests of a busy broker wait.
  stream_->read()([this](Result<Slice> received) {
    watching_ = false;
    take(std::move(received));
    alarm_->notify();
  });
}

Task<> Connection::answer(Reader frame) {
  Result<ReceivedRequest> request = open_request(std::move(frame));
  if (!request) {
    shut(request.error() == Errc::unsupported ? "a request of an unknown API"
                                              : "a request with a malformed header");
    co_return;
  }
  RequestContext context{std::move(request->header), nullptr, *this, kind_, {}};
  context.api = context.header.api();
  const std::optional<std::string>& client = context.header.client_id;
  context.peer = client && !client->empty() ? *client : peer();
  watched_enough_ = false;
  Reply reply = co_await dispatch(node_, context, std::move(request->body));
  if (!reply.frame.empty() && why_.empty()) {
    if (node_.machine.chance.unlucky("node.response.delay")) {
      const std::unique_ptr<Alarm> pause = node_.machine.timers.alarm();
      co_await pause->wait_until(node_.machine.clock.now() + kResponseDelay);
    }
    if (!send_now(context, reply)) {
      const Result<void> written = co_await stream_->write(reply.frame);
      if (!written) shut(written.error().message());
    }
  }
  if (!reply.close_because.empty()) shut(std::move(reply.close_because));
}

// False: it has to wait until it can be written.
bool Connection::send_now(const RequestContext& context, const Reply& reply) {
  doing_ = Doing::writing;
  last_moved_ = node_.machine.clock.now();
  // Before the bytes are given away: a fault that this fact triggers meets them on their way.
  node_.machine.facts.emit({.kind = FactKind::response_sent,
                            .api = context.header.api_key,
                            .operation = context.header.correlation_id,
                            .peer = context.peer,
                            .why = reply.said});
  return stream_->write_now(reply.frame);
}

void Connection::shut(std::string why) {
  if (!why_.empty()) return;
  why_ = std::move(why);
  stream_->close();
  alarm_->notify();
}

void Connection::finish() {
  finishing_ = true;
  if (doing_ == Doing::reading) shut("the broker stops");
  alarm_->notify();
}

}  // namespace weir
