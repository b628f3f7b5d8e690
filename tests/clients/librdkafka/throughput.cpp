// How many records a second the same client moves against two servers, side by side: librdkafka's
// built-in mock cluster, in a process of its own, and the broker at a given address.
//
//   throughput [ADDRESS] [name=value ...]
//     records=1000000 size=100 partitions=6 brokers=1 linger.ms=5 rounds=3 ...
//
// brokers is the size of the mock cluster, whose topics then have as many replicas in name: it
// replicates nothing, and writes nothing to a disk. One line comes for each server.
// Without an address only the mock cluster is measured. What is not one of ours goes to the
// clients as a setting. The mock cluster keeps 5 MB of a partition, so reading goes over a topic
// that fits, in several passes; it is written in full batches, so that both servers hold the same,
// whatever they make the producer wait for. Rounds alternate between the servers, and the median
// counts. The topics are there before the clock starts, on both: the mock cluster makes none
// durably, a broker with a slow disk takes as long for it as for a million records. After a round
// the broker's are deleted, so that the next finds its memory used before: a virtual machine may
// pay ten microseconds for each page that its host has to give it first, which is several times
// what a broker does for the records of a page, and the mock cluster keeps to a few megabytes.
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

namespace {

constexpr std::size_t kMockPartitionBytes = 4 * 1024 * 1024;  // below what the mock cluster keeps
constexpr std::size_t kRecordOverheadBytes = 16;
constexpr int kPatienceMs = 120'000;
constexpr int kPasses = 5;
constexpr int kBatchMs = 2;  // how long a call waits for a full batch

struct Plan {
  std::size_t records = 1'000'000;
  std::size_t size = 100;
  int partitions = 6;
  int brokers = 1;
  int rounds = 3;
  std::map<std::string, std::string> settings = {{"linger.ms", "5"}};
};

[[noreturn]] void fail(const std::string& why) {
  std::fprintf(stderr, "throughput: %s\n", why.c_str());
  std::exit(1);
}

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

rd_kafka_conf_t* configured(const Plan& plan, const std::string& address, bool producing) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  char why[512];
  const auto set = [&](const std::string& name, const std::string& value) {
    if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), why, sizeof why) != RD_KAFKA_CONF_OK) {
      fail(why);
    }
  };
  set("bootstrap.servers", address);
  if (producing) {
    set("queue.buffering.max.messages", "1000000");
    for (const auto& [name, value] : plan.settings) set(name, value);
  } else {
    set("group.id", "unused");
    set("enable.auto.commit", "false");
  }
  return conf;
}

struct Reports {
  std::size_t good = 0;
  std::size_t bad = 0;
};

void delivered(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
  auto* reports = static_cast<Reports*>(opaque);
  ++(message->err == RD_KAFKA_RESP_ERR_NO_ERROR ? reports->good : reports->bad);
}

// Records a second, from the first send to the last acknowledgement.
double produce(const Plan& plan, const std::string& address, const std::string& topic,
               std::size_t records) {
  rd_kafka_conf_t* conf = configured(plan, address, true);
  Reports reports;
  rd_kafka_conf_set_opaque(conf, &reports);
  rd_kafka_conf_set_dr_msg_cb(conf, &delivered);
  char why[512];
  rd_kafka_t* producer = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
  if (producer == nullptr) fail(why);
  rd_kafka_topic_t* handle = rd_kafka_topic_new(producer, topic.c_str(), nullptr);
  std::string value(plan.size, 'x');
  for (std::size_t i = 0; i < value.size(); ++i) value[i] = static_cast<char>('a' + i * 7 % 26);

  const auto begin = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < records; ++i) {
    const auto partition = static_cast<std::int32_t>(i % static_cast<std::size_t>(plan.partitions));
    while (rd_kafka_produce(handle, partition, RD_KAFKA_MSG_F_COPY, value.data(), value.size(),
                            nullptr, 0, nullptr) != 0) {
      if (rd_kafka_last_error() != RD_KAFKA_RESP_ERR__QUEUE_FULL) {
        fail(rd_kafka_err2str(rd_kafka_last_error()));
      }
      rd_kafka_poll(producer, 10);
    }
    if (i % 1000 == 0) rd_kafka_poll(producer, 0);
  }
  if (rd_kafka_flush(producer, kPatienceMs) != RD_KAFKA_RESP_ERR_NO_ERROR) fail("flush timed out");
  const double took = seconds_since(begin);
  if (reports.good != records) {
    fail(address + ": " + std::to_string(reports.bad) + " of " + std::to_string(records) +
         " records were not accepted");
  }
  rd_kafka_topic_destroy(handle);
  rd_kafka_destroy(producer);
  return static_cast<double>(records) / took;
}

// Records a second over one pass from the beginning. The clock starts with the first records to
// come, which are not counted, so that finding the broker is not measured.
double consume(const Plan& plan, const std::string& address, const std::string& topic,
               std::size_t records) {
  char why[512];
  rd_kafka_t* consumer =
      rd_kafka_new(RD_KAFKA_CONSUMER, configured(plan, address, false), why, sizeof why);
  if (consumer == nullptr) fail(why);
  rd_kafka_poll_set_consumer(consumer);
  rd_kafka_topic_partition_list_t* assigned = rd_kafka_topic_partition_list_new(plan.partitions);
  for (int i = 0; i < plan.partitions; ++i) {
    rd_kafka_topic_partition_list_add(assigned, topic.c_str(), i)->offset =
        RD_KAFKA_OFFSET_BEGINNING;
  }
  rd_kafka_assign(consumer, assigned);
  rd_kafka_topic_partition_list_destroy(assigned);
  rd_kafka_queue_t* queue = rd_kafka_queue_get_consumer(consumer);

  std::vector<rd_kafka_message_t*> messages(10'000);
  std::size_t first = 0;
  std::size_t got = 0;
  const auto started = std::chrono::steady_clock::now();
  auto begin = started;
  while (got < records) {
    const ssize_t n =
        rd_kafka_consume_batch_queue(queue, kBatchMs, messages.data(), messages.size());
    if (n < 0) fail(rd_kafka_err2str(rd_kafka_last_error()));
    if (seconds_since(started) * 1000 > kPatienceMs) fail(address + ": records do not come");
    for (ssize_t i = 0; i < n; ++i) {
      rd_kafka_message_t* message = messages[static_cast<std::size_t>(i)];
      if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) fail(rd_kafka_message_errstr(message));
      ++got;
      rd_kafka_message_destroy(message);
    }
    if (first == 0 && got > 0) {
      first = got;
      begin = std::chrono::steady_clock::now();
    }
  }
  const double rate = static_cast<double>(got - first) / seconds_since(begin);
  rd_kafka_queue_destroy(queue);
  rd_kafka_consumer_close(consumer);
  rd_kafka_destroy(consumer);
  return rate;
}

void delete_topics(const Plan& plan, const std::string& address,
                   const std::vector<std::string>& names) {
  char why[512];
  rd_kafka_t* admin =
      rd_kafka_new(RD_KAFKA_PRODUCER, configured(plan, address, true), why, sizeof why);
  if (admin == nullptr) fail(why);
  std::vector<rd_kafka_DeleteTopic_t*> topics;
  for (const std::string& name : names) topics.push_back(rd_kafka_DeleteTopic_new(name.c_str()));
  rd_kafka_queue_t* queue = rd_kafka_queue_new(admin);
  rd_kafka_DeleteTopics(admin, topics.data(), topics.size(), nullptr, queue);
  rd_kafka_event_t* event = rd_kafka_queue_poll(queue, kPatienceMs);
  if (event == nullptr) fail(address + ": the topics were not deleted in time");
  if (rd_kafka_event_error(event) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    fail(rd_kafka_event_error_string(event));
  }
  std::size_t count = 0;
  const rd_kafka_topic_result_t** results =
      rd_kafka_DeleteTopics_result_topics(rd_kafka_event_DeleteTopics_result(event), &count);
  for (std::size_t i = 0; i < count; ++i) {
    if (rd_kafka_topic_result_error(results[i]) == RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    fail(address + ": " + rd_kafka_err2str(rd_kafka_topic_result_error(results[i])));
  }
  rd_kafka_event_destroy(event);
  rd_kafka_queue_destroy(queue);
  rd_kafka_DeleteTopic_destroy_array(topics.data(), topics.size());
  rd_kafka_destroy(admin);
}

struct Rates {
  std::vector<double> produced;
  std::vector<double> consumed;
};

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void measure(const Plan& plan, const std::string& address, const std::string& prefix,
             Rates& rates) {
  // A record a partition: where the topic is not there yet, it is made for them.
  produce(plan, address, prefix + "-produced", static_cast<std::size_t>(plan.partitions));
  rates.produced.push_back(produce(plan, address, prefix + "-produced", plan.records));
  const std::size_t fits = kMockPartitionBytes / (plan.size + kRecordOverheadBytes) *
                           static_cast<std::size_t>(plan.partitions);
  const std::size_t readable = std::min(plan.records, fits);
  Plan filling = plan;
  filling.settings["linger.ms"] = "1000";
  produce(filling, address, prefix + "-read", readable);
  for (int pass = 0; pass < kPasses; ++pass) {
    rates.consumed.push_back(consume(plan, address, prefix + "-read", readable));
  }
}

// Serves a mock cluster until it is ended; writes the address to the pipe.
[[noreturn]] void serve_mock(int pipe, const Plan& plan) {
  char why[512];
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  rd_kafka_conf_set(conf, "log_level", "3", why, sizeof why);  // it is no client: no warnings
  rd_kafka_t* host = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
  if (host == nullptr) fail(why);
  rd_kafka_mock_cluster_t* cluster = rd_kafka_mock_cluster_new(host, plan.brokers);
  for (int round = 0; round < plan.rounds; ++round) {
    for (const char* suffix : {"-produced", "-read"}) {
      const std::string topic = "round-" + std::to_string(round) + suffix;
      rd_kafka_mock_topic_create(cluster, topic.c_str(), plan.partitions, plan.brokers);
    }
  }
  const std::string address = std::string(rd_kafka_mock_cluster_bootstraps(cluster)) + "\n";
  if (::write(pipe, address.data(), address.size()) < 0) std::exit(1);
  for (;;) ::pause();
}

Plan plan_of(const std::vector<std::string>& words) {
  Plan plan;
  for (const std::string& word : words) {
    const std::size_t equals = word.find('=');
    const std::string name = word.substr(0, equals);
    const std::string value = word.substr(equals + 1);
    if (name == "records") {
      plan.records = std::stoull(value);
    } else if (name == "size") {
      plan.size = std::stoull(value);
    } else if (name == "partitions") {
      plan.partitions = std::stoi(value);
    } else if (name == "brokers") {
      plan.brokers = std::clamp(std::stoi(value), 1, 9);
    } else if (name == "rounds") {
      plan.rounds = std::clamp(std::stoi(value), 1, 100);
    } else {
      plan.settings[name] = value;
    }
  }
  return plan;
}

void report(const char* who, const Rates& rates) {
  std::printf(
      "%-12s produce %9.0f records/s   consume %9.0f records/s   (medians of %zu and %zu)\n", who,
      median(rates.produced), median(rates.consumed), rates.produced.size(), rates.consumed.size());
}

}  // namespace

int main(int count, char** arguments) {
  std::vector<std::string> words(arguments + 1, arguments + count);
  std::string server;
  if (!words.empty() && words.front().find('=') == std::string::npos) {
    server = words.front();
    words.erase(words.begin());
  }
  const Plan plan = plan_of(words);

  int ends[2];
  if (::pipe(ends) != 0) fail("no pipe");
  const pid_t mock = ::fork();  // before any thread of librdkafka
  if (mock == 0) serve_mock(ends[1], plan);
  char line[256] = {};
  if (::read(ends[0], line, sizeof line - 1) <= 0) fail("the mock cluster did not start");
  const std::string mock_address = std::string(line).substr(0, std::string(line).find('\n'));

  Rates of_mock;
  Rates of_server;
  const std::string stem = "round-";
  const std::string own = "t" + std::to_string(::getpid()) + "-";
  for (int round = 0; round < plan.rounds; ++round) {
    measure(plan, mock_address, stem + std::to_string(round), of_mock);
    if (server.empty()) continue;
    const std::string prefix = own + std::to_string(round);
    measure(plan, server, prefix, of_server);
    delete_topics(plan, server, {prefix + "-produced", prefix + "-read"});
  }
  report("mock cluster", of_mock);
  if (!server.empty()) {
    report("weir serve", of_server);
    std::printf("ratio        produce %9.2f             consume %9.2f\n",
                median(of_server.produced) / median(of_mock.produced),
                median(of_server.consumed) / median(of_mock.consumed));
  }
  ::kill(mock, SIGTERM);
  ::waitpid(mock, nullptr, 0);
  return 0;
}
