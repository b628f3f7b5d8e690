// Cuts received bytes into frames: four bytes of size, then so many bytes.
//
// Slices are kept as they came, so a frame that lies in one slice, or a batch of records that does,
// is never copied. A size beyond the limit is refused before anything is stored on its account.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "broker/base/bytes.h"
#include "broker/base/result.h"
#include "broker/wire/reader.h"

namespace weir {

// Kafka's socket.request.max.bytes.
inline constexpr std::int32_t kDefaultMaxFrameBytes = 100 * 1024 * 1024;

class FrameReader {
 public:
  explicit FrameReader(std::int32_t max_frame_bytes = kDefaultMaxFrameBytes)
      : max_frame_bytes_(max_frame_bytes) {}

  // Takes the next received bytes. A slice much smaller than the buffer behind it is fine.
  void feed(Slice);

  // The next whole frame, its size taken off; nothing where more bytes must come first. Errors:
  // malformed (a negative size), too_large; both stick, since the stream has lost its place.
  [[nodiscard]] Result<std::optional<Reader>> next();
  // The same as one slice: copied together where the frame came in several.
  [[nodiscard]] Result<std::optional<Slice>> next_slice();

  // The frame that has begun to come, where its size is known and what came lies in one piece.
  struct Begun {
    Bytes bytes;
    std::size_t size = 0;
  };
  [[nodiscard]] std::optional<Begun> begun() const;
  // The bytes of begun() will be fed once more, with the rest of the frame.
  void forget_begun();

  // Bytes held that are not part of a frame given out yet.
  [[nodiscard]] std::size_t buffered() const { return buffered_; }

 private:
  Result<bool> frame_is_whole();
  std::int32_t take_size();
  std::vector<Slice> take(std::size_t n);

  std::int32_t max_frame_bytes_;
  std::deque<Slice> pending_;
  std::size_t buffered_ = 0;
  std::optional<std::size_t> frame_bytes_;  // the size of the frame that comes, once read
  Errc error_ = Errc::ok;
};

}  // namespace weir
