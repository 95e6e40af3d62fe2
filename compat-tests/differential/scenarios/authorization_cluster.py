"""What each request about the cluster and its settings needs, and what is answered without: a table for each API."""

from typing import Any

from differential.authorization import OPEN, table
from differential.conversation import Conversation
from differential.scenario import scenario
from differential.scenarios.authorization_topics import topics
from differential.scenarios.describe_acls import ANY
from kbroker.protocol.add_raft_voter import AddRaftVoterRequest
from kbroker.protocol.alter_client_quotas import AlterClientQuotasRequest
from kbroker.protocol.alter_configs import AlterConfigsRequest
from kbroker.protocol.alter_partition_reassignments import AlterPartitionReassignmentsRequest
from kbroker.protocol.alter_replica_log_dirs import AlterReplicaLogDirsRequest
from kbroker.protocol.alter_user_scram_credentials import AlterUserScramCredentialsRequest
from kbroker.protocol.api_versions import ApiVersionsRequest
from kbroker.protocol.create_acls import CreateAclsRequest
from kbroker.protocol.create_delegation_token import CreateDelegationTokenRequest
from kbroker.protocol.delete_acls import DeleteAclsRequest
from kbroker.protocol.describe_acls import DescribeAclsRequest
from kbroker.protocol.describe_client_quotas import DescribeClientQuotasRequest
from kbroker.protocol.describe_cluster import DescribeClusterRequest
from kbroker.protocol.describe_configs import DescribeConfigsRequest
from kbroker.protocol.describe_delegation_token import DescribeDelegationTokenRequest
from kbroker.protocol.describe_log_dirs import DescribeLogDirsRequest
from kbroker.protocol.describe_quorum import DescribeQuorumRequest
from kbroker.protocol.describe_user_scram_credentials import DescribeUserScramCredentialsRequest
from kbroker.protocol.elect_leaders import ElectLeadersRequest
from kbroker.protocol.expire_delegation_token import ExpireDelegationTokenRequest
from kbroker.protocol.incremental_alter_configs import IncrementalAlterConfigsRequest
from kbroker.protocol.list_config_resources import ListConfigResourcesRequest
from kbroker.protocol.list_partition_reassignments import ListPartitionReassignmentsRequest
from kbroker.protocol.remove_raft_voter import RemoveRaftVoterRequest
from kbroker.protocol.renew_delegation_token import RenewDelegationTokenRequest
from kbroker.protocol.sasl_authenticate import SaslAuthenticateRequest
from kbroker.protocol.sasl_handshake import SaslHandshakeRequest
from kbroker.protocol.unregister_broker import UnregisterBrokerRequest
from kbroker.protocol.update_features import UpdateFeaturesRequest

TOPIC, BROKER, BROKER_LOGGER, CLIENT_METRICS, GROUP = 2, 4, 8, 16, 32


@scenario((0, 4), guarded=True)
def api_versions(run: Conversation) -> None:
    def any_api(answer: Any) -> None:
        answer.api_keys = answer.supported_features = answer.finalized_features = []

    named = {"client_software_name": "a", "client_software_version": "1"} if run.version >= 3 else {}
    table(run, "all", ApiVersionsRequest, only=any_api, **named)


def resources(run: Conversation) -> list[tuple[str, int, str]]:
    """Label, type and name of what has settings."""
    one, other = topics(run)
    return [
        ("a topic", TOPIC, one),
        ("an open topic", TOPIC, other),
        ("a topic that is not there", TOPIC, run.name("nowhere")),
        ("no topic", TOPIC, ""),
        ("a broker", BROKER, "1"),
        ("all brokers", BROKER, ""),
        ("another broker", BROKER, "7"),
        ("loggers", BROKER_LOGGER, "1"),
        ("client metrics", CLIENT_METRICS, run.name()),
        ("a group", GROUP, run.name()),
        ("an open group", GROUP, f"{OPEN}{run.name()}"),
        ("something else", 99, "x"),
    ]


@scenario((1, 4), guarded=True)
def describe_configs(run: Conversation) -> None:
    keys = {TOPIC: ["segment.bytes"], BROKER: ["message.max.bytes"]}

    def few(answer: Any) -> None:
        for result in answer.results:
            result.configs = result.configs[:1] if result.resource_type in keys else []

    for label, kind, name in resources(run):
        asked = {"resource_type": kind, "resource_name": name, "configuration_keys": keys.get(kind)}
        table(run, label, DescribeConfigsRequest, only=few, resources=[asked])


SETTINGS = {
    TOPIC: ("retention.ms", "1000000"),
    BROKER: ("log.retention.ms", "1000000000"),
    BROKER_LOGGER: ("kafka", "INFO"),
    CLIENT_METRICS: ("interval.ms", "60000"),
    GROUP: ("consumer.session.timeout.ms", "45000"),
}


@scenario((0, 2), guarded=True)
def alter_configs(run: Conversation) -> None:
    for label, kind, name in resources(run):
        key, value = SETTINGS.get(kind, ("x", "y"))
        configs = [{"name": key, "value": value}]
        asked = {"resource_type": kind, "resource_name": name, "configs": configs}
        table(run, label, AlterConfigsRequest, resources=[asked], validate_only=True)


@scenario((0, 1), guarded=True)
def incremental_alter_configs(run: Conversation) -> None:
    for label, kind, name in resources(run):
        key, value = SETTINGS.get(kind, ("x", "y"))
        configs = [{"name": key, "config_operation": 0, "value": value}]
        asked = {"resource_type": kind, "resource_name": name, "configs": configs}
        table(run, label, IncrementalAlterConfigsRequest, resources=[asked], validate_only=True)
    one = {"resource_type": TOPIC, "resource_name": run.name(), "configs": []}
    table(run, "one twice", IncrementalAlterConfigsRequest, resources=[one, one], validate_only=True)


@scenario((0, 1), guarded=True)
def list_config_resources(run: Conversation) -> None:
    def none_of_them(answer: Any) -> None:
        answer.config_resources = []

    for types in ([], [BROKER], [99]) if run.version else ([],):
        more = {"resource_types": types} if run.version else {}
        table(run, f"types {types}", ListConfigResourcesRequest, only=none_of_them, **more)


@scenario((1, 2, 3, 5), guarded=True)
def describe_log_dirs(run: Conversation) -> None:
    topic = run.topic()

    def any_dir(answer: Any) -> None:
        for result in answer.results:
            result.log_dir, result.total_bytes, result.usable_bytes = "", -1, -1

    asked = [{"topic": topic, "partitions": [0]}]
    table(run, "a topic", DescribeLogDirsRequest, only=any_dir, topics=asked)


@scenario((1, 2), guarded=True)
def alter_replica_log_dirs(run: Conversation) -> None:
    named = [{"name": name, "partitions": [0]} for name in (run.topic(), run.name("nowhere"), "x" * 249)]
    table(run, "to somewhere", AlterReplicaLogDirsRequest, dirs=[{"path": "/nowhere", "topics": named}])


@scenario((0, 1, 2), guarded=True)
def describe_cluster(run: Conversation) -> None:
    table(run, "the cluster", DescribeClusterRequest)
    more = {"include_cluster_authorized_operations": True}
    table(run, "authorized operations", DescribeClusterRequest, **more)
    if run.version:
        table(run, "of controllers", DescribeClusterRequest, endpoint_type=2, **more)


@scenario((0, 2), guarded=True)
def describe_quorum(run: Conversation) -> None:
    def no_offsets(answer: Any) -> None:
        answer.nodes = []
        for topic in answer.topics:
            for partition in topic.partitions:
                partition.high_watermark = partition.leader_epoch = 0
                partition.current_voters = partition.observers = []

    for name in ("__cluster_metadata", "other"):
        asked = [{"topic_name": name, "partitions": [{"partition_index": 0}]}]
        table(run, name, DescribeQuorumRequest, only=no_offsets, topics=asked)


@scenario((0, 1, 2), guarded=True)
def elect_leaders(run: Conversation) -> None:
    asked = [{"topic": run.topic(), "partitions": [0]}]
    table(run, "a topic", ElectLeadersRequest, topic_partitions=asked, timeout_ms=5000)
    table(run, "nothing", ElectLeadersRequest, topic_partitions=[], timeout_ms=5000)
    table(run, "too late", ElectLeadersRequest, topic_partitions=asked, timeout_ms=0)


@scenario((1, 3), guarded=True)
def describe_acls(run: Conversation) -> None:
    given = {"host_filter": run.name("nowhere")}
    table(run, "of nobody", DescribeAclsRequest, **ANY | given)
    table(run, "unreadable", DescribeAclsRequest, **ANY | given | {"operation": 0})


@scenario((1, 3), guarded=True)
def create_acls(run: Conversation) -> None:
    wrong = {
        "resource_type": 2,
        "resource_name": "",
        "principal": "User:a",
        "host": "*",
        "operation": 3,
        "permission_type": 3,
    }
    table(run, "one that is wrong", CreateAclsRequest, creations=[wrong])
    table(run, "two, one unfinished", CreateAclsRequest, creations=[wrong, {**wrong, "operation": 1}])
    table(run, "unreadable", CreateAclsRequest, creations=[{**wrong, "operation": 0}])


@scenario((1, 3), guarded=True)
def delete_acls(run: Conversation) -> None:
    given = ANY | {"host_filter": run.name("nowhere")}
    table(run, "of nobody", DeleteAclsRequest, filters=[given, {**given, "operation": 99}])


@scenario((0, 1), guarded=True)
def alter_partition_reassignments(run: Conversation) -> None:
    asked = [{"name": run.topic(), "partitions": [{"partition_index": 0, "replicas": [7]}]}]
    table(run, "to nowhere", AlterPartitionReassignmentsRequest, topics=asked, timeout_ms=5000)


@scenario([0], guarded=True)
def list_partition_reassignments(run: Conversation) -> None:
    asked = [{"name": run.topic(), "partition_indexes": [0]}]
    table(run, "of a topic", ListPartitionReassignmentsRequest, topics=asked, timeout_ms=5000)


@scenario((0, 1, 2), guarded=True)
def update_features(run: Conversation) -> None:
    asked = [{"feature": "no.such.feature", "max_version_level": 1}]
    table(run, "an unknown one", UpdateFeaturesRequest, feature_updates=asked, timeout_ms=5000)


@scenario([0], guarded=True)
def unregister_broker(run: Conversation) -> None:
    table(run, "another", UnregisterBrokerRequest, broker_id=77)


@scenario((0, 1), guarded=True)
def describe_client_quotas(run: Conversation) -> None:
    asked = [{"entity_type": "user", "match_type": 0, "match": run.name()}]
    table(run, "of nobody", DescribeClientQuotasRequest, components=asked, strict=True)
    wrong = [{"entity_type": "nothing", "match_type": 0, "match": run.name()}]
    table(run, "of nothing", DescribeClientQuotasRequest, components=wrong, strict=True)


@scenario((0, 1), guarded=True)
def alter_client_quotas(run: Conversation) -> None:
    one = {
        "entity": [{"entity_type": "user", "entity_name": run.name()}],
        "ops": [{"key": "producer_byte_rate", "value": 1000.0}],
    }
    wrong = {"entity": [{"entity_type": "nothing", "entity_name": "x"}], "ops": []}
    table(run, "of nobody", AlterClientQuotasRequest, entries=[one, wrong], validate_only=True)


@scenario([0], guarded=True)
def describe_user_scram_credentials(run: Conversation) -> None:
    table(run, "of nobody", DescribeUserScramCredentialsRequest, users=[{"name": run.name()}])


@scenario([0], guarded=True)
def alter_user_scram_credentials(run: Conversation) -> None:
    gone = [{"name": run.name(), "mechanism": 1}]
    weak = {"name": run.name("weak"), "mechanism": 1, "iterations": 1, "salt": b"s", "salted_password": b"p"}
    table(run, "of nobody", AlterUserScramCredentialsRequest, deletions=gone, upsertions=[weak])


@scenario((1, 3), guarded=True)
def create_delegation_token(run: Conversation) -> None:
    more = {"owner_principal_type": "User", "owner_principal_name": "bob"} if run.version >= 3 else {}
    table(run, "a token", CreateDelegationTokenRequest, renewers=[], max_lifetime_ms=-1, **more)


@scenario((1, 2), guarded=True)
def renew_delegation_token(run: Conversation) -> None:
    table(run, "a token", RenewDelegationTokenRequest, hmac=b"none", renew_period_ms=1000)


@scenario((1, 2), guarded=True)
def expire_delegation_token(run: Conversation) -> None:
    table(run, "a token", ExpireDelegationTokenRequest, hmac=b"none", expiry_time_period_ms=1000)


@scenario((1, 3), guarded=True)
def describe_delegation_token(run: Conversation) -> None:
    table(run, "all tokens", DescribeDelegationTokenRequest, owners=None)


OTHER_CLUSTER = {"cluster_id": "another", "voter_id": 7, "voter_directory_id": b"\7" * 16}


@scenario((0, 1), guarded=True)
def add_raft_voter(run: Conversation) -> None:
    listeners = [{"name": "CONTROLLER", "host": "127.0.0.1", "port": 1}]
    table(
        run, "of another cluster", AddRaftVoterRequest, **OTHER_CLUSTER, timeout_ms=1000, listeners=listeners
    )


@scenario([0], guarded=True)
def remove_raft_voter(run: Conversation) -> None:
    table(run, "of another cluster", RemoveRaftVoterRequest, **OTHER_CLUSTER)


@scenario((0, 1), guarded=True)
def sasl_handshake(run: Conversation) -> None:
    table(run, "where nobody authenticates", SaslHandshakeRequest, mechanism="PLAIN")


@scenario((0, 2), guarded=True)
def sasl_authenticate(run: Conversation) -> None:
    table(run, "where nobody authenticates", SaslAuthenticateRequest, auth_bytes=b"\0a\0b")
