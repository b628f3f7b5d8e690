// The walk over a chunk: header by header, one decision for each batch.
#include "broker/storage/batch_select.h"

#include "broker/wire/record_batch.h"

namespace weir {
namespace {

bool plausible(const BatchHeader& header) {
  return header.magic == kBatchMagic && header.base_offset >= Offset{0} &&
         header.batch_length >= static_cast<std::int32_t>(kBatchHeaderBytes - kBatchLengthEnd) &&
         header.last_offset_delta >= 0;
}

}  // namespace

Result<Selection> select_batches(Bytes chunk, const ReadLimits& limits) {
  Selection chosen;
  std::size_t at = 0;
  while (true) {
    const bool nothing_yet = chosen.end == 0;
    if (at > chunk.size() || chunk.size() - at < kBatchHeaderBytes) {
      chosen.more = nothing_yet;
      chosen.resume = at;
      chosen.resume_bytes = kBatchHeaderBytes;
      return chosen;
    }
    const BatchHeader header = read_batch_header(chunk.subspan(at));
    if (!plausible(header)) return Errc::malformed;
    if (header.last_offset() < limits.from) {
      at += header.size();
      continue;
    }
    if (header.next_offset() > limits.bound) return chosen;
    const std::size_t total = nothing_yet ? header.size() : at + header.size() - chosen.begin;
    const bool forced = nothing_yet && limits.at_least_one;
    if (total > limits.max_bytes && !forced) return chosen;
    if (chunk.size() - at < header.size()) {
      chosen.more = nothing_yet;
      chosen.resume = at;
      chosen.resume_bytes = header.size();
      return chosen;
    }
    if (nothing_yet) {
      chosen.begin = at;
      chosen.first_offset = header.base_offset;
    }
    at += header.size();
    chosen.end = at;
    chosen.next_offset = header.next_offset();
  }
}

}  // namespace weir
