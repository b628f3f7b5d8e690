// Dispatch to the codecs, and the names.
#include "broker/wire/compression.h"

#include <utility>

#include "broker/wire/codecs.h"

namespace weir {

std::string_view name_of(Compression codec) {
  switch (codec) {
    case Compression::none: return "none";
    case Compression::gzip: return "gzip";
    case Compression::snappy: return "snappy";
    case Compression::lz4: return "lz4";
    case Compression::zstd: return "zstd";
  }
  return "unknown";
}

Result<Compression> compression_named(std::string_view name) {
  for (const Compression codec : {Compression::none, Compression::gzip, Compression::snappy,
                                  Compression::lz4, Compression::zstd}) {
    if (name_of(codec) == name) return codec;
  }
  return Errc::unsupported;
}

struct Codecs::Contexts {
  detail::Gzip gzip;
  detail::Lz4 lz4;
  detail::Zstd zstd;
};

Codecs::Codecs() : contexts_(std::make_unique<Contexts>()) {}
Codecs::~Codecs() = default;
Codecs::Codecs(Codecs&&) noexcept = default;
Codecs& Codecs::operator=(Codecs&&) noexcept = default;

void Codecs::compress(Compression codec, Bytes input, Buffer& output) {
  switch (codec) {
    case Compression::none: output.append(input); return;
    case Compression::gzip: contexts_->gzip.compress(input, output); return;
    case Compression::snappy: detail::compress_snappy(input, output); return;
    case Compression::lz4: contexts_->lz4.compress(input, output); return;
    case Compression::zstd: contexts_->zstd.compress(input, output); return;
  }
}

Result<Slice> Codecs::decompress(Compression codec, const Slice& input, std::size_t limit) {
  Buffer output;
  Errc error = Errc::unsupported;
  switch (codec) {
    case Compression::none: return input;
    case Compression::gzip: error = contexts_->gzip.decompress(input, limit, output); break;
    case Compression::snappy: error = detail::decompress_snappy(input, limit, output); break;
    case Compression::lz4: error = contexts_->lz4.decompress(input, limit, output); break;
    case Compression::zstd: error = contexts_->zstd.decompress(input, limit, output); break;
  }
  if (error != Errc::ok) return error;
  return std::move(output).share();
}

}  // namespace weir
