// controller.metadata, online: every node's image is the same fold of the same log (A19).
//
// A node says after every step how far its image reaches and what its digest is: at one offset all
// nodes have one digest, whether they replayed records or loaded a snapshot (B8), and within a life
// an image only grows. That the records themselves agree is log.agreement's part.
#pragma once

#include <cstdint>

#include "checkers/watch.h"

namespace weir {

class MetadataWatch {
 public:
  void on(const watching::Seen&);

  FactTally images;
  std::int64_t snapshots_loaded = 0;

 private:
  struct Image {
    std::uint64_t digest = 0;
    std::int64_t event = -1;
    std::string node;
  };
  std::map<std::int64_t, Image> by_end_;    // the first that was told
  watching::ByNode<std::int64_t> applied_;  // in this life
};

}  // namespace weir
