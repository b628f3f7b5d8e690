// errno and Asio's error codes, mapped.
#include "broker/real/errors.h"

#include <cerrno>

namespace weir {

Errc disk_error(int number) {
  switch (number) {
    case 0: return Errc::ok;
    case ENOENT:
    case ENOTDIR: return Errc::not_found;
    case EEXIST:
    case ENOTEMPTY:
    case EISDIR: return Errc::already_exists;
    case ENOSPC:
    case EDQUOT:
    case EFBIG: return Errc::no_space;
    case ENAMETOOLONG: return Errc::too_large;
    case EINVAL: return Errc::malformed;
    case EOPNOTSUPP:
    case EXDEV: return Errc::unsupported;
    default: return Errc::io_error;
  }
}

Errc connect_error(const boost::system::error_code& error) {
  if (!error) return Errc::ok;
  if (error.category() != boost::system::system_category()) return Errc::unreachable;  // no name
  switch (error.value()) {
    case ECONNREFUSED: return Errc::refused;
    case ECONNRESET:
    case EPIPE: return Errc::reset;
    case ETIMEDOUT: return Errc::timed_out;
    case EADDRINUSE: return Errc::address_in_use;
    case ECANCELED: return Errc::closed;
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM: return Errc::io_error;
    default: return Errc::unreachable;
  }
}

Errc stream_error(int number) { return number == 0 ? Errc::ok : Errc::reset; }

}  // namespace weir
