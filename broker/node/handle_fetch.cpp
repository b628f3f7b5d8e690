// Fetch: reads, and waits for more when there is less than the asker wants (a long poll).
//
// A wait is one alarm, notified by the partitions, by the end of the connection and by the end of
// the broker; there are no ticks. Fetch sessions (KIP-227) are not kept: a full fetch is answered
// with session id 0, which tells the client so, and an incremental one with
// FETCH_SESSION_ID_NOT_FOUND, upon which it falls back to full ones. What was found before a wait
// is judged anew where the office has changed meanwhile.
#include "broker/node/connection.h"
#include "broker/node/fetch_round.h"
#include "broker/node/handlers.h"
#include "broker/node/node.h"
#include "broker/wire/error_code.h"

namespace weir {
namespace {

constexpr std::int32_t kInitialEpoch = 0;
constexpr std::int32_t kFinalEpoch = -1;
constexpr std::int8_t kMaxIsolationLevel = 1;

bool is_full(const FetchRequest& request) {
  return request.session_epoch == kInitialEpoch || request.session_epoch == kFinalEpoch;
}

bool is_enough(const FetchRound& round, const FetchRequest& request) {
  return round.answer_now || round.reads.empty() || round.has_news() || round.is_stale() ||
         static_cast<std::int64_t>(round.bytes) >= request.min_bytes;
}

// Until there may be enough, or the wait is over. True: it is worth reading again.
Task<bool> wait_for_more(Node& node, Connection& connection, const FetchRound& round,
                         const FetchRequest& request) {
  const std::uint64_t wanted = static_cast<std::uint64_t>(request.min_bytes);
  const Instant deadline =
      node.machine.clock.now() + std::chrono::milliseconds(request.max_wait_ms);
  connection.watch();
  for (const FetchRound::Read& read : round.reads) {
    read.partition->add_waiter(connection.alarm(), read.for_replica);
  }
  bool waiting = true;
  while (waiting) {
    const bool over = round.is_stale() || round.has_news() || connection.wait_is_over();
    if (over || round.bytes_by_now() >= wanted || node.machine.clock.now() >= deadline) {
      waiting = false;
    } else if (node.machine.chance.unlucky("node.fetch.early")) {
      waiting = false;  // early, with what is there
    } else {
      co_await connection.alarm().wait_until(deadline);
    }
  }
  for (const FetchRound::Read& read : round.reads) {
    read.partition->remove_waiter(connection.alarm());
  }
  co_return round.is_stale() || round.has_news() || round.bytes_by_now() > round.bytes;
}

void emit_served(Node& node, const RequestContext& context, const FetchRequest& request,
                 const FetchRound& round) {
  for (const FetchRound::Read& read : round.reads) {
    if (read.for_replica || read.next_offset <= read.first_offset) continue;
    node.machine.facts.emit({.kind = FactKind::records_served,
                             .api = context.header.api_key,
                             .partition = read.partition->index(),
                             .epoch = request.isolation_level,
                             .topic = read.partition->topic(),
                             .old = read.first_offset.value(),
                             .value = read.next_offset.value(),
                             .operation = context.header.correlation_id,
                             .digest = static_cast<std::uint64_t>(read.bound.value()),
                             .peer = context.peer});
  }
}

}  // namespace

Task<FetchResponse> handle(Node& node, RequestContext& context, FetchRequest request) {
  FetchResponse refused;
  if (request.isolation_level < 0 || request.isolation_level > kMaxIsolationLevel) {
    context.close_because = "a fetch of an unknown isolation level";
    co_return refused;
  }
  if (!is_full(request)) {
    refused.error_code = code_of(ErrorCode::fetch_session_id_not_found);
    co_return refused;
  }
  FetchRound round = co_await fetch_once(node, request, context.version(), true);
  if (!is_enough(round, request) && request.max_wait_ms > 0) {
    const bool more = co_await wait_for_more(node, context.connection, round, request);
    if (more) {
      round = co_await fetch_once(node, request, context.version(), false);
    }
  }
  emit_served(node, context, request, round);
  co_return std::move(round.response);
}

void describe(const FetchResponse& response, Phrase& phrase) {
  if (response.error_code != 0) phrase << " " << name_of(error_code_of(response.error_code));
  for (const auto& topic : response.responses) {
    for (const auto& partition : topic.partitions) {
      if (phrase.full()) return;
      phrase << " " << (topic.topic.empty() ? std::string_view("by-id") : topic.topic) << "-"
             << partition.partition_index << " ";
      if (partition.error_code != 0) {
        phrase << name_of(error_code_of(partition.error_code));
      } else {
        phrase << partition.records.size() << " bytes";
      }
    }
  }
}

}  // namespace weir
