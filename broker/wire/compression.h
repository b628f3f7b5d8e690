// The codecs of record batches: gzip, snappy, lz4, zstd (Kafka's attributes bits 0-2).
//
// Framings are those of the Java client: gzip members, snappy in xerial blocks (raw snappy, as
// librdkafka writes it, is read too), LZ4 frames with independent blocks, zstd frames. Output is a
// function of the input alone. Claimed sizes are never believed: output grows as it is produced, up
// to the caller's limit, which stands against decompression bombs.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "broker/base/bytes.h"
#include "broker/base/result.h"

namespace weir {

enum class Compression : std::uint8_t { none = 0, gzip = 1, snappy = 2, lz4 = 3, zstd = 4 };

// Kafka's names: "none", "gzip", "snappy", "lz4", "zstd".
[[nodiscard]] std::string_view name_of(Compression);
[[nodiscard]] Result<Compression> compression_named(std::string_view);

// What one batch may hold uncompressed unless the caller says otherwise: a hundred times Kafka's
// default message.max.bytes of about 1 MiB.
inline constexpr std::size_t kDefaultMaxUncompressedBytes = 100 * 1024 * 1024;
// RFC 8878 asks decoders for 8 MiB of window; larger ones are refused, since the window is
// allocated on the word of the frame's header.
inline constexpr int kMaxZstdWindowLog = 23;

// Compresses and decompresses, keeping the libraries' contexts for the next call. Cheap until first
// used. Not for two threads.
class Codecs {
 public:
  Codecs();
  ~Codecs();
  Codecs(Codecs&&) noexcept;
  Codecs& operator=(Codecs&&) noexcept;

  // Appends the compressed form of `input` to `output`.
  void compress(Compression, Bytes input, Buffer& output);

  // Errors: malformed, too_large (more than `limit` bytes come out), unsupported (no such codec).
  // With none, the input itself, shared.
  [[nodiscard]] Result<Slice> decompress(Compression, const Slice& input,
                                         std::size_t limit = kDefaultMaxUncompressedBytes);

 private:
  struct Contexts;
  std::unique_ptr<Contexts> contexts_;
};

}  // namespace weir
