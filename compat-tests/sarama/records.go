package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/IBM/sarama"
	"kbroker.test/compat/gocheck"
)

func producer(t *gocheck.T, c *sarama.Config) sarama.SyncProducer {
	p, err := sarama.NewSyncProducer([]string{t.Bootstrap}, c)
	t.Ok(err, "producer")
	t.Cleanup(func() { _ = p.Close() })
	return p
}

// produce sends count records with distinct values to one partition and returns the values.
func produce(t *gocheck.T, c *sarama.Config, topic string, partition int32, count int) []string {
	var messages []*sarama.ProducerMessage
	var values []string
	for i := range count {
		values = append(values, fmt.Sprintf("%s/%d %s", topic, i, strings.Repeat("x", 100)))
		messages = append(messages, &sarama.ProducerMessage{Topic: topic, Partition: partition, Value: sarama.StringEncoder(values[i])})
	}
	t.Ok(producer(t, c).SendMessages(messages), "produce")
	return values
}

// read returns up to count messages from offset on; fewer, if no more come within 3 s.
func read(t *gocheck.T, c *sarama.Config, topic string, partition int32, offset int64, count int) []*sarama.ConsumerMessage {
	consumer, err := sarama.NewConsumer([]string{t.Bootstrap}, c)
	t.Ok(err, "consumer")
	defer consumer.Close()
	var stream sarama.PartitionConsumer
	t.Retry(10*time.Second, "consume", func() error { // a broker that has just started may not lead yet
		stream, err = consumer.ConsumePartition(topic, partition, offset)
		return err
	})
	defer stream.Close()
	var messages []*sarama.ConsumerMessage
	deadline := time.After(3 * time.Second)
	for len(messages) < count {
		select {
		case message := <-stream.Messages():
			messages = append(messages, message)
		case <-deadline:
			return messages
		}
	}
	return messages
}

func readValues(t *gocheck.T, c *sarama.Config, topic string, partition int32, count int) []string {
	var values []string
	for i, message := range read(t, c, topic, partition, sarama.OffsetOldest, count) {
		t.Equal(message.Offset, int64(i), "offset")
		values = append(values, string(message.Value))
	}
	return values
}

func codecs(t *gocheck.T, version sarama.KafkaVersion, codecs ...sarama.CompressionCodec) {
	for _, codec := range codecs {
		c := config()
		c.Version = version
		c.Producer.Compression = codec
		topic := create(t, codec.String(), 1, nil)
		values := produce(t, c, topic, 0, 200)
		t.Equal(readValues(t, c, topic, 0, 200), values, codec.String()+": values")
	}
}

const none, gzip, snappy, lz4, zstd = sarama.CompressionNone, sarama.CompressionGZIP, sarama.CompressionSnappy, sarama.CompressionLZ4, sarama.CompressionZSTD

func codecsNewest(t *gocheck.T)  { codecs(t, sarama.MaxVersion, none, gzip, snappy, lz4, zstd) }
func codecsDefault(t *gocheck.T) { codecs(t, sarama.DefaultVersion, none, zstd) }
func codecsOldest(t *gocheck.T)  { codecs(t, sarama.V0_11_0_2, none, gzip, snappy, lz4) }

func recordShapes(t *gocheck.T) {
	topic := create(t, "a", 1, nil)
	at := time.UnixMilli(1_600_000_000_123)
	want := []*sarama.ProducerMessage{
		{Key: sarama.StringEncoder("k"), Value: sarama.StringEncoder("v")},
		{Value: sarama.StringEncoder("no key")},
		{Key: sarama.StringEncoder("no value")},
		{Key: sarama.StringEncoder("headers"), Value: sarama.StringEncoder("v"), Headers: []sarama.RecordHeader{
			{Key: []byte("a"), Value: []byte("1")}, {Key: []byte("a"), Value: []byte("2")}, {Key: []byte("ü"), Value: []byte{0, 255}},
		}},
		{Key: sarama.StringEncoder("big"), Value: sarama.StringEncoder(strings.Repeat("0123456789", 50_000))},
	}
	for _, message := range want {
		message.Topic, message.Timestamp = topic, at
	}
	t.Ok(producer(t, config()).SendMessages(want), "produce")
	got := read(t, config(), topic, 0, sarama.OffsetOldest, len(want))
	t.Equal(len(got), len(want), "messages")
	for i := range want {
		what := fmt.Sprintf("of message %d", i)
		equalBytes(t, got[i].Key, want[i].Key, "key "+what)
		equalBytes(t, got[i].Value, want[i].Value, "value "+what)
		t.Equal(len(got[i].Headers), len(want[i].Headers), "headers "+what)
		for h := range want[i].Headers {
			t.Equal(*got[i].Headers[h], want[i].Headers[h], "header "+what)
		}
		t.Equal(got[i].Timestamp.UnixMilli(), at.UnixMilli(), "timestamp "+what)
	}
}

func equalBytes(t *gocheck.T, got []byte, want sarama.Encoder, what string) {
	if want == nil {
		t.Equal(got == nil, true, what+" is null")
		return
	}
	bytes, err := want.Encode()
	t.Ok(err, what)
	t.Equal(string(got), string(bytes), what)
}

// idempotent sends single-record batches: order and count show lost or doubled ones.
func idempotent(t *gocheck.T) {
	topic := create(t, "a", 2, nil)
	c := config()
	c.Producer.Idempotent = true
	c.Net.MaxOpenRequests = 1
	c.Producer.Flush.MaxMessages = 5
	var messages []*sarama.ProducerMessage
	for i := range 1000 {
		messages = append(messages, &sarama.ProducerMessage{Topic: topic, Partition: int32(i % 2), Value: sarama.StringEncoder(fmt.Sprint(i))})
	}
	t.Ok(producer(t, c).SendMessages(messages), "produce")
	for p := range int32(2) {
		got := read(t, config(), topic, p, sarama.OffsetOldest, 500)
		t.Equal(len(got), 500, "messages")
		for i, message := range got {
			t.Equal(string(message.Value), fmt.Sprint(2*i+int(p)), "value")
		}
		t.Equal(offset(t, topic, p, sarama.OffsetNewest), int64(500), "end offset")
	}
}

func acks(t *gocheck.T) {
	for name, level := range map[string]sarama.RequiredAcks{"acks0": sarama.NoResponse, "acks1": sarama.WaitForLocal, "acksall": sarama.WaitForAll} {
		c := config()
		c.Producer.RequiredAcks = level
		topic := create(t, name, 1, nil)
		values := produce(t, c, topic, 0, 50)
		t.Equal(readValues(t, config(), topic, 0, 50), values, name+": values")
	}
}

func tooLarge(t *gocheck.T) {
	topic := create(t, "a", 1, map[string]*string{"max.message.bytes": text("2000")})
	_, _, err := producer(t, config()).SendMessage(&sarama.ProducerMessage{Topic: topic, Value: sarama.ByteEncoder(make([]byte, 3000))})
	if !errors.Is(err, sarama.ErrMessageSizeTooLarge) {
		t.Fail("3000 bytes where 2000 are allowed: got %v, want MESSAGE_TOO_LARGE", err)
	}
}

func offset(t *gocheck.T, topic string, partition int32, at int64) int64 {
	client, err := sarama.NewClient([]string{t.Bootstrap}, config())
	t.Ok(err, "client")
	defer client.Close()
	found, err := client.GetOffset(topic, partition, at)
	t.Ok(err, "get offset")
	return found
}

func listOffsets(t *gocheck.T) {
	topic := create(t, "a", 1, nil)
	base := int64(1_700_000_000_000)
	for i, step := range []int64{0, 1000, 5000, 2000} { // one batch each; offset 2 has the largest timestamp
		_, at, err := producer(t, config()).SendMessage(&sarama.ProducerMessage{
			Topic: topic, Value: sarama.StringEncoder("v"), Timestamp: time.UnixMilli(base + step),
		})
		t.Ok(err, "produce")
		t.Equal(at, int64(i), "offset that Produce answered")
	}
	t.Equal(offset(t, topic, 0, sarama.OffsetOldest), int64(0), "oldest")
	t.Equal(offset(t, topic, 0, sarama.OffsetNewest), int64(4), "newest")
	t.Equal(offset(t, topic, 0, base+1), int64(1), "first at or after base+1")
	t.Equal(offset(t, topic, 0, base+9000), int64(-1), "after the last")
	// sarama asks with ListOffsets 6 at most, and max timestamp (-3) came with version 7.
	results, err := admin(t).ListOffsets(map[string]map[int32]int64{topic: {0: -3}}, nil)
	if err == nil {
		err = results[topic][0].Err
	}
	if !errors.Is(err, sarama.ErrUnsupportedVersion) {
		t.Fail("max timestamp with ListOffsets 6: got %v, want UNSUPPORTED_VERSION", err)
	}
}

func deleteRecords(t *gocheck.T) {
	topic := create(t, "a", 1, nil)
	produce(t, config(), topic, 0, 20)
	t.Ok(admin(t).DeleteRecords(topic, map[int32]int64{0: 12}), "delete before 12")
	t.Equal(offset(t, topic, 0, sarama.OffsetOldest), int64(12), "oldest offset")
	messages := read(t, config(), topic, 0, sarama.OffsetOldest, 8)
	t.Equal(len(messages), 8, "messages left")
	t.Equal(messages[0].Offset, int64(12), "first offset left")
	if err := admin(t).DeleteRecords(topic, map[int32]int64{0: 21}); err == nil || !strings.Contains(err.Error(), "outside the range") {
		t.Fail("delete beyond the end: got %v, want OFFSET_OUT_OF_RANGE", err)
	}
}
