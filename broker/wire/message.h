// Decode, encode and print, for every message of broker/wire/messages and records.
//
// The templates are instantiated once, in the message's own .cpp file, so that including a message
// costs its users little. Which struct is a message: one with kName, kVersions and kFlexibleSince,
// and kApi, or kType where it is a record of the metadata log (broker/wire/records).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "broker/base/result.h"
#include "broker/wire/reader.h"
#include "broker/wire/writer.h"

namespace weir {

// Reads one message, to the very end of the input. Strings are copied, records stay views of the
// input. Errors: unsupported (a version that is not served), truncated, malformed, too_large;
// `why`, where given, tells people which field and where ("ProduceRequest v9 TopicData[0].Name at
// byte 17: input ends too early").
template <class Message>
[[nodiscard]] Result<Message> decode(Reader input, std::int16_t version,
                                     std::string* why = nullptr);

// Appends a message. Errors: unsupported (a version that is not served, or a value in a field that
// this version lacks and that must not be dropped silently), malformed (null where the version does
// not allow it), too_large. After an error the writer's content is worthless.
template <class Message>
[[nodiscard]] Result<void> encode(const Message&, std::int16_t version, Writer&,
                                  std::string* why = nullptr);

// One line for people and goldens, with Kafka's field names: {Acks: -1, TopicData: [{...}]};
// records and bytes by their size. Only the fields that the version has; tagged fields where they
// are set.
template <class Message>
[[nodiscard]] std::string print(const Message&, std::int16_t version);

}  // namespace weir
