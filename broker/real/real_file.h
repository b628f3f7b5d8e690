// File over a POSIX descriptor.
#pragma once

#include <memory>

#include "broker/ports/disk.h"
#include "broker/real/descriptor.h"
#include "broker/real/real_loop.h"

namespace weir {

[[nodiscard]] std::unique_ptr<File> make_real_file(RealLoop& loop, Descriptor descriptor);

}  // namespace weir
