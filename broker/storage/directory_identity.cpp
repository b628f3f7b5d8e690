// Both files as lists of keys and values; what is missing or strange is told by its key.
#include "broker/storage/directory_identity.h"

#include <limits>
#include <map>

#include "broker/base/text.h"
#include "broker/storage/file_names.h"

namespace weir {
namespace {

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\f");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\f") - first + 1);
}

std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

using Keys = std::map<std::string, std::string, std::less<>>;

// The value of a key, where there is one; Java lets the last of several count.
const std::string* find(const Keys& keys, std::string_view key) {
  const auto found = keys.find(key);
  return found == keys.end() ? nullptr : &found->second;
}

// "key=value" or "key: value", comments with # or !. A backslash before '=', ':' or another
// backslash, as Java writes it, is taken away.
Keys parse_properties(std::string_view text) {
  Keys keys;
  while (!text.empty()) {
    const std::string_view line = trimmed(take_line(text));
    if (line.empty() || line.front() == '#' || line.front() == '!') continue;
    const std::size_t middle = line.find_first_of("=:");
    if (middle == std::string_view::npos) continue;
    std::string value;
    bool escaped = false;
    for (const char c : trimmed(line.substr(middle + 1))) {
      escaped = c == '\\' && !escaped;
      if (!escaped) value += c;
    }
    keys[std::string(trimmed(line.substr(0, middle)))] = std::move(value);
  }
  return keys;
}

// Backslashes where Java reads one.
std::string escaped(std::string_view value) {
  std::string text;
  for (const char c : value) {
    if (c == '\\' || c == '=' || c == ':' || c == '#' || c == '!') text += '\\';
    text += c;
  }
  return text;
}

std::string lacks(std::string_view key) { return std::string(key) + " is missing"; }

}  // namespace

std::string encode_partition_metadata(const Uuid& topic_id) {
  return "version: 0\ntopic_id: " + to_text(topic_id);
}

ParsedText<Uuid> decode_partition_metadata(std::string_view text) {
  using Parsed = ParsedText<Uuid>;
  const Keys keys = parse_properties(text);
  const std::string* version = find(keys, "version");
  if (version == nullptr) return Parsed::wrong(lacks("version"));
  if (*version != "0") return Parsed::wrong("version is " + quoted(*version) + ", not 0");
  const std::string* id = find(keys, "topic_id");
  if (id == nullptr) return Parsed::wrong(lacks("topic_id"));
  const std::optional<Uuid> topic_id = parse_uuid(*id);
  if (!topic_id) return Parsed::wrong("topic_id " + quoted(*id) + " is no id");
  if (topic_id->is_zero()) return Parsed::wrong("topic_id is zero, which is no topic's");
  return {.value = topic_id};
}

std::string encode_meta_properties(const MetaProperties& meta) {
  std::string text = "#\n";
  text += "cluster.id=" + escaped(meta.cluster_id) + "\n";
  if (meta.directory_id) text += "directory.id=" + to_text(*meta.directory_id) + "\n";
  text += "node.id=" + std::to_string(meta.node_id.value()) + "\nversion=1\n";
  return text;
}

ParsedText<MetaProperties> decode_meta_properties(std::string_view text) {
  using Parsed = ParsedText<MetaProperties>;
  const Keys keys = parse_properties(text);
  const std::string* version = find(keys, "version");
  if (version == nullptr) return Parsed::wrong(lacks("version"));
  if (*version != "1") return Parsed::wrong("version is " + quoted(*version) + ", not 1");
  const std::string* cluster = find(keys, "cluster.id");
  if (cluster == nullptr || cluster->empty()) return Parsed::wrong(lacks("cluster.id"));
  const std::string* node = find(keys, "node.id");
  if (node == nullptr) return Parsed::wrong(lacks("node.id"));
  const std::optional<std::int64_t> id = parse_decimal(*node);
  if (!id || *id < 0 || *id > std::numeric_limits<std::int32_t>::max()) {
    return Parsed::wrong("node.id " + quoted(*node) + " is no node's");
  }
  MetaProperties meta{.cluster_id = *cluster, .node_id = BrokerId{static_cast<std::int32_t>(*id)}};
  if (const std::string* directory = find(keys, "directory.id")) {
    meta.directory_id = parse_uuid(*directory);
    if (!meta.directory_id) {
      return Parsed::wrong("directory.id " + quoted(*directory) + " is no id");
    }
  }
  return {.value = std::move(meta)};
}

std::string why_not_ours(const MetaProperties& found, const MetaProperties& ours) {
  if (found.cluster_id != ours.cluster_id) {
    return "the directory belongs to cluster " + quoted(found.cluster_id) + ", this node to " +
           quoted(ours.cluster_id) + ": give the node its own directory, or empty this one";
  }
  if (found.node_id != ours.node_id) {
    return "the directory belongs to node " + std::to_string(found.node_id.value()) +
           ", this node is " + std::to_string(ours.node_id.value()) +
           ": give the node its own directory, or empty this one";
  }
  if (found.directory_id && ours.directory_id && *found.directory_id != *ours.directory_id) {
    return "the directory has id " + to_text(*found.directory_id) + ", " +
           to_text(*ours.directory_id) + " was expected";
  }
  return {};
}

}  // namespace weir
