// Any bytes as lines of weir-history/1, with a good header and behind any.
#include "checkers/history_lines.h"

#include "tests/fuzz/histories.h"

using namespace weir;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto read = [](Pieces& pieces) {
    LineReader reader("fuzz");
    reader.take_all(pieces);
    return reader.result();
  };
  fuzz::read_in_pieces(text, read);
  fuzz::read_in_pieces("{\"format\":\"weir-history/1\",\"config\":{}}\n" + text, read);
  return 0;
}
