// Machine: all that a node may ask of the machine it runs on. A component takes the one port it
// uses.
#pragma once

#include <string_view>

#include "broker/base/fact.h"
#include "broker/base/random.h"
#include "broker/ports/clock.h"
#include "broker/ports/disk.h"
#include "broker/ports/network.h"
#include "broker/ports/task.h"

namespace weir {

// Randomness of this node: pure steps take the Random as an argument, drivers ask for it here.
class Entropy {
 public:
  virtual ~Entropy() = default;
  [[nodiscard]] virtual Random& random() = 0;
};

// Buggify: a named place where something legal but unlucky may happen. Always false on real
// machines.
class Chance {
 public:
  virtual ~Chance() = default;
  [[nodiscard]] virtual bool unlucky(std::string_view point) = 0;
};

// Write only; see broker/base/fact.h.
class Facts {
 public:
  virtual ~Facts() = default;
  // Whether anybody reads them: what only a fact needs, and costs time, is not made for nobody.
  [[nodiscard]] virtual bool wanted() const { return true; }
  virtual void emit(const Fact&) = 0;
};

// Starts tasks in the node's own group. They end by themselves (stop()), or are destroyed with the
// node.
class Tasks {
 public:
  virtual ~Tasks() = default;
  // The task starts soon, not inside this call. An exception that leaves it is a failed assertion
  // of the node.
  virtual void spawn(std::string_view name, Task<> task) = 0;
  // The node halts itself, as after a fatal disk error: in the simulator this life ends (page cache
  // kept), a real process exits with a message. Returns; the caller should then return as well.
  virtual void halt(std::string_view why) = 0;
};

struct Machine {
  Clock& clock;
  Timers& timers;
  Network& network;
  Disk& disk;
  Entropy& entropy;
  Chance& chance;
  Facts& facts;
  Tasks& tasks;
};

}  // namespace weir
