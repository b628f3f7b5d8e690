// What counts of seeds say about rates: intervals and bounds at 95 %.
//
// Intervals are Wilson's score interval (E. B. Wilson, JASA 22, 1927), which is honest for small
// counts where the textbook's p +- 2 s is not. A sweep without a failure bounds the rate by the
// rule of three (Hanley and Lippman-Hand, JAMA 249, 1983). For readers only: no figure here decides
// what a run does.
#pragma once

#include <cstdint>
#include <string>

namespace weir {

struct Interval {
  double low = 0;
  double high = 1;
};

// Of the rate behind `hits` of `runs`; the whole of [0, 1] where there were no runs.
[[nodiscard]] Interval wilson(std::uint64_t hits, std::uint64_t runs);

// n, where no failure in so many seeds says "fewer than 1 in n"; 0: nothing is said by so few.
[[nodiscard]] std::uint64_t rule_of_three(std::uint64_t clean_runs);

// How many clean seeds are needed to be 95 % sure that a failure of this rate is gone; the largest
// number where the rate is 0.
[[nodiscard]] std::uint64_t clean_seeds_needed(double rate);

// "0.41 %, 95 % CI 0.30-0.56". Two decimals, and more where the rate would read as 0.00.
[[nodiscard]] std::string rate_text(std::uint64_t hits, std::uint64_t runs);
// "0.41", in percent.
[[nodiscard]] std::string percent_text(double share);

}  // namespace weir
