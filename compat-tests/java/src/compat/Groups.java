package compat;

import static compat.Check.equal;
import static compat.Check.fails;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.MemberToRemove;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.RemoveMembersFromConsumerGroupOptions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.RangeAssignor;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.GroupNotEmptyException;
import org.apache.kafka.common.errors.RebalanceInProgressException;

/** Consumer groups of the Java client, with the classic protocol. */
final class Groups {
    static KafkaConsumer<byte[], byte[]> join(Check check, String group, String topic, Map<String, Object> settings) {
        Map<String, Object> all = new HashMap<>(Map.of("group.id", group, "metadata.max.age.ms", 1000));
        all.putAll(settings);
        var consumer = Records.consumer(check, all);
        if (!topic.isEmpty()) {
            consumer.subscribe(List.of(topic));
        }
        return consumer;
    }

    @SafeVarargs
    private static void pollAll(Map<String, Integer> times, KafkaConsumer<byte[], byte[]>... members) {
        for (var member : members) {
            for (ConsumerRecord<byte[], byte[]> record : member.poll(Duration.ofMillis(30))) {
                times.merge(Records.text(record), 1, Integer::sum);
            }
            try {
                member.commitSync();
            } catch (RebalanceInProgressException later) { // the next poll joins; a later commit covers these records
            }
        }
    }

    /** Polls until the members own all partitions between them, each the same number. */
    @SafeVarargs
    private static void balance(int partitions, Map<String, Integer> times, KafkaConsumer<byte[], byte[]>... members) throws Exception {
        Check.until(Duration.ofSeconds(25), members.length + " members share " + partitions + " partitions", () -> {
            pollAll(times, members);
            Set<TopicPartition> owned = new HashSet<>();
            boolean even = true;
            for (var member : members) {
                owned.addAll(member.assignment());
                even &= member.assignment().size() == partitions / members.length;
            }
            return even && owned.size() == partitions;
        });
    }

    private static void ofThree(Check check, Class<?> assignor) throws Exception {
        String topic = AdminClient.create(check, "a", 6, Map.of());
        String group = check.own("g");
        Map<String, Object> settings = Map.of("partition.assignment.strategy", assignor.getName());
        Map<String, Integer> times = new HashMap<>();
        try (var one = join(check, group, topic, settings);
             var two = join(check, group, topic, settings);
             var three = join(check, group, topic, settings)) {
            balance(6, times, one, two, three);
            send(check, topic, "first");
            Check.until(Duration.ofSeconds(10), "60 records", () -> {
                pollAll(times, one, two, three);
                return times.size() >= 60;
            });
            two.close();
            balance(6, times, one, three);
            send(check, topic, "second");
            Check.until(Duration.ofSeconds(10), "120 records", () -> {
                pollAll(times, one, three);
                return times.size() >= 120;
            });
        }
        equal(times.size(), 120, "distinct records");
        equal(new TreeSet<>(times.values()), new TreeSet<>(Set.of(1)), "how often each record was read");
    }

    /** Sends ten records to each of six partitions. */
    static void send(Check check, String topic, String round) throws Exception {
        for (int partition = 0; partition < 6; partition++) {
            String start = round + " " + partition + " ";
            Records.produce(check, topic, partition, 0, Records.numbered(10).stream().map(value -> start + value).toList());
        }
    }

    static void ofThreeCooperative(Check check) throws Exception {
        ofThree(check, CooperativeStickyAssignor.class);
    }

    static void ofThreeEager(Check check) throws Exception {
        ofThree(check, RangeAssignor.class);
    }

    /** A static member with the cooperative assignor closes and comes back; the other one never loses a partition. */
    static void staticMembers(Check check) throws Exception {
        String topic = AdminClient.create(check, "a", 4, Map.of());
        String group = check.own("g");
        String assignor = CooperativeStickyAssignor.class.getName();
        Map<String, Integer> times = new HashMap<>();
        Map<String, Object> second = Map.of("group.instance.id", "two", "partition.assignment.strategy", assignor);
        try (var one = join(check, group, topic, Map.of("group.instance.id", "one", "partition.assignment.strategy", assignor));
             Admin admin = AdminClient.open(check)) {
            Set<TopicPartition> ofOne;
            Set<TopicPartition> ofTwo;
            try (var two = join(check, group, topic, second)) {
                balance(4, times, one, two);
                ofOne = Set.copyOf(one.assignment());
                ofTwo = Set.copyOf(two.assignment());
            }
            try (var two = join(check, group, topic, second)) {
                Check.until(Duration.ofSeconds(8), "the returning member has its partitions", () -> {
                    pollAll(times, one, two);
                    equal(Set.copyOf(one.assignment()), ofOne, "partitions of the member that stayed");
                    return two.assignment().equals(ofTwo);
                });
            }
            Set<String> instances = describe(admin, group).members().stream().map(m -> m.groupInstanceId().orElse("")).collect(Collectors.toSet());
            equal(instances, Set.of("one", "two"), "instance ids after the second one closed again");
            admin.removeMembersFromConsumerGroup(group, new RemoveMembersFromConsumerGroupOptions(List.of(new MemberToRemove("two")))).all().get();
            balance(4, times, one);
        }
    }

    /** A group that subscribed to a pattern takes on a topic made later, and partitions added to it. */
    static void pattern(Check check) throws Exception {
        String start = check.own("p");
        Map<String, Integer> times = new HashMap<>();
        try (var member = join(check, check.own("g"), "", Map.of("metadata.max.age.ms", 300)); Admin admin = AdminClient.open(check)) {
            member.subscribe(java.util.regex.Pattern.compile(java.util.regex.Pattern.quote(start) + ".*"));
            AdminClient.createNamed(check, start + "-1", 1, Map.of());
            balance(1, times, member);
            AdminClient.createNamed(check, start + "-2", 1, Map.of());
            balance(2, times, member);
            admin.createPartitions(Map.of(start + "-2", NewPartitions.increaseTo(3))).all().get();
            balance(4, times, member);
            Records.produce(check, start + "-2", 2, 0, Records.numbered(5));
            Check.until(Duration.ofSeconds(5), "5 records of the new partition", () -> {
                pollAll(times, member);
                return times.size() == 5;
            });
        }
    }

    private static ConsumerGroupDescription describe(Admin admin, String group) throws Exception {
        return admin.describeConsumerGroups(List.of(group)).all().get().get(group);
    }

    /** Joins the group, reads count records, commits exactly those and leaves. */
    static List<String> readAndCommit(Check check, String group, String topic, int count) throws Exception {
        List<String> values = new ArrayList<>();
        try (var member = join(check, group, topic, Map.of("max.poll.records", 1))) {
            Check.until(Duration.ofSeconds(20), count + " records", () -> {
                for (var record : member.poll(Duration.ofMillis(100))) {
                    values.add(Records.text(record));
                    member.commitSync(Map.of(new TopicPartition(topic, record.partition()), new OffsetAndMetadata(record.offset() + 1, "read")));
                }
                return values.size() == count;
            });
        }
        return values;
    }

    static OffsetAndMetadata committed(Check check, String group, String topic) throws Exception {
        try (Admin admin = AdminClient.open(check)) {
            return admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get().get(new TopicPartition(topic, 0));
        }
    }

    static void resume(Check check) throws Exception {
        String topic = AdminClient.create(check, "a", 1, Map.of());
        String group = check.own("g");
        List<String> values = Records.numbered(30);
        Records.produce(check, topic, 0, 0, values);
        equal(readAndCommit(check, group, topic, 10), values.subList(0, 10), "first ten");
        equal(committed(check, group, topic), new OffsetAndMetadata(10, "read"), "committed offset and metadata");
        equal(readAndCommit(check, group, topic, 20), values.subList(10, 30), "the rest, read by another consumer");
        equal(committed(check, group, topic).offset(), 30L, "committed offset");
    }

    static void admin(Check check) throws Exception {
        String topic = AdminClient.create(check, "a", 2, Map.of());
        String group = check.own("g");
        TopicPartition partition = new TopicPartition(topic, 0);
        try (Admin admin = AdminClient.open(check)) {
            try (var member = join(check, group, topic, Map.of("client.id", "the-client"))) {
                balance(2, new HashMap<>(), member);
                ConsumerGroupDescription described = describe(admin, group);
                equal(described.groupState(), GroupState.STABLE, "state");
                equal(described.partitionAssignor(), "range", "assignor");
                equal(described.members().size(), 1, "members");
                var one = described.members().iterator().next();
                equal(one.clientId(), "the-client", "client id of the member");
                equal(one.assignment().topicPartitions().size(), 2, "partitions of the member");
                fails(GroupNotEmptyException.class, "delete a group with a member", () ->
                    admin.deleteConsumerGroups(List.of(group)).all().get() == null);
            }
            Check.until(Duration.ofSeconds(5), "Empty", () -> describe(admin, group).groupState() == GroupState.EMPTY);
            admin.alterConsumerGroupOffsets(group, Map.of(partition, new OffsetAndMetadata(7))).all().get();
            equal(committed(check, group, topic).offset(), 7L, "altered offset");
            admin.deleteConsumerGroupOffsets(group, Set.of(partition)).all().get();
            equal(committed(check, group, topic), null, "deleted offset");
            equal(admin.listGroups().all().get().stream().anyMatch(listed -> listed.groupId().equals(group)), true, "group is listed");
            admin.deleteConsumerGroups(List.of(group)).all().get();
            fails(GroupIdNotFoundException.class, "delete it again", () -> admin.deleteConsumerGroups(List.of(group)).all().get() == null);
            fails(GroupIdNotFoundException.class, "describe it", () -> describe(admin, group) == null);
        }
    }
}
