// trace.shiviz.log: the run with vector clocks, for ShiViz (bestchai.bitbucket.io/shiviz).
//
// Two lines an event: "node {clock}" and the text. A clock grows with each fact of its node and
// takes over the sender's clock when a request or a response is received; facts of the world have
// no clock and are left out.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "sim/world.h"

namespace weir {

class ShivizLog final : public FactReader {
 public:
  void on(const Observed&) override;
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  using Clock = std::map<std::string, std::uint64_t, std::less<>>;

  std::string text_;
  std::map<std::string, Clock, std::less<>> clocks_;
  std::map<std::string, Clock, std::less<>> under_way_;  // by message
};

}  // namespace weir
