// librdkafka's C client behind the lines of support/records.py.
//
//   client produce ADDRESS TOPIC PARTITION [name=value ...]           records on standard input
//   client consume ADDRESS TOPIC PARTITION COUNT [name=value ...]     from the beginning
//
// Settings go to the client as they are. A record is sent when its line comes, so that the writer
// sets the pace.
#include <librdkafka/rdkafka.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

namespace {

constexpr int kPatienceMs = 60'000;

using Bytes = std::optional<std::string>;

[[noreturn]] void fail(const std::string& why) {
  std::fprintf(stderr, "%s\n", why.c_str());
  std::exit(1);
}

Bytes of_hex(const std::string& text) {
  if (text == "-") return std::nullopt;
  std::string bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(text.substr(i, 2), nullptr, 16));
  }
  return bytes;
}

struct Field : rd_kafka_vu_t {
  explicit Field(rd_kafka_vtype_t kind) : rd_kafka_vu_t{} { vtype = kind; }
};

// librdkafka takes a null address for null, so that empty bytes need an address too.
Field bytes_field(rd_kafka_vtype_t kind, const Bytes& bytes) {
  Field field(kind);
  const char* data = bytes ? (bytes->empty() ? "" : bytes->data()) : nullptr;
  field.u.mem.ptr = const_cast<char*>(data);  // copied, never written
  field.u.mem.size = bytes ? bytes->size() : 0;
  return field;
}

std::string hex(const void* data, std::size_t size) {
  if (data == nullptr) return "-";
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (std::size_t i = 0; i < size; ++i) {
    const auto byte = static_cast<const unsigned char*>(data)[i];
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::size_t from = 0;
  for (;;) {
    const std::size_t to = text.find(separator, from);
    parts.push_back(text.substr(from, to - from));
    if (to == std::string::npos) return parts;
    from = to + 1;
  }
}

void set(rd_kafka_conf_t* settings, const std::string& name, const std::string& value) {
  char why[512];
  if (rd_kafka_conf_set(settings, name.c_str(), value.c_str(), why, sizeof why) !=
      RD_KAFKA_CONF_OK) {
    fail(why);
  }
}

rd_kafka_t* make(rd_kafka_type_t kind, rd_kafka_conf_t* settings) {
  char why[512];
  rd_kafka_t* client = rd_kafka_new(kind, settings, why, sizeof why);
  if (client == nullptr) fail(why);
  return client;
}

rd_kafka_headers_t* headers_of(const std::string& text) {
  rd_kafka_headers_t* headers = rd_kafka_headers_new(4);
  for (const std::string& pair : split(text, ';')) {
    const std::size_t equals = pair.find('=');
    if (equals == std::string::npos) continue;
    const std::string name = pair.substr(0, equals);
    const Bytes value = of_hex(pair.substr(equals + 1));
    rd_kafka_header_add(headers, name.data(), static_cast<ssize_t>(name.size()),
                        value ? value->data() : nullptr,
                        value ? static_cast<ssize_t>(value->size()) : 0);
  }
  return headers;
}

// The opaque pointer of a message is where its outcome goes.
void delivered(rd_kafka_t*, const rd_kafka_message_t* message, void*) {
  auto* outcome = static_cast<std::string*>(message->_private);
  *outcome = message->err == RD_KAFKA_RESP_ERR_NO_ERROR
                 ? std::to_string(message->offset)
                 : std::string("error\t") + rd_kafka_err2name(message->err);
}

void set_all(rd_kafka_conf_t* conf, const std::vector<std::string>& settings) {
  for (const std::string& setting : settings) {
    const std::size_t equals = setting.find('=');
    if (equals == std::string::npos) fail("a setting is name=value, not " + setting);
    set(conf, setting.substr(0, equals), setting.substr(equals + 1));
  }
}

void send(rd_kafka_t* producer, const std::string& topic, int partition, const std::string& line,
          std::string& result) {
  const std::vector<std::string> fields = split(line, '\t');
  if (fields.size() != 3) fail("a record is key, value and headers: " + line);
  const Bytes key = of_hex(fields[0]);
  const Bytes value = of_hex(fields[1]);
  Field topic_field(RD_KAFKA_VTYPE_TOPIC);
  topic_field.u.cstr = topic.c_str();
  Field partition_field(RD_KAFKA_VTYPE_PARTITION);
  partition_field.u.i32 = partition;
  Field flags(RD_KAFKA_VTYPE_MSGFLAGS);
  flags.u.i = RD_KAFKA_MSG_F_COPY | RD_KAFKA_MSG_F_BLOCK;
  Field headers(RD_KAFKA_VTYPE_HEADERS);
  headers.u.headers = headers_of(fields[2]);
  Field outcome(RD_KAFKA_VTYPE_OPAQUE);
  outcome.u.ptr = &result;
  const std::array<rd_kafka_vu_t, 7> message = {topic_field,
                                                partition_field,
                                                flags,
                                                bytes_field(RD_KAFKA_VTYPE_KEY, key),
                                                bytes_field(RD_KAFKA_VTYPE_VALUE, value),
                                                headers,
                                                outcome};
  if (rd_kafka_error_t* error = rd_kafka_produceva(producer, message.data(), message.size())) {
    rd_kafka_headers_destroy(headers.u.headers);
    result = std::string("error\t") + rd_kafka_error_name(error);
    rd_kafka_error_destroy(error);
  }
}

void produce(const std::string& address, const std::string& topic, int partition,
             const std::vector<std::string>& settings) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  set(conf, "bootstrap.servers", address);
  set(conf, "linger.ms", "5");
  set_all(conf, settings);
  rd_kafka_conf_set_dr_msg_cb(conf, &delivered);
  rd_kafka_t* producer = make(RD_KAFKA_PRODUCER, conf);

  std::deque<std::string> outcomes;  // delivery reports point into it
  for (std::string line; std::getline(std::cin, line);) {
    send(producer, topic, partition, line, outcomes.emplace_back());
    rd_kafka_poll(producer, 0);
  }
  if (rd_kafka_flush(producer, kPatienceMs) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    fail("not every record got a report");
  }
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    std::printf("%zu\t%s\n", i, outcomes[i].c_str());
  }
  rd_kafka_destroy(producer);
}

std::string headers_text(const rd_kafka_message_t* message) {
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return "";
  std::string text;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  for (std::size_t i = 0;
       rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
       ++i) {
    if (!text.empty()) text += ';';
    text += std::string(name) + "=" + hex(value, size);
  }
  return text;
}

// A broker that is down for a while is no reason to give up.
void complain(rd_kafka_t*, int error, const char* why, void*) {
  if (error == RD_KAFKA_RESP_ERR__FATAL) fail(why);
}

void consume(const std::string& address, const std::string& topic, int partition, int count,
             const std::vector<std::string>& settings) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  set(conf, "bootstrap.servers", address);
  set(conf, "group.id", "unused");
  set(conf, "enable.auto.commit", "false");
  set_all(conf, settings);
  rd_kafka_conf_set_error_cb(conf, &complain);
  rd_kafka_t* consumer = make(RD_KAFKA_CONSUMER, conf);
  rd_kafka_poll_set_consumer(consumer);
  rd_kafka_topic_partition_list_t* assigned = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(assigned, topic.c_str(), partition)->offset =
      RD_KAFKA_OFFSET_BEGINNING;
  rd_kafka_assign(consumer, assigned);
  rd_kafka_topic_partition_list_destroy(assigned);

  using Clock = std::chrono::steady_clock;
  const auto patience = std::chrono::milliseconds(kPatienceMs);
  auto deadline = Clock::now() + patience;
  int got = 0;
  while (got < count && Clock::now() < deadline) {
    rd_kafka_message_t* message = rd_kafka_consumer_poll(consumer, 500);
    if (message == nullptr) continue;
    deadline = Clock::now() + patience;
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) fail(rd_kafka_message_errstr(message));
    std::printf("%lld\t%s\t%s\t%s\n", static_cast<long long>(message->offset),
                hex(message->key, message->key_len).c_str(),
                hex(message->payload, message->len).c_str(), headers_text(message).c_str());
    rd_kafka_message_destroy(message);
    ++got;
  }
  rd_kafka_consumer_close(consumer);
  rd_kafka_destroy(consumer);
  if (got < count) {
    fail("only " + std::to_string(got) + " of " + std::to_string(count) + " records came");
  }
}

}  // namespace

int main(int count, char** arguments) {
  const std::vector<std::string> words(arguments + 1, arguments + count);
  if (words.size() >= 4 && words[0] == "produce") {
    produce(words[1], words[2], std::stoi(words[3]), {words.begin() + 4, words.end()});
  } else if (words.size() >= 5 && words[0] == "consume") {
    consume(words[1], words[2], std::stoi(words[3]), std::stoi(words[4]),
            {words.begin() + 5, words.end()});
  } else {
    fail("usage: client produce|consume ADDRESS TOPIC PARTITION ...");
  }
  return 0;
}
