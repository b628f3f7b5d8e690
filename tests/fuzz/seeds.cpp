// Writes the corpus that fuzzing begins with: fuzz_seeds FOLDER fills FOLDER/request, response,
// batch, record and history_* with small valid inputs, one of each API, record, version and codec.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <type_traits>
#include <variant>

#include "broker/wire/described.h"
#include "broker/wire/records.h"
#include "broker/wire/records/control_record.h"
#include "broker/wire/request_header.h"

namespace {

using namespace weir;

void write_file(const std::filesystem::path& path, const std::string& prefix, const Slice& bytes) {
  std::ofstream file(path, std::ios::binary);
  file << prefix << bytes.text();
}

Slice make_batch(Compression codec) {
  Codecs codecs;
  RecordBatchBuilder builder;
  const RecordHeader header{"header", as_bytes("h")};
  for (int i = 0; i < 3; ++i) {
    NewRecord record;
    record.timestamp = i;
    record.key = as_bytes("key");
    record.value = as_bytes("value value value value value value value value");
    record.headers = std::span(&header, 1);
    builder.append(record);
  }
  BatchOptions options;
  options.compression = codec;
  return builder.build(options, codecs);
}

// Gives every array one element and every string and slice some content.
class Filler {
 public:
  explicit Filler(std::int16_t version) : version_(version) {}

  template <class S>
  void structure(S& s) {
    Fields<S> fields{*this, s};
    S::fields(fields);
  }

 private:
  template <class S>
  struct Fields {
    Filler& filler;
    S& self;
    template <class F>
    void operator()(const char*, F S::* member, FieldVersions f) {
      if (f.in(filler.version_)) filler.fill(self.*member);
    }
  };
  void fill(std::string& s) { s = "name"; }
  void fill(Slice& s) { s = make_batch(Compression::none); }
  void fill(Uuid& id) { id = {1, 2}; }
  template <class T>
  void fill(std::optional<T>& v) {
    fill(v.emplace());
  }
  template <class T>
  void fill(std::vector<T>& v) {
    v.resize(1);
    fill(v[0]);
  }
  template <class T>
  void fill(T& v) {
    if constexpr (std::is_class_v<T>) {
      structure(v);
    } else {
      v = T{1};
    }
  }

  std::int16_t version_;
};

template <class... Records>
void write_records(std::type_identity<std::variant<Records...>>, const std::string& folder) {
  const auto write_one = [&]<class Record>() {
    for (std::int16_t v = 0; v <= Record::kVersions.max; ++v) {
      Record record;
      Filler(v).structure(record);
      std::string name = folder + "/" + std::string(Record::kName) + std::to_string(v);
      if constexpr (std::is_same_v<decltype(Record::kType), const MetadataRecordType>) {
        write_file(name, std::string(1, '\0'), *encode_metadata_record(record, v));
      } else {
        record.version = v;
        Writer out;
        if (!encode(record, v, out)) continue;
        const std::string type(1, static_cast<char>(Record::kType));
        write_file(name, type, join(std::move(out).finish()));
      }
    }
  };
  (write_one.template operator()<Records>(), ...);
}

// Operations of every family, and what a run tells.
constexpr const char* kLines[] = {
    R"({"format":"weir-history/1","config":{}})"
    "\n"
    R"({"index":0,"process":0,"type":"invoke","f":"send","value":[["send","x","a"]]})"
    "\n"
    R"({"index":1,"process":0,"type":"ok","f":"send","value":[["send","x",[0,"a"]]]})"
    "\n"
    R"({"process":1,"type":"ok","f":"poll","value":[["poll",{"x":[[0,"a",{"leader_epoch":1}]]}]]})"
    "\n{\"end\":true}\n",
    R"({"process":0,"type":"invoke","f":"txn","value":[["poll"],["offsets","g",{"x":1}]]})"
    "\n"
    R"({"process":0,"type":"ok","f":"commit_txn","producer":{"id":1,"epoch":0,"txn_id":"t"}})"
    "\n"
    R"({"process":2,"type":"event","f":"assigned","value":{"keys":["x"]},"consumer":{"group":"g"}})"
    "\n"
    R"({"type":"event","f":"log","value":{"x":{"start":0,"hw":2,"lso":1,"end":3,"markers":[1]}}})"
    "\n",
    R"({"format":"weir-history/1","family":"stream","config":{}})"
    "\n"
    R"({"process":0,"type":"invoke","f":"append","value":{"records":[1],"match_seq_num":0}})"
    "\n"
    R"({"process":0,"type":"ok","f":"append","value":{"tail":1}})"
    "\n",
    R"({"run":{"promises":{"durability.acked":{"promised":true,"because":["acks=all"]}}}})"
    "\n"
    R"({"stored":{"key":"x","replicas":[{"node":"b1","start":0,"end":1,"records":[[0,"a"]]}]}})"
    "\n"};

constexpr const char* kForms[] = {
    R"({:process 0 :type :invoke :f :txn :value [[:append "x" 1] [:r "x" nil]]})"
    "\n"
    R"({:process 0 :type :ok :f :txn :value [[:append "x" 1] [:r "x" [1]]]})"
    "\n",
    R"([{:process 0, :type :ok, :f :poll, :value [[:poll {"x" [[0 1] [1 #{2}]]}]]} ; seen)"
    "\n"
    R"( #_ {:gone \a} {:process :nemesis :type :info :f :start :value nil}])",
    "INFO  jepsen.util - 3\t:invoke\t:cas\t[1 2]\n"};

void write_histories(const std::filesystem::path& folder) {
  int number = 0;
  for (const char* text : kLines) {
    std::ofstream(folder / "history_lines" / std::to_string(number++)) << text;
  }
  for (const char* text : kForms) {
    std::ofstream(folder / "history_edn" / std::to_string(number++)) << text;
  }
  std::ofstream(folder / "history_case" / "empty") << R"({"family":"log","history":[]})";
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: fuzz_seeds FOLDER\n";
    return 2;
  }
  const std::filesystem::path folder = argv[1];
  for (const char* name :
       {"request", "response", "batch", "record", "history_lines", "history_edn", "history_case"}) {
    std::filesystem::create_directories(folder / name);
  }
  write_records(std::type_identity<MetadataRecord>{}, folder / "record");
  write_records(std::type_identity<ControlRecord>{}, folder / "record");
  write_histories(folder);
  for (int codec = 0; codec <= 4; ++codec) {
    const auto c = static_cast<Compression>(codec);
    write_file(folder / "batch" / std::string(name_of(c)), "", make_batch(c));
  }
  DescribedRequests::for_each([&]<class Request>() {
    for (std::int16_t v = Request::kVersions.min; v <= Request::kVersions.max; ++v) {
      const std::string name = std::string(name_of(Request::kApi)) + std::to_string(v);
      Request request;
      Filler(v).structure(request);
      if (const auto frame = encode_request(request, v, 1, "client")) {
        write_file(folder / "request" / name, "", join(*frame).subslice(4));
      }
      typename Request::Response response;
      Filler(v).structure(response);
      if (const auto frame = encode_response(response, v, 1)) {
        write_file(folder / "response" / name,
                   {static_cast<char>(Request::kApi), static_cast<char>(v)},
                   join(*frame).subslice(4));
      }
    }
  });
  return 0;
}
