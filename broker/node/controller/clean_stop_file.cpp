// One line: "weir-clean-stop 1 broker-epoch 17".
#include "broker/node/controller/clean_stop_file.h"

#include <string>
#include <string_view>

#include "broker/base/text.h"
#include "broker/node/small_file.h"

namespace weir {
namespace {

constexpr std::string_view kCleanStopFile = "clean-stop";
constexpr std::string_view kHead = "weir-clean-stop 1 broker-epoch ";

BrokerEpoch parse(std::string_view text) {
  if (!text.starts_with(kHead) || !text.ends_with('\n')) return kNoBrokerEpoch;
  text.remove_prefix(kHead.size());
  text.remove_suffix(1);
  return BrokerEpoch{parse_integer(text).value_or(kNoBrokerEpoch.value())};
}

}  // namespace

Task<Result<BrokerEpoch>> take_clean_stop(Disk& disk) {
  const std::string path(kCleanStopFile);
  Result<std::string> text = co_await read_small_file(disk, path);
  if (!text && text.error() == Errc::not_found) co_return kNoBrokerEpoch;
  if (!text && text.error() != Errc::corrupt && text.error() != Errc::too_large) {
    co_return text.error();
  }
  Result<void> gone = co_await disk.remove(path);
  if (!gone) co_return gone.error();
  gone = co_await disk.sync_directory("");
  if (!gone) co_return gone.error();
  co_return text ? parse(*text) : kNoBrokerEpoch;
}

Task<Result<void>> note_clean_stop(Disk& disk, BrokerEpoch epoch) {
  std::string text = std::string(kHead) + std::to_string(epoch.value()) + '\n';
  Result<void> written =
      co_await replace_small_file(disk, std::string(kCleanStopFile), std::move(text));
  co_return written;
}

}  // namespace weir
