import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/** Begins a transaction, writes to partition 0 of a topic, and leaves it open until it is ended from outside. */
public final class OpenTransaction {
    private OpenTransaction() {}

    public static void main(String[] arguments) throws Exception {
        String topic = arguments[0];
        String id = arguments[1];
        String bootstrap = arguments[3];
        var configs = Map.<String, Object>of("bootstrap.servers", bootstrap, "transactional.id", id, "transaction.timeout.ms", "600000");
        var producer = new KafkaProducer<>(configs, new StringSerializer(), new StringSerializer());
        producer.initTransactions();
        producer.beginTransaction();
        producer.send(new ProducerRecord<>(topic, 0, "k", "v")).get();
        System.out.println("open");
        new CountDownLatch(1).await();
    }
}
