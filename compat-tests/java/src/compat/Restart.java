package compat;

import static compat.Check.equal;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.ConfigResource;

/** What must be there after the broker was stopped and started again. */
final class Restart {
    static void prepare(Check check) throws Exception {
        String topic = AdminClient.createNamed(check, check.shared("restart"), 1, Map.of("retention.ms", "7654321"));
        // The topic's id travels in the keys: the checks after the restart compare it.
        byte[] id = Records.bytes(AdminClient.id(check, topic).toString());
        try (var producer = Records.producer(check, Map.of())) {
            for (String value : Records.numbered(30)) {
                producer.send(new ProducerRecord<>(topic, 0, id, Records.bytes(value))).get();
            }
        }
        List<String> read = Groups.readAndCommit(check, check.shared("restart-group"), topic, 12);
        equal(read, Records.numbered(30).subList(0, 12), "first twelve");
    }

    static void topicKept(Check check) throws Exception {
        String topic = check.shared("restart");
        Records.expectValues(check, topic, 0, Records.numbered(30));
        String id = new String(Records.read(check, topic, 0, 1).get(0).key(), StandardCharsets.UTF_8);
        equal(AdminClient.id(check, topic).toString(), id, "topic id after the restart");
        try (Admin admin = AdminClient.open(check)) {
            AdminClient.expect(admin, new ConfigResource(ConfigResource.Type.TOPIC, topic), "retention.ms", "7654321",
                ConfigEntry.ConfigSource.DYNAMIC_TOPIC_CONFIG);
        }
    }

    static void groupResumes(Check check) throws Exception {
        String group = check.shared("restart-group");
        equal(Groups.committed(check, group, check.shared("restart")).offset(), 12L, "committed offset after the restart");
        List<String> read = Groups.readAndCommit(check, group, check.shared("restart"), 18);
        equal(read, Records.numbered(30).subList(12, 30), "records after the committed offset");
    }

    static void produceContinues(Check check) throws Exception {
        try (var producer = Records.producer(check, Map.of())) {
            long offset = producer.send(new ProducerRecord<>(check.shared("restart"), 0, null, Records.bytes("after"))).get().offset();
            equal(offset, 30L, "offset of the next record");
        }
    }
}
