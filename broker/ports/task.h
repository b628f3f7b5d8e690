// Task<T>: a coroutine of a node, and the one way in which ports make a coroutine wait.
//
// Ports are virtual, so that the same object files run in the simulator and on a real machine; a
// port's operation is an initiation with a small handler (Once), not a coroutine frame of its own,
// so that a message costs no allocation. `co_await port.operation(...)`, one await per statement,
// and the result is named before it is used (GCC 12 miscompiles cleverer forms).
#pragma once

#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "broker/ports/once.h"

namespace weir {

template <class T = void>
using Task = boost::asio::awaitable<T>;

// Something to co_await that yields a T: `start` receives the Once<T> which resumes the waiting
// coroutine, and must hand it on or call it later, never from inside `start` itself.
template <class T, class Start>
[[nodiscard]] auto operation(Start start) {
  return boost::asio::async_initiate<const boost::asio::deferred_t, void(T)>(
      [start = std::move(start)](auto handler) mutable { start(Once<T>(std::move(handler))); },
      boost::asio::deferred);
}

}  // namespace weir
