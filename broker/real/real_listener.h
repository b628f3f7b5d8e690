// Listener over a bound TCP socket.
#pragma once

#include <memory>

#include "broker/ports/network.h"
#include "broker/real/asio_types.h"
#include "broker/real/receive_chunk.h"

namespace weir {

[[nodiscard]] std::unique_ptr<Listener> make_real_listener(TcpAcceptor acceptor,
                                                           ReceiveChunk& chunk);

}  // namespace weir
