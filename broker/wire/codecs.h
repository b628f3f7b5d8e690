// The compression libraries behind Codecs, each with the contexts that are worth keeping.
//
// Private to compression.cpp and the codec_*.cpp files. Decompressors append to `output` and stop
// with too_large before they hold more than `limit` bytes.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>

#include "broker/base/bytes.h"
#include "broker/base/result.h"

struct z_stream_s;
struct LZ4F_dctx_s;
struct ZSTD_CCtx_s;
struct ZSTD_DCtx_s;

namespace weir::detail {

class Gzip {
 public:
  Gzip();
  ~Gzip();
  Gzip(const Gzip&) = delete;
  Gzip& operator=(const Gzip&) = delete;
  void compress(Bytes input, Buffer& output);
  [[nodiscard]] Errc decompress(Bytes input, std::size_t limit, Buffer& output);

 private:
  std::unique_ptr<z_stream_s> deflate_;  // null until first used
  std::unique_ptr<z_stream_s> inflate_;
};

class Lz4 {
 public:
  Lz4() = default;
  ~Lz4();
  Lz4(const Lz4&) = delete;
  Lz4& operator=(const Lz4&) = delete;
  void compress(Bytes input, Buffer& output);
  [[nodiscard]] Errc decompress(Bytes input, std::size_t limit, Buffer& output);

 private:
  LZ4F_dctx_s* decompressor_ = nullptr;
};

class Zstd {
 public:
  Zstd() = default;
  ~Zstd();
  Zstd(const Zstd&) = delete;
  Zstd& operator=(const Zstd&) = delete;
  void compress(Bytes input, Buffer& output);
  [[nodiscard]] Errc decompress(Bytes input, std::size_t limit, Buffer& output);

 private:
  ZSTD_CCtx_s* compressor_ = nullptr;
  ZSTD_DCtx_s* decompressor_ = nullptr;
};

void compress_snappy(Bytes input, Buffer& output);
[[nodiscard]] Errc decompress_snappy(Bytes input, std::size_t limit, Buffer& output);

// Room at the end of a growing output: some more than there is already, never beyond limit + 1, so
// that one byte too many is noticed. Empty when even that is used up.
inline std::span<std::byte> more_room(Buffer& output, std::size_t limit) {
  constexpr std::size_t kFirstRoom = 4096;
  const std::size_t most = limit < SIZE_MAX ? limit + 1 : limit;
  const std::size_t left = most - std::min(most, output.size());
  const std::size_t room = std::min(left, std::max(output.size(), kFirstRoom));
  return {output.extend(room), room};
}

}  // namespace weir::detail
