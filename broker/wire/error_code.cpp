// The table of Kafka's errors, sorted by code.
//
// Retriable and metadata follow the exception classes of org.apache.kafka.common.protocol.Errors.
#include "broker/wire/error_code.h"

#include <algorithm>
#include <iterator>

namespace weir {
namespace {

constexpr unsigned kRetriable = 1;
constexpr unsigned kMetadata = 2;    // ask for new metadata first
constexpr unsigned kMaybeInLog = 4;  // decided after the append, or nobody knows when

struct Row {
  ErrorCode code;
  std::string_view name;
  unsigned traits;
};

constexpr Row kRows[] = {
    {ErrorCode::unknown_server_error, "UNKNOWN_SERVER_ERROR", kMaybeInLog},
    {ErrorCode::none, "NONE", 0},
    {ErrorCode::offset_out_of_range, "OFFSET_OUT_OF_RANGE", 0},
    {ErrorCode::corrupt_message, "CORRUPT_MESSAGE", kRetriable},
    {ErrorCode::unknown_topic_or_partition, "UNKNOWN_TOPIC_OR_PARTITION", kRetriable | kMetadata},
    {ErrorCode::leader_not_available, "LEADER_NOT_AVAILABLE", kRetriable | kMetadata},
    {ErrorCode::not_leader_or_follower, "NOT_LEADER_OR_FOLLOWER",
     kRetriable | kMetadata | kMaybeInLog},
    {ErrorCode::request_timed_out, "REQUEST_TIMED_OUT", kRetriable | kMaybeInLog},
    {ErrorCode::broker_not_available, "BROKER_NOT_AVAILABLE", 0},
    {ErrorCode::replica_not_available, "REPLICA_NOT_AVAILABLE", kRetriable | kMetadata},
    {ErrorCode::message_too_large, "MESSAGE_TOO_LARGE", 0},
    {ErrorCode::stale_controller_epoch, "STALE_CONTROLLER_EPOCH", 0},
    {ErrorCode::offset_metadata_too_large, "OFFSET_METADATA_TOO_LARGE", 0},
    {ErrorCode::network_exception, "NETWORK_EXCEPTION", kRetriable | kMetadata | kMaybeInLog},
    {ErrorCode::coordinator_load_in_progress, "COORDINATOR_LOAD_IN_PROGRESS", kRetriable},
    {ErrorCode::coordinator_not_available, "COORDINATOR_NOT_AVAILABLE", kRetriable},
    {ErrorCode::not_coordinator, "NOT_COORDINATOR", kRetriable},
    {ErrorCode::invalid_topic_exception, "INVALID_TOPIC_EXCEPTION", 0},
    {ErrorCode::not_enough_replicas, "NOT_ENOUGH_REPLICAS", kRetriable},
    {ErrorCode::not_enough_replicas_after_append, "NOT_ENOUGH_REPLICAS_AFTER_APPEND",
     kRetriable | kMaybeInLog},
    {ErrorCode::invalid_required_acks, "INVALID_REQUIRED_ACKS", 0},
    {ErrorCode::illegal_generation, "ILLEGAL_GENERATION", 0},
    {ErrorCode::inconsistent_group_protocol, "INCONSISTENT_GROUP_PROTOCOL", 0},
    {ErrorCode::invalid_group_id, "INVALID_GROUP_ID", 0},
    {ErrorCode::unknown_member_id, "UNKNOWN_MEMBER_ID", 0},
    {ErrorCode::invalid_session_timeout, "INVALID_SESSION_TIMEOUT", 0},
    {ErrorCode::rebalance_in_progress, "REBALANCE_IN_PROGRESS", 0},
    {ErrorCode::invalid_timestamp, "INVALID_TIMESTAMP", 0},
    {ErrorCode::unsupported_version, "UNSUPPORTED_VERSION", 0},
    {ErrorCode::topic_already_exists, "TOPIC_ALREADY_EXISTS", 0},
    {ErrorCode::invalid_partitions, "INVALID_PARTITIONS", 0},
    {ErrorCode::invalid_replication_factor, "INVALID_REPLICATION_FACTOR", 0},
    {ErrorCode::invalid_replica_assignment, "INVALID_REPLICA_ASSIGNMENT", 0},
    {ErrorCode::invalid_config, "INVALID_CONFIG", 0},
    {ErrorCode::not_controller, "NOT_CONTROLLER", kRetriable},
    {ErrorCode::invalid_request, "INVALID_REQUEST", 0},
    {ErrorCode::unsupported_for_message_format, "UNSUPPORTED_FOR_MESSAGE_FORMAT", 0},
    {ErrorCode::policy_violation, "POLICY_VIOLATION", 0},
    {ErrorCode::out_of_order_sequence_number, "OUT_OF_ORDER_SEQUENCE_NUMBER", 0},
    {ErrorCode::duplicate_sequence_number, "DUPLICATE_SEQUENCE_NUMBER", kMaybeInLog},
    {ErrorCode::invalid_producer_epoch, "INVALID_PRODUCER_EPOCH", 0},
    {ErrorCode::invalid_txn_state, "INVALID_TXN_STATE", 0},
    {ErrorCode::invalid_producer_id_mapping, "INVALID_PRODUCER_ID_MAPPING", 0},
    {ErrorCode::invalid_transaction_timeout, "INVALID_TRANSACTION_TIMEOUT", 0},
    {ErrorCode::concurrent_transactions, "CONCURRENT_TRANSACTIONS", kRetriable},
    {ErrorCode::transaction_coordinator_fenced, "TRANSACTION_COORDINATOR_FENCED", 0},
    {ErrorCode::operation_not_attempted, "OPERATION_NOT_ATTEMPTED", 0},
    {ErrorCode::kafka_storage_error, "KAFKA_STORAGE_ERROR", kRetriable | kMetadata | kMaybeInLog},
    {ErrorCode::log_dir_not_found, "LOG_DIR_NOT_FOUND", 0},
    {ErrorCode::unknown_producer_id, "UNKNOWN_PRODUCER_ID", 0},
    {ErrorCode::reassignment_in_progress, "REASSIGNMENT_IN_PROGRESS", 0},
    {ErrorCode::non_empty_group, "NON_EMPTY_GROUP", 0},
    {ErrorCode::group_id_not_found, "GROUP_ID_NOT_FOUND", 0},
    {ErrorCode::fetch_session_id_not_found, "FETCH_SESSION_ID_NOT_FOUND", kRetriable},
    {ErrorCode::invalid_fetch_session_epoch, "INVALID_FETCH_SESSION_EPOCH", kRetriable},
    {ErrorCode::listener_not_found, "LISTENER_NOT_FOUND", kRetriable | kMetadata},
    {ErrorCode::topic_deletion_disabled, "TOPIC_DELETION_DISABLED", 0},
    {ErrorCode::fenced_leader_epoch, "FENCED_LEADER_EPOCH", kRetriable | kMetadata},
    {ErrorCode::unknown_leader_epoch, "UNKNOWN_LEADER_EPOCH", kRetriable},
    {ErrorCode::unsupported_compression_type, "UNSUPPORTED_COMPRESSION_TYPE", 0},
    {ErrorCode::stale_broker_epoch, "STALE_BROKER_EPOCH", 0},
    {ErrorCode::offset_not_available, "OFFSET_NOT_AVAILABLE", kRetriable},
    {ErrorCode::member_id_required, "MEMBER_ID_REQUIRED", 0},
    {ErrorCode::preferred_leader_not_available, "PREFERRED_LEADER_NOT_AVAILABLE",
     kRetriable | kMetadata},
    {ErrorCode::group_max_size_reached, "GROUP_MAX_SIZE_REACHED", 0},
    {ErrorCode::fenced_instance_id, "FENCED_INSTANCE_ID", 0},
    {ErrorCode::eligible_leaders_not_available, "ELIGIBLE_LEADERS_NOT_AVAILABLE",
     kRetriable | kMetadata},
    {ErrorCode::election_not_needed, "ELECTION_NOT_NEEDED", kRetriable | kMetadata},
    {ErrorCode::no_reassignment_in_progress, "NO_REASSIGNMENT_IN_PROGRESS", 0},
    {ErrorCode::group_subscribed_to_topic, "GROUP_SUBSCRIBED_TO_TOPIC", 0},
    {ErrorCode::invalid_record, "INVALID_RECORD", 0},
    {ErrorCode::unstable_offset_commit, "UNSTABLE_OFFSET_COMMIT", kRetriable},
    {ErrorCode::throttling_quota_exceeded, "THROTTLING_QUOTA_EXCEEDED", kRetriable},
    {ErrorCode::producer_fenced, "PRODUCER_FENCED", 0},
    {ErrorCode::resource_not_found, "RESOURCE_NOT_FOUND", 0},
    {ErrorCode::inconsistent_voter_set, "INCONSISTENT_VOTER_SET", 0},
    {ErrorCode::invalid_update_version, "INVALID_UPDATE_VERSION", 0},
    {ErrorCode::feature_update_failed, "FEATURE_UPDATE_FAILED", 0},
    {ErrorCode::snapshot_not_found, "SNAPSHOT_NOT_FOUND", 0},
    {ErrorCode::position_out_of_range, "POSITION_OUT_OF_RANGE", 0},
    {ErrorCode::unknown_topic_id, "UNKNOWN_TOPIC_ID", kRetriable | kMetadata},
    {ErrorCode::duplicate_broker_registration, "DUPLICATE_BROKER_REGISTRATION", 0},
    {ErrorCode::broker_id_not_registered, "BROKER_ID_NOT_REGISTERED", 0},
    {ErrorCode::inconsistent_topic_id, "INCONSISTENT_TOPIC_ID", kRetriable | kMetadata},
    {ErrorCode::inconsistent_cluster_id, "INCONSISTENT_CLUSTER_ID", 0},
    {ErrorCode::transactional_id_not_found, "TRANSACTIONAL_ID_NOT_FOUND", 0},
    {ErrorCode::fetch_session_topic_id_error, "FETCH_SESSION_TOPIC_ID_ERROR", kRetriable},
    {ErrorCode::ineligible_replica, "INELIGIBLE_REPLICA", 0},
    {ErrorCode::new_leader_elected, "NEW_LEADER_ELECTED", 0},
    {ErrorCode::fenced_member_epoch, "FENCED_MEMBER_EPOCH", 0},
    {ErrorCode::unreleased_instance_id, "UNRELEASED_INSTANCE_ID", 0},
    {ErrorCode::unsupported_assignor, "UNSUPPORTED_ASSIGNOR", 0},
    {ErrorCode::stale_member_epoch, "STALE_MEMBER_EPOCH", 0},
    {ErrorCode::mismatched_endpoint_type, "MISMATCHED_ENDPOINT_TYPE", 0},
    {ErrorCode::unsupported_endpoint_type, "UNSUPPORTED_ENDPOINT_TYPE", 0},
    {ErrorCode::unknown_controller_id, "UNKNOWN_CONTROLLER_ID", 0},
    {ErrorCode::invalid_registration, "INVALID_REGISTRATION", 0},
    {ErrorCode::transaction_abortable, "TRANSACTION_ABORTABLE", 0},
    {ErrorCode::invalid_record_state, "INVALID_RECORD_STATE", 0},
    {ErrorCode::share_session_not_found, "SHARE_SESSION_NOT_FOUND", 0},
    {ErrorCode::invalid_share_session_epoch, "INVALID_SHARE_SESSION_EPOCH", 0},
    {ErrorCode::fenced_state_epoch, "FENCED_STATE_EPOCH", 0},
    {ErrorCode::invalid_voter_key, "INVALID_VOTER_KEY", 0},
    {ErrorCode::duplicate_voter, "DUPLICATE_VOTER", 0},
    {ErrorCode::voter_not_found, "VOTER_NOT_FOUND", 0},
    {ErrorCode::invalid_regular_expression, "INVALID_REGULAR_EXPRESSION", 0},
    {ErrorCode::rebootstrap_required, "REBOOTSTRAP_REQUIRED", 0},
};

constexpr bool earlier(const Row& a, const Row& b) { return a.code < b.code; }
static_assert(std::is_sorted(std::begin(kRows), std::end(kRows), earlier));

const Row* find(ErrorCode code) {
  const Row* row = std::lower_bound(std::begin(kRows), std::end(kRows), Row{code, {}, 0}, earlier);
  return row != std::end(kRows) && row->code == code ? row : nullptr;
}

bool has(ErrorCode code, unsigned trait) {
  const Row* row = find(code);
  return row != nullptr && (row->traits & trait) != 0;
}

}  // namespace

ErrorCode error_code_of(std::int16_t wire) {
  const auto code = static_cast<ErrorCode>(wire);
  return find(code) == nullptr ? ErrorCode::unknown_server_error : code;
}

std::string_view name_of(ErrorCode code) {
  const Row* row = find(code);
  return row == nullptr ? std::string_view("UNKNOWN_ERROR_CODE") : row->name;
}

ErrorCode error_code_of(Errc e) {
  switch (e) {
    case Errc::ok: return ErrorCode::none;
    case Errc::closed:
    case Errc::reset:
    case Errc::refused:
    case Errc::unreachable: return ErrorCode::network_exception;
    case Errc::timed_out: return ErrorCode::request_timed_out;
    case Errc::no_space:
    case Errc::io_error:
    case Errc::not_found:
    case Errc::already_exists: return ErrorCode::kafka_storage_error;
    case Errc::address_in_use: return ErrorCode::unknown_server_error;
    case Errc::truncated:
    case Errc::malformed: return ErrorCode::invalid_request;
    case Errc::too_large: return ErrorCode::message_too_large;
    case Errc::unsupported: return ErrorCode::unsupported_version;
    case Errc::corrupt: return ErrorCode::corrupt_message;
  }
  return ErrorCode::unknown_server_error;
}

bool is_retriable(ErrorCode code) { return has(code, kRetriable); }
bool wants_new_metadata(ErrorCode code) { return has(code, kMetadata); }
bool may_be_in_log(ErrorCode code) { return has(code, kMaybeInLog); }

}  // namespace weir
