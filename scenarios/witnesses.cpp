// Read from what the verdicts have looked at: the judges count what nobody promised, too.
#include "scenarios/witnesses.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace weir {
namespace {

constexpr std::array<std::string_view, 4> kWitnessNames = {
    "at-most-once.loses", "at-least-once.repeats", "weak-acks.lose", "no-idempotence.repeats"};
constexpr std::array<std::string_view, 4> kWitnessesAbout = {
    "at-most-once was promised, and a record was not delivered",
    "at-least-once was promised, and a record was delivered or stored again",
    "a record that was acknowledged, with acks too weak to promise that it stays, was lost",
    "a retry without idempotence was stored twice"};

class Judged {
 public:
  explicit Judged(const std::vector<Verdict>& verdicts) : verdicts_(verdicts) {}

  [[nodiscard]] bool promised(std::string_view id) const {
    const Verdict* verdict = find(id);
    return verdict != nullptr && verdict->promised;
  }
  [[nodiscard]] std::int64_t count(std::string_view id, std::string_view what) const {
    const Verdict* verdict = find(id);
    if (verdict == nullptr) return 0;
    for (const auto& [name, n] : verdict->looked_at) {
      if (name == what) return n;
    }
    return 0;
  }

 private:
  [[nodiscard]] const Verdict* find(std::string_view id) const {
    const auto found = std::ranges::find(verdicts_, id, &Verdict::id);
    return found == verdicts_.end() ? nullptr : &*found;
  }
  const std::vector<Verdict>& verdicts_;
};

}  // namespace

std::span<const std::string_view> witness_names() { return kWitnessNames; }

std::string_view about_witness(std::string_view name) {
  const auto found = std::ranges::find(kWitnessNames, name);
  return found == kWitnessNames.end()
             ? ""
             : kWitnessesAbout[static_cast<std::size_t>(found - kWitnessNames.begin())];
}

std::vector<std::string> witnesses_of(const std::vector<Verdict>& verdicts) {
  const Judged judged(verdicts);
  constexpr std::string_view kOnce = "delivery.exactly-once";
  const std::int64_t repeats =
      judged.count(kOnce, "stored_twice") + judged.count(kOnce, "redelivered");
  const std::array<bool, 4> seen = {
      judged.promised("delivery.at-most-once") && judged.count(kOnce, "missing") > 0,
      judged.promised("delivery.at-least-once") && repeats > 0,
      // Where it was promised to stay, its loss is no witness but a violation.
      std::ranges::any_of(verdicts,
                          [](const Verdict& v) {
                            return v.id == "durability.acked" && v.word != VerdictWord::violated;
                          }) &&
          judged.count("durability.acked", "missing") > 0,
      !judged.promised("dup.idempotent") && judged.count("dup.idempotent", "duplicates") > 0};
  std::vector<std::string> names;
  for (std::size_t i = 0; i < seen.size(); ++i) {
    if (seen[i]) names.emplace_back(kWitnessNames[i]);
  }
  return names;
}

}  // namespace weir
