// Snappy in the framing of xerial's snappy-java, and raw.
//
// Framing: magic 82 'SNAPPY' 00, version i32 and compatible version i32 (both 1), then blocks: size
// i32 and a raw snappy block. The Java client and kafka-python write it, librdkafka writes one raw
// block; both are read. A raw block begins with its uncompressed size, which is believed only as
// far as snappy could reach it: a copy of three bytes gives at most 64.
#include <snappy.h>

#include <array>
#include <string>

#include "broker/wire/codecs.h"
#include "broker/wire/reader.h"
#include "broker/wire/writer.h"

namespace weir::detail {
namespace {

constexpr std::array<unsigned char, 16> kMagicAndVersions = {0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0,
                                                             0,    0,   0,   1,   0,   0,   0,   1};
constexpr std::size_t kMagicBytes = 8;
constexpr std::size_t kBlockBytes = 32 * 1024;  // as snappy-java's default
constexpr std::size_t kMaxRatio = 32;

const char* chars(const std::byte* p) { return reinterpret_cast<const char*>(p); }
char* chars(std::byte* p) { return reinterpret_cast<char*>(p); }

Errc decompress_block(Bytes block, std::size_t limit, Buffer& output) {
  std::size_t size = 0;
  if (!snappy::GetUncompressedLength(chars(block.data()), block.size(), &size)) {
    return Errc::malformed;
  }
  if (size / kMaxRatio > block.size()) return Errc::malformed;
  if (size > limit - output.size()) return Errc::too_large;
  const std::size_t before = output.size();
  std::byte* const to = output.extend(size);
  if (!snappy::RawUncompress(chars(block.data()), block.size(), chars(to))) {
    output.shrink_to(before);
    return Errc::malformed;
  }
  return Errc::ok;
}

}  // namespace

void compress_snappy(Bytes input, Buffer& output) {
  output.append(std::as_bytes(std::span(kMagicAndVersions)));
  for (std::size_t from = 0; from < input.size(); from += kBlockBytes) {
    const Bytes block = input.subspan(from, std::min(kBlockBytes, input.size() - from));
    const std::size_t size_at = output.size();
    output.extend(4 + snappy::MaxCompressedLength(block.size()));
    std::size_t written = 0;
    snappy::RawCompress(chars(block.data()), block.size(), chars(output.data() + size_at + 4),
                        &written);
    store_be32(output.data() + size_at, static_cast<std::uint32_t>(written));
    output.shrink_to(size_at + 4 + written);
  }
}

Errc decompress_snappy(Bytes input, std::size_t limit, Buffer& output) {
  const bool framed = input.size() >= kMagicAndVersions.size() &&
                      std::memcmp(input.data(), kMagicAndVersions.data(), kMagicBytes) == 0;
  if (!framed) return decompress_block(input, limit, output);
  Reader in(Slice::borrowed(input.subspan(kMagicAndVersions.size())));
  while (in.remaining() > 0) {
    const std::int32_t size = in.int32();
    if (in.ok() && size < 0) return Errc::malformed;
    const Slice block = in.slice(static_cast<std::size_t>(size));
    if (!in.ok()) return Errc::malformed;
    if (const Errc e = decompress_block(block, limit, output); e != Errc::ok) return e;
  }
  return Errc::ok;
}

}  // namespace weir::detail
