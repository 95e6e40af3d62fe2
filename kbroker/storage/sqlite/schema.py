"""Tables of the embedded store, as the migrations that make them.

Entry N of `MIGRATIONS` brings a database from schema version N to N + 1. Entries are never edited once
released: a change of the tables is a new entry at the end.
"""

_GROUPS_1 = """
CREATE TABLE consumer_groups (
    group_id TEXT PRIMARY KEY,
    state BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE committed_offsets (
    group_id TEXT NOT NULL,
    topic TEXT NOT NULL,
    partition INTEGER NOT NULL,
    committed_offset INTEGER NOT NULL,
    leader_epoch INTEGER NOT NULL,
    metadata TEXT NOT NULL,
    commit_timestamp INTEGER NOT NULL,
    expire_timestamp INTEGER NOT NULL,
    topic_id BLOB NOT NULL,
    PRIMARY KEY (group_id, topic, partition)
) WITHOUT ROWID;
"""

_METADATA_1 = """
CREATE TABLE cluster (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE topics (
    topic_id BLOB PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    partitions INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE topic_configs (
    topic_id BLOB NOT NULL REFERENCES topics ON DELETE CASCADE,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (topic_id, name)
) WITHOUT ROWID;
CREATE TABLE broker_configs (
    resource TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (resource, name)
) WITHOUT ROWID;
"""

_TOPIC_DELETIONS_2 = """
CREATE TABLE topic_deletions (
    topic_id BLOB PRIMARY KEY,
    name TEXT NOT NULL,
    partitions INTEGER NOT NULL
) WITHOUT ROWID;
"""

_PARTITION_DIRECTORIES = """
CREATE TABLE partition_directories (
    topic TEXT NOT NULL,
    partition INTEGER NOT NULL,
    directory_id BLOB NOT NULL,
    PRIMARY KEY (topic, partition)
) WITHOUT ROWID;
"""

_FEATURES = """
CREATE TABLE features (
    name TEXT PRIMARY KEY,
    level INTEGER NOT NULL
) WITHOUT ROWID;
"""

_TRANSACTIONS = """
CREATE TABLE transactions (
    transactional_id TEXT PRIMARY KEY,
    state BLOB NOT NULL
) WITHOUT ROWID;
"""

_CLIENT_QUOTAS = """
CREATE TABLE client_quotas (
    entity TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (entity, name)
) WITHOUT ROWID;
"""

_PENDING_OFFSETS = """
CREATE TABLE pending_offsets (
    made INTEGER PRIMARY KEY,
    group_id TEXT NOT NULL,
    producer_id INTEGER NOT NULL,
    topic TEXT NOT NULL,
    partition INTEGER NOT NULL,
    committed_offset INTEGER NOT NULL,
    leader_epoch INTEGER NOT NULL,
    metadata TEXT NOT NULL,
    commit_timestamp INTEGER NOT NULL,
    topic_id BLOB NOT NULL,
    superseded INTEGER NOT NULL DEFAULT 0,
    changelog_partition INTEGER NOT NULL,
    UNIQUE (group_id, topic, partition, producer_id)
);
"""

_RESOURCE_CONFIGS = """
CREATE TABLE resource_configs (
    resource_type INTEGER NOT NULL,
    resource TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (resource_type, resource, name)
) WITHOUT ROWID;
"""

_AUTHENTICATION = """
CREATE TABLE scram_credentials (
    user_name TEXT NOT NULL,
    mechanism INTEGER NOT NULL,
    salt BLOB NOT NULL,
    stored_key BLOB NOT NULL,
    server_key BLOB NOT NULL,
    iterations INTEGER NOT NULL,
    PRIMARY KEY (user_name, mechanism)
) WITHOUT ROWID;
CREATE TABLE delegation_tokens (
    token_id TEXT NOT NULL UNIQUE,
    owner TEXT NOT NULL,
    requester TEXT NOT NULL,
    renewers TEXT NOT NULL,
    issued_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL,
    max_ms INTEGER NOT NULL
);
"""

_ACLS = """
CREATE TABLE acls (
    number INTEGER PRIMARY KEY,
    resource_type INTEGER NOT NULL,
    resource_name TEXT NOT NULL,
    pattern_type INTEGER NOT NULL,
    principal TEXT NOT NULL,
    host TEXT NOT NULL,
    operation INTEGER NOT NULL,
    permission_type INTEGER NOT NULL,
    UNIQUE (resource_type, resource_name, pattern_type, principal, host, operation, permission_type)
);
"""

MIGRATIONS: tuple[str, ...] = (
    _METADATA_1 + _GROUPS_1,
    _TOPIC_DELETIONS_2,
    _PARTITION_DIRECTORIES,
    _FEATURES,
    _TRANSACTIONS,
    _CLIENT_QUOTAS,
    _PENDING_OFFSETS,
    _RESOURCE_CONFIGS,
    _AUTHENTICATION,
    _ACLS,
)
