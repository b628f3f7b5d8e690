// Any bytes as record batches: walked, checked and decompressed. The checksum is made right first,
// or the fuzzer would never get past it.
#include <span>

#include "broker/base/crc32c.h"
#include "broker/wire/produce_check.h"
#include "broker/wire/writer.h"

namespace {

constexpr std::size_t kMaxUncompressed = 1 << 20;

void read_all(const weir::RecordBatch& batch, weir::Codecs& codecs) {
  weir::Result<weir::RecordReader> reader =
      weir::RecordReader::open(batch, codecs, kMaxUncompressed);
  if (!reader) return;
  weir::Record record;
  weir::Result<bool> more = reader->next(record);
  while (more && *more) more = reader->next(record);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weir;
  Codecs codecs;
  Buffer bytes;
  bytes.append(std::as_bytes(std::span(data, size)));
  if (size >= kBatchHeaderBytes) {
    const BatchHeader header = read_batch_header(bytes.bytes());
    if (header.batch_length > 0 && header.size() <= size) {
      const Bytes covered = bytes.bytes().first(header.size());
      if (covered.size() > kBatchCrcFrom) {
        store_be32(bytes.data() + 17, crc32c(covered.subspan(kBatchCrcFrom)));
      }
    }
  }
  const Slice input = std::move(bytes).share();
  BatchWalker walker(input);
  for (Result<RecordBatch> batch = walker.next(); batch; batch = walker.next()) {
    read_all(*batch, codecs);
  }
  ProduceLimits limits;
  limits.max_uncompressed_bytes = kMaxUncompressed;
  const CheckedBatch checked = check_produced(input, 9, limits, WallTime{0}, codecs);
  if (checked.error == ErrorCode::none && !crc_is_right(checked.batch)) __builtin_trap();
  return 0;
}
