// A stream tries its socket first and waits only when the kernel has nothing to give or to take:
// then for readiness, without a buffer. Handlers that wait are owned by Asio, never by the stream,
// which may live in the very frame that waits.
//
// close() lingers: a socket closed while bytes lie unread answers with a reset, which would destroy
// what was accepted for sending. So the sending side is shut down, and what still comes in is
// thrown away until the peer closes too, within limits.
#include "broker/real/real_stream.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <boost/asio/ip/address.hpp>
#include <cerrno>
#include <optional>
#include <string>
#include <vector>

#include "broker/real/errors.h"
#include "broker/real/gathering.h"
#include "broker/real/real_clock.h"

namespace weir {
namespace {

using boost::system::error_code;

constexpr std::size_t kSlicesPerWrite = 64;
// Read with the end of a gathered message: the beginning of the next, which is then copied.
constexpr std::size_t kBehindMessageBytes = 16 * 1024;
// A message that is gathered wakes its reader for each so many bytes, not for each segment.
constexpr std::size_t kWakeBytesMax = 256 * 1024;
constexpr std::size_t kLingerBytesMax = 1024 * 1024;
constexpr std::chrono::seconds kLingerTimeMax{2};

class StreamState : public std::enable_shared_from_this<StreamState> {
 public:
  StreamState(TcpSocket socket, ReceiveChunk& chunk)
      : socket_(std::move(socket)), chunk_(chunk), fd_(socket_.native_handle()) {
    error_code ignored;
    socket_.set_option(boost::asio::ip::tcp::no_delay(true), ignored);
    socket_.native_non_blocking(true, ignored);
    error_code gone;
    const auto remote = socket_.remote_endpoint(gone);
    peer_ = gone ? "a peer that is gone"
                 : remote.address().to_string() + ":" + std::to_string(remote.port());
  }

  const std::string& peer() const { return peer_; }

  bool gather(Bytes begun, std::size_t size) {
    if (!open_ || !behind_.empty() || size > Gathering::kLongestBytes) return false;
    if (begun.size() >= size || gathering_.missing() > 0) return false;
    gathering_.begin(begun, size);
    messages_are_large_ = true;
    return true;
  }

  Slice read_arrived() { return open_ ? std::exchange(behind_, Slice()) : Slice(); }

  void read(Instant deadline, Once<Result<Slice>> done) {
    if (open_ && drained_ && behind_.empty()) return wait_readable(deadline, std::move(done));
    Result<Slice> got = receive();
    if (would_block(got)) return wait_readable(deadline, std::move(done));
    complete(executor(), std::move(done), std::move(got));
  }

  void write(std::span<const Slice> slices, Once<Result<void>> done) {
    if (!open_) return complete(executor(), std::move(done), Result<void>(Errc::closed));
    std::size_t first = 0;
    std::size_t offset = 0;
    const int error = send(slices, first, offset);
    if (error == EAGAIN) {
      outgoing_.assign(slices.begin() + static_cast<std::ptrdiff_t>(first), slices.end());
      outgoing_first_ = 0;
      outgoing_offset_ = offset;
      return wait_writable(std::move(done));
    }
    complete(executor(), std::move(done), written(error));
  }

  void close() {
    if (!open_) return;
    open_ = false;
    if (timer_) timer_->cancel();
    error_code ignored;
    socket_.cancel(ignored);  // who waits here finds the stream closed
    wake_at(1);
    // On a loop that has stopped nobody could wait: the kernel sends what it took over.
    const bool loop_stopped = executor().context().stopped();
    const bool sending_ended = ::shutdown(fd_, SHUT_WR) == 0;
    if (loop_stopped || !sending_ended || peer_closed_ || !drain()) {
      socket_.close(ignored);
      return;
    }
    arm(steady_now() + kLingerTimeMax);
    linger();
  }

 private:
  LoopExecutor executor() { return socket_.get_executor(); }

  static bool would_block(const Result<Slice>& got) { return got.has_value() && got->empty(); }

  static Result<void> written(int error) {
    if (error != 0) return stream_error(error);
    return {};
  }

  // An empty slice where what is to be read is not there now.
  Result<Slice> receive() {
    if (!open_) return Errc::closed;
    if (!behind_.empty()) return std::exchange(behind_, Slice());
    const std::span<std::byte> missing = gathering_.room();
    std::span<std::byte> room = chunk_.room();
    // Large messages come after each other, and the beginning of one is copied.
    if (messages_are_large_) room = room.first(kBehindMessageBytes);
    std::array<iovec, 2> parts{iovec{missing.data(), missing.size()},
                               iovec{room.data(), room.size()}};
    ssize_t n = 0;
    do {
      n = ::readv(fd_, parts.data(), parts.size());
    } while (n < 0 && errno == EINTR);
    if (n > 0) return received(static_cast<std::size_t>(n), missing.size(), room.size());
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return Slice();
    drained_ = false;
    peer_closed_ = true;
    if (n == 0) return Errc::closed;
    return stream_error(errno);
  }

  Slice received(std::size_t n, std::size_t missing, std::size_t room) {
    drained_ = n < missing + room;
    messages_are_large_ = missing > 0;
    if (missing == 0) return chunk_.take(n);
    gathering_.received(std::min(n, missing));
    if (n < missing) return {};
    if (n > missing) behind_ = chunk_.take(n - missing);
    return gathering_.take();
  }

  void wake_at(std::size_t bytes) {
    const int wanted = static_cast<int>(std::min(bytes, kWakeBytesMax));
    if (std::exchange(wakes_at_, wanted) == wanted) return;
    // Where it is refused, the reader is woken more often.
    static_cast<void>(::setsockopt(fd_, SOL_SOCKET, SO_RCVLOWAT, &wanted, sizeof wanted));
  }

  void wait_readable(Instant deadline, Once<Result<Slice>> done) {
    deadline_ = deadline;
    reading_ = true;
    wake_at(std::max<std::size_t>(gathering_.missing(), 1));
    if (deadline != Instant::never() && deadline < armed_) arm(deadline);
    socket_.async_wait(TcpSocket::wait_read, [self = shared_from_this(),
                                              done = std::move(done)](const error_code&) mutable {
      StreamState& state = *self;
      state.on_readable(std::move(done));
    });
  }

  void on_readable(Once<Result<Slice>> done) {
    reading_ = false;
    Result<Slice> got = receive();
    if (!would_block(got)) return done(std::move(got));
    if (deadline_ <= steady_now()) return done(Result<Slice>(Errc::timed_out));
    wait_readable(deadline_, std::move(done));
  }

  // Writes from slices[first] + offset on, and moves both forward. EAGAIN: the kernel takes no
  // more now.
  int send(std::span<const Slice> slices, std::size_t& first, std::size_t& offset) {
    for (;;) {
      std::array<iovec, kSlicesPerWrite> parts;
      std::size_t count = 0;
      for (std::size_t i = first; i < slices.size() && count < parts.size(); ++i) {
        const std::size_t skip = i == first ? offset : 0;
        if (slices[i].size() == skip) continue;
        // The kernel only reads through this pointer; iovec serves both directions.
        parts[count++] = {const_cast<std::byte*>(slices[i].data()) + skip, slices[i].size() - skip};
      }
      if (count == 0) return 0;
      msghdr message{};
      message.msg_iov = parts.data();
      message.msg_iovlen = count;
      const ssize_t n = ::sendmsg(fd_, &message, MSG_NOSIGNAL);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return errno == EWOULDBLOCK ? EAGAIN : errno;
      advance(slices, first, offset, static_cast<std::size_t>(n));
    }
  }

  static void advance(std::span<const Slice> slices, std::size_t& first, std::size_t& offset,
                      std::size_t n) {
    while (first < slices.size() && n >= slices[first].size() - offset) {
      n -= slices[first].size() - offset;
      offset = 0;
      ++first;
    }
    offset += n;
  }

  void wait_writable(Once<Result<void>> done) {
    socket_.async_wait(TcpSocket::wait_write, [self = shared_from_this(),
                                               done = std::move(done)](const error_code&) mutable {
      StreamState& state = *self;
      state.on_writable(std::move(done));
    });
  }

  void on_writable(Once<Result<void>> done) {
    if (!open_) {
      outgoing_.clear();
      return done(Result<void>(Errc::closed));
    }
    const int error = send(outgoing_, outgoing_first_, outgoing_offset_);
    if (error == EAGAIN) return wait_writable(std::move(done));
    outgoing_.clear();
    done(written(error));
  }

  // One timer serves every deadline: a read that completes leaves it armed, and a later deadline
  // is looked at when it fires. So a deadline costs nothing on the path of a read that is served.
  void arm(Instant at) {
    if (!timer_) timer_.emplace(executor());
    armed_ = at;
    timer_->expires_at(to_time_point(at));
    timer_->async_wait([self = shared_from_this()](const error_code& aborted) {
      if (!aborted) self->on_timer();
    });
  }

  void on_timer() {
    armed_ = Instant::never();
    error_code ignored;
    if (!open_) {
      socket_.close(ignored);  // lingered long enough
    } else if (reading_ && deadline_ != Instant::never()) {
      if (deadline_ > steady_now()) return arm(deadline_);
      socket_.cancel(ignored);  // wakes the reader, and a writer, who waits again
    }
  }

  // Throws away what has come in after close(); false when nothing more can come.
  bool drain() {
    for (;;) {
      const std::span<std::byte> room = chunk_.room();
      const ssize_t n = ::recv(fd_, room.data(), room.size(), 0);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return errno == EAGAIN || errno == EWOULDBLOCK;
      if (n == 0) return false;
      lingered_bytes_ += static_cast<std::size_t>(n);
      if (lingered_bytes_ > kLingerBytesMax) return false;
    }
  }

  void linger() {
    socket_.async_wait(TcpSocket::wait_read, [self = shared_from_this()](const error_code& error) {
      StreamState& state = *self;
      if (!error && state.drain()) return state.linger();
      error_code ignored;
      state.socket_.close(ignored);
      state.timer_->cancel();
    });
  }

  TcpSocket socket_;
  ReceiveChunk& chunk_;
  const int fd_;
  std::string peer_;
  bool open_ = true;
  bool peer_closed_ = false;
  bool drained_ = false;  // the last receive took all there was: do not ask again before waiting

  Gathering gathering_;
  Slice behind_;  // what came with the end of a gathered message
  bool messages_are_large_ = false;
  int wakes_at_ = 1;

  bool reading_ = false;
  Instant deadline_ = Instant::never();
  Instant armed_ = Instant::never();
  std::optional<SteadyTimer> timer_;  // made by the first deadline

  std::vector<Slice> outgoing_;  // what the kernel did not take at once
  std::size_t outgoing_first_ = 0;
  std::size_t outgoing_offset_ = 0;
  std::size_t lingered_bytes_ = 0;
};

class RealStream final : public Stream {
 public:
  RealStream(TcpSocket socket, ReceiveChunk& chunk)
      : state_(std::make_shared<StreamState>(std::move(socket), chunk)) {}
  ~RealStream() override { state_->close(); }

  bool gather(Bytes begun, std::size_t size) override { return state_->gather(begun, size); }
  Slice read_arrived() override { return state_->read_arrived(); }
  void close() override { state_->close(); }
  const std::string& peer() const override { return state_->peer(); }

 private:
  void start_read(Instant deadline, Once<Result<Slice>> done) override {
    state_->read(deadline, std::move(done));
  }
  void start_write(std::span<const Slice> slices, Once<Result<void>> done) override {
    state_->write(slices, std::move(done));
  }

  std::shared_ptr<StreamState> state_;
};

}  // namespace

std::unique_ptr<Stream> make_real_stream(TcpSocket socket, ReceiveChunk& chunk) {
  return std::make_unique<RealStream>(std::move(socket), chunk);
}

}  // namespace weir
