// Producer: Kafka's producer on the ports. Batches, retries, idempotence: broker/client/sender.h.
//
// Use: construct, start(), send() as often as needed, flush(), close(). The Producer must outlive
// every task that uses it, and is not destroyed before close() returned, except by the crash of its
// node.
#pragma once

#include <functional>
#include <memory>

#include "broker/client/client_types.h"
#include "broker/client/producer_options.h"
#include "broker/client/shell/recorder.h"
#include "broker/ports/machine.h"

namespace weir {

// Called exactly once for each record, possibly before send() returns; must not destroy the
// producer.
using SendCallback = std::function<void(const SendResult&)>;

class ProducerShell;

class Producer {
 public:
  // The recorder, where given, outlives the producer.
  Producer(Machine&, ProducerOptions, Recorder* = nullptr);
  ~Producer();
  Producer(const Producer&) = delete;
  Producer& operator=(const Producer&) = delete;

  // Begins the background work. Does not wait for a broker: sends do.
  [[nodiscard]] Task<> start();

  // Returns when the record lies in the buffer: waits for the topic's metadata and for room in
  // buffer.memory, together at most max.block.ms (then the callback hears `failed`). Records of
  // one partition are sent in the order in which send() was called; what it returns is awaited.
  [[nodiscard]] Task<> send(ProducerRecord record, SendCallback done);

  // The same, and waits for the outcome.
  [[nodiscard]] Task<SendResult> send_and_wait(ProducerRecord record);

  // Sends without linger all that is buffered, and waits until each of it has an outcome.
  [[nodiscard]] Task<> flush();

  // Flushes for at most `timeout`, then gives up what is left (failed where it never was sent,
  // unknown otherwise), closes the connections and joins every task.
  [[nodiscard]] Task<> close(Duration timeout = std::chrono::seconds(30));

 private:
  std::unique_ptr<ProducerShell> shell_;
};

}  // namespace weir
