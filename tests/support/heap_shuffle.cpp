// Replacement of the global operator new and delete.
#include "tests/support/heap_shuffle.h"

#include <array>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <new>

namespace weir {
namespace {

constexpr std::size_t kGrain = 16;
constexpr std::size_t kClasses = 128;  // up to 2 KiB; larger blocks are only filled
constexpr std::size_t kBlocks = 64;

struct SizeClass {
  std::array<void*, kBlocks> blocks;
  std::size_t count;
};

// Global like the operators that it serves; no constructors, because those allocate early.
constinit std::uint64_t state = 0;
constinit std::array<SizeClass, kClasses> classes{};

std::uint64_t next() {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return state;
}

void* checked_malloc(std::size_t size) {
  void* block = std::malloc(size);
  if (block == nullptr) throw std::bad_alloc();
  return block;
}

void* allocate(std::size_t size) {
  if (state == 0) return checked_malloc(size == 0 ? 1 : size);
  const std::size_t index = (size + kGrain - 1) / kGrain;
  const int pattern = static_cast<int>(next() >> 56);
  if (index == 0 || index >= kClasses) {
    void* block = checked_malloc(size == 0 ? 1 : size);
    std::memset(block, pattern, size);
    return block;
  }
  SizeClass& blocks = classes[index];
  while (blocks.count < kBlocks) blocks.blocks[blocks.count++] = checked_malloc(index * kGrain);
  const std::size_t chosen = next() % kBlocks;
  void* block = blocks.blocks[chosen];
  blocks.blocks[chosen] = blocks.blocks[--blocks.count];
  std::memset(block, pattern, index * kGrain);
  return block;
}

}  // namespace

void set_heap_seed(std::uint64_t seed) {
  for (SizeClass& blocks : classes) {
    while (blocks.count > 0) std::free(blocks.blocks[--blocks.count]);
  }
  state = seed * 0x9e3779b97f4a7c15ull;
}

}  // namespace weir

void* operator new(std::size_t size) { return weir::allocate(size); }
void operator delete(void* block) noexcept { std::free(block); }
void operator delete(void* block, std::size_t) noexcept { std::free(block); }
