// Network over TCP of the real machine.
#pragma once

#include "broker/ports/network.h"
#include "broker/real/asio_types.h"
#include "broker/real/receive_chunk.h"

namespace weir {

class RealNetwork final : public Network {
 public:
  RealNetwork(boost::asio::io_context& context, ReceiveChunk& chunk)
      : context_(context), chunk_(chunk) {}

  // The host is an address, a name of this machine, or "" for all addresses.
  Result<std::unique_ptr<Listener>> listen(const Endpoint&) override;

 private:
  void start_connect(const Endpoint&, Instant deadline,
                     Once<Result<std::unique_ptr<Stream>>>) override;

  boost::asio::io_context& context_;
  ReceiveChunk& chunk_;
};

}  // namespace weir
