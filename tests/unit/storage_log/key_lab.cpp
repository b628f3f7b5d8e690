// The script, and the comparison of what is left with what may be missing.
#include "tests/unit/storage_log/key_lab.h"

#include <algorithm>
#include <utility>

#include "tests/unit/storage_log/lab_program.h"

namespace weir {
LogConfig KeyLab::small() {
  LogConfig config;
  config.segment_bytes = 300;
  config.index_interval_bytes = 150;
  config.retention_ms = -1;
  config.cleanup_policy = {.remove = false, .compact = true};
  config.min_cleanable_dirty_ppm = 0;
  config.delete_retention_ms = 1'000;
  config.file_delete_delay_ms = 1;
  return config;
}

KeyLab::KeyLab(std::uint64_t seed, LogConfig config, bool buggify)
    : config_(config), world_(lab_options(seed, buggify)) {
  NodeOptions options;
  options.name = "n";
  options.launch = [this](Machine& machine) {
    return std::unique_ptr<Program>(new LabProgram(machine, main_, log_));
  };
  node_ = world_.add_node(std::move(options));
}

bool KeyLab::run(std::vector<KeyStep> steps, std::uint64_t stop_at) {
  ended_ = false;
  main_ = [this, steps = std::move(steps)](Machine& machine) { return carry_out(machine, steps); };
  world_.start(node_);
  const Instant deadline = world_.now() + std::chrono::seconds(20);
  while (!ended_ && world_.alive(node_) && disk().operations() < stop_at) {
    world_.run_until(world_.now() + std::chrono::microseconds(5));
    if (world_.now() > deadline) complain("the script hangs");
    if (!complaints.empty()) break;
  }
  return ended_;
}

void KeyLab::check() {
  ended_ = false;
  main_ = [this](Machine& machine) { return verify(machine); };
  world_.start(node_);
  world_.run_until(world_.now() + std::chrono::seconds(10));
  if (!ended_) complain("the check did not come to its end");
  world_.kill(node_);
}

Task<> KeyLab::open(Machine& machine) {
  LogOptions options{.topic = "orders", .partition = 0, .directory = "orders-0", .config = config_};
  for (int tries = 0; tries < 4; ++tries) {
    Result<std::unique_ptr<PartitionLog>> opened = co_await PartitionLog::open(machine, options);
    if (opened) {
      log_ = std::move(*opened);
      co_return;
    }
    ++errors_met;
  }
  complain("the log does not open");
}

Task<> KeyLab::carry_out(Machine& machine, std::vector<KeyStep> steps) {
  log_.reset();
  co_await open(machine);
  if (log_ != nullptr) settle();
  for (const KeyStep& step : steps) {
    if (log_ == nullptr || log_->failed()) break;
    const ErrorCode code = co_await take_step(machine, step);
    if (code != ErrorCode::none) ++errors_met;
  }
  ended_ = true;
}

// What a crash may have taken off the end, the model forgets; below the high watermark, nothing.
void KeyLab::settle() {
  const Offset end = log_->log_end_offset();
  if (end < high_watermark_) {
    complain("the log ends at " + text_of(end) + ", flushed was " + text_of(high_watermark_));
  }
  appended_.erase(appended_.lower_bound(end), appended_.end());
  batches_.erase(batches_.lower_bound(end), batches_.end());
  if (!batches_.empty()) {
    const auto& [sequence, records] = batches_.rbegin()->second;
    next_sequence_ = sequence + static_cast<std::int32_t>(records);
  } else {
    next_sequence_ = 0;
  }
  const Offset start = log_->log_start_offset();
  const bool known = start == start_ || (starting_ && start == *starting_);
  if (!known) complain("the log starts at " + text_of(start) + ", not " + text_of(start_));
  start_ = start;
  starting_.reset();
}

Task<ErrorCode> KeyLab::take_step(Machine& machine, KeyStep step) {
  ErrorCode code = ErrorCode::none;
  switch (step.what) {
    case KeyStep::Do::append: code = co_await append(step.number); break;
    case KeyStep::Do::flush:
      code = co_await log_->flush();
      if (code == ErrorCode::none) high_watermark_ = log_->log_end_offset();
      break;
    case KeyStep::Do::compact: code = co_await compact(); break;
    case KeyStep::Do::maintain: code = co_await log_->maintain(high_watermark_); break;
    case KeyStep::Do::wait:
      world_.step_wall(node_, std::chrono::milliseconds(step.number));
      time_passed_ = true;
      break;
    case KeyStep::Do::log_start: {
      const Offset to = std::min(Offset{step.number}, high_watermark_);
      if (to <= start_) break;
      starting_ = to;
      code = co_await log_->advance_log_start(to);
      if (code == ErrorCode::none) start_ = to;
      break;
    }
    case KeyStep::Do::truncate: {
      code = co_await log_->truncate_to(high_watermark_, "test");
      if (code == ErrorCode::none) settle();
      break;
    }
    case KeyStep::Do::reopen:
      code = co_await log_->close();
      log_.reset();
      co_await open(machine);
      if (log_ != nullptr) settle();
      break;
  }
  co_return code;
}

// One of every five values is a tombstone.
Task<ErrorCode> KeyLab::append(std::int64_t records) {
  KeyedBatch batch{.records = {}, .producer = kProducer, .sequence = next_sequence_};
  const Offset base = log_->log_end_offset();
  for (std::int64_t i = 0; i < records; ++i) {
    const std::int64_t n = next_key_++;
    const std::string key(1, static_cast<char>('a' + (n * n + n / 7) % kKeys));
    Keyed record{key, "v" + std::to_string(n)};
    if (n % 5 == 3) record.value.reset();
    batch.records.push_back(record);
    appended_[base + i] = {key, record.value};
  }
  batches_[base] = {next_sequence_, records};
  Codecs codecs;
  const Slice bytes = make_keyed(batch, codecs);
  const AppendOutcome outcome = co_await log_->append(bytes, AppendOrigin::client, LeaderEpoch{0});
  if (outcome.error == ErrorCode::none) {
    next_sequence_ += static_cast<std::int32_t>(records);
    if (outcome.base_offset != base) complain("the append got another offset");
  } else {
    settle();
  }
  co_return outcome.error;
}

Task<ErrorCode> KeyLab::compact() {
  cleaned_below_ = std::max(cleaned_below_, high_watermark_);
  const CompactionOutcome outcome = co_await log_->compact(high_watermark_);
  if (outcome.to > high_watermark_) complain("the cleaning went beyond the high watermark");
  if (outcome.cleaned) ++cleanings;
  removed += outcome.records_removed;
  co_return outcome.error;
}

Task<KeyLab::Records> KeyLab::read_all() {
  Records found;
  Codecs codecs;
  Offset from = log_->log_start_offset();
  const Offset start = from;
  while (from < log_->log_end_offset()) {
    ReadOutcome part = co_await log_->read(from, 300, PartitionLog::kNoBound, true);
    if (part.error != ErrorCode::none)
      complain("a read fails: " + std::string(name_of(part.error)));
    if (part.batches.empty()) break;
    BatchWalker walker(part.batches);
    while (!walker.at_end()) {
      const Result<RecordBatch> batch = walker.next();
      if (!batch) break;
      Result<RecordReader> reader = RecordReader::open(*batch, codecs);
      Record record;
      while (reader) {
        const Result<bool> more = reader->next(record);
        if (!more || !*more) break;
        if (record.offset < start) continue;
        if (!found.empty() && record.offset <= found.rbegin()->first) complain("no order");
        Appended seen{std::string(as_text(*record.key)), {}};
        if (record.value) seen.value = std::string(as_text(*record.value));
        found[record.offset] = std::move(seen);
      }
    }
    if (part.next_offset <= from) {
      complain("a read does not go on");
      break;
    }
    from = part.next_offset;
  }
  if (from != log_->log_end_offset()) complain("reads end at " + text_of(from));
  co_return found;
}

void KeyLab::compare(const Records& found) {
  for (const auto& [offset, record] : found) {
    const auto known = appended_.find(offset);
    if (known == appended_.end() || known->second != record) {
      complain("nobody appended what lies at " + text_of(offset));
    }
  }
  std::map<std::string, Offset> later;  // the latest of a key below what was cleaned
  for (const auto& [offset, record] : appended_) {
    if (offset < cleaned_below_) later[record.key] = offset;
  }
  for (const auto& [offset, record] : appended_) {
    if (offset < start_ || found.contains(offset)) continue;
    const auto latest = later.find(record.key);
    const bool superseded = latest != later.end() && latest->second > offset;
    const bool expired = !record.value && time_passed_ && offset < cleaned_below_;
    if (!superseded && !expired) {
      complain("lost: " + record.key + " at " + text_of(offset));
    }
  }
}

// The next sequence goes on, a gap is refused.
Task<> KeyLab::compare_producer() {
  Codecs codecs;
  KeyedBatch batch{.records = {{"a", "x"}}, .producer = kProducer, .sequence = next_sequence_ + 1};
  const Slice gap = make_keyed(batch, codecs);
  if (next_sequence_ > 0) {
    const AppendOutcome refused = co_await log_->append(gap, AppendOrigin::client, LeaderEpoch{0});
    if (refused.error != ErrorCode::out_of_order_sequence_number) complain("a gap is accepted");
  }
  batch.sequence = next_sequence_;
  const Slice next = make_keyed(batch, codecs);
  const AppendOutcome accepted = co_await log_->append(next, AppendOrigin::client, LeaderEpoch{0});
  if (accepted.error != ErrorCode::none) complain("the next sequence is not accepted");
}

Task<> KeyLab::verify(Machine& machine) {
  log_.reset();
  co_await open(machine);
  if (log_ == nullptr) co_return;
  settle();
  const Records found = co_await read_all();
  compare(found);
  co_await log_->flush();
  high_watermark_ = log_->log_end_offset();
  const ErrorCode cleaned = co_await compact();
  if (cleaned != ErrorCode::none) complain("the log cannot be cleaned");
  const Records left = co_await read_all();
  compare(left);
  co_await compare_producer();
  std::size_t leftovers = 0;
  for (const std::string& path : disk().files()) {
    if (path.ends_with(".cleaned") || path.ends_with(".swap")) ++leftovers;
  }
  if (leftovers > 0) complain("a cleaning left files behind");
  log_.reset();
  ended_ = true;
}

}  // namespace weir
