// The quorum-state file: one flat JSON object, read strictly.
#include "broker/raft/quorum_state_file.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <map>
#include <utility>

#include "broker/base/suggest.h"
#include "broker/base/text.h"

namespace weir::raft {
namespace {

constexpr std::int64_t kDataVersion = 1;

struct JsonValue {
  std::string_view text;  // of a string without its quotes; else as written
  bool is_string = false;
};

// Reads `{"key": value, ...}` where values are strings without escapes, integers, null, or (of the
// first data version) an array that is passed over.
class FlatObject {
 public:
  explicit FlatObject(std::string_view text) : text_(text) {}

  // A complaint, or nothing.
  std::string read() {
    if (!take('{')) return "expected a JSON object, {\"clusterId\": ...}";
    if (take('}')) return at_end();
    do {
      std::string_view key;
      if (!take_string(key)) return "expected a key in quotes " + where();
      if (!take(':')) return "expected ':' after " + std::string(key) + " " + where();
      JsonValue value;
      if (!take_value(value)) {
        return std::string(key) + ": expected a number or a string " + where();
      }
      if (!values_.emplace(key, value).second) return std::string(key) + " stands there twice";
    } while (take(','));
    if (!take('}')) return "expected ',' or '}' " + where();
    return at_end();
  }

  [[nodiscard]] const std::map<std::string_view, JsonValue>& values() const { return values_; }

 private:
  void skip_space() {
    position_ = std::min(text_.find_first_not_of(" \t\r\n", position_), text_.size());
  }
  bool take(char c) {
    skip_space();
    if (position_ >= text_.size() || text_[position_] != c) return false;
    ++position_;
    return true;
  }
  bool take_string(std::string_view& string) {
    if (!take('"')) return false;
    const std::size_t end = text_.find_first_of("\"\\\n", position_);
    if (end == std::string_view::npos || text_[end] != '"') return false;
    string = text_.substr(position_, end - position_);
    position_ = end + 1;
    return true;
  }
  bool take_value(JsonValue& value) {
    skip_space();
    const std::size_t begin = position_;
    if (position_ < text_.size() && text_[position_] == '"') {
      value.is_string = true;
      return take_string(value.text);
    }
    if (position_ < text_.size() && text_[position_] == '[') {
      position_ = text_.find(']', position_);
      if (position_ == std::string_view::npos) return false;
      ++position_;
    } else {
      position_ = std::min(text_.find_first_of(",} \t\r\n", position_), text_.size());
    }
    value.text = text_.substr(begin, position_ - begin);
    return !value.text.empty();
  }
  std::string at_end() {
    skip_space();
    return position_ == text_.size() ? "" : "expected the end of the file " + where();
  }
  [[nodiscard]] std::string where() const {
    return "at byte " + std::to_string(std::min(position_, text_.size()));
  }

  std::string_view text_;
  std::size_t position_ = 0;
  std::map<std::string_view, JsonValue> values_;
};

constexpr std::array<std::string_view, 8> kKeys = {
    "clusterId",        "leaderId",      "leaderEpoch",   "votedId",
    "votedDirectoryId", "appliedOffset", "currentVoters", "data_version"};

// The members of the object, with a complaint for the first that is not as it should be.
struct Members {
  const std::map<std::string_view, JsonValue>& values;
  std::string complaint = {};

  std::int64_t integer(std::string_view key, std::int64_t low, std::int64_t high) {
    const auto at = values.find(key);
    if (at == values.end()) {
      wrong(std::string(key) + " is missing");
      return low;
    }
    const std::optional<std::int64_t> number =
        at->second.is_string ? std::nullopt : parse_integer(at->second.text);
    if (number && *number >= low && *number <= high) return *number;
    wrong(std::string(key) + ": found " + std::string(at->second.text) +
          ", expected a number from " + std::to_string(low) + " to " + std::to_string(high));
    return low;
  }
  // Empty where it is missing and need not be there.
  std::string_view string(std::string_view key, bool is_needed) {
    const auto at = values.find(key);
    if (at == values.end()) {
      if (is_needed) wrong(std::string(key) + " is missing");
      return {};
    }
    if (at->second.is_string) return at->second.text;
    wrong(std::string(key) + ": found " + std::string(at->second.text) + ", expected a string");
    return {};
  }
  void wrong(std::string why) {
    if (complaint.empty()) complaint = std::move(why);
  }
};

ParsedText<QuorumStateData> refuse(const std::string& why) {
  return ParsedText<QuorumStateData>::wrong(std::string(kQuorumStateFileName) + ": " + why);
}

}  // namespace

std::string encode_quorum_state(std::string_view cluster_id, const QuorumStateData& state) {
  const ReplicaKey voted = state.voted.value_or(ReplicaKey{});
  return "{\"clusterId\":\"" + std::string(cluster_id) +
         "\",\"leaderId\":" + std::to_string(state.leader.value()) +
         ",\"leaderEpoch\":" + std::to_string(state.epoch.value()) +
         ",\"votedId\":" + std::to_string(voted.id.value()) + ",\"votedDirectoryId\":\"" +
         to_text(voted.directory) + "\",\"data_version\":" + std::to_string(kDataVersion) + "}";
}

ParsedText<QuorumStateData> decode_quorum_state(std::string_view text,
                                                std::string_view cluster_id) {
  if (text.empty()) return refuse("the file is empty");
  if (text.size() > kMaxQuorumStateBytes) return refuse("the file is too long to be one");
  FlatObject object(text);
  if (const std::string why = object.read(); !why.empty()) return refuse(why);
  for (const auto& [key, value] : object.values()) {
    if (std::ranges::find(kKeys, key) != kKeys.end()) continue;
    return refuse("unknown key \"" + std::string(key) + "\"" + did_you_mean(key, kKeys));
  }
  constexpr std::int64_t kMaxId = std::numeric_limits<std::int32_t>::max();
  Members members{object.values()};
  const std::int64_t version = members.integer("data_version", 0, kDataVersion);
  const std::string_view cluster = members.string("clusterId", false);
  const std::int64_t leader = members.integer("leaderId", -1, kMaxId);
  const std::int64_t epoch = members.integer("leaderEpoch", 0, kMaxId - 1);
  const std::int64_t voted_id = members.integer("votedId", -1, kMaxId);
  const std::string_view directory = members.string("votedDirectoryId", version >= 1);
  if (!members.complaint.empty()) return refuse(members.complaint);
  if (!cluster.empty() && cluster != cluster_id) {
    return refuse("it is of the cluster \"" + std::string(cluster) + "\", this node is of \"" +
                  std::string(cluster_id) + "\"");
  }
  QuorumStateData state;
  state.epoch = LeaderEpoch{static_cast<std::int32_t>(epoch)};
  state.leader = BrokerId{static_cast<std::int32_t>(leader)};
  if (voted_id >= 0) {
    const std::optional<Uuid> id = version >= 1 ? parse_uuid(directory) : Uuid{};
    if (!id) return refuse("votedDirectoryId: \"" + std::string(directory) + "\" is no id");
    state.voted = ReplicaKey{BrokerId{static_cast<std::int32_t>(voted_id)}, *id};
  }
  return {state, {}};
}

}  // namespace weir::raft
