// Any bytes as a history: JSON Lines, a case, EDN or a console log. Whatever it is must be read or
// refused with a sentence, judged without a crash, and written so that it reads the same again.
#include <cstdlib>
#include <iostream>
#include <string>

#include "checkers/checkers.h"
#include "checkers/history_json.h"

namespace {

using namespace weir;

[[noreturn]] void give_up(const std::string& what) {
  std::cerr << what << '\n';
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  auto read = read_history_so_far(text, "fuzz");
  if (const auto* error = std::get_if<HistoryError>(&read)) {
    if (error->text.empty()) give_up("an error without a sentence");
    return 0;
  }
  const History& history = std::get<History>(read);
  const CheckReport report = check_history(history);
  static_cast<void>(to_json(report));
  const std::string written = write_history(history);
  auto again = read_history(written, "again");
  if (const auto* error = std::get_if<HistoryError>(&again)) give_up(error->text + "\n" + written);
  if (write_history(std::get<History>(again)) != written)
    give_up("not the same again:\n" + written);
  return 0;
}
