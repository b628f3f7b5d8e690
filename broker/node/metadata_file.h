// The topics of an image as text, to keep them over a restart.
//
//   weir-metadata 1
//   cluster weir-cluster-00000000A
//   topic orders 5Vb1...Q
//   config retention.ms=1000
//   partition leader=1 epoch=0 replicas=1,2 isr=1
//   remove payments-0
//
// Configs and partitions belong to the topic before them, partitions are in order. "remove" names a
// directory of a deleted topic that may still be there. Brokers are not kept: who runs
// where is told at each start. Reading takes any bytes and yields an error that names the line.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "broker/controller/metadata_image.h"

namespace weir {

// Of the file, in the data directory of a broker that stands alone.
inline constexpr std::string_view kTopicListFileName = "metadata";

struct StoredMetadata {
  std::string cluster_id;
  std::vector<TopicImage> topics;
  std::vector<std::string> to_remove;
  friend bool operator==(const StoredMetadata&, const StoredMetadata&) = default;
};

[[nodiscard]] std::string print_metadata(std::string_view cluster_id, const MetadataImage&,
                                         const std::vector<std::string>& to_remove = {});
[[nodiscard]] Checked<StoredMetadata> parse_metadata(std::string_view text);

}  // namespace weir
