// The table of features, and of the versions of records by metadata.version.
#include "broker/controller/features.h"

#include <algorithm>
#include <variant>

namespace weir {
namespace {

constexpr std::int16_t kOldestMetadataVersion = 7;
constexpr std::int16_t kNewestMetadataVersion = 25;

// Records that gained fields with log directories and with eligible leader replicas.
struct ByLevel {
  std::int16_t level;

  std::int16_t operator()(const RegisterBrokerRecord&) const {
    return level >= kFirstWithLogDirs ? 3 : 1;
  }
  std::int16_t operator()(const BrokerRegistrationChangeRecord&) const {
    return level >= kFirstWithLogDirs ? 2 : 1;
  }
  std::int16_t operator()(const PartitionRecord&) const { return partition(); }
  std::int16_t operator()(const PartitionChangeRecord&) const { return partition(); }
  template <class Other>
  std::int16_t operator()(const Other&) const {
    return Other::kVersions.max;
  }
  [[nodiscard]] std::int16_t partition() const {
    if (level >= kFirstWithElr) return 2;
    return level >= kFirstWithLogDirs ? 1 : 0;
  }
};

}  // namespace

std::span<const KnownFeature> known_features() {
  static constexpr KnownFeature kFeatures[] = {
      {kElrFeature, 0, 1, 1},
      {kKraftVersionFeature, 0, 1, 0},
      {kMetadataVersionFeature, kOldestMetadataVersion, kNewestMetadataVersion,
       kNewestMetadataVersion},
  };
  return kFeatures;
}

const KnownFeature* find_feature(std::string_view name) {
  const std::span<const KnownFeature> all = known_features();
  const auto it =
      std::find_if(all.begin(), all.end(), [&](const KnownFeature& f) { return f.name == name; });
  return it == all.end() ? nullptr : &*it;
}

std::vector<FeatureRange> supported_features() {
  std::vector<FeatureRange> ranges;
  for (const KnownFeature& f : known_features())
    ranges.push_back({std::string(f.name), f.min, f.max});
  return ranges;
}

bool elr_is_on(const MetadataImage& image) { return image.feature(kElrFeature) > 0; }

std::int16_t record_version(const MetadataRecord& record, std::int16_t metadata_version) {
  return std::visit(ByLevel{metadata_version}, record);
}

}  // namespace weir
