// Features that a cluster finalizes (KIP-584), and what their levels mean for the metadata log.
//
// metadata.version decides in which versions records are written; levels are Kafka's: 7 is 3.3-IV3,
// the oldest that 4.x reads, 17 brings log directories (3.7-IV2), 23 eligible leader replicas
// (4.0-IV1), 25 is 4.0-IV3. eligible.leader.replicas.version switches KIP-966 on. kraft.version is
// the quorum's own: it stands in its control records, so the image may but need not show it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "broker/controller/image_parts.h"
#include "broker/controller/metadata_image.h"
#include "broker/wire/records/metadata_record.h"

namespace weir {

inline constexpr std::string_view kMetadataVersionFeature = "metadata.version";
inline constexpr std::string_view kKraftVersionFeature = "kraft.version";
inline constexpr std::string_view kElrFeature = "eligible.leader.replicas.version";

inline constexpr std::int16_t kFirstWithLogDirs = 17;
inline constexpr std::int16_t kFirstWithElr = 23;

struct KnownFeature {
  std::string_view name;
  std::int16_t min;
  std::int16_t max;
  std::int16_t first;  // the level of a new cluster
};

// What this build can work with, by name; also what its nodes say when they register.
[[nodiscard]] std::span<const KnownFeature> known_features();
[[nodiscard]] const KnownFeature* find_feature(std::string_view name);
[[nodiscard]] std::vector<FeatureRange> supported_features();

// Whether partitions keep eligible leader replicas (KIP-966).
[[nodiscard]] bool elr_is_on(const MetadataImage&);

// In which version a record is written at this level of metadata.version.
[[nodiscard]] std::int16_t record_version(const MetadataRecord&, std::int16_t metadata_version);

}  // namespace weir
