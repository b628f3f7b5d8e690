// The encoding visitor: writes a message to a Writer.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "broker/wire/codec_types.h"
#include "broker/wire/reader.h"
#include "broker/wire/writer.h"

namespace weir::detail {

class Encoder {
 public:
  Encoder(Writer& out, std::int16_t version, bool flexible)
      : out_(out), version_(version), flexible_(flexible) {}

  [[nodiscard]] Errc error() const { return error_; }
  // " TopicData[3].Name" after a failure.
  [[nodiscard]] std::string where() const { return where_.empty() ? where_ : " " + where_; }
  [[gnu::noinline]] void fail(Errc e) {
    if (error_ == Errc::ok) error_ = e;
  }

  template <class S>
  void structure(const S& s) {
    Plain<S> plain{*this, s};
    S::fields(plain);
    if (!flexible_) return;
    out_.unsigned_varint(plain.tagged);
    if constexpr (kHasTags<S>) {
      if (plain.tagged == 0) return;
      Tagged<S> tagged{*this, s};
      S::fields(tagged);
    }
  }

  void value(bool v, bool) { out_.boolean(v); }
  void value(std::int8_t v, bool) { out_.int8(v); }
  void value(std::int16_t v, bool) { out_.int16(v); }
  void value(std::uint16_t v, bool) { out_.uint16(v); }
  void value(std::int32_t v, bool) { out_.int32(v); }
  void value(std::int64_t v, bool) { out_.int64(v); }
  void value(const Uuid& v, bool) { out_.uuid(v); }
  [[gnu::noinline]] void value(const std::string& v, bool) {
    if (v.size() > kMaxStringBytes) return fail(Errc::too_large);
    if (flexible_) {
      out_.unsigned_varint(v.size() + 1);
    } else {
      out_.int16(static_cast<std::int16_t>(v.size()));
    }
    out_.raw(as_bytes(v));
  }
  [[gnu::noinline]] void value(const std::optional<std::string>& v, bool nullable) {
    if (v.has_value()) return value(*v, nullable);
    if (!nullable) return fail(Errc::malformed);
    if (flexible_) {
      out_.unsigned_varint(0);
    } else {
      out_.int16(-1);
    }
  }
  // Never null: an empty slice is empty bytes.
  [[gnu::noinline]] void value(const Slice& v, bool) {
    length(v.size());
    out_.hand_over(v);
  }
  template <class T>
  void value(const std::vector<T>& v, bool) {
    length(v.size());
    for (std::size_t i = 0; i < v.size(); ++i) {
      value(v[i], false);
      if (error_ != Errc::ok) return blame(i);
    }
  }
  template <class T>
  void value(const std::optional<std::vector<T>>& v, bool nullable) {
    if (v.has_value()) return value(*v, nullable);
    if (!nullable) return fail(Errc::malformed);
    if (flexible_) {
      out_.unsigned_varint(0);
    } else {
      out_.int32(-1);
    }
  }
  template <class S>
    requires kIsStructure<S>
  void value(const S& s, bool) {
    structure(s);
  }
  template <class S>
    requires kIsStructure<S>
  void value(const std::optional<S>& s, bool nullable) {
    if (!s.has_value() && !nullable) return fail(Errc::malformed);
    out_.int8(s.has_value() ? 1 : -1);
    if (s.has_value()) structure(*s);
  }

 private:
  template <class S>
  struct Plain {
    Encoder& encoder;
    const S& self;
    std::uint32_t tagged = 0;  // tagged fields to follow
    // Most fields are numbers. Written here and now they take less code than a call; after an error
    // nobody looks at what was written.
    template <class F>
    [[gnu::always_inline]] void operator()(const char* name, F S::* member, FieldVersions f) {
      if constexpr (kIsFixed<F>) {
        if (!f.is_tagged() && f.in(encoder.version_)) return encoder.value(self.*member, false);
      }
      any(name, member, f);
    }
    template <class F>
    [[gnu::noinline]] void any(const char* name, F S::* member, FieldVersions f) {
      if (encoder.error_ != Errc::ok) return;
      if (!f.in(encoder.version_)) {
        if (f.may_be_ignored || same(self.*member, default_of<S>().*member)) return;
        encoder.fail(Errc::unsupported);
      } else if (f.is_tagged()) {
        if (!same(self.*member, default_of<S>().*member)) ++tagged;
      } else {
        encoder.value(self.*member, f.nullable_in(encoder.version_));
      }
      if (encoder.error_ != Errc::ok) encoder.blame(name);
    }
  };

  // In ascending order of tags, as the fields are listed.
  template <class S>
  struct Tagged {
    Encoder& encoder;
    const S& self;
    template <class F>
    void operator()(const char* name, F S::* member, FieldVersions f) {
      if (!f.is_tagged() || !f.in(encoder.version_) || encoder.error_ != Errc::ok) return;
      if (same(self.*member, default_of<S>().*member)) return;
      const bool nullable = f.nullable_in(encoder.version_);
      Writer section;
      Encoder inner(section, encoder.version_, true);
      inner.value(self.*member, nullable);
      encoder.tagged_field(static_cast<std::uint32_t>(f.tag_number), std::move(section), inner);
      if (encoder.error_ != Errc::ok) encoder.blame(name);
    }
  };

  // Written beside first: its size goes before it.
  [[gnu::noinline]] void tagged_field(std::uint32_t tag, Writer section, const Encoder& inner) {
    if (inner.error_ != Errc::ok) {
      fail(inner.error_);
      where_ = inner.where_;
      return;
    }
    out_.unsigned_varint(tag);
    out_.unsigned_varint(section.size());
    for (const Slice& slice : std::move(section).finish()) out_.raw(slice);
  }

  void length(std::size_t n) {
    if (n > INT32_MAX - 1) return fail(Errc::too_large);
    if (flexible_) {
      out_.unsigned_varint(n + 1);
    } else {
      out_.int32(static_cast<std::int32_t>(n));
    }
  }

  // Out of line, like all that is rare or long: a message has many fields.
  [[gnu::noinline]] void blame(const char* field) {
    const bool joined = where_.empty() || where_.front() == '[';
    where_ = std::string(field) + (joined ? "" : ".") + where_;
  }
  [[gnu::noinline]] void blame(std::size_t element) {
    blame(("[" + std::to_string(element) + "]").c_str());
  }

  Writer& out_;
  std::int16_t version_;
  bool flexible_;
  Errc error_ = Errc::ok;
  std::string where_;
};

}  // namespace weir::detail
