// Listening, and connecting by address or by name. Names are resolved by Asio's resolver in the
// background; an address needs no resolver, and a deadline ends the wait for either.
#include "broker/real/real_network.h"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/basic_resolver.hpp>
#include <vector>

#include "broker/real/errors.h"
#include "broker/real/real_clock.h"
#include "broker/real/real_listener.h"
#include "broker/real/real_stream.h"

namespace weir {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;
using Resolver = boost::asio::ip::basic_resolver<tcp, LoopExecutor>;

constexpr int kListenBacklog = 1024;

// One attempt. Its handlers own it together, and with it the coroutine that waits.
class Connecting : public std::enable_shared_from_this<Connecting> {
 public:
  Connecting(boost::asio::io_context& context, ReceiveChunk& chunk,
             Once<Result<std::unique_ptr<Stream>>> done)
      : chunk_(chunk),
        done_(std::move(done)),
        socket_(context.get_executor()),
        resolver_(context.get_executor()),
        timer_(context.get_executor()) {}

  void start(const Endpoint& to, Instant deadline) {
    if (deadline != Instant::never()) {
      timer_.expires_at(to_time_point(deadline));
      timer_.async_wait([self = shared_from_this()](const error_code& aborted) {
        if (!aborted) self->finish(Errc::timed_out);
      });
    }
    error_code not_an_address;
    const auto address = boost::asio::ip::make_address(to.host, not_an_address);
    if (!not_an_address) {
      candidates_.emplace_back(address, to.port);
      return try_next();
    }
    resolver_.async_resolve(
        to.host, std::to_string(to.port), tcp::resolver::numeric_service,
        [self = shared_from_this()](const error_code& error, const Resolver::results_type& found) {
          self->on_resolved(error, found);
        });
  }

 private:
  void on_resolved(const error_code& error, const Resolver::results_type& found) {
    if (finished_) return;
    for (const auto& entry : found) candidates_.push_back(entry.endpoint());
    if (error || candidates_.empty()) return finish(Errc::unreachable);
    try_next();
  }

  void try_next() {
    const tcp::endpoint target = candidates_[next_++];
    error_code ignored;
    socket_.close(ignored);
    socket_.async_connect(target, [self = shared_from_this(), target](const error_code& error) {
      self->on_connected(target, error);
    });
  }

  void on_connected(const tcp::endpoint& target, const error_code& error) {
    if (finished_) return;
    if (error) {
      if (next_ < candidates_.size()) return try_next();
      return finish(connect_error(error));
    }
    // On loopback TCP may connect a socket to itself, when its own port is the one it asks for.
    error_code ignored;
    if (socket_.local_endpoint(ignored) == target) return finish(Errc::refused);
    finish(make_real_stream(std::move(socket_), chunk_));
  }

  void finish(Result<std::unique_ptr<Stream>> result) {
    if (finished_) return;
    finished_ = true;
    error_code ignored;
    timer_.cancel();
    resolver_.cancel();
    socket_.close(ignored);
    done_(std::move(result));
  }

  ReceiveChunk& chunk_;
  Once<Result<std::unique_ptr<Stream>>> done_;
  TcpSocket socket_;
  Resolver resolver_;
  SteadyTimer timer_;
  std::vector<tcp::endpoint> candidates_;
  std::size_t next_ = 0;
  bool finished_ = false;
};

// At start-up only, so it may wait for the resolver.
Result<tcp::endpoint> local_endpoint(boost::asio::io_context& context, const Endpoint& at) {
  if (at.host.empty()) return tcp::endpoint(tcp::v4(), at.port);
  error_code error;
  const auto address = boost::asio::ip::make_address(at.host, error);
  if (!error) return tcp::endpoint(address, at.port);
  Resolver resolver(context.get_executor());
  const auto found =
      resolver.resolve(at.host, std::to_string(at.port), tcp::resolver::numeric_service, error);
  if (error || found.empty()) return Errc::unreachable;
  return found.begin()->endpoint();
}

}  // namespace

Result<std::unique_ptr<Listener>> RealNetwork::listen(const Endpoint& at) {
  const Result<tcp::endpoint> where = local_endpoint(context_, at);
  if (!where) return where.error();
  error_code error;
  TcpAcceptor acceptor(context_.get_executor());
  acceptor.open(where->protocol(), error);
  if (error) return connect_error(error);
  acceptor.set_option(TcpAcceptor::reuse_address(true), error);
  if (!error) acceptor.bind(*where, error);
  if (!error) acceptor.listen(kListenBacklog, error);
  if (error) return connect_error(error);
  return make_real_listener(std::move(acceptor), chunk_);
}

void RealNetwork::start_connect(const Endpoint& to, Instant deadline,
                                Once<Result<std::unique_ptr<Stream>>> done) {
  std::make_shared<Connecting>(context_, chunk_, std::move(done))->start(to, deadline);
}

}  // namespace weir
