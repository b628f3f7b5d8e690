// Accepting connections. Without descriptors left, an accept fails only after a pause, so that a
// server that tries again does not spin, and says so once.
#include "broker/real/real_listener.h"

#include <chrono>
#include <cstdio>

#include "broker/real/errors.h"
#include "broker/real/real_stream.h"

namespace weir {
namespace {

using boost::system::error_code;
using AcceptDone = Once<Result<std::unique_ptr<Stream>>>;

constexpr std::chrono::milliseconds kPauseWithoutDescriptors{100};

struct ListenerState : std::enable_shared_from_this<ListenerState> {
  ListenerState(TcpAcceptor bound, ReceiveChunk& receive_chunk)
      : acceptor(std::move(bound)), pause(acceptor.get_executor()), chunk(receive_chunk) {}

  void accept(AcceptDone done) {
    acceptor.async_accept([self = shared_from_this(), done = std::move(done)](
                              const error_code& error, TcpSocket socket) mutable {
      ListenerState& state = *self;
      state.on_accept(error, std::move(socket), std::move(done));
    });
  }

  void on_accept(const error_code& error, TcpSocket socket, AcceptDone done) {
    if (closed) return done(Errc::closed);
    if (!error) return done(make_real_stream(std::move(socket), chunk));
    const Errc kind = connect_error(error);
    if (kind != Errc::io_error) return accept(std::move(done));  // that connection is gone already
    if (!told) {
      told = true;
      std::fprintf(stderr, "weir: cannot accept connections on port %u for now: %s\n", port,
                   error.message().c_str());
    }
    pause.expires_after(kPauseWithoutDescriptors);
    pause.async_wait(
        [self = shared_from_this(), done = std::move(done)](const error_code&) mutable {
          done(self->closed ? Errc::closed : Errc::io_error);
        });
  }

  TcpAcceptor acceptor;
  SteadyTimer pause;
  ReceiveChunk& chunk;
  std::uint16_t port = 0;
  bool closed = false;
  bool told = false;
};

class RealListener final : public Listener {
 public:
  RealListener(TcpAcceptor acceptor, ReceiveChunk& chunk)
      : state_(std::make_shared<ListenerState>(std::move(acceptor), chunk)) {
    error_code ignored;
    state_->port = state_->acceptor.local_endpoint(ignored).port();
  }
  ~RealListener() override { close(); }

  void close() override {
    if (std::exchange(state_->closed, true)) return;
    error_code ignored;
    state_->acceptor.close(ignored);
    state_->pause.cancel();
  }

  std::uint16_t port() const override { return state_->port; }

 private:
  void start_accept(AcceptDone done) override {
    if (!state_->closed) return state_->accept(std::move(done));
    complete(state_->acceptor.get_executor(), std::move(done),
             Result<std::unique_ptr<Stream>>(Errc::closed));
  }

  std::shared_ptr<ListenerState> state_;
};

}  // namespace

std::unique_ptr<Listener> make_real_listener(TcpAcceptor acceptor, ReceiveChunk& chunk) {
  return std::make_unique<RealListener>(std::move(acceptor), chunk);
}

}  // namespace weir
