// Exit codes: one meaning each, and which one wins when several apply.
//
// Not deterministic outranks a violation, since with it no other verdict means anything.
#pragma once

namespace weir {

inline constexpr int kExitOk = 0;            // every promise holds, or `expect` matched
inline constexpr int kExitViolation = 1;     // also: an expected violation is missing
inline constexpr int kExitInconclusive = 2;  // unknown, or a required guarantee not exercised
inline constexpr int kExitNotDeterministic = 3;
inline constexpr int kExitUsage = 64;  // bad usage or scenario
inline constexpr int kExitInternal = 70;
inline constexpr int kExitInterrupted = 130;  // partial results were written

// Priority 70 > 3 > 1 > 2 > 0.
[[nodiscard]] constexpr int worse_exit(int a, int b) {
  constexpr auto rank = [](int code) {
    switch (code) {
      case kExitInternal: return 5;
      case kExitNotDeterministic: return 4;
      case kExitViolation: return 3;
      case kExitInconclusive: return 2;
      case kExitOk: return 0;
      default: return 1;
    }
  };
  return rank(a) >= rank(b) ? a : b;
}

}  // namespace weir
