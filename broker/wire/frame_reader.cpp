// Taking frames off the front of a queue of received slices.
#include "broker/wire/frame_reader.h"

#include <algorithm>
#include <utility>

#include "broker/wire/writer.h"

namespace weir {

void FrameReader::feed(Slice bytes) {
  if (bytes.empty()) return;
  buffered_ += bytes.size();
  pending_.push_back(std::move(bytes));
}

std::vector<Slice> FrameReader::take(std::size_t n) {
  std::vector<Slice> parts;
  parts.reserve(pending_.size());
  buffered_ -= n;
  while (n > 0) {
    Slice& front = pending_.front();
    const std::size_t here = std::min(n, front.size());
    parts.push_back(front.subslice(0, here));
    n -= here;
    if (here == front.size()) {
      pending_.pop_front();
    } else {
      front = front.subslice(here);
    }
  }
  return parts;
}

std::int32_t FrameReader::take_size() {
  if (pending_.front().size() <= 4) return Reader(take(4)).int32();
  Slice& front = pending_.front();
  const std::int32_t size = Reader(Slice::borrowed(front.bytes().first(4))).int32();
  front = front.subslice(4);
  buffered_ -= 4;
  return size;
}

Result<bool> FrameReader::frame_is_whole() {
  if (error_ != Errc::ok) return error_;
  if (!frame_bytes_.has_value()) {
    if (buffered_ < 4) return false;
    const std::int32_t size = take_size();
    if (size < 0) return error_ = Errc::malformed;
    if (size > max_frame_bytes_) return error_ = Errc::too_large;
    frame_bytes_ = static_cast<std::size_t>(size);
  }
  return buffered_ >= *frame_bytes_;
}

std::optional<FrameReader::Begun> FrameReader::begun() const {
  if (!frame_bytes_.has_value() || pending_.size() > 1) return std::nullopt;
  return Begun{pending_.empty() ? Bytes() : pending_.front().bytes(), *frame_bytes_};
}

void FrameReader::forget_begun() {
  pending_.clear();
  buffered_ = 0;
}

Result<std::optional<Reader>> FrameReader::next() {
  const Result<bool> whole = frame_is_whole();
  if (!whole) return whole.error();
  if (!*whole) return std::optional<Reader>();
  const std::size_t size = *frame_bytes_;
  frame_bytes_.reset();
  // A frame in one slice, as most are, needs no list of them.
  if (!pending_.empty() && pending_.front().size() == size) {
    Slice frame = std::move(pending_.front());
    pending_.pop_front();
    buffered_ -= size;
    return std::optional<Reader>(Reader(std::move(frame)));
  }
  return std::optional<Reader>(Reader(take(size)));
}

Result<std::optional<Slice>> FrameReader::next_slice() {
  const Result<bool> whole = frame_is_whole();
  if (!whole) return whole.error();
  if (!*whole) return std::optional<Slice>();
  const std::vector<Slice> parts = take(*frame_bytes_);
  frame_bytes_.reset();
  return std::optional<Slice>(join(parts));
}

}  // namespace weir
