// Reading of record files and generation of records.
#include "scenarios/records.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "broker/base/suggest.h"
#include "broker/base/text.h"
#include "scenarios/json_text.h"

namespace weir {
namespace {

constexpr std::size_t kMaxRecordFile = std::size_t{1} << 30;

class Generated final : public RecordSource {
 public:
  Generated(const Workload& workload, std::uint64_t seed, const std::string& client)
      : workload_(workload), key_(Random::keyed(seed, 0, "records", client).next()) {}

  std::int64_t size() const override { return workload_.records; }

  WorkloadRecord at(std::int64_t index) const override {
    static constexpr std::int64_t kLettersADraw = 10;
    static constexpr std::string_view kLetters =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
    Random random(fold(key_, static_cast<std::uint64_t>(index)));
    WorkloadRecord made;
    if (const auto* keys = std::get_if<UniformKeys>(&workload_.keys)) {
      const std::uint64_t k = random.below(static_cast<std::uint64_t>(keys->count));
      made.key = Slice::copy_of("k" + std::to_string(k));
    }
    Buffer value(static_cast<std::size_t>(workload_.value_size));
    std::byte* out = value.extend(static_cast<std::size_t>(workload_.value_size));
    // Inlined, so that the loop of a whole draw, whose number of letters is known, is unrolled.
    const auto draw = [&random, &out](std::int64_t count) __attribute__((always_inline)) {
      std::uint64_t bits = random.next();
      for (std::int64_t i = 0; i < count; ++i, bits >>= 6) {
        *out++ = static_cast<std::byte>(kLetters[bits & 63]);
      }
    };
    std::int64_t left = workload_.value_size;
    for (; left >= kLettersADraw; left -= kLettersADraw) draw(kLettersADraw);
    if (left > 0) draw(left);
    made.value = std::move(value).share();
    return made;
  }

 private:
  const Workload workload_;
  const std::uint64_t key_;
};

class FromFile final : public RecordSource {
 public:
  explicit FromFile(std::vector<WorkloadRecord> records) : records_(std::move(records)) {}
  std::int64_t size() const override { return static_cast<std::int64_t>(records_.size()); }
  WorkloadRecord at(std::int64_t index) const override {
    return records_[static_cast<std::size_t>(index)];
  }

 private:
  std::vector<WorkloadRecord> records_;
};

// The keys of a scenario's own operations, with values from the records that they name.
class Told final : public RecordSource {
 public:
  Told(std::unique_ptr<RecordSource> values, std::vector<SendOp> ops)
      : values_(std::move(values)), ops_(std::move(ops)) {}
  std::int64_t size() const override { return static_cast<std::int64_t>(ops_.size()); }
  WorkloadRecord at(std::int64_t index) const override {
    const SendOp& op = ops_[static_cast<std::size_t>(index)];
    WorkloadRecord made = values_->at(op.record.value_or(index));
    made.key.reset();
    if (op.key) made.key = Slice::copy_of(*op.key);
    return made;
  }

 private:
  std::unique_ptr<RecordSource> values_;
  std::vector<SendOp> ops_;
};

std::string key_text(const nlohmann::json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

// The key of a line, by the workload's rule; sets `error` where the line cannot give one.
std::optional<Slice> key_of(const std::string& where, const nlohmann::json& line,
                            const Workload& workload, Random& random, RecordsError& error) {
  if (const auto* uniform = std::get_if<UniformKeys>(&workload.keys)) {
    const std::uint64_t k = random.below(static_cast<std::uint64_t>(uniform->count));
    return Slice::copy_of("k" + std::to_string(k));
  }
  const auto* field = std::get_if<FieldKeys>(&workload.keys);
  if (field == nullptr) return std::nullopt;
  if (!line.is_object()) {
    error.text = where + ": found " + line.type_name() +
                 ", expected a JSON object with the field \"" + field->field +
                 "\", which is the key of the records";
    return std::nullopt;
  }
  const auto found = line.find(field->field);
  if (found == line.end()) {
    std::vector<std::string> names;
    for (const auto& member : line.items()) names.push_back(member.key());
    error.text = where + ": no field \"" + field->field + "\", which is the key of the records" +
                 did_you_mean(field->field, names);
    return std::nullopt;
  }
  return Slice::copy_of(key_text(*found));
}

}  // namespace

RecordFile read_record_file(const std::string& path, RecordsError& error) {
  std::ifstream in(path, std::ios::binary);
  RecordFile file{path, {}};
  if (!in) {
    error.text = path + ": cannot be read; expected a file with one JSON value a line";
    return file;
  }
  file.content.assign(std::istreambuf_iterator<char>(in), {});
  if (in.bad()) error.text = path + ": reading it failed";
  if (file.content.size() > kMaxRecordFile) {
    error.text = path + ": larger than the " + format_size(kMaxRecordFile) + " that are read";
  }
  return file;
}

std::unique_ptr<RecordSource> records_from_file(const RecordFile& file, const Workload& workload,
                                                RecordsError& error) {
  std::vector<WorkloadRecord> records;
  Random random = Random::keyed(0, 0, "record keys", workload.topic);
  std::size_t begin = 0;
  for (std::size_t number = 1; begin < file.content.size(); ++number) {
    std::size_t end = file.content.find('\n', begin);
    if (end == std::string::npos) end = file.content.size();
    std::string_view line(file.content.data() + begin, end - begin);
    begin = end + 1;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.find_first_not_of(" \t") == std::string_view::npos) continue;
    const std::string where = file.name + ":" + std::to_string(number);
    const nlohmann::json parsed = parse_json(line);
    if (parsed.is_discarded()) {
      error.text = where + ": not JSON: " + std::string(line.substr(0, 60)) +
                   (line.size() > 60 ? "..." : "") + "; expected one JSON value a line";
      return nullptr;
    }
    WorkloadRecord record;
    record.key = key_of(where, parsed, workload, random, error);
    if (!error.text.empty()) return nullptr;
    record.value = Slice::copy_of(line);
    records.push_back(std::move(record));
    if (workload.records > 0 && static_cast<std::int64_t>(records.size()) == workload.records) {
      break;
    }
  }
  if (records.empty()) {
    error.text = file.name + ": holds no record; expected one JSON value a line";
    return nullptr;
  }
  auto lines = std::make_unique<FromFile>(std::move(records));
  if (!workload.ops) return lines;
  for (std::size_t i = 0; i < workload.ops->size(); ++i) {
    const std::int64_t line = (*workload.ops)[i].record.value_or(static_cast<std::int64_t>(i));
    if (line < lines->size()) continue;
    error.text = file.name + ": has " + grouped(lines->size()) + " records, and ops[" +
                 std::to_string(i) + "] sends number " + grouped(line) + ", counted from 0";
    return nullptr;
  }
  return std::make_unique<Told>(std::move(lines), *workload.ops);
}

RunInputs inputs_of(const Scenario& scenario, const std::map<std::string, RecordFile>& files,
                    RecordsError& error) {
  RunInputs inputs;
  for (const ClientSpec& client : scenario.clients) {
    const auto* producer = std::get_if<ProducerSpec>(&client.role);
    if (producer == nullptr) continue;
    const auto file = files.find(client.id);
    inputs.records[client.id] =
        file == files.end() ? generated_records(producer->workload, scenario.seed, client.id)
                            : records_from_file(file->second, producer->workload, error);
  }
  return inputs;
}

std::unique_ptr<RecordSource> generated_records(const Workload& workload, std::uint64_t seed,
                                                const std::string& client) {
  auto made = std::make_unique<Generated>(workload, seed, client);
  if (!workload.ops) return made;
  return std::make_unique<Told>(std::move(made), *workload.ops);
}

}  // namespace weir
