// Result<T> and the operating errors that the ports and the pure parts report.
//
// Errors here are about machines and bytes. Kafka's error codes live in broker/wire and are mapped
// from these once, there. No exception crosses a port: a call yields a value or one of these.
#pragma once

#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>
#include <string_view>

namespace weir {

enum class Errc {
  ok = 0,
  closed,       // the peer closed in order, or this object was closed locally
  reset,        // the connection broke; what was in flight may or may not have arrived
  refused,      // nobody listens there
  unreachable,  // no such host
  timed_out,    // the deadline of the operation passed
  address_in_use,
  not_found,  // no such file or directory
  already_exists,
  no_space,     // the disk is full
  io_error,     // the disk failed this operation
  truncated,    // the input ended in the middle of a value
  malformed,    // the input breaks its format
  too_large,    // a length or count exceeds its named limit
  unsupported,  // a version, codec or feature that is not served
  corrupt,      // a checksum does not match
};

// A short lower-case phrase for people.
[[nodiscard]] std::string_view describe(Errc);

[[nodiscard]] const boost::system::error_category& weir_category();

inline boost::system::error_code make_error_code(Errc e) {
  return {static_cast<int>(e), weir_category()};
}

template <class T = void>
using Result = boost::system::result<T>;

}  // namespace weir

template <>
struct boost::system::is_error_code_enum<weir::Errc> : std::true_type {};
