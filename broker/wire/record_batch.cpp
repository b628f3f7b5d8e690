// Reading, checking and assigning batch headers.
#include "broker/wire/record_batch.h"

#include <algorithm>
#include <utility>

#include "broker/base/assertion.h"
#include "broker/base/crc32c.h"
#include "broker/wire/writer.h"

namespace weir {
namespace {

std::uint16_t load16(const std::byte* p) {
  std::uint16_t v = 0;
  std::memcpy(&v, p, sizeof v);
  return __builtin_bswap16(v);
}
std::uint32_t load32(const std::byte* p) {
  std::uint32_t v = 0;
  std::memcpy(&v, p, sizeof v);
  return __builtin_bswap32(v);
}
std::uint64_t load64(const std::byte* p) {
  std::uint64_t v = 0;
  std::memcpy(&v, p, sizeof v);
  return __builtin_bswap64(v);
}
std::int32_t loads32(const std::byte* p) { return static_cast<std::int32_t>(load32(p)); }
std::int64_t loads64(const std::byte* p) { return static_cast<std::int64_t>(load64(p)); }

AssignedBatch with_header(const RecordBatch& batch, const BatchHeader& header) {
  Buffer first(kBatchHeaderBytes);
  write_batch_header(header, std::span<std::byte, kBatchHeaderBytes>(
                                 first.extend(kBatchHeaderBytes), kBatchHeaderBytes));
  return {header, {std::move(first).share(), batch.payload()}};
}

}  // namespace

std::int32_t BatchHeader::last_sequence() const {
  if (base_sequence < 0) return -1;
  const std::int64_t last = static_cast<std::int64_t>(base_sequence) + last_offset_delta;
  return static_cast<std::int32_t>(last & INT32_MAX);
}

BatchHeader read_batch_header(Bytes bytes) {
  WEIR_ASSERT(bytes.size() >= kBatchHeaderBytes);
  const std::byte* p = bytes.data();
  BatchHeader h;
  h.base_offset = Offset(loads64(p));
  h.batch_length = loads32(p + 8);
  h.partition_leader_epoch = LeaderEpoch(loads32(p + 12));
  h.magic = static_cast<std::int8_t>(p[16]);
  h.crc = load32(p + 17);
  h.attributes = static_cast<std::int16_t>(load16(p + 21));
  h.last_offset_delta = loads32(p + 23);
  h.base_timestamp = loads64(p + 27);
  h.max_timestamp = loads64(p + 35);
  h.producer_id = ProducerId(loads64(p + 43));
  h.producer_epoch = ProducerEpoch(static_cast<std::int16_t>(load16(p + 51)));
  h.base_sequence = loads32(p + 53);
  h.record_count = loads32(p + 57);
  return h;
}

void write_batch_header(const BatchHeader& h, std::span<std::byte, kBatchHeaderBytes> to) {
  std::byte* p = to.data();
  store_be64(p, static_cast<std::uint64_t>(h.base_offset.value()));
  store_be32(p + 8, static_cast<std::uint32_t>(h.batch_length));
  store_be32(p + 12, static_cast<std::uint32_t>(h.partition_leader_epoch.value()));
  p[16] = static_cast<std::byte>(h.magic);
  store_be32(p + 17, h.crc);
  store_be16(p + 21, static_cast<std::uint16_t>(h.attributes));
  store_be32(p + 23, static_cast<std::uint32_t>(h.last_offset_delta));
  store_be64(p + 27, static_cast<std::uint64_t>(h.base_timestamp));
  store_be64(p + 35, static_cast<std::uint64_t>(h.max_timestamp));
  store_be64(p + 43, static_cast<std::uint64_t>(h.producer_id.value()));
  store_be16(p + 51, static_cast<std::uint16_t>(h.producer_epoch.value()));
  store_be32(p + 53, static_cast<std::uint32_t>(h.base_sequence));
  store_be32(p + 57, static_cast<std::uint32_t>(h.record_count));
}

Result<RecordBatch> parse_batch(const Slice& input) {
  // The magic is looked at before the length of a whole header: old formats have shorter ones.
  if (input.size() < 17) return Errc::truncated;
  const auto magic = static_cast<std::int8_t>(input.data()[16]);
  const std::int32_t length = loads32(input.data() + 8);
  if (magic == 0 || magic == 1) return Errc::unsupported;
  if (magic != kBatchMagic) return Errc::malformed;
  if (length < static_cast<std::int32_t>(kBatchHeaderBytes - kBatchLengthEnd)) {
    return Errc::malformed;
  }
  if (input.size() < kBatchHeaderBytes) return Errc::truncated;
  const BatchHeader header = read_batch_header(input);
  if (header.record_count < 0 || header.last_offset_delta < 0 || header.base_offset.value() < 0 ||
      header.base_offset.value() > INT64_MAX - header.last_offset_delta - 1) {
    return Errc::malformed;
  }
  if (input.size() < header.size()) return Errc::truncated;
  return RecordBatch{header, input.subslice(0, header.size())};
}

bool crc_is_right(const RecordBatch& batch) {
  return crc32c(batch.bytes.bytes().subspan(kBatchCrcFrom)) == batch.header.crc;
}

AssignedBatch assign(const RecordBatch& batch, Offset base, LeaderEpoch epoch) {
  BatchHeader header = batch.header;
  header.base_offset = base;
  header.partition_leader_epoch = epoch;
  return with_header(batch, header);
}

AssignedBatch assign_with_append_time(const RecordBatch& batch, Offset base, LeaderEpoch epoch,
                                      WallTime now) {
  BatchHeader header = batch.header;
  header.base_offset = base;
  header.partition_leader_epoch = epoch;
  header.attributes = static_cast<std::int16_t>(header.attributes | BatchHeader::kLogAppendTimeBit);
  header.max_timestamp = now.ms;
  std::array<std::byte, kBatchHeaderBytes> raw{};
  write_batch_header(header, raw);
  header.crc = crc32c(batch.payload(), crc32c(Bytes(raw).subspan(kBatchCrcFrom)));
  return with_header(batch, header);
}

void assign_in_place(std::span<std::byte> batch, Offset base, LeaderEpoch epoch) {
  WEIR_ASSERT(batch.size() >= kBatchHeaderBytes);
  store_be64(batch.data(), static_cast<std::uint64_t>(base.value()));
  store_be32(batch.data() + 12, static_cast<std::uint32_t>(epoch.value()));
}

Result<RecordBatch> BatchWalker::next() {
  Result<RecordBatch> batch = parse_batch(rest_);
  if (batch) {
    position_ += batch->size();
    rest_ = rest_.subslice(batch->size());
  }
  return batch;
}

Result<std::vector<RecordBatch>> whole_batches(const Slice& bytes) {
  std::vector<RecordBatch> batches;
  BatchWalker walker(bytes);
  while (!walker.at_end()) {
    Result<RecordBatch> batch = walker.next();
    if (batch) {
      batches.push_back(std::move(*batch));
    } else if (batch.error() == Errc::truncated) {
      break;
    } else {
      return batch.error();
    }
  }
  return batches;
}

}  // namespace weir
