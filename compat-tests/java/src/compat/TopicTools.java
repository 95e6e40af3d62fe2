package compat;

import static compat.Check.contains;
import static compat.Check.equal;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** The command line tools for topics, configs and offsets. */
final class TopicTools {
    private static final String TOPICS = "TopicCommand";
    private static final String CONFIGS = "kafka.admin.ConfigCommand";

    private static String[] with(Check check, String... arguments) {
        return Stream.concat(Stream.of("--bootstrap-server", check.bootstrap), Stream.of(arguments)).toArray(String[]::new);
    }

    static void create(Check check, String topic, int partitions) throws Exception {
        String output = Tool.run(TOPICS, with(check, "--create", "--topic", topic, "--partitions", "" + partitions));
        contains(output, "Created topic " + topic + ".");
    }

    static void brokerApiVersions(Check check) throws Exception {
        String output = Tool.run("BrokerApiVersionsCommand", with(check));
        for (String line : List.of("Produce(0): 0 to 13 [usable: 13]", "Fetch(1): 4 to 18 [usable: 18]",
            "JoinGroup(11): 0 to 9 [usable: 9]", "ApiVersions(18): 0 to 4 [usable: 4]",
            "InitProducerId(22): 0 to 5 [usable: 5]", "DescribeTopicPartitions(75): 0 [usable: 0]")) {
            contains(output, line);
        }
    }

    static void topics(Check check) throws Exception {
        String topic = check.own("a");
        String created = Tool.run(TOPICS, with(check, "--create", "--topic", topic, "--partitions", "3",
            "--replication-factor", "1", "--config", "retention.ms=600000"));
        contains(created, "Created topic " + topic);
        Tool.run(TOPICS, with(check, "--create", "--topic", topic, "--if-not-exists"));
        equal(Tool.run(TOPICS, with(check, "--list")).lines().anyMatch(topic::equals), true, "topic is listed");
        String described = Tool.run(TOPICS, with(check, "--describe", "--topic", topic));
        contains(described, "PartitionCount: 3");
        contains(described, "ReplicationFactor: 1");
        contains(described, "retention.ms=600000");
        String id = described.replaceAll("(?s).*TopicId: (\\S+).*", "$1");
        equal(id.length(), 22, "length of the topic id " + id);
        contains(Tool.run(TOPICS, with(check, "--describe", "--topic-id", id)), "Topic: " + topic);

        Tool.run(TOPICS, with(check, "--alter", "--topic", topic, "--partitions", "5"));
        Check.until(Duration.ofSeconds(5), "5 partitions", () ->
            Tool.run(TOPICS, with(check, "--describe", "--topic", topic)).contains("PartitionCount: 5"));
        Tool.run(TOPICS, with(check, "--delete", "--topic", topic));
        Check.until(Duration.ofSeconds(5), "topic is not listed", () ->
            Tool.run(TOPICS, with(check, "--list")).lines().noneMatch(topic::equals));
    }

    static void topicErrors(Check check) throws Exception {
        String topic = check.own("a");
        create(check, topic, 2);
        String again = Tool.start(TOPICS, with(check, "--create", "--topic", topic)).finish(1);
        contains(again, "Topic '" + topic + "' already exists");
        String fewer = Tool.start(TOPICS, with(check, "--alter", "--topic", topic, "--partitions", "1")).finish(1);
        contains(fewer, "1 would not be an increase");
        String factor = Tool.start(TOPICS, with(check, "--create", "--topic", check.own("b"), "--replication-factor", "3")).finish(1);
        contains(factor, "replication factor");
        String config = Tool.start(TOPICS, with(check, "--create", "--topic", check.own("c"), "--config", "retention.ms=-5")).finish(1);
        contains(config, "Invalid value -5 for configuration retention.ms");
        String missing = Tool.start(TOPICS, with(check, "--describe", "--topic", check.own("d"))).finish(1);
        contains(missing, "does not exist as expected");
    }

    static void topicConfigs(Check check) throws Exception {
        String topic = check.own("a");
        create(check, topic, 1);
        String[] entity = {"--entity-type", "topics", "--entity-name", topic};
        String altered = Tool.run(CONFIGS, with(check, concat(entity, "--alter", "--add-config", "retention.ms=1234567,cleanup.policy=[compact,delete]")));
        contains(altered, "Completed updating config for topic " + topic);
        Check.until(Duration.ofSeconds(5), "both configs described with their synonyms", () -> {
            String described = Tool.run(CONFIGS, with(check, concat(entity, "--describe")));
            return described.contains("retention.ms=1234567 sensitive=false synonyms={DYNAMIC_TOPIC_CONFIG:retention.ms=1234567}")
                && described.contains("cleanup.policy=compact,delete sensitive=false synonyms={DYNAMIC_TOPIC_CONFIG:cleanup.policy=compact,delete, "
                    + "DEFAULT_CONFIG:log.cleanup.policy=delete}");
        });
        Tool.run(CONFIGS, with(check, concat(entity, "--alter", "--delete-config", "retention.ms")));
        Check.until(Duration.ofSeconds(5), "retention.ms is gone", () ->
            !Tool.run(CONFIGS, with(check, concat(entity, "--describe"))).contains("retention.ms=1234567"));
        String bad = Tool.start(CONFIGS, with(check, concat(entity, "--alter", "--add-config", "retention.ms=soon"))).finish(1);
        contains(bad, "InvalidConfigurationException");
        contains(Tool.run(CONFIGS, with(check, concat(entity, "--describe", "--all"))), "segment.bytes=1073741824");
    }

    static void brokerConfigs(Check check) throws Exception {
        String[] entity = {"--entity-type", "brokers", "--entity-name", "0"};
        contains(Tool.run(CONFIGS, with(check, concat(entity, "--describe", "--all"))), "log.cleaner.threads=1 ");
        Tool.run(CONFIGS, with(check, concat(entity, "--alter", "--add-config", "log.cleaner.threads=2")));
        Check.until(Duration.ofSeconds(5), "log.cleaner.threads=2", () ->
            Tool.run(CONFIGS, with(check, concat(entity, "--describe"))).contains(
                "log.cleaner.threads=2 sensitive=false synonyms={DYNAMIC_BROKER_CONFIG:log.cleaner.threads=2, DEFAULT_CONFIG:log.cleaner.threads=1}"));
        Tool.run(CONFIGS, with(check, concat(entity, "--alter", "--delete-config", "log.cleaner.threads")));
    }

    private static String[] concat(String[] first, String... rest) {
        return Stream.concat(Stream.of(first), Stream.of(rest)).toArray(String[]::new);
    }

    static void getOffsets(Check check) throws Exception {
        String topic = check.own("a");
        create(check, topic, 2);
        long base = 1_700_000_000_000L;
        for (long step : new long[] {0, 5000, 2000}) { // one batch each; offset 1 has the largest timestamp
            Records.produce(check, topic, 1, base + step, List.of("v"));
        }
        for (String[] tried : new String[][] {{"latest", "3"}, {"earliest", "0"}, {"max-timestamp", "1"},
            {"earliest-local", "0"}, {Long.toString(base + 1), "1"}}) {
            String output = Tool.run("GetOffsetShell", with(check, "--topic", topic, "--time", tried[0]));
            contains(output, topic + ":1:" + tried[1] + "\n");
        }
        contains(Tool.run("GetOffsetShell", with(check, "--topic-partitions", topic + ":0", "--time", "-1")), topic + ":0:0\n");
    }

    static void deleteRecords(Check check) throws Exception {
        String topic = check.own("a");
        create(check, topic, 1);
        Records.produce(check, topic, 0, 0, Records.numbered(20));
        String file = Tool.file("{\"partitions\":[{\"topic\":\"%s\",\"partition\":0,\"offset\":12}],\"version\":1}".formatted(topic));
        String output = Tool.run("DeleteRecordsCommand", with(check, "--offset-json-file", file));
        contains(output, "partition: " + topic + "-0\tlow_watermark: 12");
        contains(Tool.run("GetOffsetShell", with(check, "--topic", topic, "--time", "-2")), topic + ":0:12\n");
        equal(Records.read(check, topic, 0, 8).get(0).offset(), 12L, "first offset left");
    }
}
