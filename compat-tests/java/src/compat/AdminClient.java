package compat;

import static compat.Check.equal;
import static compat.Check.fails;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.TopicCollection;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicIdException;

/** What the admin client does that no tool shows. */
final class AdminClient {
    static Admin open(Check check) {
        return Admin.create(Map.of("bootstrap.servers", check.bootstrap, "default.api.timeout.ms", "15000", "request.timeout.ms", "10000"));
    }

    /** Makes a topic, waits until it has leaders, and returns its name. */
    static String create(Check check, String suffix, int partitions, Map<String, String> configs) throws Exception {
        return createNamed(check, check.own(suffix), partitions, configs);
    }

    static String createNamed(Check check, String topic, int partitions, Map<String, String> configs) throws Exception {
        try (Admin admin = open(check)) {
            admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1).configs(configs))).all().get();
            Check.until(Duration.ofSeconds(5), "leaders", () -> {
                try {
                    return admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic).partitions().stream()
                        .filter(p -> p.leader() != null).count() == partitions;
                } catch (java.util.concurrent.ExecutionException notYet) {
                    return false;
                }
            });
        }
        return topic;
    }

    static Uuid id(Check check, String topic) throws Exception {
        try (Admin admin = open(check)) {
            return admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic).topicId();
        }
    }

    static void cluster(Check check) throws Exception {
        try (Admin admin = open(check)) {
            var cluster = admin.describeCluster();
            equal(cluster.nodes().get().size(), 1, "nodes");
            equal(cluster.clusterId().get().isEmpty(), false, "empty cluster id");
            equal(cluster.controller().get().id(), cluster.nodes().get().iterator().next().id(), "controller");
        }
    }

    static void topicsById(Check check) throws Exception {
        String topic = check.own("a");
        try (Admin admin = open(check)) {
            var created = admin.createTopics(List.of(new NewTopic(topic, 2, (short) 1).configs(Map.of("retention.ms", "600000"))));
            Uuid id = created.topicId(topic).get();
            equal(created.numPartitions(topic).get(), 2, "partitions in the create answer");
            equal(created.config(topic).get().get("retention.ms").value(), "600000", "config in the create answer");
            fails(TopicExistsException.class, "create it again", () ->
                admin.createTopics(List.of(new NewTopic(topic, 2, (short) 1))).all().get() == null);
            TopicDescription found = admin.describeTopics(TopicCollection.ofTopicIds(List.of(id))).allTopicIds().get().get(id);
            equal(found.name(), topic, "name of the topic with that id");
            admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(4))).all().get();
            Check.until(Duration.ofSeconds(5), "4 partitions", () ->
                admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic).partitions().size() == 4);
            admin.deleteTopics(TopicCollection.ofTopicIds(List.of(id))).all().get();
            Check.until(Duration.ofSeconds(5), "not listed", () -> !admin.listTopics().names().get().contains(topic));
            fails(UnknownTopicIdException.class, "describe the deleted id", () ->
                admin.describeTopics(TopicCollection.ofTopicIds(List.of(id))).allTopicIds().get() == null);
            equal(create(check, "a", 1, Map.of()), topic, "recreated");
            equal(id(check, topic).equals(id), false, "the recreated topic has the old id");
        }
    }

    static void listOffsets(Check check) throws Exception {
        String topic = create(check, "a", 1, Map.of());
        TopicPartition partition = new TopicPartition(topic, 0);
        long base = 1_700_000_000_000L;
        for (long step : new long[] {0, 5000, 2000}) {
            Records.produce(check, topic, 0, base + step, List.of("v"));
        }
        try (Admin admin = open(check)) {
            Map<OffsetSpec, Long> wanted = Map.of(OffsetSpec.earliest(), 0L, OffsetSpec.latest(), 3L, OffsetSpec.maxTimestamp(), 1L,
                OffsetSpec.forTimestamp(base + 1), 1L, OffsetSpec.forTimestamp(base + 9000), -1L,
                OffsetSpec.earliestLocal(), 0L, OffsetSpec.latestTiered(), -1L);
            for (var want : wanted.entrySet()) {
                long got = admin.listOffsets(Map.of(partition, want.getKey())).partitionResult(partition).get().offset();
                equal(got, want.getValue(), want.getKey().getClass().getSimpleName());
            }
        }
    }

    static void configs(Check check) throws Exception {
        String topic = create(check, "a", 1, Map.of("cleanup.policy", "compact"));
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        try (Admin admin = open(check)) {
            alter(admin, resource, "cleanup.policy", "delete", AlterConfigOp.OpType.APPEND);
            expect(admin, resource, "cleanup.policy", "compact,delete", ConfigEntry.ConfigSource.DYNAMIC_TOPIC_CONFIG);
            alter(admin, resource, "cleanup.policy", "compact", AlterConfigOp.OpType.SUBTRACT);
            expect(admin, resource, "cleanup.policy", "delete", ConfigEntry.ConfigSource.DYNAMIC_TOPIC_CONFIG);
            alter(admin, resource, "cleanup.policy", null, AlterConfigOp.OpType.DELETE);
            expect(admin, resource, "cleanup.policy", "delete", ConfigEntry.ConfigSource.DEFAULT_CONFIG);
            fails(InvalidConfigurationException.class, "an unknown config", () -> {
                alter(admin, resource, "no.such.config", "1", AlterConfigOp.OpType.SET);
                return true;
            });
            ConfigEntry entry = admin.describeConfigs(List.of(resource)).all().get().get(resource).get("segment.bytes");
            equal(entry.type(), ConfigEntry.ConfigType.INT, "type of segment.bytes");
        }
    }

    private static void alter(Admin admin, ConfigResource resource, String name, String value, AlterConfigOp.OpType type) throws Exception {
        admin.incrementalAlterConfigs(Map.of(resource, List.of(new AlterConfigOp(new ConfigEntry(name, value), type)))).all().get();
    }

    static void expect(Admin admin, ConfigResource resource, String name, String value, ConfigEntry.ConfigSource source) throws Exception {
        Check.until(Duration.ofSeconds(5), name + "=" + value + " from " + source, () -> {
            ConfigEntry entry = admin.describeConfigs(List.of(resource)).all().get().get(resource).get(name);
            return value.equals(entry.value()) && entry.source() == source;
        });
    }
}
