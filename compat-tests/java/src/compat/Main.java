package compat;

import java.io.PrintStream;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Runs named checks against a broker and prints "PASS name" or "FAIL name: reason" for each. */
public final class Main {
    private static final long LIMIT_SECONDS = 60;

    private record Entry(String phase, boolean quick, Check.Body body) {}

    private static final Map<String, Entry> CHECKS = new LinkedHashMap<>();

    private static void add(String name, String phase, boolean quick, Check.Body body) {
        CHECKS.put(name, new Entry(phase, quick, body));
    }

    static {
        add("tool_broker_api_versions", "main", true, TopicTools::brokerApiVersions);
        add("tool_topics", "main", true, TopicTools::topics);
        add("tool_topics_errors", "main", false, TopicTools::topicErrors);
        add("tool_configs_topic", "main", true, TopicTools::topicConfigs);
        add("tool_configs_broker", "main", false, TopicTools::brokerConfigs);
        add("tool_get_offsets", "main", true, TopicTools::getOffsets);
        add("tool_delete_records", "main", true, TopicTools::deleteRecords);
        add("tool_console_producer_consumer", "main", true, RecordTools::console);
        add("tool_console_all_codecs", "main", false, RecordTools::consoleCodecs);
        add("tool_verifiable_producer_consumer", "main", true, RecordTools::verifiable);
        add("tool_verifiable_group_of_three_one_leaves", "main", false, RecordTools::verifiableGroup);
        add("tool_consumer_groups", "main", true, RecordTools::consumerGroups);
        add("tool_performance", "main", false, RecordTools::performance);
        add("admin_cluster", "main", true, AdminClient::cluster);
        add("admin_topics_by_id", "main", true, AdminClient::topicsById);
        add("admin_list_offsets", "main", true, AdminClient::listOffsets);
        add("admin_configs_incremental", "main", false, AdminClient::configs);
        add("produce_consume_all_codecs", "main", true, Records::codecs);
        add("record_shapes", "main", false, Records::shapes);
        add("produce_idempotent", "main", true, Records::idempotent);
        add("produce_acks", "main", false, Records::acks);
        add("produce_too_large", "main", false, Records::tooLarge);
        add("produce_auto_create", "main", false, Records::autoCreate);
        add("consume_seek_and_pause", "main", true, Records::seekAndPause);
        add("log_append_time", "main", false, Records::logAppendTime);
        add("group_of_three_one_leaves", "main", true, Groups::ofThreeCooperative);
        add("group_of_three_eager", "main", false, Groups::ofThreeEager);
        add("group_pattern_and_new_partitions", "main", false, Groups::pattern);
        add("group_static_members", "main", true, Groups::staticMembers);
        add("group_resume", "main", true, Groups::resume);
        add("group_admin", "main", false, Groups::admin);
        add("outage_loses_and_doubles_nothing", "outage", false, Outage::losesAndDoublesNothing);
        add("restart_prepare", "before", true, Restart::prepare);
        add("restart_topic_kept", "after", true, Restart::topicKept);
        add("restart_group_resumes", "after", true, Restart::groupResumes);
        add("restart_produce_continues", "after", true, Restart::produceContinues);
    }

    public static void main(String[] argv) throws Exception {
        List<String> arguments = Arrays.asList(argv);
        String bootstrap = option(arguments, "--bootstrap", "127.0.0.1:9092");
        String prefix = option(arguments, "--prefix", "compat");
        String phase = option(arguments, "--phase", "main");
        String only = option(arguments, "--only", "");
        boolean quick = arguments.contains("--quick");
        PrintStream out = System.out;
        Tool.capture();
        boolean failed = false;
        for (Map.Entry<String, Entry> named : CHECKS.entrySet()) {
            Entry entry = named.getValue();
            if (!entry.phase.equals(phase) || (quick && !entry.quick) || !named.getKey().contains(only)) {
                continue;
            }
            String reason = run(entry.body, new Check(bootstrap, prefix, named.getKey()));
            failed |= reason != null;
            out.println(reason == null ? "PASS " + named.getKey() : "FAIL " + named.getKey() + ": " + reason);
        }
        out.flush();
        ProcessHandle.current().children().forEach(ProcessHandle::destroyForcibly);
        Runtime.getRuntime().halt(failed ? 1 : 0); // clients of a failed check may still be running
    }

    private static String option(List<String> arguments, String name, String otherwise) {
        int at = arguments.indexOf(name);
        return at < 0 ? otherwise : arguments.get(at + 1);
    }

    /** Returns why the check failed, or null. */
    private static String run(Check.Body body, Check check) throws InterruptedException {
        CompletableFuture<String> outcome = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            try {
                body.run(check);
                outcome.complete(null);
            } catch (Throwable error) {
                StackTraceElement[] trace = error.getStackTrace();
                String place = Arrays.stream(trace).filter(f -> f.getClassName().startsWith("compat.")
                    && !f.getClassName().equals("compat.Check")).findFirst().map(f -> " at " + f).orElse("");
                outcome.complete((error.toString() + place).replaceAll("\\s+", " "));
            }
        });
        thread.setDaemon(true);
        thread.start();
        try {
            return outcome.get(LIMIT_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException late) {
            StackTraceElement[] trace = thread.getStackTrace();
            String place = Arrays.stream(trace).filter(f -> f.getClassName().startsWith("compat."))
                .findFirst().map(f -> " at " + f).orElse("");
            return "no end after " + LIMIT_SECONDS + " s" + place;
        } catch (java.util.concurrent.ExecutionException never) {
            return never.toString();
        }
    }
}
