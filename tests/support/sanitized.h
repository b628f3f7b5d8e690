// Whether this is a build with sanitizers, in which a simulation takes ten times as long: long ones
// run a share of their seeds there.
#pragma once

namespace weir {

#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool kSanitized = true;
#elif defined(__has_feature)
inline constexpr bool kSanitized = __has_feature(address_sanitizer);
#else
inline constexpr bool kSanitized = false;
#endif

}  // namespace weir
