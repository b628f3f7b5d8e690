// The decoding visitor: fills in a message from a Reader, field by field.
//
// It never trusts a count: elements must fit into the bytes that are left, and all arrays of a
// message together into kMaxElementsPerMessage. Where it fails, the path of the field is kept.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "broker/wire/codec_types.h"
#include "broker/wire/reader.h"

namespace weir::detail {

class Decoder {
 public:
  Decoder(Reader& in, std::int16_t version, bool flexible)
      : in_(&in), version_(version), flexible_(flexible) {}

  // " TopicData[3].Name" after a failure.
  [[nodiscard]] std::string where() const { return where_.empty() ? where_ : " " + where_; }

  // After the last structure: the first error, or that bytes are left over.
  [[nodiscard]] Errc end();

  template <class S>
  void structure(S& s) {
    Plain<S> plain{*this, s};
    S::fields(plain);
    if (!flexible_) return;
    if constexpr (kHasTags<S>) {
      tagged_fields(s);
    } else {
      unknown_tagged_fields();
    }
  }

 private:
  template <class S>
  struct Plain {
    Decoder& decoder;
    S& self;
    // Most fields are numbers that lie in one slice. Read here and now they take less code than a
    // call; after an error nothing is left to be read so.
    template <class F>
    [[gnu::always_inline]] void operator()(const char* name, F S::* member, FieldVersions f) {
      if (f.is_tagged() || !f.in(decoder.version_)) return;
      if constexpr (kIsFixed<F>) {
        if (decoder.in_->try_read(self.*member)) return;
      }
      any(name, member, f);
    }
    template <class F>
    [[gnu::noinline]] void any(const char* name, F S::* member, FieldVersions f) {
      if (!decoder.in_->ok()) return;
      decoder.value(self.*member, f.nullable_in(decoder.version_));
      if (!decoder.in_->ok()) decoder.blame(name);
    }
  };

  template <class S>
  struct Tagged {
    Decoder& decoder;
    S& self;
    std::uint32_t tag;
    bool known = false;
    template <class F>
    void operator()(const char* name, F S::* member, FieldVersions f) {
      if (!f.is_tagged() || static_cast<std::uint32_t>(f.tag_number) != tag) return;
      if (!f.in(decoder.version_)) return;
      known = true;
      decoder.value(self.*member, f.nullable_in(decoder.version_));
      if (!decoder.in_->ok()) decoder.blame(name);
    }
  };

  template <class S>
  void tagged_fields(S& s) {
    for (std::uint32_t n = in_->unsigned_varint(); n > 0 && in_->ok(); --n) {
      const std::uint32_t tag = in_->unsigned_varint();
      const std::uint32_t size = in_->unsigned_varint();
      Reader section = in_->section(size);
      if (!in_->ok()) return;
      Reader* const outer = std::exchange(in_, &section);
      Tagged<S> tagged{*this, s, tag};
      S::fields(tagged);
      in_ = outer;
      if (!tagged.known) continue;
      if (section.ok() && section.remaining() > 0) section.fail(Errc::malformed);
      if (!section.ok()) in_->fail_as(section);
    }
  }

  [[gnu::noinline]] void unknown_tagged_fields() {
    for (std::uint32_t n = in_->unsigned_varint(); n > 0 && in_->ok(); --n) {
      static_cast<void>(in_->unsigned_varint());
      static_cast<void>(in_->section(in_->unsigned_varint()));
    }
  }

  void value(bool& v, bool) { v = in_->boolean(); }
  void value(std::int8_t& v, bool) { v = in_->int8(); }
  void value(std::int16_t& v, bool) { v = in_->int16(); }
  void value(std::uint16_t& v, bool) { v = in_->uint16(); }
  void value(std::int32_t& v, bool) { v = in_->int32(); }
  void value(std::int64_t& v, bool) { v = in_->int64(); }
  void value(Uuid& v, bool) { v = in_->uuid(); }
  [[gnu::noinline]] void value(std::string& v, bool) {
    if (const auto n = not_null(in_->string_length(flexible_))) v = in_->text(*n);
  }
  [[gnu::noinline]] void value(std::optional<std::string>& v, bool nullable) {
    const auto n = in_->string_length(flexible_);
    if (n.has_value()) {
      v = in_->text(*n);
    } else {
      v.reset();
      if (!nullable) in_->fail(Errc::malformed);
    }
  }
  // Null reads as empty.
  [[gnu::noinline]] void value(Slice& v, bool nullable) {
    const auto n = in_->length(flexible_);
    if (!n.has_value() && !nullable) in_->fail(Errc::malformed);
    v = n.has_value() ? in_->slice(*n) : Slice();
  }
  template <class T>
  void value(std::vector<T>& v, bool) {
    if (const auto n = not_null(in_->length(flexible_))) elements(v, *n);
  }
  template <class T>
  void value(std::optional<std::vector<T>>& v, bool nullable) {
    const auto n = in_->length(flexible_);
    if (n.has_value()) {
      elements(v.emplace(), *n);
    } else {
      v.reset();
      if (!nullable) in_->fail(Errc::malformed);
    }
  }
  template <class S>
    requires kIsStructure<S>
  void value(S& s, bool) {
    structure(s);
  }
  // A struct that may be null has a byte before it: negative for null (KIP-893).
  template <class S>
    requires kIsStructure<S>
  void value(std::optional<S>& s, bool nullable) {
    s.reset();
    if (in_->int8() >= 0) {
      if (in_->ok()) structure(s.emplace());
    } else if (!nullable) {
      in_->fail(Errc::malformed);
    }
  }

  template <class T>
  void elements(std::vector<T>& v, std::size_t count) {
    v.clear();
    if (count > in_->remaining() / least_size<T>(version_, flexible_)) {
      in_->fail(Errc::truncated);
      return;
    }
    if (count > elements_left_) {
      in_->fail(Errc::too_large);
      return;
    }
    elements_left_ -= count;
    v = std::vector<T>(count);
    for (std::size_t i = 0; i < count; ++i) {
      value(v[i], false);
      if (!in_->ok()) {
        blame(i);
        return;
      }
    }
  }

  std::optional<std::size_t> not_null(std::optional<std::size_t> length) {
    if (!length.has_value()) in_->fail(Errc::malformed);
    return length;
  }

  // Out of line, like all that is rare or long: a message has many fields.
  [[gnu::noinline]] void blame(const char* field) {
    const bool joined = where_.empty() || where_.front() == '[';
    where_ = std::string(field) + (joined ? "" : ".") + where_;
  }
  [[gnu::noinline]] void blame(std::size_t element) {
    blame(("[" + std::to_string(element) + "]").c_str());
  }

  Reader* in_;
  std::int16_t version_;
  bool flexible_;
  std::size_t elements_left_ = kMaxElementsPerMessage;
  std::string where_;
};

}  // namespace weir::detail
