// What is the same for all messages: how a reading ends, and what people are told of a failure.
#include "broker/wire/message_codec.h"

namespace weir::detail {

Errc Decoder::end() {
  if (!in_->ok()) return in_->error();
  if (in_->remaining() == 0) return Errc::ok;
  where_ = "with " + std::to_string(in_->remaining()) + " bytes after its end";
  return Errc::malformed;
}

void tell(std::string* why, std::string_view message, std::int16_t version, std::string_view where,
          Errc e) {
  if (why == nullptr) return;
  *why = std::string(message) + " v" + std::to_string(version) + std::string(where) + ": " +
         std::string(describe(e));
}

void tell_at(std::string* why, std::string_view message, std::int16_t version,
             std::string_view where, const Reader& input, Errc e) {
  if (why == nullptr) return;
  tell(why, message, version, std::string(where) + " at byte " + std::to_string(input.position()),
       e);
}

}  // namespace weir::detail
