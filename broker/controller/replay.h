// From the metadata log to the image: what each record changes, and nothing else decides.
//
// Brokers, standby controllers and the active controller replay the same records with this one
// function, so that a failover is a replay. A record that does not fit the image (a change of a
// topic that does not exist, a broker epoch that is not the broker's) means that this node's
// metadata are not the cluster's: it is an error, after which the node must stop, never be skipped.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "broker/base/id.h"
#include "broker/base/result.h"
#include "broker/controller/metadata_image.h"
#include "broker/wire/records/metadata_record.h"

namespace weir {

// Error: malformed, with the reason in `why`; the image is as before then. The frames of
// transactions and NoOp change nothing here.
[[nodiscard]] Result<void> replay(MetadataImage& image, const MetadataRecord& record,
                                  std::string* why = nullptr);

// Follows the committed metadata log, or a snapshot, record by record. Between BeginTransaction and
// its end the published image stays what it was before (KIP-868).
class MetadataReplay {
 public:
  MetadataReplay() = default;
  explicit MetadataReplay(MetadataImage start) : image_(std::move(start)) {}

  // The records of one batch, whose last offset is end - 1. Also for control batches, without
  // records, since their offsets count. Error: malformed, also for frames of transactions that do
  // not match; the replay is worthless then.
  [[nodiscard]] Result<void> apply(std::span<const MetadataRecord> records, AppliedLog after,
                                   std::string* why = nullptr);

  // What a node acts on. Its applied offset lags behind during a transaction.
  [[nodiscard]] const MetadataImage& published() const { return before_ ? *before_ : image_; }
  // Includes the open transaction.
  [[nodiscard]] const MetadataImage& latest() const { return image_; }
  [[nodiscard]] bool in_transaction() const { return before_.has_value(); }

 private:
  [[nodiscard]] Result<void> apply_one(const MetadataRecord& record, std::string* why);

  MetadataImage image_;
  std::optional<MetadataImage> before_;  // while a transaction is open
};

}  // namespace weir
