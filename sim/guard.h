// The mechanical guard: while a simulation runs, the real clock, real randomness, threads, sleeping
// and sockets abort the program with a stack trace that names what was called.
//
// Own definitions of those symbols stand before the C library's; outside of a Scope they forward,
// so that the same program can serve real sockets. The hard guard, for tests, also traps the system
// calls and the time stamp counter.
#pragma once

namespace weir::guard {

// Arms the guard for this thread; nests.
class Scope {
 public:
  explicit Scope(bool armed);
  ~Scope();
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;

 private:
  bool before_;
};

// For the rest of the process, which must be a child that ends soon: only what allocation and
// output need is still allowed. False where the kernel refuses it.
[[nodiscard]] bool arm_hard();

}  // namespace weir::guard
