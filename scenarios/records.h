// Records of a workload: generated, or the lines of a JSON Lines file.
//
// A file is read before the run and its content is part of the run's value; a line is one record's
// value, byte for byte, and its key is the text of a named field of the line.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "broker/base/random.h"
#include "scenarios/app.h"

namespace weir {

// A file of records that cannot be used: names the file, the line, what was found and what was
// expected.
struct RecordsError {
  std::string text;
};

struct RecordFile {
  std::string name;     // as the scenario calls it
  std::string content;  // UTF-8, a JSON value a line
};

// Reads the file at `path`, which `name` stands for in messages. On failure `error` is set.
[[nodiscard]] RecordFile read_record_file(const std::string& path, RecordsError& error);

// The workload's records from a file. On failure (bad JSON, no such field, no records) `error` is
// set and the result is null.
[[nodiscard]] std::unique_ptr<RecordSource> records_from_file(const RecordFile&, const Workload&,
                                                              RecordsError& error);

// The workload's records as its specification generates them: value_size bytes of printable text,
// drawn per record from (seed, client), and keys as asked for.
[[nodiscard]] std::unique_ptr<RecordSource> generated_records(const Workload&, std::uint64_t seed,
                                                              const std::string& client);

// The records of all producers of a scenario: from the file of that client, or generated. On
// failure `error` is set.
[[nodiscard]] RunInputs inputs_of(const Scenario&, const std::map<std::string, RecordFile>& files,
                                  RecordsError& error);

}  // namespace weir
