// ClientFacts: the facts of a recorded client, and nothing at all of one that is not recorded.
//
// The kinds and their fields are those of broker/base/fact.h. Operations are numbered per client
// over all its incarnations, by the Recorder that the caller owns.
#pragma once

#include <array>
#include <charconv>
#include <string>
#include <string_view>

#include "broker/client/client_types.h"
#include "broker/client/shell/recorder.h"
#include "broker/ports/machine.h"

namespace weir {

class ClientFacts {
 public:
  ClientFacts(Facts& facts, Recorder* recorder) : facts_(facts), recorder_(recorder) {}

  [[nodiscard]] bool recorded() const { return recorder_ != nullptr; }
  [[nodiscard]] Recorder* recorder() const { return recorder_; }

  // The number of a new invocation; -1 without a recorder.
  [[nodiscard]] std::int64_t next_operation() {
    return recorder_ == nullptr ? -1 : recorder_->operations++;
  }
  // "P1:17"
  [[nodiscard]] std::string identity(std::int64_t send) const {
    std::array<char, 24> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), send).ptr;
    std::string text = recorder_->identity;  // with its number it mostly fits where it is
    text += ':';
    text.append(digits.data(), end);
    return text;
  }

  void emit(const Fact& fact) {
    if (recorder_ != nullptr) facts_.emit(fact);
  }
  void emit(FactKind kind, std::string_view why) {
    Fact fact;
    fact.kind = kind;
    fact.why = why;
    emit(fact);
  }
  void emit(FactKind kind, std::int64_t operation, std::string_view why = {}) {
    Fact fact;
    fact.kind = kind;
    fact.operation = operation;
    fact.why = why;
    emit(fact);
  }

 private:
  Facts& facts_;
  Recorder* recorder_;
};

}  // namespace weir
