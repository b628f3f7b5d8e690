// trace.perfetto.json: the run as a Chrome trace, to be opened in ui.perfetto.dev.
//
// A process is a node, slices are what it did (one microsecond wide, so that flows attach), flows
// are requests and responses on their way, faults are asynchronous bars of a process of their own,
// offsets are counters.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "sim/world.h"

namespace weir {

class PerfettoTrace final : public FactReader {
 public:
  void on(const Observed&) override;

  // The whole document; call once, at the end.
  [[nodiscard]] std::string finish() &&;

 private:
  std::uint32_t process(std::string_view node);
  void begin(std::string_view phase, std::uint32_t process, const Observed&);
  void slice(const Observed&);
  void flow(const Observed&);
  void fault(const Observed&);
  void offsets(const Observed&);

  std::string events_;
  std::map<std::string, std::uint32_t, std::less<>> processes_;
};

}  // namespace weir
