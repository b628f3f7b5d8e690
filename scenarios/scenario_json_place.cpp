// One walk over the text, in step with its structure.
#include "scenarios/scenario_json_place.h"

#include "scenarios/json_text.h"

namespace weir::scenario_json {

Places::Places(std::string_view text) : text_(text) { value(Reading(unused_)); }

std::size_t Places::line_of(std::string_view path) const {
  while (!path.empty()) {
    const auto found = lines_.find(path);
    if (found != lines_.end()) return found->second;
    // Keys in brackets are texts and may hold any sign; what remains is then some other place's
    // name or none, and the walk goes on outwards.
    const std::size_t cut = path.find_last_of(".[");
    path = cut == std::string_view::npos ? std::string_view() : path.substr(0, cut);
  }
  return 0;
}

void Places::skip_space() {
  for (; at_ < text_.size(); ++at_) {
    const char c = text_[at_];
    if (c == '\n') {
      ++line_;
    } else if (c != ' ' && c != '\t' && c != '\r') {
      return;
    }
  }
}

bool Places::take(char wanted) {
  skip_space();
  if (at_ >= text_.size() || text_[at_] != wanted) return false;
  ++at_;
  return true;
}

std::string_view Places::text_token() {
  const std::size_t from = at_++;
  while (at_ < text_.size() && text_[at_] != '"') at_ += text_[at_] == '\\' ? 2 : 1;
  at_ = std::min(at_ + 1, text_.size());
  return text_.substr(from, at_ - from);
}

void Places::value(const Reading& at) {
  skip_space();
  lines_.emplace(at.path(), line_);
  if (at_ >= text_.size()) return;
  if (text_[at_] == '{') {
    object(at);
  } else if (text_[at_] == '[') {
    array(at);
  } else if (text_[at_] == '"') {
    static_cast<void>(text_token());
  } else {
    at_ = std::min(text_.find_first_of(",]} \t\r\n", at_), text_.size());
  }
}

void Places::object(const Reading& at) {
  ++at_;
  if (take('}')) return;
  do {
    skip_space();
    const std::size_t line = line_;
    const auto key = parse_ordered_json(text_token()).get<std::string>();
    const Reading inner = at.at(key);
    if (!lines_.emplace(inner.path(), line).second) {
      duplicates_.push_back({inner.path(), line, "this key is given twice"});
    }
    static_cast<void>(take(':'));
    value(inner);
  } while (take(','));
  static_cast<void>(take('}'));
}

void Places::array(const Reading& at) {
  ++at_;
  if (take(']')) return;
  std::size_t index = 0;
  do {
    value(at.at(index++));
  } while (take(','));
  static_cast<void>(take(']'));
}

}  // namespace weir::scenario_json
