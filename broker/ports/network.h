// Streams between nodes: connection-oriented, in order, flow-controlled, as TCP gives them.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "broker/base/bytes.h"
#include "broker/base/result.h"
#include "broker/base/time.h"
#include "broker/ports/task.h"

namespace weir {

// In the simulator the host is a node's name ("b1"); on a real machine a name or an address.
struct Endpoint {
  std::string host;
  std::uint16_t port = 0;
  friend auto operator<=>(const Endpoint&, const Endpoint&) = default;
};

// One reader and one writer may wait at a time. Destroying a stream closes it without waiting.
class Stream {
 public:
  virtual ~Stream() = default;

  // The next received bytes, of any length but never empty. Errors: closed (the peer closed in
  // order, or close() was called here), reset, timed_out (the stream stays usable).
  [[nodiscard]] auto read(Instant deadline = Instant::never()) {
    return operation<Result<Slice>>(
        [this, deadline](Once<Result<Slice>> done) { start_read(deadline, std::move(done)); });
  }

  // Completes when the bytes of all slices were accepted in order; that the peer got them is not
  // said. The slices are kept alive by the stream; the span itself need only live until the await
  // begins. Errors: closed, reset.
  [[nodiscard]] auto write(std::span<const Slice> slices) {
    return operation<Result<void>>(
        [this, slices](Once<Result<void>> done) { start_write(slices, std::move(done)); });
  }
  [[nodiscard]] auto write(const Slice& slice) { return write(std::span(&slice, 1)); }

  // What has arrived already, without waiting: as a read that would have completed at once. Empty
  // where there is nothing, and always on machines that cannot tell: then read() does.
  [[nodiscard]] virtual Slice read_arrived() { return {}; }
  // Asks for the next `size` bytes as one slice, of which `begun` have come already: the next read
  // completes when the others have come, too, and gives all of them. What asks so knows how long a
  // message is and reads it without a copy. False, and nothing has changed, on machines that hand
  // slices on as they came. Not while a read waits.
  [[nodiscard]] virtual bool gather(Bytes begun, std::size_t size) {
    static_cast<void>(begun);
    static_cast<void>(size);
    return false;
  }
  // Accepts all of the slices now, as a write() that would have completed at once, or nothing of
  // them: false, where it would have to wait, or the machine cannot tell. Not while a write waits.
  [[nodiscard]] virtual bool write_now(std::span<const Slice>) { return false; }

  // Ends both directions; a waiting read or write here yields closed. What was accepted is still
  // delivered.
  virtual void close() = 0;

  // Who is at the other end, for messages and facts: a node's name, or address:port.
  [[nodiscard]] virtual const std::string& peer() const = 0;

 private:
  virtual void start_read(Instant deadline, Once<Result<Slice>>) = 0;
  virtual void start_write(std::span<const Slice>, Once<Result<void>>) = 0;
};

class Listener {
 public:
  virtual ~Listener() = default;

  // The next connection. Errors: closed (close() was called), io_error (no descriptors left: try
  // again later).
  [[nodiscard]] auto accept() {
    return operation<Result<std::unique_ptr<Stream>>>(
        [this](Once<Result<std::unique_ptr<Stream>>> done) { start_accept(std::move(done)); });
  }

  // Waiting and later accepts yield closed; connections not accepted yet are reset.
  virtual void close() = 0;

  // The port that was bound (of use when port 0 was asked for).
  [[nodiscard]] virtual std::uint16_t port() const = 0;

 private:
  virtual void start_accept(Once<Result<std::unique_ptr<Stream>>>) = 0;
};

class Network {
 public:
  virtual ~Network() = default;

  // Errors: address_in_use, unreachable (not an address of this machine).
  [[nodiscard]] virtual Result<std::unique_ptr<Listener>> listen(const Endpoint&) = 0;

  // Errors: refused, unreachable, timed_out, reset.
  [[nodiscard]] auto connect(const Endpoint& to, Instant deadline) {
    return operation<Result<std::unique_ptr<Stream>>>(
        [this, to, deadline](Once<Result<std::unique_ptr<Stream>>> done) {
          start_connect(to, deadline, std::move(done));
        });
  }

 private:
  virtual void start_connect(const Endpoint&, Instant deadline,
                             Once<Result<std::unique_ptr<Stream>>>) = 0;
};

}  // namespace weir
