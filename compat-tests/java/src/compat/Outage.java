package compat;

import static compat.Check.equal;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** A producer and a consumer that keep working while the broker is ended by SIGKILL and started again. */
final class Outage {
    static void losesAndDoublesNothing(Check check) throws Exception {
        String topic = AdminClient.create(check, "a", 1, Map.of());
        AtomicInteger acknowledged = new AtomicInteger();
        AtomicReference<Exception> refused = new AtomicReference<>();
        Set<String> seen = new HashSet<>();
        int[] sent = {0};
        try (var member = Groups.join(check, check.own("g"), topic, Map.of("enable.auto.commit", true, "auto.commit.interval.ms", 200));
             var producer = Records.producer(check, Map.of("delivery.timeout.ms", 40000, "max.block.ms", 40000, "batch.size", 200))) {
            int[] afterwards = {-1};
            Check.until(Duration.ofSeconds(40), "the broker is gone and back, and 400 more records are acknowledged", () -> {
                for (int i = 0; i < 5; i++) {
                    producer.send(new ProducerRecord<>(topic, 0, null, Records.bytes("value " + sent[0]++)), (metadata, error) -> {
                        if (error == null) {
                            acknowledged.incrementAndGet();
                        } else {
                            refused.set(error);
                        }
                    });
                }
                member.poll(Duration.ofMillis(5)).forEach(record -> seen.add(Records.text(record)));
                if (afterwards[0] < 0 && outages(producer) > 0) {
                    afterwards[0] = acknowledged.get();
                }
                return afterwards[0] >= 0 && acknowledged.get() > afterwards[0] + 400;
            });
            producer.flush();
            equal(refused.get(), null, "a record was refused");
            equal(acknowledged.get(), sent[0], "records acknowledged of those sent");
            Check.until(Duration.ofSeconds(20), "the group has read every record", () -> {
                member.poll(Duration.ofMillis(100)).forEach(record -> seen.add(Records.text(record)));
                return seen.size() == sent[0];
            });
        }
        List<String> want = IntStream.range(0, sent[0]).mapToObj(i -> "value " + i).toList();
        Records.expectValues(check, topic, 0, want);
        try (var admin = AdminClient.open(check)) {
            var partition = new org.apache.kafka.common.TopicPartition(topic, 0);
            var end = admin.listOffsets(Map.of(partition, org.apache.kafka.clients.admin.OffsetSpec.latest())).partitionResult(partition).get();
            equal(end.offset(), (long) sent[0], "end offset: nothing is stored twice");
        }
    }

    private static double outages(KafkaProducer<byte[], byte[]> producer) {
        return producer.metrics().entrySet().stream()
            .filter(metric -> metric.getKey().name().equals("connection-close-total") && metric.getKey().group().equals("producer-metrics"))
            .mapToDouble(metric -> (double) metric.getValue().metricValue()).sum();
    }
}
