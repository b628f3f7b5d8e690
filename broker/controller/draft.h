// A decision in the making: its records, applied to the uncommitted image one by one.
//
// Since every record takes effect at once, what is decided later in the same decision sees it: two
// brokers that are fenced together do not undo each other's changes. A decision is checked before
// its first record is added; nothing is taken back.
//
// All records of a decision take effect together. Mostly they fit one batch; a decision that may
// touch every partition of a large cluster stands between BeginTransaction and EndTransaction.
#pragma once

#include <string_view>
#include <vector>

#include "broker/base/id.h"
#include "broker/controller/metadata_image.h"
#include "broker/wire/records/metadata_record.h"

namespace weir {

// Records of one batch; at most about 1 KiB each, so far below kMaxMetadataBatchBytes.
inline constexpr std::size_t kMaxRecordsPerBatch = 10'000;

// What the active controller wants appended to the metadata log, as it stands.
struct Appends {
  Offset base{0};  // where the first record must come to lie: the log's end
  Offset end{0};   // the log's end afterwards
  std::vector<std::vector<VersionedRecord>> batches = {};  // in this order; none: nothing to append
  // Of each record from `base` on, a short phrase for people: what caused it.
  std::vector<std::string_view> causes = {};

  [[nodiscard]] bool empty() const { return batches.empty(); }
};

class Draft {
 public:
  // The image is changed in place; its applied end is the log's end.
  explicit Draft(MetadataImage& image) : image_(image), base_(image.applied().end) {}

  [[nodiscard]] const MetadataImage& image() const { return image_; }
  // Where the next record will lie.
  [[nodiscard]] Offset next_offset() const { return image_.applied().end; }
  [[nodiscard]] std::size_t size() const { return records_.size(); }

  // Before the first record of a decision that may bring more than about so many.
  void expect(std::size_t records);
  // Of one that may change every partition.
  void expect_any_partition() { expect(image_.partition_count() + image_.brokers().size()); }
  // It fits the image: anything else is a programmer's error.
  void add(MetadataRecord record, std::string_view cause);

  [[nodiscard]] Appends finish();

 private:
  MetadataImage& image_;
  Offset base_;
  bool in_transaction_ = false;
  std::vector<VersionedRecord> records_;
  std::vector<std::string_view> causes_;
};

}  // namespace weir
