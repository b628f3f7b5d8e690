// Fixed-point sampling: logarithms and powers of two by bitwise squaring, normal quantiles by
// table.
#include "sim/latency.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>

#include "broker/base/assertion.h"

namespace weir {
namespace {

__extension__ using Wide = __int128;
__extension__ using UnsignedWide = unsigned __int128;

constexpr std::int64_t kOne = std::int64_t{1} << 32;  // 1.0 in Q32
constexpr std::int64_t kLn2 = 2977044472;             // ln 2 in Q32
constexpr std::int64_t kZ99 = 9991682377;             // normal quantile of 0.99 in Q32

// log2(value) in Q32; value is not 0. One bit of the fraction for each squaring of the mantissa.
constexpr std::int64_t log2_fixed(std::uint64_t value) {
  const int whole = 63 - std::countl_zero(value);
  std::uint64_t mantissa = value << (63 - whole);  // [1, 2) in Q63
  std::int64_t fraction = 0;
  for (int bit = 0; bit < 32; ++bit) {
    const UnsignedWide square = static_cast<UnsignedWide>(mantissa) * mantissa;  // [1, 4) in Q126
    fraction <<= 1;
    if ((square >> 127) != 0) {
      fraction |= 1;
      mantissa = static_cast<std::uint64_t>(square >> 64);
    } else {
      mantissa = static_cast<std::uint64_t>(square >> 63);
    }
  }
  return whole * kOne + fraction;
}

// 2^(2^-i) in Q62 for i = 1..32, each the square root of the one before.
constexpr std::array<std::uint64_t, 32> make_roots() {
  std::array<std::uint64_t, 32> roots{};
  std::uint64_t square = std::uint64_t{2} << 62;
  for (std::uint64_t& root : roots) {
    const UnsignedWide target = static_cast<UnsignedWide>(square) << 62;
    std::uint64_t found = 0;
    for (std::uint64_t bit = std::uint64_t{1} << 63; bit != 0; bit >>= 1) {
      const std::uint64_t next = found | bit;
      if (static_cast<UnsignedWide>(next) * next <= target) found = next;
    }
    root = square = found;
  }
  return roots;
}
constexpr std::array<std::uint64_t, 32> kRoots = make_roots();

// value * 2^exponent, exponent in Q32; clamped to [0, kLongestLatency].
std::int64_t scale(std::int64_t value, std::int64_t exponent) {
  const std::int64_t whole = exponent >> 32;
  const auto fraction = static_cast<std::uint32_t>(exponent);
  std::uint64_t factor = std::uint64_t{1} << 62;  // [1, 2) in Q62
  for (std::uint32_t left = fraction; left != 0;) {
    const int i = std::countl_zero(left);  // the bits that are set, from the highest on
    left &= ~(std::uint32_t{1} << (31 - i));
    const UnsignedWide product =
        static_cast<UnsignedWide>(factor) * kRoots[static_cast<std::size_t>(i)];
    factor = static_cast<std::uint64_t>(product >> 62);
  }
  if (whole < -62) return 0;
  if (whole > 42) return Duration(kLongestLatency).count();
  const UnsignedWide scaled = static_cast<UnsignedWide>(value) * factor;  // Q62
  const UnsignedWide shifted = whole >= 0 ? (scaled >> 20) << whole >> 42 : scaled >> (62 - whole);
  const auto longest = static_cast<UnsignedWide>(Duration(kLongestLatency).count());
  return static_cast<std::int64_t>(std::min(shifted, longest));
}

// Quantiles of the upper half of the standard normal distribution, Q16, at tail probabilities
// 2^-(octave+1) * (1 - step/16), eight steps an octave.
constexpr std::array<std::int32_t, 24 * 8 + 1> kNormalTail = {
    0,      5139,   10310,  15545,  20882,  26362,  32032,  37954,  44203,  47482,  50884,  54428,
    58140,  62048,  66191,  70616,  75389,  77933,  80600,  83408,  86377,  89536,  92917,  96565,
    100540, 102675, 104924, 107304, 109834, 112540, 115453, 118613, 122076, 123944, 125918, 128013,
    130248, 132646, 135235, 138055, 141156, 142834, 144610, 146500, 148519, 150691, 153042, 155608,
    158437, 159970, 161597, 163329, 165184, 167181, 169346, 171714, 174330, 175750, 177257, 178865,
    180588, 182445, 184462, 186670, 189113, 190440, 191851, 193356, 194971, 196714, 198608, 200683,
    202983, 204233, 205563, 206982, 208507, 210153, 211943, 213907, 216085, 217270, 218531, 219878,
    221325, 222888, 224590, 226458, 228531, 229660, 230861, 232145, 233525, 235017, 236642, 238426,
    240408, 241487, 242636, 243865, 245187, 246616, 248173, 249884, 251785, 252821, 253924, 255104,
    256374, 257747, 259244, 260890, 262719, 263716, 264779, 265915, 267138, 268462, 269905, 271492,
    273257, 274219, 275245, 276343, 277524, 278803, 280197, 281732, 283438, 284369, 285361, 286423,
    287567, 288805, 290155, 291642, 293295, 294197, 295159, 296189, 297298, 298499, 299809, 301252,
    302857, 303733, 304667, 305668, 306745, 307912, 309185, 310587, 312148, 313000, 313909, 314882,
    315930, 317065, 318305, 319670, 321190, 322019, 322904, 323852, 324873, 325980, 327188, 328519,
    330000, 330810, 331673, 332597, 333593, 334673, 335852, 337151, 338597, 339387, 340230, 341133,
    342105, 343160, 344312, 345580, 346994, 347766, 348590, 349472, 350423, 351454, 352581, 353822,
    355204};

// A standard normal sample in Q16, from 64 random bits: one for the sign, the rest are the tail.
std::int64_t normal(std::uint64_t bits) {
  const bool negative = (bits & 1) != 0;
  const std::uint64_t tail = bits | 1;  // uniform in (0, 1) of the half
  const int octave = std::min(std::countl_zero(tail), 23);
  // Position below the octave's upper end, 0 at the end, 2^32 at its half.
  const std::uint64_t mantissa = tail << octave;  // [2^63, 2^64) unless beyond the table
  const std::uint64_t below = ~mantissa;
  const std::uint64_t position = std::min<std::uint64_t>(below >> 31, 0xffffffffu);
  const auto step = static_cast<std::size_t>(position >> 29);
  const std::size_t i = static_cast<std::size_t>(octave) * 8 + step;
  const std::int64_t from = kNormalTail[i];
  const std::int64_t to = kNormalTail[i + 1];
  const auto within = static_cast<std::int64_t>(position & 0x1fffffff);
  const std::int64_t z = from + ((to - from) * within >> 29);
  return negative ? -z : z;
}

}  // namespace

Latency::Latency(Shape shape, Duration first, Duration second)
    : shape_(shape), low_(first.count()), high_(second.count()) {
  WEIR_ASSERT(first.count() >= 0 && second.count() >= 0);
  WEIR_ASSERT(first <= kLongestLatency && second <= kLongestLatency);
}

Latency Latency::constant(Duration value) { return {Shape::constant, value, Duration(0)}; }

Latency Latency::uniform(Duration low, Duration high) {
  WEIR_ASSERT(low <= high);
  return {Shape::uniform, low, high};
}

Latency Latency::exponential(Duration least, Duration mean_beyond) {
  return {Shape::exponential, least, mean_beyond};
}

Latency Latency::lognormal(Duration median, Duration p99) {
  WEIR_ASSERT(median.count() > 0 && median <= p99);
  Latency made(Shape::lognormal, median, p99);
  const std::int64_t growth = log2_fixed(static_cast<std::uint64_t>(p99.count())) -
                              log2_fixed(static_cast<std::uint64_t>(median.count()));
  made.sigma_ = static_cast<std::int64_t>(static_cast<Wide>(growth) * kOne / kZ99);
  return made;
}

std::int64_t Latency::draw(Random& random) const {
  switch (shape_) {
    case Shape::constant: return low_;
    case Shape::uniform: return random.between(low_, high_);
    case Shape::exponential: {
      // -ln(u) = ln 2 * (64 - log2(u * 2^64))
      const std::int64_t tail = 64 * kOne - log2_fixed(random.next() | 1);
      const Wide nats = static_cast<Wide>(tail) * kLn2 >> 32;
      const auto beyond = static_cast<std::int64_t>(static_cast<Wide>(high_) * nats >> 32);
      return std::min<std::int64_t>(low_ + beyond, Duration(kLongestLatency).count());
    }
    case Shape::lognormal:
      return scale(
          low_, static_cast<std::int64_t>(static_cast<Wide>(sigma_) * normal(random.next()) >> 16));
  }
  return low_;
}

}  // namespace weir
