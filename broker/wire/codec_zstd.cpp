// Zstandard frames, level 3 as Kafka's default.
//
// Both contexts are kept: on small batches making them costs more than using them.
#include <zstd.h>

#include "broker/base/assertion.h"
#include "broker/wire/codecs.h"
#include "broker/wire/compression.h"

namespace weir::detail {

constexpr int kLevel = 3;

Zstd::~Zstd() {
  ZSTD_freeCCtx(compressor_);
  ZSTD_freeDCtx(decompressor_);
}

void Zstd::compress(Bytes input, Buffer& output) {
  if (compressor_ == nullptr) compressor_ = ZSTD_createCCtx();
  WEIR_ASSERT(compressor_ != nullptr);
  const std::size_t before = output.size();
  const std::size_t bound = ZSTD_compressBound(input.size());
  std::byte* const to = output.extend(bound);
  const std::size_t written =
      ZSTD_compressCCtx(compressor_, to, bound, input.data(), input.size(), kLevel);
  WEIR_ASSERT(ZSTD_isError(written) == 0);
  output.shrink_to(before + written);
}

Errc Zstd::decompress(Bytes input, std::size_t limit, Buffer& output) {
  if (decompressor_ == nullptr) {
    decompressor_ = ZSTD_createDCtx();
    WEIR_ASSERT(decompressor_ != nullptr);
    ZSTD_DCtx_setParameter(decompressor_, ZSTD_d_windowLogMax, kMaxZstdWindowLog);
  } else {
    ZSTD_DCtx_reset(decompressor_, ZSTD_reset_session_only);
  }
  ZSTD_inBuffer in{input.data(), input.size(), 0};
  while (true) {
    const std::span<std::byte> room = more_room(output, limit);
    ZSTD_outBuffer out{room.data(), room.size(), 0};
    const std::size_t read_before = in.pos;
    const std::size_t hint = ZSTD_decompressStream(decompressor_, &out, &in);
    output.shrink_to(output.size() - room.size() + out.pos);
    if (ZSTD_isError(hint) != 0) return Errc::malformed;
    if (output.size() > limit) return Errc::too_large;
    if (hint == 0) {
      if (in.pos == in.size) return Errc::ok;  // and else another frame follows
    } else if (in.pos == read_before && out.pos == 0) {
      return Errc::malformed;  // the input ends in the middle
    }
  }
}

}  // namespace weir::detail
