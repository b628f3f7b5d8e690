// Handles that hand every call to the fabric; nothing happens while their process is dying.
#include "sim/network_port.h"

#include "sim/core.h"
#include "sim/process.h"

namespace weir::sim {
namespace {

class SimListener final : public Listener {
 public:
  SimListener(Process& process, std::uint16_t port) : process_(process), port_(port) {}
  ~SimListener() override { close(); }

  void close() override {
    if (process_.dying() || std::exchange(closed_, true)) return;
    process_.core().fabric().close_listener(process_, port_);
  }
  [[nodiscard]] std::uint16_t port() const override { return port_; }

 private:
  void start_accept(Once<Result<std::unique_ptr<Stream>>> done) override {
    if (process_.dying()) return;
    if (closed_) {  // somebody else may listen on the port by now
      process_.finish_soon(process_.wait(std::move(done)),
                           static_cast<std::uint64_t>(Errc::closed));
    } else {
      process_.core().fabric().accept(process_, port_, std::move(done));
    }
  }

  Process& process_;
  std::uint16_t port_;
  bool closed_ = false;
};

}  // namespace

SimStream::SimStream(Process& process, Connection& connection, std::uint32_t side)
    : process_(process),
      connection_(connection),
      side_(side),
      peer_(process.core().fabric().peer_of(connection, side)) {}

SimStream::~SimStream() {
  if (!process_.dying()) process_.core().fabric().let_go(process_, connection_, side_);
}

void SimStream::close() {
  if (!process_.dying()) process_.core().fabric().close(process_, connection_, side_);
}

Slice SimStream::read_arrived() {
  if (process_.dying()) return {};
  return process_.core().fabric().read_arrived(connection_, side_);
}

bool SimStream::write_now(std::span<const Slice> slices) {
  if (process_.dying()) return false;
  return process_.core().fabric().write_now(connection_, side_, slices);
}

void SimStream::start_read(Instant deadline, Once<Result<Slice>> done) {
  if (process_.dying()) return;
  process_.core().fabric().read(process_, connection_, side_, deadline, std::move(done));
}

void SimStream::start_write(std::span<const Slice> slices, Once<Result<void>> done) {
  if (process_.dying()) return;
  process_.core().fabric().write(process_, connection_, side_, slices, std::move(done));
}

Result<std::unique_ptr<Listener>> NetworkPort::listen(const Endpoint& at) {
  if (process_.dying()) return make_error_code(Errc::closed);
  const Result<std::uint16_t> port = process_.core().fabric().listen(process_, at);
  if (!port) return port.error();
  return std::unique_ptr<Listener>(new SimListener(process_, *port));
}

void NetworkPort::start_connect(const Endpoint& to, Instant deadline,
                                Once<Result<std::unique_ptr<Stream>>> done) {
  if (process_.dying()) return;
  process_.core().fabric().connect(process_, to, deadline, std::move(done));
}

}  // namespace weir::sim
