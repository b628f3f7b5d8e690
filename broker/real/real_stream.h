// Stream over a connected TCP socket.
#pragma once

#include <memory>

#include "broker/ports/network.h"
#include "broker/real/asio_types.h"
#include "broker/real/receive_chunk.h"

namespace weir {

// Takes the connected socket over; sets it to not wait for full packets (TCP_NODELAY).
[[nodiscard]] std::unique_ptr<Stream> make_real_stream(TcpSocket socket, ReceiveChunk& chunk);

}  // namespace weir
