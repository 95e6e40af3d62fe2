package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/segmentio/kafka-go"
	"kbroker.test/compat/gocheck"
)

// pinned sends every message to the partition it holds.
type pinned int

func (p pinned) Balance(kafka.Message, ...int) int { return int(p) }

func writer(t *gocheck.T, topic string, partition int) *kafka.Writer {
	w := &kafka.Writer{
		Addr: kafka.TCP(t.Bootstrap), Topic: topic, Balancer: pinned(partition), RequiredAcks: kafka.RequireAll,
		BatchTimeout: 10 * time.Millisecond, Transport: client(t).Transport,
	}
	t.Cleanup(func() { _ = w.Close() })
	return w
}

// write sends count messages with distinct values to one partition and returns the values.
func write(t *gocheck.T, topic string, partition, count int) []string {
	return writeWith(t, writer(t, topic, partition), topic, count)
}

func writeWith(t *gocheck.T, w *kafka.Writer, topic string, count int) []string {
	var messages []kafka.Message
	var values []string
	for i := range count {
		values = append(values, fmt.Sprintf("%s/%d %s", topic, i, strings.Repeat("x", 100)))
		messages = append(messages, kafka.Message{Value: []byte(values[i])})
	}
	t.Ok(w.WriteMessages(t.Ctx, messages...), "write")
	return values
}

func reader(t *gocheck.T, config kafka.ReaderConfig) *kafka.Reader {
	config.Brokers = []string{t.Bootstrap}
	config.MaxWait = 200 * time.Millisecond
	r := kafka.NewReader(config)
	t.Cleanup(func() { _ = r.Close() })
	return r
}

// next returns up to count messages; fewer, if no more come within 5 s.
func next(t *gocheck.T, r *kafka.Reader, count int) []kafka.Message {
	ctx, cancel := context.WithTimeout(t.Ctx, 5*time.Second)
	defer cancel()
	var messages []kafka.Message
	for len(messages) < count {
		message, err := r.FetchMessage(ctx)
		if errors.Is(err, context.DeadlineExceeded) {
			break
		}
		t.Ok(err, "fetch")
		messages = append(messages, message)
	}
	return messages
}

func readValues(t *gocheck.T, topic string, partition, count int) []string {
	var values []string
	r := reader(t, kafka.ReaderConfig{Topic: topic, Partition: partition})
	for i, message := range next(t, r, count) {
		t.Equal(message.Offset, int64(i), "offset")
		values = append(values, string(message.Value))
	}
	return values
}

func codecs(t *gocheck.T) {
	for name, codec := range map[string]kafka.Compression{
		"none": 0, "gzip": kafka.Gzip, "snappy": kafka.Snappy, "lz4": kafka.Lz4, "zstd": kafka.Zstd,
	} {
		topic := create(t, name, 1)
		w := writer(t, topic, 0)
		w.Compression = codec
		values := writeWith(t, w, topic, 200)
		t.Equal(readValues(t, topic, 0, 200), values, name+": values")
	}
}

func recordShapes(t *gocheck.T) {
	topic := create(t, "a", 1)
	at := time.UnixMilli(1_600_000_000_123)
	want := []kafka.Message{
		{Key: []byte("k"), Value: []byte("v"), Time: at},
		{Value: []byte("no key"), Time: at.Add(time.Second)},
		{Key: []byte("no value"), Time: at},
		{Key: []byte("headers"), Value: []byte("v"), Time: at, Headers: []kafka.Header{
			{Key: "a", Value: []byte("1")}, {Key: "a", Value: []byte("2")}, {Key: "ü", Value: []byte{0, 255}},
		}},
		{Key: []byte("big"), Value: []byte(strings.Repeat("0123456789", 50_000)), Time: at},
	}
	t.Ok(writer(t, topic, 0).WriteMessages(t.Ctx, want...), "write")
	got := next(t, reader(t, kafka.ReaderConfig{Topic: topic}), len(want))
	t.Equal(len(got), len(want), "messages")
	for i := range want {
		what := fmt.Sprintf("of message %d", i)
		t.Equal(string(got[i].Key), string(want[i].Key), "key "+what)
		t.Equal(got[i].Key == nil, want[i].Key == nil, "null key "+what)
		t.Equal(string(got[i].Value), string(want[i].Value), "value "+what)
		t.Equal(got[i].Value == nil, want[i].Value == nil, "null value "+what)
		t.Equal(len(got[i].Headers), len(want[i].Headers), "headers "+what)
		for h := range want[i].Headers {
			t.Equal(got[i].Headers[h], want[i].Headers[h], "header "+what)
		}
		t.Equal(got[i].Time.UnixMilli(), want[i].Time.UnixMilli(), "time "+what)
	}
}

func acks(t *gocheck.T) {
	for name, level := range map[string]kafka.RequiredAcks{"acks0": kafka.RequireNone, "acks1": kafka.RequireOne, "acksall": kafka.RequireAll} {
		topic := create(t, name, 1)
		w := writer(t, topic, 0)
		w.RequiredAcks = level
		values := writeWith(t, w, topic, 50)
		t.Equal(readValues(t, topic, 0, 50), values, name+": values")
	}
}

func autoCreate(t *gocheck.T) {
	topic := t.Topic("a")
	w := writer(t, topic, 0)
	w.AllowAutoTopicCreation = true
	// The client gives the first UNKNOWN_TOPIC_OR_PARTITION or LEADER_NOT_AVAILABLE back to its caller.
	t.Until(10*time.Second, "a message written to a new topic", func() bool {
		return w.WriteMessages(t.Ctx, kafka.Message{Value: []byte("first")}) == nil
	})
	t.Equal(len(next(t, reader(t, kafka.ReaderConfig{Topic: topic}), 1)), 1, "messages")
}

func listOffsets(t *gocheck.T) {
	topic := create(t, "a", 2)
	base := time.UnixMilli(1_700_000_000_000)
	for i := range 4 {
		message := kafka.Message{Value: []byte{byte(i)}, Time: base.Add(time.Duration(i) * time.Second)}
		t.Ok(writer(t, topic, 1).WriteMessages(t.Ctx, message), "write")
	}
	at := base.Add(1500 * time.Millisecond)
	response, err := client(t).ListOffsets(t.Ctx, &kafka.ListOffsetsRequest{Topics: map[string][]kafka.OffsetRequest{topic: {
		kafka.FirstOffsetOf(0), kafka.LastOffsetOf(0), kafka.FirstOffsetOf(1), kafka.LastOffsetOf(1), kafka.TimeOffsetOf(1, at),
	}}})
	t.Ok(err, "list offsets")
	t.Equal(len(response.Topics[topic]), 2, "partitions")
	for _, partition := range response.Topics[topic] {
		t.Ok(partition.Error, "list offsets")
		want := [2]int64{0, int64(4 * partition.Partition)}
		t.Equal([2]int64{partition.FirstOffset, partition.LastOffset}, want, "first and last offset")
		if partition.Partition == 1 {
			_, found := partition.Offsets[2]
			t.Equal(found, true, "offset 2 is the first at base+1.5 s")
		}
	}
}

func readerSeekByTime(t *gocheck.T) {
	topic := create(t, "a", 1)
	base := time.UnixMilli(1_700_000_000_000)
	for i := range 3 {
		message := kafka.Message{Value: fmt.Append(nil, i), Time: base.Add(time.Duration(i) * time.Minute)}
		t.Ok(writer(t, topic, 0).WriteMessages(t.Ctx, message), "write")
	}
	r := reader(t, kafka.ReaderConfig{Topic: topic})
	t.Ok(r.SetOffsetAt(t.Ctx, base.Add(90*time.Second)), "seek")
	messages := next(t, r, 1)
	t.Equal(len(messages), 1, "messages")
	t.Equal(messages[0].Offset, int64(2), "offset of the first message after base+90 s")
}
