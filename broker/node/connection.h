// One client connection: reads frames, has each request answered before the next, writes responses.
//
// One request at a time, as Kafka mutes a channel, so responses keep the order of requests and
// pipelined produce requests keep theirs. While a request waits (a long poll) one read goes on, so
// that the end of the connection ends the wait. A frame that cannot be right ends this connection
// and nothing else.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "broker/base/bytes.h"
#include "broker/base/result.h"
#include "broker/node/dispatch.h"
#include "broker/ports/machine.h"
#include "broker/wire/frame_reader.h"

namespace weir {

class Connection {
 public:
  Connection(Node& node, ListenerKind kind, std::unique_ptr<Stream> stream);

  // Until the connection has ended, for whatever reason; the reason is emitted as a fact.
  [[nodiscard]] Task<> serve();

  // A waiting read or write ends. A request that is being handled finishes, unanswered.
  void shut(std::string why);
  // Ends as soon as no request is under way; a long poll is answered at once.
  void finish();

  // Whether nothing has moved since that moment; a request that is being handled is not idle.
  [[nodiscard]] bool handling() const { return doing_ == Doing::handling; }
  [[nodiscard]] Instant last_moved() const { return last_moved_; }

  // For handlers that wait: notified when data they asked for, the end of this connection or the
  // end of the broker may have come.
  [[nodiscard]] Alarm& alarm() { return *alarm_; }
  // A request that waits has nobody to answer any more, or must answer now.
  [[nodiscard]] bool wait_is_over() const { return finishing_ || !why_.empty(); }
  // Reads once while a request waits, to notice the end of the connection.
  void watch();

  [[nodiscard]] const std::string& peer() const { return stream_->peer(); }

 private:
  enum class Doing { reading, handling, writing };

  [[nodiscard]] bool next_frame(Reader& frame);
  void ask_for_whole_frame();
  void take(Result<Slice> received);
  [[nodiscard]] Task<> answer(Reader frame);
  [[nodiscard]] bool send_now(const RequestContext& context, const Reply& reply);

  Node& node_;
  ListenerKind kind_;
  std::unique_ptr<Stream> stream_;
  std::unique_ptr<Alarm> alarm_;
  FrameReader frames_;
  Doing doing_ = Doing::reading;
  Instant last_moved_;
  bool watching_ = false;
  bool watched_enough_ = false;  // one read a request: what came is kept, and limits itself
  bool finishing_ = false;
  std::string why_;  // why it ends; empty as long as it lives
};

}  // namespace weir
