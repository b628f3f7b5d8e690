// The one place where errno becomes Errc: three total functions, since the same number means
// different things to a disk, to a connect and to an open stream.
#pragma once

#include <boost/system/error_code.hpp>

#include "broker/base/result.h"

namespace weir {

// Files and directories. What is not named is io_error.
[[nodiscard]] Errc disk_error(int number);

// An attempt to connect, listen or accept, or to resolve a name.
[[nodiscard]] Errc connect_error(const boost::system::error_code&);

// An established stream: whatever ends it that is not an orderly close is a reset.
[[nodiscard]] Errc stream_error(int number);

}  // namespace weir
