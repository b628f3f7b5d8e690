// An image as a list of records whose replay on an empty image gives an equal one.
//
// What a snapshot of the metadata log holds between its header and footer (KIP-630). The order is
// Kafka's: features first, since they say in which versions the rest is written.
#pragma once

#include <vector>

#include "broker/controller/metadata_image.h"
#include "broker/wire/records/metadata_record.h"

namespace weir {

[[nodiscard]] std::vector<VersionedRecord> snapshot_records(const MetadataImage&);

}  // namespace weir
