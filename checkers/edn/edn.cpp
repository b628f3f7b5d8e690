// EDN as JSON, by recursive descent of bounded depth.
#include "checkers/edn/edn.h"

#include <algorithm>
#include <cctype>

#include "checkers/json_tape.h"

namespace weir {
namespace {

constexpr int kMaxFormDepth = 100;

bool space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == ','; }
bool delimits(char c) {
  return space(c) || c == '(' || c == ')' || c == '[' || c == ']' || c == '{' || c == '}' ||
         c == '"' || c == ';';
}

bool integer(std::string_view word) {
  if (word.starts_with('-') || word.starts_with('+')) word.remove_prefix(1);
  if (word.ends_with('N')) word.remove_suffix(1);
  return !word.empty() && std::all_of(word.begin(), word.end(), [](char c) {
    return std::isdigit(static_cast<unsigned char>(c)) != 0;
  });
}

}  // namespace

void EdnReader::skip_space() {
  while (at_ < text_.size()) {
    if (space(text_[at_])) {
      ++at_;
    } else if (text_[at_] == ';') {
      at_ = std::min(text_.find('\n', at_), text_.size());
    } else if (text_.substr(at_, 2) == "#_") {
      at_ += 2;
      std::string unused;
      if (!value(unused, 1)) return;
    } else {
      return;
    }
  }
}

bool EdnReader::fail(std::string_view expected) {
  if (!problem_.empty()) return false;
  problem_ = at_ >= text_.size() ? std::string("found the end")
                                 : std::string("found '") + text_[at_] + "'";
  problem_ += ", expected " + std::string(expected);
  return false;
}

EdnReader::Next EdnReader::next(std::string& json) {
  skip_space();
  if (top_ == 0 && at_ < text_.size() && (text_[at_] == '[' || text_[at_] == '(')) {
    top_ = text_[at_++] == '[' ? ']' : ')';
    skip_space();
  }
  if (!problem_.empty()) return Next::broken;
  if (top_ != 0 && top_ != ' ' && at_ < text_.size() && text_[at_] == top_) {
    ++at_;
    top_ = ' ';  // once
    skip_space();
  }
  if (at_ >= text_.size()) {
    if (top_ == 0 || top_ == ' ') return Next::end;
    static_cast<void>(fail("more forms, or the end of the list"));
    return Next::broken;
  }
  return value(json, 0) ? Next::form : Next::broken;
}

EdnReader::Next EdnReader::next_whole(std::string& json) {
  skip_space();
  if (problem_.empty() && at_ >= text_.size()) return Next::end;
  return value(json, 0) ? Next::form : Next::broken;
}

bool EdnReader::value(std::string& json, int depth) {
  skip_space();
  if (!problem_.empty()) return false;
  if (depth > kMaxFormDepth) return fail("fewer forms within each other");
  if (at_ >= text_.size()) return fail("a value");
  switch (text_[at_]) {
    case '[': return ++at_, sequence(json, ']', depth);
    case '(': return ++at_, sequence(json, ')', depth);
    case '{': return ++at_, map(json, depth);
    case '"': return text(json);
    case '\\': return character(json);
    case '#': return dispatch(json, depth);
    default: return token(json);
  }
}

bool EdnReader::sequence(std::string& json, char close, int depth) {
  json.push_back('[');
  for (bool first = true;; first = false) {
    skip_space();
    if (!problem_.empty()) return false;
    if (at_ >= text_.size()) return fail("a value or the end of the list");
    if (text_[at_] == close) break;
    if (!first) json.push_back(',');
    if (!value(json, depth + 1)) return false;
  }
  ++at_;
  json.push_back(']');
  return true;
}

bool EdnReader::map(std::string& json, int depth) {
  json.push_back('{');
  for (bool first = true;; first = false) {
    skip_space();
    if (!problem_.empty()) return false;
    if (at_ >= text_.size()) return fail("a key or the end of the map");
    if (text_[at_] == '}') break;
    if (!first) json.push_back(',');
    if (!map_key(json, depth + 1)) return false;
    json.push_back(':');
    if (!value(json, depth + 1)) return false;
  }
  ++at_;
  json.push_back('}');
  return true;
}

// A key of JSON is a text: what is none becomes the text of what it is.
bool EdnReader::map_key(std::string& json, int depth) {
  std::string key;
  if (!value(key, depth)) return false;
  if (key.starts_with('"')) {
    json += key;
  } else {
    append_json_string(json, key);
  }
  return true;
}

bool EdnReader::text(std::string& json) {
  std::string out;
  for (++at_; at_ < text_.size(); ++at_) {
    char c = text_[at_];
    if (c == '"') {
      ++at_;
      append_json_string(json, out);
      return true;
    }
    if (c == '\\' && at_ + 1 < text_.size()) {
      c = text_[++at_];
      if (c == 'n') c = '\n';
      if (c == 't') c = '\t';
      if (c == 'r') c = '\r';
      if (c == 'u') out.push_back('\\');  // kept as it stands
    }
    out.push_back(c);
  }
  return fail("the end of the text");
}

bool EdnReader::character(std::string& json) {
  const std::size_t begin = ++at_;
  if (at_ >= text_.size()) return fail("a character");
  for (++at_; at_ < text_.size() && !delimits(text_[at_]);) ++at_;
  append_json_string(json, text_.substr(begin, at_ - begin));
  return true;
}

bool EdnReader::dispatch(std::string& json, int depth) {
  ++at_;
  if (at_ < text_.size() && text_[at_] == '{') return ++at_, sequence(json, '}', depth);
  if (at_ >= text_.size() || delimits(text_[at_])) return fail("a tag or a set");
  static_cast<void>(word());
  return value(json, depth + 1);
}

std::string_view EdnReader::word() {
  const std::size_t begin = at_;
  while (at_ < text_.size() && !delimits(text_[at_])) ++at_;
  return text_.substr(begin, at_ - begin);
}

bool EdnReader::token(std::string& json) {
  std::string_view token = word();
  if (token.empty()) return fail("a value");
  if (token == "nil") {
    json += "null";
  } else if (token == "true" || token == "false") {
    json += token;
  } else if (integer(token)) {
    if (token.ends_with('N')) token.remove_suffix(1);
    if (token.starts_with('+')) token.remove_prefix(1);
    const bool minus = token.starts_with('-');
    if (minus) token.remove_prefix(1);
    token.remove_prefix(std::min(token.find_first_not_of('0'), token.size() - 1));
    (json += minus ? "-" : "") += token;
  } else {
    if (token.starts_with(':')) token.remove_prefix(1);
    append_json_string(json, token);
  }
  return true;
}

}  // namespace weir
