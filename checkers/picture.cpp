// The picture of a finding, drawn: rows are operations in time, columns places, conflicts framed.
//
// Every mark has a second channel beside its colour (a symbol, a dash, a frame), since a figure
// must work in grey. Texts are cut where they are put in, so that the size has a bound.
#include "checkers/picture.h"

#include <algorithm>

#include "checkers/explain.h"
#include "checkers/picture_grid.h"

namespace weir {
namespace {

constexpr int kRowHeight = 22;
constexpr int kLabelWidth = 200;
constexpr int kLaneWidth = 130;  // from invocation to completion
constexpr int kMargin = 12;
constexpr int kBandWidth = 340;  // for the names of bands
constexpr int kLetter = 7;
constexpr int kMinColumn = 34;
constexpr std::size_t kMaxShown = 16;  // letters of a cell
constexpr std::size_t kMaxLabel = 30;
constexpr std::size_t kMaxBand = 50;
constexpr std::size_t kMaxTitle = 90;
constexpr std::size_t kMaxStory = 600;
constexpr std::size_t kLineLetters = 110;
constexpr std::size_t kMaxArgumentLines = 6;

constexpr const char* kStyle =
    "text{font:12px sans-serif;fill:#333}.h{font-weight:bold}.T{font:bold 16px sans-serif}"
    ".g{fill:#777}.line{stroke:#ddd}.gap{stroke:#777;stroke-dasharray:2 3}"
    ".w{fill:#9fd9c6;stroke:#009E73}.u{fill:#fbe3b0;stroke:#E69F00;stroke-dasharray:4 2}"
    ".f{fill:#ddd;stroke:#777}.r{fill:#cfe8f7;stroke:#56B4E9}.o{fill:#fff;stroke:#777}"
    ".c{fill:none;stroke:#D55E00;stroke-width:3}.n{fill:#fdf3ee}.k{fill:#D55E00;font-weight:bold}"
    ".b{fill:#0072B2}.bu{fill:#E69F00}.bf{fill:#777}.m{text-anchor:middle}";

// Bytes of the letter that begins here, or 0 where none does.
std::size_t letter_at(std::string_view text, std::size_t at) {
  const auto byte = static_cast<unsigned char>(text[at]);
  const std::size_t length = byte < 0x80   ? 1
                             : byte < 0xc2 ? 0
                             : byte < 0xe0 ? 2
                             : byte < 0xf0 ? 3
                             : byte < 0xf5 ? 4
                                           : 0;
  if (length == 0 || at + length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((static_cast<unsigned char>(text[at + i]) & 0xc0) != 0x80) return 0;
  }
  return length;
}

// As XML, at most so many letters of it; what is no text becomes a question mark.
std::string xml(std::string_view text, std::size_t limit) {
  std::string out;
  std::size_t letters = 0;
  for (std::size_t at = 0; at < text.size(); ++letters) {
    if (letters == limit) return out + "\xe2\x80\xa6";
    const std::size_t length = letter_at(text, at);
    const char c = text[at];
    if (length == 0 || (length == 1 && static_cast<unsigned char>(c) < 0x20 && c != '\n')) {
      out += '?';
    } else if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (c == '"') {
      out += "&quot;";
    } else {
      out.append(text.substr(at, length));
    }
    at += std::max<std::size_t>(1, length);
  }
  return out;
}

std::string number(int n) { return std::to_string(n); }

std::string text_at(int x, int y, const std::string& style, const std::string& escaped) {
  return "<text" + (style.empty() ? "" : " class=\"" + style + "\"") + " x=\"" + number(x) +
         "\" y=\"" + number(y) + "\">" + escaped + "</text>\n";
}

std::string box(int x, int y, int width, int height, const std::string& style) {
  return "<rect class=\"" + style + "\" x=\"" + number(x) + "\" y=\"" + number(y) + "\" width=\"" +
         number(width) + "\" height=\"" + number(height) + "\"/>\n";
}

std::string line(int x1, int y1, int x2, int y2, const std::string& style) {
  return "<line class=\"" + style + "\" x1=\"" + number(x1) + "\" y1=\"" + number(y1) + "\" x2=\"" +
         number(x2) + "\" y2=\"" + number(y2) + "\"/>\n";
}

// Broken between words.
std::vector<std::string> broken(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty() && lines.size() < kMaxArgumentLines) {
    std::size_t end = std::min(text.size(), kLineLetters);
    if (end < text.size()) {
      const std::size_t space = text.rfind(' ', end);
      if (space != std::string_view::npos && space > 0) end = space;
    }
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(text.size(), end + (end < text.size() ? 1 : 0)));
  }
  if (!text.empty()) lines.back() += " \xe2\x80\xa6";
  return lines;
}

std::string title_of(const Finding& f) {
  return std::string(name_of(f.kind)) + (f.key.empty() ? "" : " in " + f.key);
}

class Drawing {
 public:
  Drawing(const PictureGrid& grid, const Finding& finding) : g_(grid), finding_(finding) {}

  std::string draw() {
    place_columns();
    heading();
    const int top = y_;
    y_ += 2 * kRowHeight;
    rows_top_ = y_;
    y_ += kRowHeight * static_cast<int>(g_.rows.size());
    bands();
    column_heads(top);
    for (std::size_t r = 0; r < g_.rows.size(); ++r) row(r);
    footing();
    const std::string size =
        "width=\"" + number(width_) + "\" height=\"" + number(y_ + kMargin) + "\"";
    return "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" " + size + " viewBox=\"0 0 " +
           number(width_) + " " + number(y_ + kMargin) + "\" aria-label=\"" +
           xml(title_of(finding_), kMaxTitle) + "\">\n<style>" + kStyle +
           "</style>\n<defs><pattern id=\"fault\" width=\"6\" height=\"6\" "
           "patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\"><rect width=\"6\" "
           "height=\"6\" fill=\"#f4f4f4\"/><line x1=\"0\" y1=\"0\" x2=\"0\" y2=\"6\" "
           "stroke=\"#bbb\" stroke-width=\"2\"/></pattern></defs>\n<rect width=\"100%\" "
           "height=\"100%\" fill=\"#fff\"/>\n" +
           out_ + "</svg>\n";
  }

 private:
  void place_columns() {
    std::vector<std::size_t> letters;
    for (const PictureColumn& c : g_.columns)
      letters.push_back(std::min(kMaxShown, c.place.size()));
    for (const PictureRow& r : g_.rows) {
      for (const PictureCell& c : r.cells) {
        letters[c.column] = std::max(letters[c.column], std::min(kMaxShown, c.text.size()) + 1);
      }
    }
    int x = kMargin + kLabelWidth + kLaneWidth + kMargin;
    for (std::size_t i = 0; i < g_.columns.size(); ++i) {
      if (i > 0 && g_.columns[i].key != g_.columns[i - 1].key) x += 3 * kMargin;
      if (g_.columns[i].behind_gap) x += kMargin;
      x_.push_back(x);
      const int wide = std::max(kMinColumn, static_cast<int>(letters[i]) * kLetter + 10);
      wide_.push_back(wide);
      x += wide;
    }
    right_ = x + kMargin;
    width_ = std::max(right_ + (g_.bands.empty() ? kMargin : kBandWidth),
                      static_cast<int>(kLineLetters) * kLetter);
  }

  void heading() {
    y_ = 2 * kMargin;
    out_ += text_at(kMargin, y_, "T", xml(title_of(finding_), kMaxTitle));
    for (const std::string& words : broken(finding_.argument)) {
      y_ += 18;
      out_ += text_at(kMargin, y_, "", xml(words, 2 * kLineLetters));
    }
    y_ += kMargin;
  }

  void column_heads(int top) {
    out_ += text_at(kMargin, top + kRowHeight + 15, "g", "operation");
    out_ += text_at(kMargin + kLabelWidth, top + kRowHeight + 15, "g", "begin to end");
    for (std::size_t i = 0; i < g_.columns.size(); ++i) {
      const PictureColumn& c = g_.columns[i];
      if (i == 0 || g_.columns[i - 1].key != c.key) {
        out_ += text_at(x_[i], top + 15, "h", xml(c.key, kMaxLabel));
      }
      if (c.behind_gap) out_ += line(x_[i] - 6, top + kRowHeight, x_[i] - 6, y_, "gap");
      out_ += text_at(x_[i] + wide_[i] / 2, top + kRowHeight + 15, c.conflict ? "m k" : "m g",
                      xml(c.place, kMaxShown));
    }
  }

  [[nodiscard]] int lane_x(std::size_t place) const {
    const auto lines = static_cast<int>(std::max<std::size_t>(1, g_.lines));
    return kMargin + kLabelWidth +
           static_cast<int>(std::min<std::size_t>(place, 1'000'000'000)) * (kLaneWidth - 20) /
               lines;
  }

  void row(std::size_t r) {
    const PictureRow& row = g_.rows[r];
    const int y = rows_top_ + kRowHeight * static_cast<int>(r);
    if (row.named)
      out_ += "<g opacity=\"0.6\">" + box(0, y, kMargin + kLabelWidth, kRowHeight, "n") + "</g>";
    out_ += "<g><title>" + xml(row.story, kMaxStory) + "</title>";
    out_ += text_at(kMargin, y + 15, row.named ? "h" : "",
                    "#" + row.span + "  " + xml(row.label, kMaxLabel));
    const int from = lane_x(row.from), to = std::max(lane_x(row.to), from + 4);
    const bool unknown = row.outcome == OpType::info || row.outcome == OpType::invoke;
    out_ += box(from, y + 8, to - from, 6,
                unknown                       ? "bu"
                : row.outcome == OpType::fail ? "bf"
                                              : "b");
    if (unknown) out_ += text_at(to + 3, y + 15, "", "?");
    if (row.outcome == OpType::fail) out_ += text_at(to + 3, y + 15, "", "\xc3\x97");
    out_ += "</g>\n" + line(kMargin, y + kRowHeight, right_, y + kRowHeight, "line");
    for (std::size_t c = 0; c < g_.columns.size(); ++c) cell(row, c, y);
  }

  // What one operation said of one place, perhaps several times.
  void cell(const PictureRow& row, std::size_t column, int y) {
    const PictureCell* first = nullptr;
    bool conflict = false;
    std::string text;
    for (const PictureCell& c : row.cells) {
      if (c.column != column) continue;
      if (first == nullptr) first = &c;
      conflict |= c.conflict;
      if (text.size() <= 2 * kMaxShown) text += (text.empty() ? "" : " ") + c.text;
    }
    if (first == nullptr) return;
    const char* style = "o";
    const char* sign = "";
    switch (first->mark) {
      case PictureMark::written:
        style = "w";
        sign = "+";
        break;
      case PictureMark::unknown:
        style = "u";
        sign = "?";
        break;
      case PictureMark::failed:
        style = "f";
        sign = "\xc3\x97";
        break;
      case PictureMark::read: style = "r"; break;
      case PictureMark::told: break;
    }
    const int x = x_[column] + 2, wide = wide_[column] - 4;
    out_ += box(x, y + 2, wide, kRowHeight - 4, style);
    if (conflict) out_ += box(x, y + 2, wide, kRowHeight - 4, "c");
    out_ += text_at(x + wide / 2, y + 15, conflict ? "m h" : "m", sign + xml(text, kMaxShown));
  }

  void bands() {
    int last = 0;
    for (const PictureBand& b : g_.bands) {
      const int from = rows_top_ + kRowHeight * static_cast<int>(b.from_row) - 3;
      const int to = rows_top_ + kRowHeight * static_cast<int>(b.to_row) + 3;
      const int left = kMargin + kLabelWidth;
      out_ += "<rect fill=\"url(#fault)\" stroke=\"#777\" x=\"" + number(left) + "\" y=\"" +
              number(from) + "\" width=\"" + number(right_ - left) + "\" height=\"" +
              number(to - from) + "\"/>\n";
      last = std::max(from + 12, last + 13);
      out_ += text_at(right_ + 4, last, "g", xml(b.label, kMaxBand));
    }
    y_ = std::max(y_, last + kMargin);
  }

  void footing() {
    y_ += kRowHeight;
    struct Sign {
      const char* style;
      const char* sign;
      const char* meaning;
    };
    static constexpr Sign kSigns[] = {
        {"w", "+", "written"}, {"u", "?", "nobody knows"}, {"f", "\xc3\x97", "definitely failed"},
        {"r", "", "read"},     {"o", "", "told"},          {"c", "", "in conflict"}};
    int x = kMargin;
    for (const Sign& s : kSigns) {
      out_ += box(x, y_ - 12, 20, 14, s.style) + text_at(x + 10, y_, "m", s.sign);
      out_ += text_at(x + 26, y_, "g", s.meaning);
      x += 40 + kLetter * static_cast<int>(std::string_view(s.meaning).size());
    }
    left_out(g_.rows_left_out, "operations");
    left_out(g_.columns_left_out, "places");
    left_out(g_.bands_left_out, "faults");
  }

  void left_out(std::size_t count, const std::string& what) {
    if (count == 0) return;
    y_ += 18;
    out_ += text_at(kMargin, y_, "g", std::to_string(count) + " more " + what + " are not drawn");
  }

  const PictureGrid& g_;
  const Finding& finding_;
  std::string out_;
  std::vector<int> x_, wide_;
  int y_ = 0, rows_top_ = 0, right_ = 0, width_ = 0;
};

std::string page_of(const PictureGrid& grid, const Finding& finding, const std::string& title) {
  std::string out = "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>" +
                    xml(title, kMaxTitle) +
                    "</title>\n<style>body{font:14px sans-serif;margin:1em;color:#333}"
                    "pre{white-space:pre-wrap}</style></head>\n<body>\n" +
                    Drawing(grid, finding).draw() + "<p>" +
                    xml(meaning_of(finding.kind), kMaxStory) +
                    "</p>\n<h2>The operations</h2>\n<pre>\n";
  for (const PictureRow& row : grid.rows) out += xml(row.story, kMaxStory) + "\n";
  return out + "</pre>\n</body></html>\n";
}

}  // namespace

std::string picture_svg(const History& whole, const History& witness, const Finding& finding) {
  return Drawing(picture_grid(whole, witness, finding), finding).draw();
}

std::string picture_page(const History& whole, const History& witness, const Finding& finding) {
  const std::string history = whole.title.empty() ? "" : " (" + whole.title + ")";
  return page_of(picture_grid(whole, witness, finding), finding, title_of(finding) + history);
}

}  // namespace weir
