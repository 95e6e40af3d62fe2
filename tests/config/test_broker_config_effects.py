"""For each setting of a broker, the test that sees its effect: the list is complete, and the tests exist."""

import pytest

from kbroker.config.definitions import TOPIC_SYNONYMS
from kbroker.config.effective import EFFECTIVE_BROKER_CONFIGS

from .named_tests import source_of

EFFECTS = "test_config_effects.py"
LISTENERS = "config/test_listeners.py"
QUOTAS = "broker/test_client_quotas.py"
SERVER = "test_server.py"
STORES = "tls/test_stores.py"
TLS = "test_tls_transport.py"

SEEN_BY = {
    "accept.any.replication.factor": ("broker/test_replicas.py", "test_wherever_a_topic_is_made"),
    "advertised.listeners": (LISTENERS, "test_advertised_addresses_belong_to_the_listener_of_their_name"),
    "auto.create.topics.enable": ("handlers/test_metadata.py", "TestNoAutoCreation"),
    "broker.id": ("config/test_broker_config.py", "test_node_id_and_broker_id_are_one"),
    "authorizer.class.name": ("config/test_authorizer.py", "test_older_names_are_the_same_authorizer"),
    "broker.rack": ("handlers/test_metadata.py", "TestDefaults"),
    "cluster.id": ("test_embedded.py", "test_a_cluster_id_that_is_asked_for_is_kept"),
    "connection.failed.authentication.delay.ms": (TLS, "test_a_refused_client_has_a_moment_to_read_why"),
    "connections.max.idle.ms": (SERVER, "test_idle_connections_are_closed"),
    "connections.max.reauth.ms": (
        "broker/sasl/test_mechanisms.py",
        "test_sessions_have_the_mechanisms_length",
    ),
    "controller.listener.names": (LISTENERS, "test_controller_listeners_are_left_out"),
    "controller.quota.window.num": (QUOTAS, "test_the_windows_are_as_configured"),
    "controller.quota.window.size.seconds": (QUOTAS, "test_the_windows_are_as_configured"),
    "default.replication.factor": (EFFECTS, "test_default_replication_factor"),
    "delegation.token.expiry.check.interval.ms": (
        "broker/test_housekeeping.py",
        "test_delegation_tokens_that_expired_are_removed",
    ),
    "delegation.token.expiry.time.ms": ("broker/test_delegation_tokens.py", "test_a_token_and_its_life"),
    "delegation.token.max.lifetime.ms": (
        "broker/test_delegation_tokens.py",
        "test_the_lifetime_asked_for_is_the_longest_up_to_the_brokers",
    ),
    "delegation.token.secret.key": ("broker/test_delegation_tokens.py", "test_without_a_key_there_are_none"),
    "delete.topic.enable": ("handlers/test_delete_topics.py", "TestSwitchedOff"),
    "early.start.listeners": (LISTENERS, "test_listeners_that_start_early_are_among_those_that_there_are"),
    "fetch.max.bytes": (EFFECTS, "test_fetch_max_bytes"),
    "group.initial.rebalance.delay.ms": (EFFECTS, "test_group_initial_rebalance_delay_ms"),
    "group.max.session.timeout.ms": ("handlers/test_join_group.py", "TestSessionTimeouts"),
    "group.max.size": ("handlers/test_join_group.py", "TestGroupSize"),
    "group.min.session.timeout.ms": ("handlers/test_join_group.py", "TestSessionTimeouts"),
    "inter.broker.listener.name": (LISTENERS, "test_the_inter_broker_listener_is_one_of_the_listeners"),
    "listener.security.protocol.map": (LISTENERS, "test_every_form_of_address"),
    "listeners": (LISTENERS, "test_every_form_of_address"),
    "log.cleaner.backoff.ms": (EFFECTS, "test_log_cleaner_enable_and_backoff_ms"),
    "log.cleaner.dedupe.buffer.size": (
        "storage/log/test_log_cleaning.py",
        "test_a_small_map_takes_several_rounds",
    ),
    "log.cleaner.enable": (EFFECTS, "test_log_cleaner_enable_and_backoff_ms"),
    "log.cleaner.io.max.bytes.per.second": (
        "storage/log/test_log_cleaning.py",
        "test_no_more_bytes_a_second_are_read_than_the_cleaner_may",
    ),
    "log.cleaner.threads": (EFFECTS, "test_log_cleaner_threads"),
    "log.dir": ("storage/test_embedded.py", "test_data_dirs"),
    "log.dirs": ("storage/test_embedded.py", "test_data_dirs"),
    "cordoned.log.dirs": (
        "storage/log/test_directories.py",
        "test_cordoned_directories_get_no_new_partitions",
    ),
    "replica.alter.log.dirs.io.max.bytes.per.second": (
        "storage/log/test_future_log.py",
        "test_the_rate_is_asked_for",
    ),
    "log.retention.check.interval.ms": (
        "broker/test_housekeeping.py",
        "test_retention_is_enforced_now_and_then",
    ),
    "max.connection.creation.rate": (SERVER, "test_max_connection_creation_rate_delays_what_comes_too_fast"),
    "max.connections": (SERVER, "test_max_connections_are_served_and_others_wait"),
    "max.connections.per.ip": (SERVER, "test_max_connections_per_ip_and_its_overrides"),
    "max.connections.per.ip.overrides": (SERVER, "test_max_connections_per_ip_and_its_overrides"),
    "max.incremental.fetch.session.cache.slots": (
        EFFECTS,
        "test_max_incremental_fetch_session_cache_slots",
    ),
    "max.request.partition.size.limit": ("handlers/test_describe_topic_partitions.py", "TestLimit"),
    "node.id": ("config/test_broker_config.py", "test_node_id_and_broker_id_are_one"),
    "num.partitions": ("handlers/test_create_topics.py", "TestDefaults"),
    "offset.metadata.max.bytes": ("handlers/test_offset_commit.py", "TestMetadataSize"),
    "offsets.retention.check.interval.ms": (EFFECTS, "test_offsets_retention_check_interval_ms"),
    "offsets.retention.minutes": (
        "broker/groups/test_offsets.py",
        "test_retention_counts_from_when_the_group_became_empty",
    ),
    "offsets.topic.compression.codec": ("test_config_effects.py", "test_offsets_topic_compression_codec"),
    "offsets.topic.num.partitions": (
        "broker/test_internal_topics.py",
        "test_it_is_as_large_as_set",
    ),
    "offsets.topic.replication.factor": ("broker/test_replicas.py", "test_wherever_a_topic_is_made"),
    "offsets.topic.segment.bytes": (
        "broker/test_internal_topics.py",
        "test_it_is_as_large_as_set",
    ),
    "producer.id.expiration.ms": (EFFECTS, "test_producer_id_expiration_ms"),
    "queued.max.request.bytes": (EFFECTS, "test_queued_max_request_bytes"),
    "queued.max.response.bytes": (EFFECTS, "test_queued_max_response_bytes"),
    "quota.window.num": (QUOTAS, "test_the_windows_are_as_configured"),
    "quota.window.size.seconds": (QUOTAS, "test_the_windows_are_as_configured"),
    "sasl.enabled.mechanisms": ("config/test_sasl.py", "test_mechanisms_of_a_listener"),
    "sasl.jaas.config": ("broker/sasl/test_mechanisms.py", "test_plain_with_the_users_that_there_are_now"),
    "sasl.oauthbearer.clock.skew.seconds": (
        "broker/sasl/test_mechanisms.py",
        "test_signed_tokens_and_nothing_else_with_an_issuers_keys",
    ),
    "sasl.oauthbearer.expected.audience": (
        "broker/sasl/test_mechanisms.py",
        "test_signed_tokens_and_nothing_else_with_an_issuers_keys",
    ),
    "sasl.oauthbearer.expected.issuer": (
        "broker/sasl/test_mechanisms.py",
        "test_signed_tokens_and_nothing_else_with_an_issuers_keys",
    ),
    "sasl.oauthbearer.jwks.endpoint.refresh.ms": (
        "broker/sasl/test_jwks.py",
        "test_keys_are_read_again_after_a_while",
    ),
    "sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms": (
        "broker/sasl/test_jwks.py",
        "test_keys_are_read_over_http_and_again_when_one_is_missing",
    ),
    "sasl.oauthbearer.jwks.endpoint.retry.backoff.ms": (
        "broker/sasl/test_jwks.py",
        "test_keys_are_read_over_http_and_again_when_one_is_missing",
    ),
    "sasl.oauthbearer.jwks.endpoint.url": (
        "broker/sasl/test_mechanisms.py",
        "test_signed_tokens_and_nothing_else_with_an_issuers_keys",
    ),
    "sasl.oauthbearer.scope.claim.name": (
        "broker/sasl/test_mechanisms.py",
        "test_signed_tokens_and_nothing_else_with_an_issuers_keys",
    ),
    "sasl.oauthbearer.sub.claim.name": (
        "broker/sasl/test_mechanisms.py",
        "test_signed_tokens_and_nothing_else_with_an_issuers_keys",
    ),
    "sasl.server.callback.handler.class": (
        "config/test_sasl.py",
        "test_what_nobody_could_log_in_with_is_told_at_start",
    ),
    "sasl.server.max.receive.size": (SERVER, "test_requests_of_strangers_are_small"),
    "security.inter.broker.protocol": (LISTENERS, "test_the_inter_broker_listener_is_one_of_the_listeners"),
    "socket.listen.backlog.size": ("test_listening.py", "test_socket_listen_backlog_size"),
    "socket.receive.buffer.bytes": (
        "test_listening.py",
        "test_buffers_of_connections_have_the_size_that_is_set",
    ),
    "socket.request.max.bytes": (EFFECTS, "test_socket_request_max_bytes"),
    "socket.send.buffer.bytes": (
        "test_listening.py",
        "test_buffers_of_connections_have_the_size_that_is_set",
    ),
    "transaction.abort.timed.out.transaction.cleanup.interval.ms": (
        EFFECTS,
        "test_transaction_abort_timed_out_transaction_cleanup_interval_ms",
    ),
    "transaction.max.timeout.ms": ("broker/transactions/test_coordinator.py", "TestMaxTimeout"),
    "transaction.partition.verification.enable": ("handlers/test_produce.py", "TestNoVerification"),
    "transaction.remove.expired.transaction.cleanup.interval.ms": (
        EFFECTS,
        "test_transaction_remove_expired_transaction_cleanup_interval_ms",
    ),
    "transaction.state.log.min.isr": ("broker/test_internal_topics.py", "test_transactions_have_theirs"),
    "transaction.state.log.num.partitions": (
        "broker/test_internal_topics.py",
        "test_transactions_have_theirs",
    ),
    "transaction.state.log.replication.factor": ("broker/test_replicas.py", "test_wherever_a_topic_is_made"),
    "transaction.state.log.segment.bytes": (
        "broker/test_internal_topics.py",
        "test_transactions_have_theirs",
    ),
    "transactional.id.expiration.ms": ("broker/transactions/test_coordinator.py", "TestExpiration"),
    "ssl.allow.dn.changes": ("tls/test_listener.py", "test_other_names_can_be_allowed"),
    "ssl.allow.san.changes": ("tls/test_listener.py", "test_other_names_can_be_allowed"),
    "ssl.cipher.suites": ("tls/test_context.py", "test_cipher_suites"),
    "ssl.client.auth": (TLS, "test_the_principal_is_the_clients_distinguished_name"),
    "ssl.enabled.protocols": ("tls/test_context.py", "test_enabled_protocols"),
    "ssl.endpoint.identification.algorithm": (
        "tls/test_context.py",
        "test_clients_check_host_names_unless_told_otherwise",
    ),
    "ssl.key.password": (STORES, "test_a_pem_file_and_pem_in_the_settings_are_the_same"),
    "ssl.keystore.certificate.chain": (STORES, "test_a_pem_file_and_pem_in_the_settings_are_the_same"),
    "ssl.keystore.key": (STORES, "test_a_pem_file_and_pem_in_the_settings_are_the_same"),
    "ssl.keystore.location": (STORES, "test_a_pem_file_and_pem_in_the_settings_are_the_same"),
    "ssl.keystore.password": (STORES, "test_binary_stores_are_told_apart_by_their_contents"),
    "ssl.keystore.type": (STORES, "test_a_pem_file_and_pem_in_the_settings_are_the_same"),
    "ssl.principal.mapping.rules": (TLS, "test_the_principal_is_the_clients_distinguished_name"),
    "ssl.protocol": ("tls/test_context.py", "test_refusals"),
    "ssl.truststore.certificates": (STORES, "test_trust_in_pem"),
    "ssl.truststore.location": (STORES, "test_trust_stores"),
    "ssl.truststore.password": (STORES, "test_trust_stores"),
    "ssl.truststore.type": (STORES, "test_trust_in_pem"),
}
# `test_topic_inheritance` tries each of these.
INHERITED = {broker_name for synonyms in TOPIC_SYNONYMS.values() for broker_name, _ in synonyms}


def test_every_broker_setting_is_seen_by_a_test() -> None:
    assert SEEN_BY.keys() == EFFECTIVE_BROKER_CONFIGS - INHERITED


@pytest.mark.parametrize("name", SEEN_BY)
def test_the_test_exists_and_sets_it(name: str) -> None:
    text = source_of(*SEEN_BY[name])
    assert name in text or name.replace(".", "_") in text
