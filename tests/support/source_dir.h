// Where the tree lies whose files a test reads. Defined in the build folder, so that the tests
// themselves compile alike in every checkout.
#pragma once

#include <string>

namespace weir {

std::string source_dir();

}  // namespace weir
