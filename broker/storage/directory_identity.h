// Whose a directory is: partition.metadata in each partition's, meta.properties in the data
// directory.
//
// partition.metadata: "version: 0" and "topic_id: <uuid>", so that the directory of a deleted topic
// is never taken for that of a new one of the same name. meta.properties, a Java properties file of
// version 1: cluster.id, node.id, directory.id. A directory that belongs to another cluster or node
// is refused, never overwritten.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "broker/base/id.h"
#include "broker/storage/parsed_text.h"
#include "broker/wire/uuid.h"

namespace weir {

inline constexpr std::string_view kPartitionMetadataName = "partition.metadata";
inline constexpr std::string_view kMetaPropertiesName = "meta.properties";

[[nodiscard]] std::string encode_partition_metadata(const Uuid& topic_id);
[[nodiscard]] ParsedText<Uuid> decode_partition_metadata(std::string_view text);

struct MetaProperties {
  std::string cluster_id;
  BrokerId node_id{-1};
  std::optional<Uuid> directory_id = {};  // Kafka's first versions of the file have none
  friend bool operator==(const MetaProperties&, const MetaProperties&) = default;
};

[[nodiscard]] std::string encode_meta_properties(const MetaProperties&);
// Unknown keys and comments are passed over, as Java does; version 1 only.
[[nodiscard]] ParsedText<MetaProperties> decode_meta_properties(std::string_view text);

// Why a directory with the one must not be used by a node that is the other; empty: it may. A
// directory id counts only where both have one.
[[nodiscard]] std::string why_not_ours(const MetaProperties& found, const MetaProperties& ours);

}  // namespace weir
