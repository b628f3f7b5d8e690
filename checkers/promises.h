// Promises: what a configuration offers under the faults that struck, and why.
//
// The rules are those of Kafka's documentation, as this project states them: an acknowledgement
// promises what acks says, and only while one in-sync copy stays whole. A scenario may claim more;
// then the claim is the promise.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "checkers/verdict.h"

namespace weir {

struct Promise {
  bool promised = false;
  std::vector<std::string> because;
};

// The value of a configuration key, or `otherwise`.
[[nodiscard]] std::string_view setting(const ConfigTexts&, std::string_view key,
                                       std::string_view otherwise);
// Compaction may take records out of it.
[[nodiscard]] bool is_compacted(const TopicSummary&);
// The same of a topic by its name; false where the run has none of that name.
[[nodiscard]] bool is_compacted(const RunSummary&, std::string_view topic);

// Of single producers.
[[nodiscard]] bool waits_for_all(const ClientSummary&);  // acks=all
[[nodiscard]] bool is_idempotent(const ClientSummary&);
// Idempotent; or acknowledged, and one in flight or no retries.
[[nodiscard]] bool keeps_order(const ClientSummary&);
[[nodiscard]] bool never_repeats(const ClientSummary&);  // idempotent, or no retries

// Whether the faults leave a whole copy of what a topic acknowledged under acks=all.
[[nodiscard]] Promise copies_survive(const RunSummary&, const TopicSummary&);

// Of the run: there is a producer whom it is promised to; see also the scenario's claims.
[[nodiscard]] Promise promise_durability(const RunSummary&);
[[nodiscard]] Promise promise_order(const RunSummary&);
[[nodiscard]] Promise promise_no_duplicates(const RunSummary&);
[[nodiscard]] Promise promise_at_most_once(const RunSummary&);
[[nodiscard]] Promise promise_at_least_once(const RunSummary&);
[[nodiscard]] Promise promise_exactly_once(const RunSummary&);

// Whether the scenario claims it whatever is configured.
[[nodiscard]] bool claimed(const RunSummary&, std::string_view guarantee);

// The client of an identity: "P1" of "P1:17".
[[nodiscard]] std::string_view client_of_id(std::string_view id);
[[nodiscard]] const ClientSummary* client_named(const RunSummary&, std::string_view id);

}  // namespace weir
