// Records of a decision: versions, the frame of a transaction, batches.
#include "broker/controller/draft.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "broker/base/assertion.h"
#include "broker/controller/features.h"
#include "broker/controller/replay.h"

namespace weir {

void Draft::expect(std::size_t records) {
  WEIR_ASSERT(records_.empty());
  constexpr std::size_t kFewBeside = 100;  // registrations, settings, the frame itself
  if (records + kFewBeside <= kMaxRecordsPerBatch) return;
  add(BeginTransactionRecord{}, "more than one batch");
  in_transaction_ = true;
}

void Draft::add(MetadataRecord record, std::string_view cause) {
  const Result<void> done = replay(image_, record);
  WEIR_ASSERT(done.has_value());
  const std::int16_t version = record_version(record, image_.feature(kMetadataVersionFeature));
  image_.set_applied({image_.applied().end + 1, image_.applied().epoch});
  records_.push_back({std::move(record), version});
  causes_.push_back(cause);
}

Appends Draft::finish() {
  if (in_transaction_) add(EndTransactionRecord{}, "more than one batch");
  Appends appends{base_, next_offset()};
  appends.causes = std::move(causes_);
  for (std::size_t from = 0; from < records_.size(); from += kMaxRecordsPerBatch) {
    const std::size_t to = std::min(records_.size(), from + kMaxRecordsPerBatch);
    appends.batches.emplace_back(
        std::make_move_iterator(records_.begin() + static_cast<std::ptrdiff_t>(from)),
        std::make_move_iterator(records_.begin() + static_cast<std::ptrdiff_t>(to)));
  }
  records_.clear();
  return appends;
}

}  // namespace weir
