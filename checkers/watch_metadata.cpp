// Digests of images by offset.
#include "checkers/watch_metadata.h"

namespace weir {

using namespace watching;

void MetadataWatch::on(const Seen& seen) {
  const Fact& fact = seen.fact;
  if (fact.kind == FactKind::node_started) {
    const auto applied = applied_.find(seen.node);
    if (applied != applied_.end()) applied->second = -1;
    return;
  }
  if (fact.kind == FactKind::snapshot_loaded) ++snapshots_loaded;
  if (fact.kind != FactKind::metadata_applied) return;
  ++images.looked_at;
  const std::string node(seen.node);
  std::int64_t& applied = applied_.try_emplace(node, -1).first->second;
  if (fact.value < applied) {
    images.add({"", -1, seen.sequence,
                "the image of " + node + " went back from offset " + std::to_string(applied) +
                    " to " + std::to_string(fact.value)});
  }
  applied = fact.value;
  const auto [image, fresh] =
      by_end_.try_emplace(fact.value, Image{fact.digest, seen.sequence, node});
  if (fresh || image->second.digest == fact.digest) return;
  images.add({"__cluster_metadata-0@" + std::to_string(fact.value), image->second.event,
              seen.sequence,
              "at offset " + std::to_string(fact.value) + " the image of " + node +
                  " is another one than that of " + image->second.node});
}

}  // namespace weir
