// DescribeLogDirs: the replicas in this broker's log directory, their sizes, and how far each lags
// behind the high watermark it knows (KIP-113).
//
// There is one directory, and what the volume holds is not told (-1), since a node does not ask its
// machine about it.
#include <algorithm>
#include <map>
#include <set>

#include "broker/node/handlers.h"
#include "broker/node/node.h"
#include "broker/node/replica/replicas.h"

namespace weir {
namespace {

constexpr std::string_view kLogDirectory = "data";

using Directory = DescribeLogDirsResponse::DescribeLogDirsResult;
// Topics and partitions that are asked for.
using Wanted = std::map<std::string, std::set<std::int32_t>, std::less<>>;

Wanted wanted_of(const DescribeLogDirsRequest& request) {
  Wanted wanted;
  if (!request.topics) return wanted;
  for (const auto& topic : *request.topics) {
    wanted[topic.topic].insert(topic.partitions.begin(), topic.partitions.end());
  }
  return wanted;
}

bool is_wanted(const DescribeLogDirsRequest& request, const Wanted& wanted,
               const Partition& partition) {
  if (!request.topics) return true;
  const auto topic = wanted.find(partition.topic());
  return topic != wanted.end() && topic->second.contains(partition.index());
}

}  // namespace

Task<DescribeLogDirsResponse> handle(Node& node, RequestContext&, DescribeLogDirsRequest request) {
  DescribeLogDirsResponse response;
  Directory& directory = response.results.emplace_back();
  directory.log_dir = kLogDirectory;
  if (node.replicas == nullptr) co_return response;
  const Wanted wanted = wanted_of(request);
  std::map<std::string, std::vector<DescribeLogDirsResponse::DescribeLogDirsPartition>> topics;
  for (const std::shared_ptr<Partition>& partition : node.replicas->all()) {
    if (!is_wanted(request, wanted, *partition)) continue;
    const std::int64_t lag = partition->high_watermark() - partition->log().log_end_offset();
    topics[partition->topic()].push_back(
        {partition->index(), static_cast<std::int64_t>(partition->log().size_in_bytes()),
         std::max<std::int64_t>(lag, 0), false});
  }
  for (auto& [name, partitions] : topics) directory.topics.push_back({name, std::move(partitions)});
  co_return response;
}

}  // namespace weir
