// RealMachine: the machine of one node on a real computer: TCP, files below one data directory,
// system clocks and randomness, behind the same ports as the simulator's.
//
// The data directory belongs to one process at a time: a lock file (".lock", which list() hides)
// says so. Facts go nowhere unless a reader is given; nothing is ever unlucky.
#pragma once

#include <boost/system/result.hpp>
#include <functional>
#include <memory>
#include <string>

#include "broker/ports/program.h"
#include "broker/real/real_loop.h"

namespace weir {

struct RealOptions {
  std::string name;                               // the node's name in messages, e.g. "b1"
  std::string data_directory;                     // made where it is missing
  std::function<void(const Fact&)> on_fact = {};  // e.g. metrics; none: facts are dropped
};

class RealMachine {
 public:
  // The error is a sentence for people: the directory cannot be made, or another process uses it.
  using Opened = boost::system::result<std::unique_ptr<RealMachine>, std::string>;
  [[nodiscard]] static Opened open(RealLoop& loop, RealOptions options);

  // Ends the loop, for what waits on it may use this machine.
  ~RealMachine();

  [[nodiscard]] Machine& machine();

  // Makes the program of this life; the loop keeps it and runs it until it has stopped.
  void start(const Launch& launch);

 private:
  struct Parts;
  explicit RealMachine(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace weir
