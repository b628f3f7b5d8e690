// Progress of long work on stderr: one redrawn line on a terminal, a line at 1, 2, 5, 10, 20, 50
// ... % elsewhere, or, where nobody knows of how much, after 10 s, 20 s, 40 s ...
//
// No colour and no control codes unless stderr is a terminal; TERM=dumb and CI count as none.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace weir::cli {

class Progress {
 public:
  explicit Progress(std::uint64_t total);  // 0: unknown
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // `done` units of work; `note` stands at the end of the line.
  void update(std::uint64_t done, const std::string& note);
  // A line that stays, above the progress.
  void line(const std::string& text);

 private:
  [[nodiscard]] std::string text(std::uint64_t done, const std::string& note) const;
  void erase();

  const std::uint64_t total_;
  const bool terminal_;
  const std::chrono::steady_clock::time_point began_;
  std::chrono::steady_clock::time_point drawn_;
  bool shown_ = false;
  std::uint64_t next_percent_ = 1;
  std::chrono::seconds next_time_{10};  // of a line where there is no total
};

}  // namespace weir::cli
