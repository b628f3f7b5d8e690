// gzip by zlib: members of RFC 1952, one after the other as Java's GZIPInputStream reads them.
//
// The header carries no time and no name, so equal input gives equal output.
#include <zlib.h>

#include "broker/base/assertion.h"
#include "broker/wire/codecs.h"

namespace weir::detail {
namespace {

constexpr int kGzipOnly = 16;  // added to the window bits
constexpr int kMemoryLevel = 8;

Bytef* writable(std::byte* p) { return reinterpret_cast<Bytef*>(p); }
// zlib takes a pointer to non-const, and does not write to it.
Bytef* readable(const std::byte* p) { return reinterpret_cast<Bytef*>(const_cast<std::byte*>(p)); }

}  // namespace

Gzip::Gzip() = default;

Gzip::~Gzip() {
  if (deflate_) deflateEnd(deflate_.get());
  if (inflate_) inflateEnd(inflate_.get());
}

void Gzip::compress(Bytes input, Buffer& output) {
  WEIR_ASSERT(input.size() <= UINT32_MAX);
  int state = Z_OK;
  if (deflate_) {
    state = deflateReset(deflate_.get());
  } else {
    deflate_ = std::make_unique<z_stream>();
    state = deflateInit2(deflate_.get(), Z_DEFAULT_COMPRESSION, Z_DEFLATED, MAX_WBITS + kGzipOnly,
                         kMemoryLevel, Z_DEFAULT_STRATEGY);
  }
  WEIR_ASSERT(state == Z_OK);
  const std::size_t before = output.size();
  const uLong bound = deflateBound(deflate_.get(), static_cast<uLong>(input.size()));
  std::byte* const to = output.extend(bound);
  deflate_->next_in = readable(input.data());
  deflate_->avail_in = static_cast<uInt>(input.size());
  deflate_->next_out = writable(to);
  deflate_->avail_out = static_cast<uInt>(bound);
  state = deflate(deflate_.get(), Z_FINISH);
  WEIR_ASSERT(state == Z_STREAM_END);
  output.shrink_to(before + bound - deflate_->avail_out);
}

Errc Gzip::decompress(Bytes input, std::size_t limit, Buffer& output) {
  if (input.size() > UINT32_MAX) return Errc::too_large;
  int state = Z_OK;
  if (inflate_) {
    state = inflateReset(inflate_.get());
  } else {
    inflate_ = std::make_unique<z_stream>();
    state = inflateInit2(inflate_.get(), MAX_WBITS + kGzipOnly);
  }
  WEIR_ASSERT(state == Z_OK);
  inflate_->next_in = readable(input.data());
  inflate_->avail_in = static_cast<uInt>(input.size());
  while (true) {
    const std::span<std::byte> room = more_room(output, limit);
    inflate_->next_out = writable(room.data());
    inflate_->avail_out = static_cast<uInt>(room.size());
    state = inflate(inflate_.get(), Z_NO_FLUSH);
    output.shrink_to(output.size() - inflate_->avail_out);
    if (output.size() > limit) return Errc::too_large;
    if (state == Z_STREAM_END) {
      if (inflate_->avail_in == 0) return Errc::ok;
      if (inflateReset(inflate_.get()) != Z_OK) return Errc::malformed;
    } else if (state != Z_OK) {
      return Errc::malformed;  // Z_BUF_ERROR too: the input ends in the middle
    }
  }
}

}  // namespace weir::detail
