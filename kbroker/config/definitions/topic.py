"""Topics."""

from kbroker.config.definitions.definition import (
    BOOLEAN,
    DOUBLE,
    INT,
    LIST,
    LONG,
    STRING,
    Definition,
    by_name,
)
from kbroker.config.validators import at_least, between, distinct, gzip_level, one_of, throttled_replicas

SETTINGS = (
    Definition("cleanup.policy", LIST, "delete", distinct("compact", "delete")),
    Definition("compression.gzip.level", INT, "-1", gzip_level),
    Definition("compression.lz4.level", INT, "9", between(1, 17)),
    Definition(
        "compression.type",
        STRING,
        "producer",
        one_of("uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"),
    ),
    Definition("compression.zstd.level", INT, "3", between(-131_072, 22)),
    Definition("delete.retention.ms", LONG, "86400000", at_least(0)),
    Definition("file.delete.delay.ms", LONG, "60000", at_least(0)),
    Definition("flush.messages", LONG, "9223372036854775807", at_least(1)),
    Definition("flush.ms", LONG, "9223372036854775807", at_least(0)),
    Definition("follower.replication.throttled.replicas", LIST, "", throttled_replicas),
    Definition("index.interval.bytes", INT, "4096", at_least(0)),
    Definition("leader.replication.throttled.replicas", LIST, "", throttled_replicas),
    Definition("local.retention.bytes", LONG, "-2", at_least(-2)),
    Definition("local.retention.ms", LONG, "-2", at_least(-2)),
    Definition("max.compaction.lag.ms", LONG, "9223372036854775807", at_least(1)),
    Definition("max.message.bytes", INT, "1048588", at_least(0)),
    Definition("message.timestamp.after.max.ms", LONG, "3600000", at_least(0)),
    Definition("message.timestamp.before.max.ms", LONG, "9223372036854775807", at_least(0)),
    Definition("message.timestamp.type", STRING, "CreateTime", one_of("CreateTime", "LogAppendTime")),
    Definition("min.cleanable.dirty.ratio", DOUBLE, "0.5", between(0, 1)),
    Definition("min.compaction.lag.ms", LONG, "0", at_least(0)),
    Definition("min.insync.replicas", INT, "1", at_least(1)),
    Definition("preallocate", BOOLEAN, "false"),
    Definition("remote.log.copy.disable", BOOLEAN, "false"),
    Definition("remote.log.delete.on.disable", BOOLEAN, "false"),
    Definition("remote.storage.enable", BOOLEAN, "false"),
    Definition("retention.bytes", LONG, "-1"),
    Definition("retention.ms", LONG, "604800000", at_least(-1)),
    Definition("segment.bytes", INT, "1073741824", at_least(1_048_576)),
    Definition("segment.index.bytes", INT, "10485760", at_least(4)),
    Definition("segment.jitter.ms", LONG, "0", at_least(0)),
    Definition("segment.ms", LONG, "604800000", at_least(1)),
    Definition("unclean.leader.election.enable", BOOLEAN, "false"),
)

TOPIC_CONFIGS = by_name(SETTINGS)
