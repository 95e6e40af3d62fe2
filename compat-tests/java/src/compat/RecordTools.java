package compat;

import static compat.Check.contains;
import static compat.Check.equal;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The command line tools that produce, consume and look after groups. */
final class RecordTools {
    private static final String GROUPS = "consumer.group.ConsumerGroupCommand";
    private static final Pattern CONSUMED = Pattern.compile("\"name\":\"records_consumed\".*?\"count\":(\\d+)|\"count\":(\\d+)[^\\n]*\"name\":\"records_consumed\"");

    static void console(Check check) throws Exception {
        String topic = check.own("a");
        TopicTools.create(check, topic, 1);
        String input = IntStream.range(0, 50).mapToObj(i -> "k" + i + ":value " + i + "\n").collect(Collectors.joining());
        Tool.runWithInput(input, "ConsoleProducer", "--bootstrap-server", check.bootstrap, "--topic", topic,
            "--reader-property", "parse.key=true", "--reader-property", "key.separator=:");
        String output = Tool.run("consumer.ConsoleConsumer", "--bootstrap-server", check.bootstrap, "--topic", topic,
            "--from-beginning", "--max-messages", "50", "--timeout-ms", "10000",
            "--formatter-property", "print.key=true", "--formatter-property", "print.offset=true");
        List<String> want = IntStream.range(0, 50).mapToObj(i -> "Offset:" + i + "\tk" + i + "\tvalue " + i).toList();
        equal(output.lines().filter(line -> line.startsWith("Offset:")).toList(), want, "lines of the console consumer");
        String tail = Tool.run("consumer.ConsoleConsumer", "--bootstrap-server", check.bootstrap, "--topic", topic,
            "--partition", "0", "--offset", "48", "--max-messages", "2", "--timeout-ms", "10000");
        contains(tail, "value 48\nvalue 49\n");
    }

    static void consoleCodecs(Check check) throws Exception {
        for (String codec : List.of("none", "gzip", "snappy", "lz4", "zstd")) {
            String topic = check.own(codec);
            TopicTools.create(check, topic, 1);
            String input = Records.numbered(100).stream().map(value -> value + "\n").collect(Collectors.joining());
            Tool.runWithInput(input, "ConsoleProducer", "--bootstrap-server", check.bootstrap, "--topic", topic, "--compression-codec", codec);
            String output = Tool.run("consumer.ConsoleConsumer", "--bootstrap-server", check.bootstrap, "--topic", topic,
                "--from-beginning", "--max-messages", "100", "--timeout-ms", "10000");
            equal(values(output), Records.numbered(100), codec + ": consumed values");
        }
    }

    /** The console consumer's output without its notes. */
    private static List<String> values(String output) {
        return output.lines().filter(line -> line.startsWith("value ")).toList();
    }

    static void verifiable(Check check) throws Exception {
        String topic = check.own("a");
        TopicTools.create(check, topic, 3);
        try (ToolProcess producer = ToolProcess.start("VerifiableProducer", "--bootstrap-server", check.bootstrap, "--topic", topic,
                 "--max-messages", "500", "--acks", "-1");
             ToolProcess consumer = ToolProcess.start("VerifiableConsumer", "--bootstrap-server", check.bootstrap, "--topic", topic,
                 "--group-id", check.own("g"), "--max-messages", "500", "--verbose", "--reset-policy", "earliest")) {
            String produced = producer.finish();
            equal(produced.lines().filter(line -> line.contains("producer_send_success")).count(), 500L, "records acknowledged");
            contains(produced, "\"sent\":500,\"acked\":500");
            String consumed = consumer.finish();
            long distinct = consumed.lines().filter(line -> line.contains("\"record_data\""))
                .map(line -> line.replaceFirst(".*(\"value\":\"[0-9]+\").*", "$1")).distinct().count();
            equal(distinct, 500L, "distinct records consumed");
            contains(consumed, "\"name\":\"offsets_committed\"");
            equal(consumed.contains("\"success\":false"), false, "a commit failed");
        }
    }

    /** Three consumers share six partitions; one is stopped; the other two take over, and all records are read. */
    static void verifiableGroup(Check check) throws Exception {
        String topic = check.own("a");
        TopicTools.create(check, topic, 6);
        String[] arguments = {"--bootstrap-server", check.bootstrap, "--topic", topic, "--group-id", check.own("g"),
            "--reset-policy", "earliest", "--session-timeout", "10000",
            "--command-config", Tool.file("heartbeat.interval.ms=300\n"),
            "--assignment-strategy", "org.apache.kafka.clients.consumer.CooperativeStickyAssignor"};
        try (ToolProcess one = ToolProcess.start("VerifiableConsumer", arguments);
             ToolProcess two = ToolProcess.start("VerifiableConsumer", arguments);
             ToolProcess three = ToolProcess.start("VerifiableConsumer", arguments)) {
            List<ToolProcess> members = List.of(one, two, three);
            Check.until(Duration.ofSeconds(30), "three members own two partitions each", () -> owned(check).equals(List.of(2, 2, 2)));
            Groups.send(check, topic, "first");
            Check.until(Duration.ofSeconds(10), "60 records", () -> consumed(members) == 60);
            two.stop();
            Check.until(Duration.ofSeconds(15), "the two left own three partitions each", () -> owned(check).equals(List.of(3, 3)));
            Groups.send(check, topic, "second");
            Check.until(Duration.ofSeconds(10), "120 records", () -> consumed(members) == 120);
            one.stop();
            three.stop();
            equal(consumed(members), 120, "records consumed by all three");
        }
    }

    /** How many partitions each member owns, from the table that --describe --members prints. */
    private static List<Integer> owned(Check check) throws Exception {
        String table = Tool.run(GROUPS, "--bootstrap-server", check.bootstrap, "--describe", "--members", "--group", check.own("g"));
        return table.lines().filter(line -> line.startsWith(check.own("g")))
            .map(line -> Integer.valueOf(line.trim().split("\\s+")[4])).sorted().toList();
    }

    private static int consumed(List<ToolProcess> members) {
        int sum = 0;
        for (ToolProcess member : members) {
            Matcher matcher = CONSUMED.matcher(member.output());
            while (matcher.find()) {
                sum += Integer.parseInt(matcher.group(1) == null ? matcher.group(2) : matcher.group(1));
            }
        }
        return sum;
    }

    static void consumerGroups(Check check) throws Exception {
        String topic = check.own("a");
        String group = check.own("g");
        TopicTools.create(check, topic, 1);
        Records.produce(check, topic, 0, 0, Records.numbered(10));
        Tool.run("consumer.ConsoleConsumer", "--bootstrap-server", check.bootstrap, "--topic", topic, "--group", group,
            "--from-beginning", "--max-messages", "10", "--timeout-ms", "10000");
        Records.produce(check, topic, 0, 0, Records.numbered(5));
        equal(tool(check, "--list").lines().anyMatch(group::equals), true, "group is listed");
        contains(tool(check, "--list", "--state"), "Empty");
        equal(row(check, group, topic), Map.of("CURRENT-OFFSET", "10", "LOG-END-OFFSET", "15", "LAG", "5", "PARTITION", "0"), "described offsets");
        contains(tool(check, "--describe", "--state", "--group", group), "Empty");

        contains(tool(check, "--reset-offsets", "--to-earliest", "--execute", "--group", group, "--topic", topic), topic);
        equal(row(check, group, topic).get("CURRENT-OFFSET"), "0", "offset after the reset to earliest");
        tool(check, "--reset-offsets", "--shift-by", "7", "--execute", "--group", group, "--topic", topic);
        equal(row(check, group, topic).get("CURRENT-OFFSET"), "7", "offset after the shift by 7");
        String rest = Tool.run("consumer.ConsoleConsumer", "--bootstrap-server", check.bootstrap, "--topic", topic, "--group", group,
            "--max-messages", "8", "--timeout-ms", "10000");
        equal(values(rest).subList(0, 4), List.of("value 7", "value 8", "value 9", "value 0"), "records after the reset");

        contains(tool(check, "--delete-offsets", "--group", group, "--topic", topic), "Successful");
        equal(row(check, group, topic), Map.of(), "described offsets after their deletion");
        contains(tool(check, "--delete", "--group", group), "was successful");
        contains(tool(check, "--describe", "--group", group), "Group " + group + " not found.");
    }

    private static String tool(Check check, String... arguments) throws Exception {
        String[] all = new String[arguments.length + 2];
        all[0] = "--bootstrap-server";
        all[1] = check.bootstrap;
        System.arraycopy(arguments, 0, all, 2, arguments.length);
        Tool tool = Tool.start(GROUPS, all);
        try {
            return tool.finish(0);
        } catch (AssertionError status) {
            return tool.output(); // --describe of no group ends with status 1 in some releases
        }
    }

    /** Some columns of the one line that describes the topic in the group. */
    private static Map<String, String> row(Check check, String group, String topic) throws Exception {
        List<String> lines = tool(check, "--describe", "--group", group).lines().filter(line -> !line.isBlank()).toList();
        Map<String, String> row = new HashMap<>();
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).startsWith("GROUP") && i + 1 < lines.size() && lines.get(i + 1).contains(topic)) {
                String[] names = lines.get(i).trim().split("\\s+");
                String[] values = lines.get(i + 1).trim().split("\\s+");
                for (String wanted : List.of("PARTITION", "CURRENT-OFFSET", "LOG-END-OFFSET", "LAG")) {
                    row.put(wanted, values[List.of(names).indexOf(wanted)]);
                }
            }
        }
        return row;
    }

    static void performance(Check check) throws Exception {
        String topic = check.own("a");
        TopicTools.create(check, topic, 3);
        String produced = Tool.run("ProducerPerformance", "--topic", topic, "--num-records", "20000", "--record-size", "200",
            "--throughput", "-1", "--bootstrap-server", check.bootstrap);
        contains(produced, "20000 records sent");
        String consumed = Tool.run("ConsumerPerformance", "--bootstrap-server", check.bootstrap, "--topic", topic, "--num-records", "20000", "--group", check.own("g"));
        contains(consumed, ", 20000, ");
    }
}
