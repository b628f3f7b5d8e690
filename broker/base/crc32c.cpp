// CRC-32C with SSE4.2, where the machine has it, and a slicing-by-8 table for other machines.
//
// The instruction yields its result three cycles later, but one can begin every cycle: so three
// lanes that lie one behind the other are summed side by side and put together. A checksum is
// linear: that of A then B is that of A, moved over as many zero bytes as B has, xor that of B.
#include "broker/base/crc32c.h"

#include <array>
#include <cstring>

namespace weir {
namespace {

constexpr std::uint32_t kPolynomial = 0x82f63b78u;  // reflected

using Tables = std::array<std::array<std::uint32_t, 256>, 8>;

constexpr Tables make_tables() {
  Tables t{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t c = i;
    for (int bit = 0; bit < 8; ++bit) c = (c & 1u) != 0 ? (c >> 1) ^ kPolynomial : c >> 1;
    t[0][i] = c;
  }
  for (std::uint32_t i = 0; i < 256; ++i) {
    for (std::size_t k = 1; k < 8; ++k) t[k][i] = (t[k - 1][i] >> 8) ^ t[0][t[k - 1][i] & 0xff];
  }
  return t;
}

constexpr Tables kTables = make_tables();

#if defined(__x86_64__)
// Lanes of a kilobyte for much, of 128 bytes for what is left or a small batch; as powers of two.
constexpr std::size_t kLongLane = 10;
constexpr std::size_t kShortLane = 7;

// What becomes of each bit of a checksum, and of each of its four bytes, over a lane of zeros.
using Bits = std::array<std::uint32_t, 32>;
using LaneShift = std::array<std::array<std::uint32_t, 256>, 4>;

constexpr std::uint32_t apply(const Bits& move, std::uint32_t crc) {
  std::uint32_t moved = 0;
  for (std::size_t bit = 0; crc != 0; crc >>= 1, ++bit) {
    if ((crc & 1u) != 0) moved ^= move[bit];
  }
  return moved;
}

constexpr LaneShift make_lane_shift(std::size_t lane) {
  Bits move{};
  for (std::size_t bit = 0; bit < 32; ++bit) {
    const std::uint32_t c = 1u << bit;
    move[bit] = (c >> 8) ^ kTables[0][c & 0xff];  // over one zero byte
  }
  for (std::size_t doubled = 0; doubled < lane; ++doubled) {
    const Bits half = move;
    for (std::uint32_t& moved : move) moved = apply(half, moved);
  }
  LaneShift shift{};
  for (std::size_t byte = 0; byte < 4; ++byte) {
    for (std::uint32_t v = 0; v < 256; ++v) shift[byte][v] = apply(move, v << (8 * byte));
  }
  return shift;
}

template <std::size_t kLane>
constexpr LaneShift kLaneShift = make_lane_shift(kLane);

template <std::size_t kLane>
std::uint64_t over_a_lane(std::uint64_t crc) {
  const LaneShift& shift = kLaneShift<kLane>;
  return shift[0][crc & 0xff] ^ shift[1][(crc >> 8) & 0xff] ^ shift[2][(crc >> 16) & 0xff] ^
         shift[3][(crc >> 24) & 0xff];
}

std::uint64_t load_word(const std::byte* p) {
  std::uint64_t word = 0;
  std::memcpy(&word, p, 8);
  return word;
}

// As many times three lanes as there are.
template <std::size_t kLane>
__attribute__((target("sse4.2"))) std::uint64_t sum_lanes(std::uint64_t c, const std::byte*& p,
                                                          std::size_t& n) {
  constexpr std::size_t kBytes = std::size_t{1} << kLane;
  for (; n >= 3 * kBytes; n -= 3 * kBytes, p += 3 * kBytes) {
    std::uint64_t second = 0;
    std::uint64_t third = 0;
    for (std::size_t i = 0; i < kBytes; i += 8) {
      c = __builtin_ia32_crc32di(c, load_word(p + i));
      second = __builtin_ia32_crc32di(second, load_word(p + kBytes + i));
      third = __builtin_ia32_crc32di(third, load_word(p + 2 * kBytes + i));
    }
    c = over_a_lane<kLane>(over_a_lane<kLane>(c) ^ second) ^ third;
  }
  return c;
}

__attribute__((target("sse4.2"))) std::uint32_t crc32c_sse42(Bytes bytes, std::uint32_t crc) {
  const std::byte* p = bytes.data();
  std::size_t n = bytes.size();
  std::uint64_t c = sum_lanes<kLongLane>(~crc, p, n);
  c = sum_lanes<kShortLane>(c, p, n);
  for (; n >= 8; n -= 8, p += 8) c = __builtin_ia32_crc32di(c, load_word(p));
  auto narrow = static_cast<std::uint32_t>(c);
  for (; n > 0; --n, ++p) narrow = __builtin_ia32_crc32qi(narrow, static_cast<unsigned char>(*p));
  return ~narrow;
}
#endif

}  // namespace

std::uint32_t crc32c_portable(Bytes bytes, std::uint32_t crc) {
  std::uint32_t c = ~crc;
  const auto* p = reinterpret_cast<const unsigned char*>(bytes.data());
  std::size_t n = bytes.size();
  for (; n >= 8; n -= 8, p += 8) {
    std::uint32_t low = 0;
    std::uint32_t high = 0;
    std::memcpy(&low, p, 4);
    std::memcpy(&high, p + 4, 4);
    low ^= c;
    c = kTables[7][low & 0xff] ^ kTables[6][(low >> 8) & 0xff] ^ kTables[5][(low >> 16) & 0xff] ^
        kTables[4][low >> 24] ^ kTables[3][high & 0xff] ^ kTables[2][(high >> 8) & 0xff] ^
        kTables[1][(high >> 16) & 0xff] ^ kTables[0][high >> 24];
  }
  for (; n > 0; --n, ++p) c = (c >> 8) ^ kTables[0][(c ^ *p) & 0xff];
  return ~c;
}

std::uint32_t crc32c(Bytes bytes, std::uint32_t crc) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("sse4.2")) return crc32c_sse42(bytes, crc);
#endif
  return crc32c_portable(bytes, crc);
}

}  // namespace weir
