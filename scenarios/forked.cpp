// Question i goes to process i modulo jobs, which answers over its own pipe, in order.
#include "scenarios/forked.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <exception>

namespace weir {
namespace {

using Ask = std::function<std::string(std::size_t)>;

struct Asked {
  pid_t process = -1;
  int pipe = -1;
};

bool write_line(int pipe, const std::string& line) {
  const std::string text = line + "\n";
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t n = ::write(pipe, text.data() + done, text.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    done += static_cast<std::size_t>(n);
  }
  return true;
}

// A child must neither unwind into its parent's frames nor flush its buffers.
[[noreturn]] void answer(std::size_t first, std::size_t count, unsigned jobs, const Ask& ask,
                         int pipe) {
  for (std::size_t i = first; i < count; i += jobs) {
    std::string line;
    try {
      line = ask(i);
    } catch (const std::exception&) {
      line.clear();  // the same as no answer
    }
    if (!write_line(pipe, line)) ::_exit(1);
  }
  ::_exit(0);
}

Asked start(std::size_t first, std::size_t count, unsigned jobs, const Ask& ask) {
  int ends[2];
  if (::pipe(ends) != 0) return {};
  std::fflush(nullptr);
  const pid_t process = ::fork();
  if (process == 0) {
    ::close(ends[0]);
    answer(first, count, jobs, ask, ends[1]);
  }
  ::close(ends[1]);
  return {process, ends[0]};
}

std::string read_all(int pipe) {
  std::string text;
  char chunk[65536];
  for (;;) {
    const ssize_t n = ::read(pipe, chunk, sizeof chunk);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return text;
    text.append(chunk, static_cast<std::size_t>(n));
  }
}

}  // namespace

unsigned default_jobs() {
  return static_cast<unsigned>(std::max(1L, ::sysconf(_SC_NPROCESSORS_ONLN)));
}

std::vector<std::string> ask_forked(std::size_t count, unsigned jobs, const Ask& ask) {
  jobs = static_cast<unsigned>(std::min<std::size_t>(std::max(jobs, 1U), count));
  std::vector<Asked> asked;
  for (unsigned job = 0; job < jobs; ++job) asked.push_back(start(job, count, jobs, ask));
  std::vector<std::string> answers(count);
  for (unsigned job = 0; job < jobs; ++job) {
    if (asked[job].process <= 0) continue;
    const std::string text = read_all(asked[job].pipe);
    ::close(asked[job].pipe);
    ::waitpid(asked[job].process, nullptr, 0);
    std::size_t begin = 0;
    std::size_t i = job;
    for (std::size_t end = 0; (end = text.find('\n', begin)) != std::string::npos && i < count;) {
      answers[i] = text.substr(begin, end - begin);
      begin = end + 1;
      i += jobs;
    }
  }
  return answers;
}

}  // namespace weir
