// Records in, records out.
#include "broker/wire/records.h"

#include <algorithm>
#include <utility>

#include "broker/base/assertion.h"
#include "broker/base/crc32c.h"
#include "broker/wire/writer.h"

namespace weir {
namespace {

std::int64_t from_zigzag(std::uint64_t value) {
  return static_cast<std::int64_t>((value >> 1) ^ (0 - (value & 1)));
}

// Reads varints and views from contiguous bytes; the first error sticks, as in Reader. A record's
// fields are read millions of times a second, so this one has no slices to count.
class Cursor {
 public:
  Cursor(const std::byte* at, const std::byte* end) : at_(at), end_(end) {}

  [[nodiscard]] bool ok() const { return error_ == Errc::ok; }
  [[nodiscard]] Errc error() const { return error_; }
  [[nodiscard]] const std::byte* at() const { return at_; }
  [[nodiscard]] std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }

  std::int8_t int8() {
    if (left() < 1) return fail(Errc::truncated), 0;
    return static_cast<std::int8_t>(*at_++);
  }
  // Nearly all of a record's numbers have one byte or two.
  std::int64_t varlong() {
    if (left() < 2) return any_varlong();
    const auto low = static_cast<std::uint8_t>(at_[0]);
    const auto high = static_cast<std::uint8_t>(at_[1]);
    if (low < 0x80) {
      at_ += 1;
      return from_zigzag(low);
    }
    if (high >= 0x80) return any_varlong();
    at_ += 2;
    return from_zigzag(static_cast<std::uint64_t>(low & 0x7f) | std::uint64_t{high} << 7);
  }
  std::int32_t varint() {
    const std::int64_t value = varlong();
    if (value < INT32_MIN || value > INT32_MAX) return fail(Errc::malformed), 0;
    return static_cast<std::int32_t>(value);
  }
  Bytes view(std::size_t n) {
    if (!ok()) return {};
    if (n > left()) return fail(Errc::truncated), Bytes();
    const Bytes bytes(at_, n);
    at_ += n;
    return bytes;
  }
  // A length and bytes; nothing for -1. Four times a record.
  [[gnu::always_inline]] std::optional<Bytes> nullable_bytes() {
    const std::int32_t n = varint();
    if (n == -1) return std::nullopt;
    if (n < 0) fail(Errc::malformed);
    return view(static_cast<std::size_t>(n));
  }
  void fail(Errc e) {
    if (error_ == Errc::ok) error_ = e;
    at_ = end_;
  }

 private:
  std::int64_t any_varlong() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 70; shift += 7) {
      if (at_ == end_) return fail(Errc::truncated), 0;
      const auto byte = static_cast<std::uint8_t>(*at_++);
      if (shift == 63 && byte > 1) break;
      value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return from_zigzag(value);
    }
    return fail(Errc::malformed), 0;
  }

  const std::byte* at_;
  const std::byte* end_;
  Errc error_ = Errc::ok;
};

// Reads numbers of one to three bytes, which nearly all of a record's are, and skips bytes; false
// where something else comes. Every step ends in a branch, so that the processor reads on before
// it knows.
class PlainCursor {
 public:
  PlainCursor(const std::byte* at, const std::byte* end) : at_(at), end_(end) {}

  [[nodiscard]] const std::byte* at() const { return at_; }
  [[nodiscard]] bool skip(std::size_t n) {
    if (n > static_cast<std::size_t>(end_ - at_)) return false;
    at_ += n;
    return true;
  }
  // As it stands there: zigzag, so that an odd one is negative.
  [[nodiscard, gnu::always_inline]] bool number(std::uint32_t& n) {
    if (end_ - at_ < 3) return false;
    n = byte(0);
    if (n < 0x80) [[likely]] {
      at_ += 1;
      return true;
    }
    n = (n & 0x7f) | byte(1) << 7;
    if (n < 0x80 << 7) [[likely]] {
      at_ += 2;
      return true;
    }
    n = (n & 0x3fff) | byte(2) << 14;
    at_ += 3;
    return n < 0x80 << 14;
  }
  // A length and so many bytes, or null.
  [[nodiscard, gnu::always_inline]] bool skip_bytes(bool& present) {
    std::uint32_t length = 0;
    if (!number(length)) return false;
    present = length != kNull;
    if (!present) return true;
    return (length & 1) == 0 && skip(length >> 1);
  }
  // The same, as a view.
  [[nodiscard, gnu::always_inline]] bool bytes(std::optional<Bytes>& view) {
    std::uint32_t length = 0;
    if (!number(length)) return false;
    if (length == kNull) {
      view.reset();
      return true;
    }
    const std::byte* const begin = at_;
    if ((length & 1) != 0 || !skip(length >> 1)) return false;
    view.emplace(begin, at_);
    return true;
  }
  // Of headers: one byte, which may be the last of all.
  [[nodiscard, gnu::always_inline]] bool count(std::uint32_t& n) {
    if (at_ == end_) return false;
    n = byte(0);
    if (n >= 0x80 || (n & 1) != 0) return false;
    n >>= 1;
    at_ += 1;
    return true;
  }

 private:
  static constexpr std::uint32_t kNull = 1;  // zigzag of -1

  [[nodiscard]] std::uint32_t byte(int i) const { return static_cast<std::uint32_t>(at_[i]); }

  const std::byte* at_;
  const std::byte* end_;
};

[[nodiscard, gnu::always_inline]] inline bool skip_headers(PlainCursor& in) {
  std::uint32_t headers = 0;
  if (!in.count(headers)) return false;
  for (; headers > 0; --headers) {
    bool has_key = false;
    bool has_value = false;
    if (!in.skip_bytes(has_key) || !has_key || !in.skip_bytes(has_value)) return false;
  }
  return true;
}

std::size_t bytes_size(const std::optional<Bytes>& bytes) {
  if (!bytes.has_value()) return 1;  // varint of -1
  const auto n = static_cast<std::int32_t>(bytes->size());
  return varint_size(zigzag(n)) + bytes->size();
}

std::byte* put_varint(std::byte* to, std::uint64_t v) {
  for (; v >= 0x80; v >>= 7) *to++ = static_cast<std::byte>(v | 0x80);
  *to++ = static_cast<std::byte>(v);
  return to;
}

std::byte* put_bytes(std::byte* to, const std::optional<Bytes>& bytes) {
  if (!bytes.has_value()) return put_varint(to, zigzag(std::int32_t{-1}));
  to = put_varint(to, zigzag(static_cast<std::int32_t>(bytes->size())));
  if (!bytes->empty()) std::memcpy(to, bytes->data(), bytes->size());
  return to + bytes->size();
}

// The difference of two timestamps, wrapping as Java's long does: any timestamp can be sent.
std::int64_t delta_of(std::int64_t timestamp, std::int64_t base) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(timestamp) -
                                   static_cast<std::uint64_t>(base));
}
std::int64_t sum_of(std::int64_t base, std::int64_t delta) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(base) +
                                   static_cast<std::uint64_t>(delta));
}

}  // namespace

Result<RecordReader> RecordReader::open(const RecordBatch& batch, Codecs& codecs,
                                        std::size_t limit) {
  Result<Slice> records = codecs.decompress(batch.header.compression(), batch.payload(), limit);
  if (!records) return records.error();
  return RecordReader(batch.header, std::move(*records));
}

Result<bool> RecordReader::next(Record& record) {
  if (read_ == header_.record_count) {
    if (position_ != records_.size()) return Errc::malformed;
    return false;
  }
  if (next_plain(record)) return true;
  const std::byte* const end = records_.data() + records_.size();
  Cursor outer(records_.data() + position_, end);
  const std::int32_t length = outer.varint();
  if (outer.ok() && length < 0) return Errc::malformed;
  const Bytes body = outer.view(static_cast<std::size_t>(length));
  if (!outer.ok()) return outer.error();

  Cursor in(body.data(), body.data() + body.size());
  in.int8();  // attributes, of which none is defined
  const std::int64_t timestamp_delta = in.varlong();
  const std::int32_t offset_delta = in.varint();
  record.key = in.nullable_bytes();
  record.value = in.nullable_bytes();
  const std::int32_t headers = in.varint();
  // A header takes two bytes at least.
  if (in.ok() && (headers < 0 || static_cast<std::size_t>(headers) > in.left() / 2)) {
    in.fail(Errc::malformed);
  }
  record.headers.clear();
  for (std::int32_t i = 0; i < headers && in.ok(); ++i) {
    const std::optional<Bytes> key = in.nullable_bytes();
    if (!key.has_value()) in.fail(Errc::malformed);
    const std::optional<Bytes> value = in.nullable_bytes();
    if (in.ok()) record.headers.push_back({as_text(*key), value});
  }
  const bool offset_exists =
      offset_delta >= 0 && header_.base_offset.value() <= INT64_MAX - offset_delta;
  if (in.ok() && (in.left() > 0 || !offset_exists)) in.fail(Errc::malformed);
  if (!in.ok()) return in.error();

  record.offset = header_.base_offset + offset_delta;
  record.timestamp = timestamp_of(timestamp_delta);
  position_ += static_cast<std::size_t>(outer.at() - (records_.data() + position_));
  ++read_;
  return true;
}

// The next one, where it has small numbers and nothing wrong; else nothing is read.
bool RecordReader::next_plain(Record& record) {
  const std::byte* const begin = records_.data() + position_;
  PlainCursor in(begin, records_.data() + records_.size());
  std::uint32_t length = 0;
  if (!in.number(length) || (length & 1) != 0) return false;
  const std::byte* const body = in.at();
  std::uint32_t timestamp_delta = 0;
  std::uint32_t offset_delta = 0;
  if (!in.skip(1)) return false;  // attributes
  if (!in.number(timestamp_delta) || !in.number(offset_delta)) return false;
  if (!in.bytes(record.key) || !in.bytes(record.value)) return false;
  std::uint32_t headers = 0;
  if (!in.count(headers)) return false;
  record.headers.clear();
  for (; headers > 0; --headers) {
    std::optional<Bytes> key;
    std::optional<Bytes> value;
    if (!in.bytes(key) || !key || !in.bytes(value)) return false;
    record.headers.push_back({as_text(*key), value});
  }
  if (static_cast<std::size_t>(in.at() - body) != length >> 1) return false;
  const std::int64_t offset_delta_max = INT64_MAX - header_.base_offset.value();
  if ((offset_delta & 1) != 0 || offset_delta >> 1 > offset_delta_max) return false;
  record.offset = header_.base_offset + (offset_delta >> 1);
  record.timestamp = timestamp_of(from_zigzag(timestamp_delta));
  position_ += static_cast<std::size_t>(in.at() - begin);
  ++read_;
  return true;
}

std::int64_t RecordReader::timestamp_of(std::int64_t delta) const {
  return header_.is_log_append_time() ? header_.max_timestamp
                                      : sum_of(header_.base_timestamp, delta);
}

// Of the records from here on those that have small numbers, and nothing wrong.
std::size_t RecordReader::plain_shapes(std::span<RecordShape> shapes) {
  const std::byte* const begin = records_.data() + position_;
  const std::byte* const end = records_.data() + records_.size();
  const std::int64_t offset_delta_max = INT64_MAX - header_.base_offset.value();
  const std::byte* next = begin;
  std::size_t found = 0;
  for (RecordShape& shape : shapes) {
    PlainCursor in(next, end);
    std::uint32_t length = 0;
    if (!in.number(length) || (length & 1) != 0) break;
    const std::byte* const body = in.at();
    std::uint32_t timestamp_delta = 0;
    std::uint32_t offset_delta = 0;
    bool has_value = false;
    if (!in.skip(1)) break;  // attributes
    if (!in.number(timestamp_delta) || !in.number(offset_delta)) break;
    if (!in.skip_bytes(shape.has_key) || !in.skip_bytes(has_value)) break;
    if (!skip_headers(in)) break;
    if (static_cast<std::size_t>(in.at() - body) != length >> 1) break;
    if ((offset_delta & 1) != 0 || offset_delta >> 1 > offset_delta_max) break;
    shape.offset = header_.base_offset + (offset_delta >> 1);
    shape.timestamp = timestamp_of(from_zigzag(timestamp_delta));
    next = in.at();
    ++found;
  }
  position_ += static_cast<std::size_t>(next - begin);
  read_ += static_cast<std::int32_t>(found);
  return found;
}

Result<std::size_t> RecordReader::next_shapes(std::span<RecordShape> shapes) {
  const auto left = static_cast<std::size_t>(header_.record_count - read_);
  const std::size_t found = plain_shapes(shapes.first(std::min(left, shapes.size())));
  if (found > 0) return found;
  const Result<bool> more = next(other_);
  if (!more) return more.error();
  if (!*more) return std::size_t{0};
  shapes.front() = {other_.offset, other_.timestamp, other_.key.has_value()};
  return std::size_t{1};
}

Slice RecordReader::share(Bytes view) const {
  if (view.empty()) return {};
  return records_.subslice(static_cast<std::size_t>(view.data() - records_.data()), view.size());
}

void RecordBatchBuilder::make_room_for_header() {
  if (buffer_.empty()) buffer_.extend(kBatchHeaderBytes);
}

std::size_t RecordBatchBuilder::body_size(const NewRecord& record) const {
  const bool starts = count_ == 0 && !has_delete_horizon_;
  const std::int64_t base = starts ? record.timestamp : base_timestamp_;
  const std::int32_t offset_delta = record.offset_delta.value_or(last_offset_delta_ + 1);
  std::size_t size = 1 + varint_size(zigzag(delta_of(record.timestamp, base))) +
                     varint_size(zigzag(offset_delta)) + bytes_size(record.key) +
                     bytes_size(record.value) +
                     varint_size(zigzag(static_cast<std::int32_t>(record.headers.size())));
  for (const RecordHeader& header : record.headers) {
    size += bytes_size(as_bytes(header.key)) + bytes_size(header.value);
  }
  return size;
}

std::size_t RecordBatchBuilder::size_with(const NewRecord& record) const {
  const std::size_t body = body_size(record);
  return size() + varint_size(zigzag(static_cast<std::int32_t>(body))) + body;
}

void RecordBatchBuilder::set_delete_horizon(WallTime horizon) {
  WEIR_ASSERT(count_ == 0);
  has_delete_horizon_ = true;
  base_timestamp_ = horizon.ms;
}

void RecordBatchBuilder::append(const NewRecord& record) {
  const std::size_t body = body_size(record);
  WEIR_ASSERT(body < INT32_MAX);
  const std::int32_t offset_delta = record.offset_delta.value_or(last_offset_delta_ + 1);
  WEIR_ASSERT(offset_delta > last_offset_delta_);
  if (count_ == 0) {
    if (!has_delete_horizon_) base_timestamp_ = record.timestamp;
    max_timestamp_ = record.timestamp;
  }
  const std::uint64_t length = zigzag(static_cast<std::int32_t>(body));
  const std::size_t whole = varint_size(length) + body;
  make_room_for_header();
  std::byte* const begin = buffer_.extend(whole);
  std::byte* to = put_varint(begin, length);
  *to++ = std::byte{0};
  to = put_varint(to, zigzag(delta_of(record.timestamp, base_timestamp_)));
  to = put_varint(to, zigzag(offset_delta));
  to = put_bytes(to, record.key);
  to = put_bytes(to, record.value);
  to = put_varint(to, zigzag(static_cast<std::int32_t>(record.headers.size())));
  for (const RecordHeader& header : record.headers) {
    to = put_bytes(to, as_bytes(header.key));
    to = put_bytes(to, header.value);
  }
  WEIR_ASSERT(to == begin + whole);
  ++count_;
  last_offset_delta_ = offset_delta;
  if (record.timestamp > max_timestamp_) max_timestamp_ = record.timestamp;
}

Slice RecordBatchBuilder::build(const BatchOptions& options, Codecs& codecs) {
  make_room_for_header();
  Buffer bytes = std::exchange(buffer_, Buffer());
  if (options.compression != Compression::none) {
    Buffer packed;
    packed.reserve(kBatchHeaderBytes + bytes.size() / 2);
    packed.extend(kBatchHeaderBytes);
    codecs.compress(options.compression, bytes.bytes().subspan(kBatchHeaderBytes), packed);
    bytes = std::move(packed);
  }
  BatchHeader header;
  header.base_offset = options.base_offset;
  header.batch_length = static_cast<std::int32_t>(bytes.size() - kBatchLengthEnd);
  header.partition_leader_epoch = options.partition_leader_epoch;
  header.attributes =
      static_cast<std::int16_t>(static_cast<std::int16_t>(options.compression) |
                                (options.transactional ? BatchHeader::kTransactionalBit : 0) |
                                (options.control ? BatchHeader::kControlBit : 0) |
                                (options.log_append_time ? BatchHeader::kLogAppendTimeBit : 0) |
                                (has_delete_horizon_ ? BatchHeader::kDeleteHorizonBit : 0));
  header.last_offset_delta = options.last_offset_delta.value_or(last_offset_delta_);
  header.base_timestamp = base_timestamp_;
  header.max_timestamp = options.log_append_time.value_or(max_timestamp_);
  header.producer_id = options.producer_id;
  header.producer_epoch = options.producer_epoch;
  header.base_sequence = options.base_sequence;
  header.record_count = count_;
  const std::span<std::byte, kBatchHeaderBytes> head(bytes.data(), kBatchHeaderBytes);
  write_batch_header(header, head);
  header.crc = crc32c(bytes.bytes().subspan(kBatchCrcFrom));
  write_batch_header(header, head);
  *this = RecordBatchBuilder();
  return std::move(bytes).share();
}

Slice build_end_marker(TransactionEnd end, ProducerId producer, ProducerEpoch epoch,
                       std::int32_t coordinator_epoch, WallTime now, Codecs& codecs) {
  std::array<std::byte, 4> key{};  // version, type
  store_be16(key.data() + 2, static_cast<std::uint16_t>(end));
  std::array<std::byte, 6> value{};  // version, coordinator epoch
  store_be32(value.data() + 2, static_cast<std::uint32_t>(coordinator_epoch));
  NewRecord marker;
  marker.timestamp = now.ms;
  marker.key = Bytes(key);
  marker.value = Bytes(value);
  BatchOptions options;
  options.producer_id = producer;
  options.producer_epoch = epoch;
  options.transactional = true;
  options.control = true;
  RecordBatchBuilder builder;
  builder.append(marker);
  return builder.build(options, codecs);
}

}  // namespace weir
