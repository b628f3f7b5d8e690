// Drawing of the progress line.
#include "scenarios/cli/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "broker/base/text.h"

namespace weir::cli {
namespace {

constexpr std::chrono::milliseconds kRedraw{200};
constexpr std::size_t kBar = 28;
// Between the lines of a log, where nobody knows how much there is to do.
constexpr std::chrono::minutes kLongest{10};

bool usable_terminal() {
  const char* term = std::getenv("TERM");
  return ::isatty(STDERR_FILENO) == 1 && std::getenv("CI") == nullptr && term != nullptr &&
         std::strcmp(term, "dumb") != 0;
}

std::size_t columns() {
  winsize size = {};
  const bool known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : 80;
}

// 1, 2, 5, 10, 20, 50, 60, 70 ... 100.
std::uint64_t after(std::uint64_t percent) {
  constexpr std::uint64_t kSchedule[] = {1, 2, 5, 10, 20, 50};
  for (const std::uint64_t step : kSchedule) {
    if (step > percent) return step;
  }
  return percent / 10 * 10 + 10;
}

}  // namespace

Progress::Progress(std::uint64_t total)
    : total_(total), terminal_(usable_terminal()), began_(std::chrono::steady_clock::now()) {}

Progress::~Progress() { erase(); }

void Progress::erase() {
  if (shown_) std::fputs("\r\033[K", stderr);
  shown_ = false;
}

std::string Progress::text(std::uint64_t done, const std::string& note) const {
  const double passed =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count();
  const double rate = static_cast<double>(done) / std::max(passed, 1e-3);
  std::string line = grouped(static_cast<std::int64_t>(done));
  if (total_ > 0) line += "/" + grouped(static_cast<std::int64_t>(total_));
  line += " runs  " + grouped(static_cast<std::int64_t>(rate)) + "/s";
  if (total_ > done && rate > 0) {
    const double left = static_cast<double>(total_ - done) / rate;
    line += "  eta " + grouped(static_cast<std::int64_t>(left) + 1) + "s";
  }
  return line + (note.empty() ? "" : " | " + note);
}

void Progress::update(std::uint64_t done, const std::string& note) {
  if (terminal_) {
    const auto now = std::chrono::steady_clock::now();
    if (shown_ && now - drawn_ < kRedraw) return;
    drawn_ = now;
    std::string line;
    if (total_ > 0) {
      const auto full = static_cast<std::size_t>(done * kBar / total_);
      line = "[" + std::string(full, '#') + std::string(kBar - full, '-') + "]  ";
    }
    line += text(done, note);
    if (line.size() >= columns()) line.resize(columns() - 1);
    erase();
    std::fputs(line.c_str(), stderr);
    shown_ = true;
    return;
  }
  if (total_ == 0) {
    if (std::chrono::steady_clock::now() - began_ < next_time_) return;
    next_time_ = std::min(2 * next_time_, next_time_ + kLongest);
    std::fprintf(stderr, "%s\n", text(done, note).c_str());
    return;
  }
  const std::uint64_t percent = done * 100 / total_;
  if (percent < next_percent_) return;
  next_percent_ = after(percent);
  std::fprintf(stderr, "%3llu %%  %s\n", static_cast<unsigned long long>(percent),
               text(done, note).c_str());
}

void Progress::line(const std::string& text) {
  erase();
  std::fprintf(stderr, "%s\n", text.c_str());
}

}  // namespace weir::cli
