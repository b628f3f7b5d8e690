// Printing and reading the topics of an image, line by line.
#include "broker/node/metadata_file.h"

#include <charconv>
#include <optional>
#include <set>

namespace weir {
namespace {

constexpr std::string_view kHeadOfMetadata = "weir-metadata 1";
constexpr std::size_t kMaxReplicas = 1000;

std::string join(const std::vector<BrokerId>& ids) {
  std::string text;
  for (const BrokerId id : ids) {
    if (!text.empty()) text += ',';
    text += std::to_string(id.value());
  }
  return text;
}

std::optional<std::int32_t> number(std::string_view text) {
  std::int32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

std::optional<std::vector<BrokerId>> broker_list(std::string_view text) {
  std::vector<BrokerId> ids;
  while (ids.size() < kMaxReplicas) {
    const std::size_t comma = text.find(',');
    const std::optional<std::int32_t> id = number(text.substr(0, comma));
    if (!id) return std::nullopt;
    ids.push_back(BrokerId{*id});
    if (comma == std::string_view::npos) return ids;
    text.remove_prefix(comma + 1);
  }
  return std::nullopt;
}

// The word up to the next space, which is taken off `rest`.
std::string_view take_word(std::string_view& rest) {
  const std::size_t space = rest.find(' ');
  const std::string_view word = rest.substr(0, space);
  rest = space == std::string_view::npos ? std::string_view{} : rest.substr(space + 1);
  return word;
}

// "leader=1" with name "leader" yields "1".
std::string_view take_field(std::string_view& rest, std::string_view name) {
  const std::string_view word = take_word(rest);
  if (!word.starts_with(name) || word.size() <= name.size() || word[name.size()] != '=') return {};
  return word.substr(name.size() + 1);
}

class MetadataReader {
 public:
  // Null, or what was expected of the line.
  const char* line(std::string_view text) {
    const std::string_view word = take_word(text);
    if (word == "cluster") {
      stored_.cluster_id = text;
      return parse_uuid(text) ? nullptr : "expected the id of the cluster";
    }
    if (word == "topic") return topic(text);
    if (word == "remove") return remove(text);
    if (stored_.topics.empty()) return "expected a topic";
    if (word == "config") return config(text);
    if (word == "partition") return partition(text);
    return "expected cluster, topic, config, partition or remove";
  }

  StoredMetadata take() && { return std::move(stored_); }

 private:
  const char* topic(std::string_view rest) {
    TopicImage topic;
    topic.name = take_word(rest);
    const std::optional<Uuid> id = parse_uuid(rest);
    if (why_illegal_topic_name(topic.name) != nullptr) return "expected a legal topic name";
    if (!id || id->is_zero()) return "expected the id of the topic";
    topic.id = *id;
    if (!names_.insert(topic.name).second) return "expected each topic once";
    if (!ids_.insert(topic.id).second) return "expected each topic id once";
    stored_.topics.push_back(std::move(topic));
    return nullptr;
  }

  const char* remove(std::string_view directory) {
    // Names of directories are made of those of topics, so nothing else is ever removed.
    const std::size_t dash = directory.rfind('-');
    if (dash == std::string_view::npos ||
        why_illegal_topic_name(directory.substr(0, dash)) != nullptr ||
        !number(directory.substr(dash + 1))) {
      return "expected the directory of a partition";
    }
    stored_.to_remove.emplace_back(directory);
    return nullptr;
  }

  const char* config(std::string_view rest) {
    const std::size_t equals = rest.find('=');
    if (equals == std::string_view::npos) return "expected name=value";
    stored_.topics.back().configs.insert_or_assign(std::string(rest.substr(0, equals)),
                                                   std::string(rest.substr(equals + 1)));
    return nullptr;
  }

  const char* partition(std::string_view rest) {
    const std::optional<std::int32_t> leader = number(take_field(rest, "leader"));
    const std::optional<std::int32_t> epoch = number(take_field(rest, "epoch"));
    const auto replicas = broker_list(take_field(rest, "replicas"));
    const auto isr = broker_list(take_field(rest, "isr"));
    if (!leader || !epoch || !replicas || !isr || !rest.empty()) {
      return "expected leader=, epoch=, replicas= and isr=";
    }
    stored_.topics.back().partitions.push_back(
        {BrokerId{*leader}, LeaderEpoch{*epoch}, *replicas, *isr});
    return nullptr;
  }

  StoredMetadata stored_;
  std::set<std::string> names_;
  std::set<Uuid> ids_;
};

}  // namespace

std::string print_metadata(std::string_view cluster_id, const MetadataImage& image,
                           const std::vector<std::string>& to_remove) {
  std::string text(kHeadOfMetadata);
  text += "\ncluster ";
  text += cluster_id;
  text += '\n';
  for (const auto& [name, topic] : image.topics()) {
    text += "topic " + name + ' ' + to_text(topic->id) + '\n';
    for (const auto& [key, value] : topic->configs) text += "config " + key + '=' + value + '\n';
    for (const PartitionImage& p : topic->partitions) {
      text += "partition leader=" + std::to_string(p.leader.value());
      text += " epoch=" + std::to_string(p.leader_epoch.value());
      text += " replicas=" + join(p.replicas) + " isr=" + join(p.isr) + '\n';
    }
  }
  for (const std::string& directory : to_remove) text += "remove " + directory + '\n';
  return text;
}

Checked<StoredMetadata> parse_metadata(std::string_view text) {
  MetadataReader reader;
  std::size_t number_of_line = 0;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    const bool first = ++number_of_line == 1;
    const char* expected = nullptr;
    if (first) {
      expected = line == kHeadOfMetadata ? nullptr : "expected \"weir-metadata 1\"";
    } else {
      expected = reader.line(line);
    }
    if (expected != nullptr) {
      ConfigErrors errors;
      errors.errors.push_back(
          {"metadata, line " + std::to_string(number_of_line), std::string(line), expected});
      return errors;
    }
  }
  return std::move(reader).take();
}

}  // namespace weir
