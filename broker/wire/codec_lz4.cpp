// LZ4 frames, with the header checksum as the frame format has it (magic 2 demands that).
//
// Blocks of 64 KiB, independent of each other, without checksums: what Java's client writes and
// demands to read. The compressor's context is not kept: the library may choose other matches in a
// used one, and equal input must give equal output.
#include <lz4frame.h>

#include "broker/base/assertion.h"
#include "broker/wire/codecs.h"

namespace weir::detail {
namespace {

LZ4F_preferences_t preferences() {
  LZ4F_preferences_t p = LZ4F_INIT_PREFERENCES;
  p.frameInfo.blockSizeID = LZ4F_max64KB;
  p.frameInfo.blockMode = LZ4F_blockIndependent;
  return p;
}

}  // namespace

Lz4::~Lz4() { LZ4F_freeDecompressionContext(decompressor_); }

void Lz4::compress(Bytes input, Buffer& output) {
  const LZ4F_preferences_t p = preferences();
  const std::size_t before = output.size();
  const std::size_t bound = LZ4F_compressFrameBound(input.size(), &p);
  std::byte* const to = output.extend(bound);
  const std::size_t written = LZ4F_compressFrame(to, bound, input.data(), input.size(), &p);
  WEIR_ASSERT(LZ4F_isError(written) == 0);
  output.shrink_to(before + written);
}

Errc Lz4::decompress(Bytes input, std::size_t limit, Buffer& output) {
  if (decompressor_ == nullptr) {
    const std::size_t made = LZ4F_createDecompressionContext(&decompressor_, LZ4F_VERSION);
    WEIR_ASSERT(LZ4F_isError(made) == 0);
  } else {
    LZ4F_resetDecompressionContext(decompressor_);
  }
  const std::byte* from = input.data();
  std::size_t left = input.size();
  while (true) {
    const std::span<std::byte> room = more_room(output, limit);
    std::size_t written = room.size();
    std::size_t read = left;
    const std::size_t hint =
        LZ4F_decompress(decompressor_, room.data(), &written, from, &read, nullptr);
    output.shrink_to(output.size() - room.size() + (LZ4F_isError(hint) != 0 ? 0 : written));
    if (LZ4F_isError(hint) != 0) return Errc::malformed;
    if (output.size() > limit) return Errc::too_large;
    from += read;
    left -= read;
    if (hint == 0) {
      if (left == 0) return Errc::ok;  // and else another frame follows
    } else if (read == 0 && written == 0) {
      return Errc::malformed;  // the input ends in the middle
    }
  }
}

}  // namespace weir::detail
