// Own definitions of the C library's symbols for time, randomness, threads, sleeping and sockets.
//
// The program's definitions win over those of shared libraries, also for calls from within
// libstdc++; what is forwarded is found by dlsym. Direct system calls and the rdtsc instruction
// pass by here: arm_hard() (guard_hard.cpp) catches those.
#include "sim/guard.h"

#include <dlfcn.h>
#include <execinfo.h>
#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <ctime>

namespace weir::guard {
namespace {

// The one piece of global state of the simulator: the symbols below are global themselves. Of this
// thread only, so that a program may simulate in one and serve in another.
thread_local bool armed = false;

[[noreturn]] void die(const char* symbol) {
  armed = false;
  const auto print = [](const char* text) {
    static_cast<void>(!::write(STDERR_FILENO, text, std::strlen(text)));
  };
  print("weir: a simulation must be a function of its seed alone, but something called ");
  print(symbol);
  print("\n");
  void* frames[48];
  const int count = ::backtrace(frames, 48);
  ::backtrace_symbols_fd(frames, count, STDERR_FILENO);
  std::abort();
}

// The definition that ours stands before.
template <class Function>
Function* real(const char* symbol) {
  void* found = ::dlsym(RTLD_NEXT, symbol);
  if (found == nullptr) std::abort();
  return reinterpret_cast<Function*>(found);
}

void check(const char* symbol) {
  if (__builtin_expect(armed, false)) die(symbol);
}

}  // namespace

Scope::Scope(bool wanted) : before_(armed) {
  if (wanted) armed = true;
}
Scope::~Scope() { armed = before_; }

}  // namespace weir::guard

// One forwarder each: looked up at the first call, which is why the pointers are static. A
// sanitizer has definitions of its own before the C library's and wants to be asked.
#define WEIR_GUARDED(result, name, parameters, arguments, ...)                         \
  extern "C" __attribute__((weak)) result __interceptor_##name parameters __VA_ARGS__; \
  extern "C" result name parameters __VA_ARGS__ {                                      \
    weir::guard::check(#name);                                                         \
    static auto* const forward = &__interceptor_##name != nullptr                      \
                                     ? &__interceptor_##name                           \
                                     : weir::guard::real<result parameters>(#name);    \
    return forward arguments;                                                          \
  }

WEIR_GUARDED(int, clock_gettime, (clockid_t clock, timespec* out), (clock, out), noexcept)
WEIR_GUARDED(int, gettimeofday, (timeval * out, void* zone), (out, zone), noexcept)
WEIR_GUARDED(time_t, time, (time_t* out), (out), noexcept)
WEIR_GUARDED(ssize_t, getrandom, (void* out, size_t size, unsigned flags), (out, size, flags))
WEIR_GUARDED(int, getentropy, (void* out, size_t size), (out, size))
WEIR_GUARDED(int, rand, (), (), noexcept)
WEIR_GUARDED(long, random, (), (), noexcept)
WEIR_GUARDED(double, drand48, (), (), noexcept)
WEIR_GUARDED(int, nanosleep, (const timespec* wanted, timespec* left), (wanted, left))
WEIR_GUARDED(int, clock_nanosleep,
             (clockid_t clock, int flags, const timespec* wanted, timespec* left),
             (clock, flags, wanted, left))
WEIR_GUARDED(int, usleep, (useconds_t wanted), (wanted))
WEIR_GUARDED(unsigned, sleep, (unsigned wanted), (wanted))
WEIR_GUARDED(int, socket, (int domain, int type, int protocol), (domain, type, protocol), noexcept)
WEIR_GUARDED(int, connect, (int fd, const sockaddr* to, socklen_t size), (fd, to, size))
WEIR_GUARDED(int, accept, (int fd, sockaddr* from, socklen_t* size), (fd, from, size))
WEIR_GUARDED(int, accept4, (int fd, sockaddr* from, socklen_t* size, int flags),
             (fd, from, size, flags))
WEIR_GUARDED(int, poll, (pollfd * fds, nfds_t count, int timeout), (fds, count, timeout))
WEIR_GUARDED(int, select, (int count, fd_set* in, fd_set* out, fd_set* bad, timeval* timeout),
             (count, in, out, bad, timeout))
WEIR_GUARDED(int, epoll_wait, (int fd, epoll_event* events, int count, int timeout),
             (fd, events, count, timeout))
WEIR_GUARDED(int, pthread_create,
             (pthread_t * thread, const pthread_attr_t* attributes, void* (*run)(void*),
              void* with),
             (thread, attributes, run, with), noexcept)

// std::random_device may use an instruction of the processor and no system call: its member itself
// is replaced.
unsigned weir_random_device_value(void* self) asm("_ZNSt13random_device9_M_getvalEv");
unsigned weir_random_device_value(void* self) {
  weir::guard::check("std::random_device");
  static auto* const forward =
      weir::guard::real<unsigned(void*)>("_ZNSt13random_device9_M_getvalEv");
  return forward(self);
}
