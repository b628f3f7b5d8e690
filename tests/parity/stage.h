// Stage: where the parity suite plays. The same scripts, coroutines over the ports, run on two
// nodes of the simulator and on two machines of the real loop; a test that passes on one only has
// found who breaks the promise of a port.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "broker/ports/program.h"

namespace weir::parity {

// One node's part of a script.
using Part = std::function<Task<>(Machine&)>;

// A program that plays its part once.
class Player final : public Program {
 public:
  Player(Machine& machine, const Part& part, std::function<void()> ended)
      : machine_(machine), part_(part), ended_(std::move(ended)) {}

  Task<> run() override;
  Task<> stop() override { co_return; }

 private:
  Machine& machine_;
  const Part& part_;
  std::function<void()> ended_;
};

inline Task<> Player::run() {
  co_await part_(machine_);
  ended_();
}

// What the two parts of a script know of each other.
struct Meeting {
  std::string listen_host;   // the server listens here
  std::string connect_host;  // and is reached there
  std::string unknown_host;  // nobody has this name
  std::uint16_t port = 0;    // set by the server once it listens
  bool client_may_go_on = false;
  bool server_may_go_on = false;
  std::uint64_t count = 0;
};

[[nodiscard]] Task<> sleep_for(Machine& machine, Duration duration);
// Returns when *flag is set by the other part.
[[nodiscard]] Task<> wait_for(Machine& machine, const bool* flag);
// Listens on a free port, tells it and returns the first connection; null after a failed
// expectation, as below.
[[nodiscard]] Task<std::unique_ptr<Stream>> accept_one(Machine& machine, Meeting& meeting);
// Waits for the server's port, and connects.
[[nodiscard]] Task<std::unique_ptr<Stream>> meet(Machine& machine, Meeting& meeting);
[[nodiscard]] Task<Endpoint> server_endpoint(Machine& machine, Meeting& meeting);
// Reads until an error, and tells which.
[[nodiscard]] Task<std::string> read_to_end(Stream& stream, Errc& end);
// Reads exactly as many bytes; fewer after an error.
[[nodiscard]] Task<std::string> read_exactly(Stream& stream, std::size_t bytes);
// Writes it in one piece; a failure fails the test.
[[nodiscard]] Task<> write_text(Stream& stream, std::string text);
// Text in which every part differs from every other.
[[nodiscard]] std::string numbered_text(std::size_t bytes);

template <class T>
[[nodiscard]] Errc code_of(const Result<T>& result) {
  if (result.has_value()) return Errc::ok;
  return static_cast<Errc>(result.error().value());
}

}  // namespace weir::parity
