// Any bytes as one of Jepsen's histories: forms of EDN, and the lines of a console's log.
#include "tests/fuzz/histories.h"

using namespace weir;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  fuzz::read_in_pieces(text, [](Pieces& pieces) { return read_edn(pieces, "fuzz"); });
  fuzz::judge(read_console(text, "fuzz"));
  return 0;
}
