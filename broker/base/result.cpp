// The error category behind Errc: names for people, nothing else.
#include "broker/base/result.h"

#include <string>

namespace weir {
namespace {

class Category final : public boost::system::error_category {
 public:
  const char* name() const noexcept override { return "weir"; }
  std::string message(int value) const override {
    return std::string(describe(static_cast<Errc>(value)));
  }
};

}  // namespace

std::string_view describe(Errc e) {
  switch (e) {
    case Errc::ok: return "ok";
    case Errc::closed: return "closed";
    case Errc::reset: return "connection reset";
    case Errc::refused: return "connection refused";
    case Errc::unreachable: return "no such host";
    case Errc::timed_out: return "timed out";
    case Errc::address_in_use: return "address in use";
    case Errc::not_found: return "not found";
    case Errc::already_exists: return "already exists";
    case Errc::no_space: return "no space left on the disk";
    case Errc::io_error: return "disk error";
    case Errc::truncated: return "input ends too early";
    case Errc::malformed: return "malformed input";
    case Errc::too_large: return "over a limit";
    case Errc::unsupported: return "not supported";
    case Errc::corrupt: return "checksum mismatch";
  }
  return "unknown error";
}

const boost::system::error_category& weir_category() {
  static const Category category;
  return category;
}

}  // namespace weir
