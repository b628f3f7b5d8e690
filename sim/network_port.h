// The port Network of one process, and its streams and listeners: thin handles on the fabric.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "broker/ports/network.h"
#include "sim/connection.h"

namespace weir::sim {

class Process;

class SimStream final : public Stream {
 public:
  SimStream(Process& process, Connection& connection, std::uint32_t side);
  ~SimStream() override;
  void close() override;
  [[nodiscard]] Slice read_arrived() override;
  [[nodiscard]] bool write_now(std::span<const Slice> slices) override;
  [[nodiscard]] const std::string& peer() const override { return peer_; }

 private:
  void start_read(Instant deadline, Once<Result<Slice>> done) override;
  void start_write(std::span<const Slice> slices, Once<Result<void>> done) override;

  Process& process_;
  Connection& connection_;  // lives at least as long as one of its streams
  std::uint32_t side_;
  const std::string& peer_;
};

class NetworkPort final : public Network {
 public:
  explicit NetworkPort(Process& process) : process_(process) {}
  [[nodiscard]] Result<std::unique_ptr<Listener>> listen(const Endpoint& at) override;

 private:
  void start_connect(const Endpoint& to, Instant deadline,
                     Once<Result<std::unique_ptr<Stream>>> done) override;

  Process& process_;
};

}  // namespace weir::sim
