// What fuzzing asks of every history, from whichever reader: it is judged without a crash, an error
// has a sentence, it is written so that it reads the same again, and it is the same whether its
// text is read whole or in pieces.
#pragma once

#include <cstdlib>
#include <iostream>
#include <sstream>
#include <string>

#include "checkers/checkers.h"
#include "checkers/edn/jepsen.h"
#include "checkers/file_pieces.h"
#include "checkers/history_json.h"

namespace weir::fuzz {

using Read = std::variant<History, HistoryError>;

[[noreturn]] inline void give_up(const std::string& what) {
  std::cerr << what << '\n';
  std::abort();
}

// The history again, or what is wrong.
inline std::string outcome(const Read& read) {
  if (const auto* error = std::get_if<HistoryError>(&read)) {
    if (error->text.empty()) give_up("an error without a sentence");
    return error->text;
  }
  const History& history = std::get<History>(read);
  return write_history(history) + history.broken;
}

inline void judge(const Read& read) {
  const std::string before = outcome(read);
  const auto* history = std::get_if<History>(&read);
  if (history == nullptr) return;
  static_cast<void>(to_json(check_history(*history)));
  const std::string written = write_history(*history);
  const Read again = read_history(written, "again");
  if (const auto* error = std::get_if<HistoryError>(&again)) give_up(error->text + "\n" + written);
  if (write_history(std::get<History>(again)) != written) {
    give_up("not the same again:\n" + written);
  }
  std::ostringstream forms;
  write_edn(*history, forms);
  const std::string text = forms.str();
  Pieces whole(text);
  const Read edn = read_edn(whole, "edn");
  if (const auto* error = std::get_if<HistoryError>(&edn)) give_up(error->text + "\n" + text);
}

// Its first byte says how long the pieces are.
template <class Reader>
void read_in_pieces(const std::string& text, Reader reader) {
  Pieces whole(text);
  const Read read = reader(whole);
  std::istringstream from(text);
  Pieces pieces(from, text.empty() ? 1 : 1 + static_cast<unsigned char>(text[0]) % 64);
  const std::string in_pieces = outcome(reader(pieces));
  if (in_pieces != outcome(read)) {
    give_up("in pieces it is another:\n" + in_pieces + "\nthan whole:\n" + outcome(read));
  }
  judge(read);
}

}  // namespace weir::fuzz
