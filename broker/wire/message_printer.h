// The printing visitor: one line, Kafka's field names, errors by name, bytes by their number.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "broker/wire/codec_types.h"
#include "broker/wire/error_code.h"

namespace weir::detail {

// "a\"b\x01": quoted, with control bytes and bytes above ASCII in hexadecimal.
void append_quoted(std::string& text, std::string_view);

class Printer {
 public:
  explicit Printer(std::int16_t version) : version_(version) {}
  [[nodiscard]] std::string text() && { return std::move(text_); }

  template <class S>
  void structure(const S& s) {
    text_ += '{';
    Fields<S> fields{*this, s};
    S::fields(fields);
    text_ += '}';
  }

 private:
  template <class S>
  struct Fields {
    Printer& printer;
    const S& self;
    bool first = true;
    template <class F>
    void operator()(const char* name, F S::* member, FieldVersions f) {
      if (!f.in(printer.version_)) return;
      if (f.is_tagged() && same(self.*member, default_of<S>().*member)) return;
      printer.begin_field(std::exchange(first, false), name);
      if constexpr (std::is_same_v<F, std::int16_t>) {
        if (std::string_view(name) == "ErrorCode") return printer.error(self.*member);
      }
      printer.value(self.*member);
    }
  };

  // Out of line, like all that is long: a message has many fields.
  [[gnu::noinline]] void begin_field(bool first, const char* name) {
    if (!first) text_ += ", ";
    text_ += name;
    text_ += ": ";
  }
  [[gnu::noinline]] void error(std::int16_t code) {
    const ErrorCode known = error_code_of(code);
    if (code_of(known) == code) {
      text_ += name_of(known);
    } else {
      value(code);
    }
  }
  [[gnu::noinline]] void value(bool v) { text_ += v ? "true" : "false"; }
  [[gnu::noinline]] void value(std::int64_t v) { text_ += std::to_string(v); }
  template <class T>
    requires std::is_integral_v<T>
  void value(T v) {
    value(std::int64_t{v});
  }
  [[gnu::noinline]] void value(const Uuid& v) { text_ += to_text(v); }
  void value(const std::string& v) { append_quoted(text_, v); }
  [[gnu::noinline]] void value(const Slice& v) {
    text_ += "<" + std::to_string(v.size()) + " bytes>";
  }
  template <class T>
  void value(const std::optional<T>& v) {
    if (v.has_value()) {
      value(*v);
    } else {
      text_ += "null";
    }
  }
  template <class T>
  void value(const std::vector<T>& v) {
    text_ += '[';
    for (std::size_t i = 0; i < v.size(); ++i) {
      if (i > 0) text_ += ", ";
      value(v[i]);
    }
    text_ += ']';
  }
  template <class S>
    requires kIsStructure<S>
  void value(const S& s) {
    structure(s);
  }

  std::int16_t version_;
  std::string text_;
};

}  // namespace weir::detail
