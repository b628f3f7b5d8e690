// Reserving blocks of producer ids.
#include "broker/node/producer_ids.h"

#include <charconv>
#include <string>
#include <string_view>

#include "broker/node/broker_config.h"
#include "broker/node/small_file.h"

namespace weir {
namespace {

constexpr std::string_view kProducerIdsFile = "producer-ids";
constexpr std::string_view kHeadOfProducerIds = "weir-producer-ids 1\nnext-round ";

// The round that is free, or -1 where the text is not ours.
std::int64_t parse_round(std::string_view text) {
  if (!text.starts_with(kHeadOfProducerIds)) return -1;
  text.remove_prefix(kHeadOfProducerIds.size());
  std::int64_t round = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), round);
  if (error != std::errc{} || end == text.data() + text.size() || *end != '\n') return -1;
  return round;
}

}  // namespace

ProducerId first_producer_id(BrokerId broker, std::int64_t round) {
  constexpr std::int64_t kBrokerCount = kMaxBrokerId + 1;
  return ProducerId{(round * kBrokerCount + broker.value()) * kProducerIdBlock};
}

ProducerIds::ProducerIds(Machine& machine, BrokerId broker)
    : own_(machine.disk, broker), turn_(machine.timers) {}

Task<Result<ProducerId>> ProducerIds::next() {
  co_await turn_.take();
  if (next_ == end_) {
    Result<ProducerIdBlock> block = co_await source_->next_block();
    if (!block) {
      turn_.give();
      co_return block.error();
    }
    next_ = block->first.value();
    end_ = next_ + block->size;
  }
  const ProducerId id{next_++};
  turn_.give();
  co_return id;
}

Task<Result<ProducerIdBlock>> DiskProducerIds::next_block() {
  std::int64_t round = 0;
  std::string path(kProducerIdsFile);
  Result<std::string> text = co_await read_small_file(disk_, path);
  if (text) {
    round = parse_round(*text);
    if (round < 0) co_return Errc::corrupt;
  } else if (text.error() != Errc::not_found) {
    co_return text.error();
  }
  std::string next = std::string(kHeadOfProducerIds) + std::to_string(round + 1) + '\n';
  Result<void> written = co_await replace_small_file(disk_, path, next);
  if (!written) co_return written.error();
  co_return ProducerIdBlock{first_producer_id(broker_, round), kProducerIdBlock};
}

}  // namespace weir
