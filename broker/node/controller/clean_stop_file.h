// The file by which a broker's next life proves that the former one stopped in order (KIP-966).
//
// It holds the broker epoch and is written as the very last thing of an orderly stop, when every
// log is synced. The next start takes it away, durably, before anything can be written: so it never
// vouches for a life that crashed. Kafka's .kafka_cleanshutdown.
#pragma once

#include "broker/base/result.h"
#include "broker/controller/image_parts.h"
#include "broker/ports/disk.h"

namespace weir {

// The epoch in it, or kNoBrokerEpoch where there is no file, or none to be believed. Gone then.
// Errors: those of the disk.
[[nodiscard]] Task<Result<BrokerEpoch>> take_clean_stop(Disk& disk);
[[nodiscard]] Task<Result<void>> note_clean_stop(Disk& disk, BrokerEpoch epoch);

}  // namespace weir
