// Allocation of shared buffers.
#include "broker/base/bytes.h"

#include <algorithm>
#include <new>

namespace weir {
namespace {

// Most messages fit.
constexpr std::size_t kFirstCapacity = 240;

}  // namespace

namespace detail {

BufferHeader* allocate_buffer(std::size_t capacity) {
  void* memory = ::operator new(sizeof(BufferHeader) + capacity);
  return ::new (memory) BufferHeader{1, 0, capacity};
}

void free_buffer(BufferHeader* header) noexcept { ::operator delete(header); }

}  // namespace detail

Slice Slice::copy_of(Bytes bytes) {
  Slice s;
  if (bytes.empty()) return s;
  s.owner_ = detail::allocate_buffer(bytes.size());
  std::memcpy(s.owner_->data(), bytes.data(), bytes.size());
  s.data_ = s.owner_->data();
  s.size_ = bytes.size();
  return s;
}

Buffer::Buffer(std::size_t capacity) {
  if (capacity > 0) header_ = detail::allocate_buffer(capacity);
}

void Buffer::grow(std::size_t at_least) {
  const std::size_t old = header_ == nullptr ? 0 : header_->capacity;
  const std::size_t wanted = std::max({size_ + at_least, 2 * old, kFirstCapacity});
  detail::BufferHeader* bigger = detail::allocate_buffer(wanted);
  if (size_ > 0) std::memcpy(bigger->data(), header_->data(), size_);
  if (header_ != nullptr) detail::free_buffer(header_);
  header_ = bigger;
}

Slice Buffer::share() && {
  Slice s;
  s.owner_ = std::exchange(header_, nullptr);
  s.size_ = std::exchange(size_, 0);
  if (s.owner_ != nullptr) s.data_ = s.owner_->data();
  return s;
}

}  // namespace weir
