// Shared immutable bytes: a Slice is a view into a buffer that lives as long as its last view.
//
// A record batch is written once, by whoever makes it, and from there on only handed over: from the
// producer's batch to the wire, the page cache and the readers, without a copy. Counts of
// references are not atomic: slices never cross threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace weir {

namespace detail {
struct BufferHeader {
  std::uint32_t references;
  std::uint32_t reserved;
  std::size_t capacity;
  std::byte* data() { return reinterpret_cast<std::byte*>(this + 1); }
};
BufferHeader* allocate_buffer(std::size_t capacity);
void free_buffer(BufferHeader*) noexcept;
}  // namespace detail

using Bytes = std::span<const std::byte>;

inline Bytes as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}
inline std::string_view as_text(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

class Slice {
 public:
  Slice() = default;
  Slice(const Slice& other) noexcept
      : owner_(other.owner_), data_(other.data_), size_(other.size_) {
    if (owner_ != nullptr) ++owner_->references;
  }
  Slice(Slice&& other) noexcept
      : owner_(std::exchange(other.owner_, nullptr)),
        data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)) {}
  Slice& operator=(Slice other) noexcept {
    std::swap(owner_, other.owner_);
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~Slice() {
    if (owner_ != nullptr && --owner_->references == 0) detail::free_buffer(owner_);
  }

  [[nodiscard]] static Slice copy_of(Bytes);
  [[nodiscard]] static Slice copy_of(std::string_view text) { return copy_of(as_bytes(text)); }
  // A view of bytes that outlive every use, such as a literal; owns nothing.
  [[nodiscard]] static Slice borrowed(Bytes bytes) {
    Slice s;
    s.data_ = bytes.data();
    s.size_ = bytes.size();
    return s;
  }

  [[nodiscard]] const std::byte* data() const { return data_; }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] Bytes bytes() const { return {data_, size_}; }
  [[nodiscard]] std::string_view text() const { return as_text(bytes()); }
  operator Bytes() const { return bytes(); }

  // A view of [from, from + length) of this slice, clamped to its end; shares the buffer.
  [[nodiscard]] Slice subslice(std::size_t from, std::size_t length = SIZE_MAX) const {
    Slice s(*this);
    from = from < size_ ? from : size_;
    s.data_ += from;
    s.size_ = length < size_ - from ? length : size_ - from;
    return s;
  }

 private:
  friend class Buffer;
  detail::BufferHeader* owner_ = nullptr;
  const std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

// A growing, writable buffer with one owner; share() freezes it into a Slice without a copy.
class Buffer {
 public:
  explicit Buffer(std::size_t capacity = 0);
  Buffer(Buffer&& other) noexcept
      : header_(std::exchange(other.header_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  Buffer& operator=(Buffer&& other) noexcept {
    std::swap(header_, other.header_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~Buffer() {
    if (header_ != nullptr) detail::free_buffer(header_);
  }

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] std::byte* data() { return header_ == nullptr ? nullptr : header_->data(); }
  [[nodiscard]] const std::byte* data() const {
    return header_ == nullptr ? nullptr : header_->data();
  }
  [[nodiscard]] std::span<std::byte> span() { return {data(), size_}; }
  [[nodiscard]] Bytes bytes() const { return {data(), size_}; }

  void append(Bytes bytes) {
    if (bytes.empty()) return;
    std::byte* target = extend(bytes.size());
    std::memcpy(target, bytes.data(), bytes.size());
  }
  // Grows by n bytes of unspecified content and returns where they begin.
  std::byte* extend(std::size_t n) {
    if (header_ == nullptr || header_->capacity - size_ < n) grow(n);
    std::byte* target = header_->data() + size_;
    size_ += n;
    return target;
  }
  // Drops bytes at the end; n is at most size().
  void shrink_to(std::size_t n) { size_ = n; }
  void reserve(std::size_t capacity) {
    if (header_ == nullptr || header_->capacity < capacity) grow(capacity - size_);
  }

  // Gives the bytes away as an immutable slice; this buffer is empty afterwards.
  [[nodiscard]] Slice share() &&;

 private:
  void grow(std::size_t at_least);
  detail::BufferHeader* header_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace weir
