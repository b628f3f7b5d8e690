// Any bytes as a file: mostly a case, one JSON document; what it is the reader decides.
#include "tests/fuzz/histories.h"

using namespace weir;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  fuzz::read_in_pieces(text, [](Pieces& pieces) { return read_history_so_far(pieces, "fuzz"); });
  return 0;
}
