// Ring: a FIFO of small values in one array that starts empty and keeps its room.
//
// Connections are many and mostly empty: a deque would take half a kilobyte each before the first
// byte.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>

namespace weir::sim {

template <class T>
class Ring {
 public:
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] T& front() { return items_[head_]; }
  [[nodiscard]] T& operator[](std::size_t i) { return items_[(head_ + i) & (room_ - 1)]; }

  void push(T value) {
    if (size_ == room_) grow();
    items_[(head_ + size_) & (room_ - 1)] = std::move(value);
    ++size_;
  }
  T pop() {
    T value = std::move(items_[head_]);
    head_ = (head_ + 1) & (room_ - 1);
    --size_;
    return value;
  }
  void clear() {
    while (size_ > 0) static_cast<void>(pop());
  }

 private:
  void grow() {
    const std::size_t room = room_ == 0 ? 4 : room_ * 2;
    std::unique_ptr<T[]> bigger = std::make_unique<T[]>(room);
    for (std::size_t i = 0; i < size_; ++i) bigger[i] = std::move((*this)[i]);
    items_ = std::move(bigger);
    room_ = room;
    head_ = 0;
  }

  std::unique_ptr<T[]> items_;
  std::size_t room_ = 0;  // a power of two
  std::size_t head_ = 0;
  std::size_t size_ = 0;
};

}  // namespace weir::sim
