import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Copies records in transactions with Java's client; every seventh transaction is aborted on purpose. */
public final class Loop {
    private static final int ABORT_EVERY = 7;

    private Loop() {}

    public static void main(String[] arguments) {
        Map<String, String> given = Arguments.parse(arguments);
        Map<String, Object> reading = Map.of(
            "bootstrap.servers", given.get("bootstrap"), "group.id", given.get("group"), "auto.offset.reset", "earliest",
            "enable.auto.commit", false, "session.timeout.ms", 3000, "heartbeat.interval.ms", 500,
            "isolation.level", "read_committed", "max.poll.records", 50);
        Map<String, Object> writing = Map.of(
            "bootstrap.servers", given.get("bootstrap"), "transactional.id", given.get("id"), "transaction.timeout.ms", 10000);
        try (var consumer = new KafkaConsumer<>(reading, new StringDeserializer(), new StringDeserializer());
             var producer = new KafkaProducer<>(writing, new StringSerializer(), new StringSerializer())) {
            producer.initTransactions();
            consumer.subscribe(List.of(given.get("input")));
            for (int number = 1; ; number++) {
                ConsumerRecords<String, String> records = consumer.poll(Duration.ofMillis(300));
                if (records.isEmpty()) {
                    continue;
                }
                try {
                    producer.beginTransaction();
                    Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
                    for (ConsumerRecord<String, String> record : records) {
                        producer.send(new ProducerRecord<>(given.get("output"), record.key(), record.value() + "!"));
                        offsets.put(new TopicPartition(record.topic(), record.partition()), new OffsetAndMetadata(record.offset() + 1));
                    }
                    producer.sendOffsetsToTransaction(offsets, consumer.groupMetadata());
                    if (number % ABORT_EVERY != 0) {
                        producer.commitTransaction();
                        continue;
                    }
                } catch (ProducerFencedException fenced) {
                    throw fenced;
                } catch (KafkaException abortable) {
                    System.err.println("aborting after " + abortable);
                }
                producer.abortTransaction();
                rewind(consumer);
            }
        }
    }

    private static void rewind(KafkaConsumer<String, String> consumer) {
        Set<TopicPartition> assigned = consumer.assignment();
        consumer.committed(assigned).forEach((partition, committed) -> {
            consumer.seek(partition, committed == null ? 0 : committed.offset());
        });
    }
}
