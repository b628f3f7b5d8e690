// The script, carried out on the log and on the model side by side, and the check of the debts.
#include "tests/unit/storage_log/log_lab.h"

#include <algorithm>
#include <utility>

#include "tests/unit/storage_log/lab_program.h"

namespace weir {
namespace {

constexpr std::size_t kReadBytes = 200;

Slice batch_of(const ModelBatch& batch) {
  return make_batch({.values = batch.values,
                     .producer = LogLab::kProducer,
                     .producer_epoch = 0,
                     .sequence = batch.sequence});
}

ModelBatch described(const RecordBatch& batch) {
  Codecs codecs;
  ModelBatch seen{.base = batch.header.base_offset,
                  .values = {},
                  .sequence = batch.header.base_sequence,
                  .epoch = batch.header.partition_leader_epoch};
  Result<RecordReader> reader = RecordReader::open(batch, codecs);
  Record record;
  while (reader) {
    const Result<bool> more = reader->next(record);
    if (!more || !*more) break;
    seen.values.emplace_back(as_text(record.value.value_or(Bytes{})));
  }
  return seen;
}

}  // namespace

LogConfig LogLab::small() {
  LogConfig config;
  config.segment_bytes = 400;
  config.index_interval_bytes = 100;
  config.retention_ms = -1;
  return config;
}

LogLab::LogLab(std::uint64_t seed, LogConfig config, bool buggify)
    : config_(config), world_(lab_options(seed, buggify)) {
  NodeOptions options;
  options.name = "n";
  options.launch = [this](Machine& machine) {
    return std::unique_ptr<Program>(new LabProgram(machine, main_, log_));
  };
  node_ = world_.add_node(std::move(options));
}

bool LogLab::run(std::vector<LogStep> steps, std::uint64_t stop_at) {
  ended_ = false;
  main_ = [this, steps = std::move(steps)](Machine& machine) { return carry_out(machine, steps); };
  world_.start(node_);
  const Instant deadline = world_.now() + std::chrono::seconds(2);
  while (!ended_ && world_.alive(node_) && disk().operations() < stop_at) {
    world_.run_until(world_.now() + std::chrono::microseconds(5));
    if (world_.now() > deadline) complain("the script hangs");
    if (!complaints.empty()) break;
  }
  return ended_;
}

void LogLab::check(bool power_lost) {
  ended_ = false;
  main_ = [this, power_lost](Machine& machine) { return verify(machine, power_lost); };
  world_.start(node_);
  world_.run_until(world_.now() + std::chrono::seconds(10));
  if (!ended_) complain("the check did not come to its end");
}

Task<> LogLab::open(Machine& machine) {
  LogOptions options{.topic = "orders", .partition = 0, .directory = "orders-0", .config = config_};
  for (int tries = 0; tries < 2; ++tries) {
    Result<std::unique_ptr<PartitionLog>> opened = co_await PartitionLog::open(machine, options);
    if (opened) {
      log_ = std::move(*opened);
      co_return;
    }
    ++errors_met;
  }
  complain("the log does not open");
}

Task<> LogLab::carry_out(Machine& machine, std::vector<LogStep> steps) {
  log_.reset();
  co_await open(machine);
  if (settle_next_) co_await settle();
  for (const LogStep& step : steps) {
    if (log_ == nullptr || log_->failed()) break;
    co_await take_step(machine, step);
  }
  ended_ = true;
}

Task<> LogLab::settle() {
  settle_next_ = false;
  const LogContent content = co_await read_all();
  compare(content, false);
  const Offset end = log_->log_end_offset();
  for (const ModelBatch& batch : model_.unsure) {
    if (batch.base == model_.end() && model_.end() < end) model_.batches.push_back(batch);
  }
  std::erase_if(model_.batches, [end](const ModelBatch& b) { return b.base >= end; });
  model_.start = log_->log_start_offset();
  model_.unsure.clear();
  model_.cutting.reset();
  model_.starting.reset();
}

Task<> LogLab::take_step(Machine& machine, LogStep step) {
  if (step.what == LogStep::Do::reopen) {
    co_await reopen(machine);
    co_return;
  }
  ErrorCode code = co_await try_step(step);
  if (code != ErrorCode::none) ++errors_met;
  if (code != ErrorCode::none && !log_->failed()) {
    // One operation of the disk failed, the log says that it is as before: so now it must go.
    code = co_await try_step(step);
    if (code != ErrorCode::none) complain("a step fails twice: " + std::string(name_of(code)));
  }
  if (!log_->failed()) model_.durable = log_->flushed_offset();
}

Task<ErrorCode> LogLab::try_step(LogStep step) {
  ErrorCode code = ErrorCode::none;
  switch (step.what) {
    case LogStep::Do::append: code = co_await append(step.number); break;
    case LogStep::Do::replicate: code = co_await replicate(step.number); break;
    case LogStep::Do::flush: code = co_await log_->flush(); break;
    case LogStep::Do::epoch:
      model_.epoch = log_->latest_epoch() < model_.epoch ? model_.epoch : model_.epoch + 1;
      if (step.number == 0) {
        code = co_await log_->assign_epoch(model_.epoch);
      }
      break;
    case LogStep::Do::truncate: {
      Offset to = model_.end() - step.number;
      for (const ModelBatch& batch : model_.batches) {
        if (batch.base <= to && to < batch.end()) to = batch.base;
      }
      code = co_await truncate(std::max(to, model_.start));
      break;
    }
    case LogStep::Do::truncate_to_segment: {
      Offset base{0};
      for (const std::string& path : disk().files()) {
        const LogFileName name = parse_log_file_name(path.substr(path.find('/') + 1));
        if (name.kind == LogFileKind::segment) base = std::max(base, name.offset);
      }
      code = co_await truncate(std::max(base, model_.start));
      break;
    }
    case LogStep::Do::log_start:
      code = co_await move_start(std::min(Offset{step.number}, model_.end()));
      break;
    case LogStep::Do::maintain: code = co_await log_->maintain(model_.end()); break;
    case LogStep::Do::reopen: break;
    case LogStep::Do::reread: {
      const LogContent content = co_await read_all();
      code = content.error;
      if (code == ErrorCode::none) compare(content, false);
      break;
    }
  }
  co_return code;
}

ModelBatch LogLab::next_batch(std::int64_t records) {
  ModelBatch batch{.base = model_.end(),
                   .values = {},
                   .sequence = model_.next_sequence(),
                   .epoch = model_.epoch};
  for (std::int64_t i = 0; i < records; ++i) {
    batch.values.push_back("value-" + std::to_string(model_.next_value++));
  }
  return batch;
}

// A refused append may have begun: what is in the log is told by its end.
Task<ErrorCode> LogLab::replicate(std::int64_t batches) {
  std::vector<Slice> parts;
  LogModel ahead = model_;
  model_.unsure.clear();
  for (std::int64_t i = 0; i < batches; ++i) {
    ModelBatch batch = next_batch(1 + i % 3);
    batch.base = ahead.end();
    batch.sequence = ahead.next_sequence();
    parts.push_back(make_batch({.values = batch.values,
                                .producer = kProducer,
                                .producer_epoch = 0,
                                .sequence = batch.sequence,
                                .base_offset = batch.base.value(),
                                .leader_epoch = batch.epoch.value()}));
    ahead.batches.push_back(batch);
    model_.unsure.push_back(std::move(batch));
  }
  const Slice bytes = join_slices(parts);
  const AppendOutcome outcome =
      co_await log_->append(bytes, AppendOrigin::replication, kNoLeaderEpoch);
  if (log_->failed()) co_return outcome.error;
  const Offset end = log_->log_end_offset();
  std::vector<ModelBatch> left;
  for (ModelBatch& batch : model_.unsure) {
    std::vector<ModelBatch>& where = batch.end() <= end ? model_.batches : left;
    where.push_back(std::move(batch));
  }
  model_.unsure = std::move(left);
  if (outcome.error != ErrorCode::none) co_return outcome.error;
  if (!model_.unsure.empty()) complain("not all of it was appended");
  model_.durable = log_->flushed_offset();
  co_return ErrorCode::none;
}

Task<ErrorCode> LogLab::append(std::int64_t records) {
  const ModelBatch batch = next_batch(records);
  model_.unsure = {batch};
  const Slice bytes = batch_of(batch);
  const AppendOutcome outcome = co_await log_->append(bytes, AppendOrigin::client, batch.epoch);
  if (outcome.error != ErrorCode::none) co_return outcome.error;
  if (outcome.duplicate) complain("a new batch is called a duplicate");
  if (outcome.base_offset != batch.base) {
    complain("appended at " + text_of(outcome.base_offset) + ", not " + text_of(batch.base));
  }
  model_.unsure.clear();
  model_.batches.push_back(batch);
  if (config_.flush_messages == 1 && log_->flushed_offset() < batch.end()) {
    complain("acknowledged before it was durable");
  }
  model_.durable = log_->flushed_offset();
  co_return ErrorCode::none;
}

Task<ErrorCode> LogLab::truncate(Offset to) {
  for (const ModelBatch& batch : model_.batches) {  // the log start may lie in the middle of one
    if (batch.base < to && to < batch.end()) to = batch.end();
  }
  model_.cutting = to;
  const ErrorCode code = co_await log_->truncate_to(to, "test");
  if (code != ErrorCode::none) co_return code;
  model_.cutting.reset();
  std::erase_if(model_.batches, [to](const ModelBatch& b) { return b.base >= to; });
  if (log_->log_end_offset() != model_.end()) complain("truncation left another end");
  co_return code;
}

Task<ErrorCode> LogLab::move_start(Offset to) {
  model_.starting = to;
  const ErrorCode code = co_await log_->advance_log_start(to);
  if (code != ErrorCode::none) co_return code;
  model_.starting.reset();
  model_.start = std::max(model_.start, to);
  co_return code;
}

Task<> LogLab::reopen(Machine& machine) {
  const Offset end = log_->log_end_offset();
  const ErrorCode closed = co_await log_->close();
  if (closed != ErrorCode::none) ++errors_met;
  log_.reset();
  if (closed != ErrorCode::none) co_return;  // a failed sync may have lost what was not durable
  model_.durable = end;
  co_await open(machine);
  if (log_ != nullptr && log_->log_end_offset() != end) {
    complain("the log end is another after an orderly close");
  }
}

Task<LogContent> LogLab::read_all() {
  LogContent content;
  Offset from = log_->log_start_offset();
  while (from < log_->log_end_offset()) {
    const ReadOutcome part = co_await log_->read(from, kReadBytes, log_->log_end_offset(), true);
    content.error = part.error;
    if (part.error != ErrorCode::none) co_return content;
    if (part.batches.empty()) {
      complain("nothing to read at " + text_of(from));
      co_return content;
    }
    BatchWalker walker(part.batches);
    while (!walker.at_end()) {
      const Result<RecordBatch> batch = walker.next();
      if (!batch || !crc_is_right(*batch)) {
        complain("a broken batch was read at " + text_of(from));
        co_return content;
      }
      content.batches.push_back(described(*batch));
    }
    from = part.next_offset;
  }
  co_return content;
}

void LogLab::compare(const LogContent& content, bool power_lost) {
  const Offset start = log_->log_start_offset();
  const Offset end = log_->log_end_offset();
  const bool start_is_legal =
      start == model_.start || (model_.starting && start == model_.starting);
  if (!start_is_legal) complain("the log starts at " + text_of(start));

  Offset next = content.batches.empty() ? end : content.batches.front().base;
  if (next > start && !content.batches.empty()) complain("the first batch begins too late");
  for (const ModelBatch& batch : content.batches) {
    if (batch.base != next) complain("a hole before " + text_of(batch.base));
    next = batch.end();
    const auto known = std::ranges::find(model_.batches, batch.base, &ModelBatch::base);
    const bool told = known != model_.batches.end() && *known == batch;
    const bool unsure = std::ranges::count(model_.unsure, batch) > 0;
    if (!told && !unsure) complain("nobody appended what lies at " + text_of(batch.base));
  }
  if (next != end) complain("the last batch does not reach the log end");

  Offset owed = power_lost ? std::min(model_.durable, model_.end()) : model_.end();
  if (model_.cutting) owed = std::min(owed, *model_.cutting);
  if (end < owed) {
    complain("the log ends at " + text_of(end) + ", but " + text_of(owed) + " was promised");
  }
}

void LogLab::compare_epochs(const LogContent& content) {
  for (const ModelBatch& batch : content.batches) {
    Offset expected = log_->log_end_offset();
    for (const ModelBatch& other : content.batches) {
      if (other.epoch > batch.epoch) expected = std::min(expected, other.base);
    }
    const EpochEnd end = log_->end_offset_for_epoch(batch.epoch);
    if (end.epoch != batch.epoch || end.end_offset != expected) {
      complain("epoch " + std::to_string(batch.epoch.value()) + " is said to end at " +
               text_of(end.end_offset) + ", not " + text_of(expected));
    }
  }
}

// The last batches are recognised, a gap is refused, and the next sequence goes on.
Task<> LogLab::compare_producer(std::vector<ModelBatch> stored) {
  if (stored.empty()) co_return;
  const Offset end = log_->log_end_offset();
  const LeaderEpoch epoch = log_->latest_epoch();
  const std::size_t kept = std::min(stored.size(), ProducerStates::kBatchesKept);
  for (std::size_t i = stored.size() - kept; i < stored.size(); ++i) {
    const Slice bytes = batch_of(stored[i]);
    const AppendOutcome again = co_await log_->append(bytes, AppendOrigin::client, epoch);
    if (!again.duplicate || again.base_offset != stored[i].base) {
      complain("the batch at " + text_of(stored[i].base) + " is not recognised");
    }
  }
  ModelBatch next = stored.back();
  next.sequence += static_cast<std::int32_t>(next.values.size()) + 1;
  const Slice gap = batch_of(next);
  const AppendOutcome refused = co_await log_->append(gap, AppendOrigin::client, epoch);
  if (refused.error != ErrorCode::out_of_order_sequence_number) complain("a gap is accepted");
  next.sequence -= 1;
  const Slice right = batch_of(next);
  const AppendOutcome accepted = co_await log_->append(right, AppendOrigin::client, epoch);
  if (accepted.error != ErrorCode::none || accepted.base_offset != end) {
    complain("the next batch is not accepted: " + std::string(name_of(accepted.error)));
  }
}

Task<> LogLab::verify(Machine& machine, bool power_lost) {
  log_.reset();
  co_await open(machine);
  if (log_ == nullptr) co_return;
  const LogContent content = co_await read_all();
  if (content.error != ErrorCode::none) complain("the log cannot be read");
  compare(content, power_lost);
  compare_epochs(content);
  co_await compare_producer(content.batches);
  log_.reset();
  ended_ = true;
}

}  // namespace weir
