// The hard guard: a seccomp filter that traps every system call but those of memory and output, and
// a time stamp counter that faults.
#include <execinfo.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstddef>
#include <cstring>
#include <vector>

#include "sim/guard.h"

namespace weir::guard {
namespace {

constexpr std::array kAllowed = {
    SYS_write,          SYS_writev,      SYS_brk,          SYS_mmap,
    SYS_munmap,         SYS_mremap,      SYS_madvise,      SYS_mprotect,
    SYS_exit_group,     SYS_exit,        SYS_rt_sigreturn, SYS_rt_sigaction,
    SYS_rt_sigprocmask, SYS_sigaltstack, SYS_futex,        SYS_fstat,
    SYS_newfstatat,     SYS_getpid,      SYS_gettid,       SYS_tgkill,
};

void print(const char* text) {
  static_cast<void>(!::write(STDERR_FILENO, text, std::strlen(text)));
}

void trapped(int signal, siginfo_t* info, void*) {
  if (signal == SIGSYS) {
    std::array<char, 8> digits{};
    std::size_t at = digits.size() - 1;
    for (int n = info->si_syscall; n > 0 && at > 0; n /= 10) {
      digits[--at] = static_cast<char>('0' + n % 10);
    }
    print("weir: a simulation made system call ");
    print(digits.data() + at);
  } else {
    print("weir: a simulation read the time stamp counter, or crashed");
  }
  print("\n");
  void* frames[48];
  const int count = ::backtrace(frames, 48);
  ::backtrace_symbols_fd(frames, count, STDERR_FILENO);
  ::_exit(99);
}

}  // namespace

bool arm_hard() {
  void* warm[2];
  ::backtrace(warm, 2);  // loads its library now
  struct sigaction action{};
  action.sa_sigaction = trapped;
  action.sa_flags = SA_SIGINFO;
  ::sigaction(SIGSYS, &action, nullptr);
  ::sigaction(SIGSEGV, &action, nullptr);
  std::vector<sock_filter> program;
  program.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)));
  for (const long call : kAllowed) {
    program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<unsigned>(call), 0, 1));
    program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  }
  program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP));
  sock_fprog filter{static_cast<unsigned short>(program.size()), program.data()};
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return false;
#if defined(__x86_64__)
  if (::prctl(PR_SET_TSC, PR_TSC_SIGSEGV, 0, 0, 0) != 0) return false;
#endif
  return ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0) == 0;
}

}  // namespace weir::guard
