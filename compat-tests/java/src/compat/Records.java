package compat;

import static compat.Check.equal;
import static compat.Check.fails;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Producing and consuming with the Java client. */
final class Records {
    static KafkaProducer<byte[], byte[]> producer(Check check, Map<String, Object> settings) {
        Map<String, Object> all = new HashMap<>(Map.of("bootstrap.servers", check.bootstrap, "delivery.timeout.ms", 15000,
            "request.timeout.ms", 10000, "max.block.ms", 10000));
        all.putAll(settings);
        return new KafkaProducer<>(all, new ByteArraySerializer(), new ByteArraySerializer());
    }

    static KafkaConsumer<byte[], byte[]> consumer(Check check, Map<String, Object> settings) {
        Map<String, Object> all = new HashMap<>(Map.of("bootstrap.servers", check.bootstrap, "auto.offset.reset", "earliest",
            "enable.auto.commit", false, "fetch.max.wait.ms", 200, "heartbeat.interval.ms", 200, "session.timeout.ms", 10000));
        all.putAll(settings);
        return new KafkaConsumer<>(all, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static String text(ConsumerRecord<byte[], byte[]> record) {
        return new String(record.value(), StandardCharsets.UTF_8);
    }

    static List<String> numbered(int count) {
        return IntStream.range(0, count).mapToObj(i -> "value " + i).toList();
    }

    /** Sends the values to one partition, at this time in ms if it isn't 0. */
    static void produce(Check check, String topic, int partition, long timestamp, List<String> values) throws Exception {
        produce(check, Map.of(), topic, partition, timestamp, values);
    }

    static void produce(Check check, Map<String, Object> settings, String topic, int partition, long timestamp, List<String> values) throws Exception {
        try (var producer = producer(check, settings)) {
            List<Future<RecordMetadata>> sent = new ArrayList<>();
            for (String value : values) {
                sent.add(producer.send(new ProducerRecord<>(topic, partition, timestamp == 0 ? null : timestamp, null, bytes(value))));
            }
            for (Future<RecordMetadata> one : sent) {
                one.get();
            }
        }
    }

    /** The first count records of a partition; fewer, if no more come within 5 s. */
    static List<ConsumerRecord<byte[], byte[]>> read(Check check, String topic, int partition, int count) {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        try (var consumer = consumer(check, Map.of())) {
            TopicPartition from = new TopicPartition(topic, partition);
            consumer.assign(List.of(from));
            consumer.seekToBeginning(List.of(from));
            long deadline = System.nanoTime() + Duration.ofSeconds(5).toNanos();
            while (records.size() < count && System.nanoTime() < deadline) {
                consumer.poll(Duration.ofMillis(100)).forEach(records::add);
            }
        }
        return records;
    }

    static void expectValues(Check check, String topic, int partition, List<String> values) {
        var records = read(check, topic, partition, values.size());
        equal(records.stream().map(Records::text).toList(), values, "values of " + topic);
        for (int i = 0; i < records.size(); i++) {
            equal(records.get(i).offset(), (long) i, "offset");
        }
    }

    static void codecs(Check check) throws Exception {
        for (String codec : List.of("none", "gzip", "snappy", "lz4", "zstd")) {
            String topic = AdminClient.create(check, codec, 1, Map.of());
            produce(check, Map.of("compression.type", codec, "linger.ms", 20), topic, 0, 0, numbered(200));
            expectValues(check, topic, 0, numbered(200));
        }
    }

    static void shapes(Check check) throws Exception {
        String topic = AdminClient.create(check, "a", 1, Map.of());
        long at = 1_600_000_000_123L;
        List<ProducerRecord<byte[], byte[]>> want = List.of(
            new ProducerRecord<>(topic, 0, at, bytes("k"), bytes("v")),
            new ProducerRecord<>(topic, 0, at + 1, null, bytes("no key")),
            new ProducerRecord<>(topic, 0, at + 2, bytes("no value"), (byte[]) null),
            new ProducerRecord<>(topic, 0, at + 3, bytes("headers"), bytes(""), List.of(new RecordHeader("a", bytes("1")),
                new RecordHeader("a", (byte[]) null), new RecordHeader("ü", new byte[] {0, -1}))),
            new ProducerRecord<>(topic, 0, at + 4, bytes("big"), bytes("0123456789".repeat(50_000))));
        try (var producer = producer(check, Map.of())) {
            for (int i = 0; i < want.size(); i++) {
                RecordMetadata metadata = producer.send(want.get(i)).get();
                equal(metadata.offset(), (long) i, "offset that Produce answered");
                equal(metadata.timestamp(), at + i, "timestamp that Produce answered");
            }
        }
        var got = read(check, topic, 0, want.size());
        equal(got.size(), want.size(), "records");
        for (int i = 0; i < want.size(); i++) {
            equal(Arrays.equals(got.get(i).key(), want.get(i).key()), true, "key of record " + i);
            equal(Arrays.equals(got.get(i).value(), want.get(i).value()), true, "value of record " + i);
            equal(got.get(i).headers(), want.get(i).headers(), "headers of record " + i);
            equal(got.get(i).timestamp(), at + i, "timestamp of record " + i);
            equal(got.get(i).timestampType(), TimestampType.CREATE_TIME, "timestamp type");
        }
    }

    /** Many small batches, five requests in flight: order and count show lost or doubled batches. */
    static void idempotent(Check check) throws Exception {
        String topic = AdminClient.create(check, "a", 2, Map.of());
        Map<String, Object> settings = Map.of("enable.idempotence", true, "batch.size", 200, "linger.ms", 0,
            "max.in.flight.requests.per.connection", 5);
        try (var producer = producer(check, settings)) {
            List<Future<RecordMetadata>> sent = new ArrayList<>();
            for (int i = 0; i < 2000; i++) {
                sent.add(producer.send(new ProducerRecord<>(topic, i % 2, null, bytes("value " + i / 2))));
            }
            for (int i = 0; i < 2000; i++) {
                equal(sent.get(i).get().offset(), (long) i / 2, "offset that Produce answered");
            }
        }
        expectValues(check, topic, 0, numbered(1000));
        expectValues(check, topic, 1, numbered(1000));
    }

    static void acks(Check check) throws Exception {
        for (String acks : List.of("0", "1", "all")) {
            String topic = AdminClient.create(check, "acks" + acks, 1, Map.of());
            produce(check, Map.of("acks", acks, "enable.idempotence", false), topic, 0, 0, numbered(50));
            expectValues(check, topic, 0, numbered(50));
        }
    }

    static void tooLarge(Check check) throws Exception {
        String topic = AdminClient.create(check, "a", 1, Map.of("max.message.bytes", "2000"));
        try (var producer = producer(check, Map.of())) {
            fails(RecordTooLargeException.class, "3000 bytes where 2000 are allowed", () ->
                producer.send(new ProducerRecord<>(topic, new byte[3000])).get() == null);
            equal(producer.send(new ProducerRecord<>(topic, bytes("value 0"))).get().offset(), 0L, "offset of the next record");
        }
        expectValues(check, topic, 0, numbered(1));
    }

    static void autoCreate(Check check) throws Exception {
        String topic = check.own("a");
        try (var producer = producer(check, Map.of())) {
            equal(producer.send(new ProducerRecord<>(topic, 0, null, bytes("value 0"))).get().offset(), 0L, "offset in a new topic");
        }
        expectValues(check, topic, 0, numbered(1));
    }

    /** Seeking by offset and by time, positions, pausing and resuming. */
    static void seekAndPause(Check check) throws Exception {
        String topic = AdminClient.create(check, "a", 2, Map.of());
        long base = 1_700_000_000_000L;
        for (int i = 0; i < 5; i++) {
            produce(check, topic, 0, base + i * 1000, List.of("value " + i));
        }
        produce(check, topic, 1, base, List.of("other"));
        TopicPartition zero = new TopicPartition(topic, 0);
        TopicPartition one = new TopicPartition(topic, 1);
        try (var consumer = consumer(check, Map.of())) {
            consumer.assign(List.of(zero, one));
            equal(consumer.beginningOffsets(List.of(zero)).get(zero), 0L, "beginning");
            equal(consumer.endOffsets(List.of(zero, one)), Map.of(zero, 5L, one, 1L), "ends");
            equal(consumer.offsetsForTimes(Map.of(zero, base + 2500)).get(zero).offset(), 3L, "first offset at or after base+2.5 s");
            equal(consumer.offsetsForTimes(Map.of(zero, base + 9000)).get(zero), null, "offset after the last record");
            consumer.pause(List.of(one));
            consumer.seek(zero, 3);
            consumer.seekToBeginning(List.of(one));
            List<String> values = new ArrayList<>();
            Check.until(Duration.ofSeconds(5), "two records", () -> {
                consumer.poll(Duration.ofMillis(100)).forEach(record -> values.add(text(record)));
                return values.size() >= 2;
            });
            equal(values, List.of("value 3", "value 4"), "records after the seek, of the partition that is not paused");
            equal(consumer.position(zero), 5L, "position");
            consumer.resume(List.of(one));
            Check.until(Duration.ofSeconds(5), "a third record", () -> {
                consumer.poll(Duration.ofMillis(100)).forEach(record -> values.add(text(record)));
                return values.size() >= 3;
            });
            equal(values.get(2), "other", "record of the resumed partition");
        }
    }

    static void logAppendTime(Check check) throws Exception {
        String topic = AdminClient.create(check, "a", 1, Map.of("message.timestamp.type", "LogAppendTime"));
        long before = System.currentTimeMillis();
        produce(check, topic, 0, 1000, numbered(3));
        for (var record : read(check, topic, 0, 3)) {
            equal(record.timestampType(), TimestampType.LOG_APPEND_TIME, "timestamp type");
            equal(record.timestamp() >= before && record.timestamp() <= System.currentTimeMillis(), true, "timestamp is the broker's");
        }
        expectValues(check, topic, 0, numbered(3));
    }
}
