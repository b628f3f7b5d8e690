// Following: what an answer of the leader does to the log.
//
// The step is ReplicaFollower's decision; here it is carried out, and the log's new bounds are
// reported, in one operation of the office. No checkpoint says more than is left when something is
// cut.
#include <algorithm>
#include <utility>

#include "broker/node/partition.h"
#include "broker/wire/record_batch.h"

namespace weir {
namespace {

// The whole batches of an answer. False: these are no batches.
bool read_batches(const Slice& records, std::vector<FetchedBatch>& batches) {
  BatchWalker walker(records);
  while (!walker.at_end()) {
    const Result<RecordBatch> batch = walker.next();
    if (!batch) return batch.error() == Errc::truncated;
    const BatchHeader& header = batch->header;
    batches.push_back({header.base_offset, header.last_offset(), header.partition_leader_epoch});
  }
  return true;
}

// The bytes of the first so many of them.
std::size_t size_of_first(std::size_t count, const Slice& records) {
  BatchWalker walker(records);
  for (; count > 0; --count) static_cast<void>(walker.next());
  return walker.position();
}

std::string why_cut(bool below_high_watermark) {
  return below_high_watermark ? "the leader's log parts from this one below the high watermark"
                              : "the leader's log parts from this one";
}

}  // namespace

Task<Partition::Followed> Partition::take_fetched(FetchPosition asked, FetchedPart part) {
  Followed followed;
  if (role_ != Role::follower) co_return followed;
  begin();
  std::vector<FetchedBatch> batches;
  ReplicaFetchAnswer answer{.error = part.error,
                            .high_watermark = part.high_watermark,
                            .log_start = part.log_start,
                            .diverging = part.diverging,
                            .batches = {}};
  const bool readable = read_batches(part.records, batches);
  if (!readable && answer.error == ErrorCode::none) answer.error = ErrorCode::corrupt_message;
  answer.batches = batches;
  FollowerStep step =
      follower_->on_fetch_answer(asked, answer, log_->epoch_cache(), machine_.clock.now());
  followed.must_ask_ends = std::holds_alternative<AskLeaderEnds>(step);
  if (const auto* append = std::get_if<AppendFetched>(&step)) {
    const std::size_t size = size_of_first(append->batches, part.records);
    followed.took_records = size > 0;
    ErrorCode error = ErrorCode::none;
    if (size > 0) {
      Slice records = part.records.subslice(0, size);
      const AppendOutcome outcome =
          co_await log_->append(std::move(records), AppendOrigin::replication, state_.leader_epoch);
      error = outcome.error;
    }
    const std::optional<FollowerMarks> marks = marks_of_log(error);
    if (marks && marks->log_start_after > log_->log_start_offset()) {
      co_await advance_log_start(marks->log_start_after);
    }
    if (marks) show(*marks);
  } else {
    co_await cut_as_told(std::move(step));
  }
  end();
  co_return followed;
}

Task<> Partition::take_ends(FetchPosition asked, ErrorCode error, LogBounds leader) {
  if (role_ != Role::follower) co_return;
  begin();
  FollowerStep step = follower_->on_leader_ends(asked, error, leader, machine_.clock.now());
  co_await cut_as_told(std::move(step));
  end();
}

Task<> Partition::cut_as_told(FollowerStep step) {
  ErrorCode error = ErrorCode::none;
  if (const auto* shorter = std::get_if<TruncateLog>(&step)) {
    std::string why = why_cut(shorter->below_high_watermark);
    error = co_await cut(shorter->to, false, std::move(why));
  } else if (const auto* anew = std::get_if<StartLogAt>(&step)) {
    std::string why = "the leader's log begins beyond this one";
    error = co_await cut(anew->at, true, std::move(why));
  } else {
    co_return;
  }
  const std::optional<FollowerMarks> marks = marks_of_log(error);
  if (marks && marks->log_start_after > log_->log_start_offset()) {
    co_await advance_log_start(marks->log_start_after);
  }
  if (marks) show(*marks);
}

Task<ErrorCode> Partition::cut(Offset to, bool anew, std::string why) {
  cutting_at_ = to;
  high_watermark_ = std::min(high_watermark_, to);
  bool stored = true;
  if (owner_ != nullptr) {
    stored = co_await owner_->before_cut(*this);
  }
  ErrorCode error = ErrorCode::kafka_storage_error;
  if (stored && anew) {
    error = co_await log_->truncate_fully_and_start_at(to, std::move(why));
  } else if (stored) {
    error = co_await log_->truncate_to(to, std::move(why));
  }
  cutting_at_.reset();
  co_return error;
}

// What the follower makes of its log, which has changed; nothing where it could not change. After
// an error the log may still have moved: what came before it counts.
std::optional<FollowerMarks> Partition::marks_of_log(ErrorCode error) {
  if (log_->failed()) {
    follower_->on_log_failed();
    return std::nullopt;
  }
  if (error != ErrorCode::none && bounds() == follower_->log()) {
    follower_->on_append_refused(machine_.clock.now());
    high_watermark_ = follower_->high_watermark();
    return std::nullopt;
  }
  return follower_->on_log_changed(bounds(), log_->epoch_cache());
}

Task<> Partition::advance_log_start(Offset to) {
  // Refused by a full disk: the next answer tells it again.
  const ErrorCode advanced = co_await log_->advance_log_start(to);
  if (advanced != ErrorCode::none && log_->failed()) follower_->on_log_failed();
}

void Partition::show(const FollowerMarks& marks) {
  if (marks.high_watermark_after > high_watermark_) {
    emit(FactKind::hw_advanced, marks.high_watermark_after.value(), high_watermark_.value());
  }
  high_watermark_ = marks.high_watermark_after;
}

}  // namespace weir
