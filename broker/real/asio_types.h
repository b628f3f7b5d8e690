// Asio's objects with the loop's concrete executor, and the way in which an operation completes.
#pragma once

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <utility>

#include "broker/ports/once.h"

namespace weir {

using LoopExecutor = boost::asio::io_context::executor_type;
using TcpSocket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, LoopExecutor>;
using TcpAcceptor = boost::asio::basic_socket_acceptor<boost::asio::ip::tcp, LoopExecutor>;
using SteadyTimer = boost::asio::basic_waitable_timer<
    std::chrono::steady_clock, boost::asio::wait_traits<std::chrono::steady_clock>, LoopExecutor>;

// Completes on a later turn of the loop: a port's operation never does so inside its start.
template <class T>
void complete(const LoopExecutor& executor, Once<T> done, T value) {
  boost::asio::post(executor, [done = std::move(done), value = std::move(value)]() mutable {
    done(std::move(value));
  });
}

}  // namespace weir
