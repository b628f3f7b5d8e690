// The options of a client's producer and consumer, as its scenario gives them.
#include "scenarios/app.h"

#include "broker/base/assertion.h"
#include "scenarios/cluster.h"

namespace weir {

ProducerOptions ClientContext::producer_options() const {
  ParsedOptions<ProducerOptions> read = ProducerOptions::from(options_of_producer(scenario, spec));
  WEIR_ASSERT(read.has_value());  // the scenario was validated with the same parser
  return *read;
}

ConsumerOptions ClientContext::consumer_options() const {
  ParsedOptions<ConsumerOptions> read = ConsumerOptions::from(options_of_consumer(scenario, spec));
  WEIR_ASSERT(read.has_value());  // the scenario was validated with the same parser
  return *read;
}

}  // namespace weir
