package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"kbroker.test/compat/gocheck"
)

// produce sends the records to their own partitions and returns once all are acknowledged.
func produce(t *gocheck.T, records []*kgo.Record, opts ...kgo.Opt) {
	opts = append(opts, kgo.RecordPartitioner(kgo.ManualPartitioner()))
	cl := client(t, opts...)
	t.Ok(cl.ProduceSync(t.Ctx, records...).FirstErr(), "produce")
}

// produceNumbered sends count records with distinct values and returns the values.
func produceNumbered(t *gocheck.T, topic string, partition int32, count int, opts ...kgo.Opt) []string {
	var records []*kgo.Record
	var values []string
	for i := range count {
		value := fmt.Sprintf("%s/%d/%d %s", topic, partition, i, strings.Repeat("x", 100))
		values = append(values, value)
		records = append(records, &kgo.Record{Topic: topic, Partition: partition, Value: []byte(value)})
	}
	produce(t, records, opts...)
	return values
}

// read returns the first count records of a partition from offset on; fewer, if no more come within 3 s.
func read(t *gocheck.T, topic string, partition int32, offset kgo.Offset, count int) []*kgo.Record {
	cl := client(t, kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: {partition: offset}}))
	return poll(t, cl, count)
}

// poll collects count records from a client; fewer, if no more come within 3 s.
func poll(t *gocheck.T, cl *kgo.Client, count int) []*kgo.Record {
	var records []*kgo.Record
	for len(records) < count {
		fetches := pollOnce(t, cl, 3*time.Second)
		if len(fetches) == 0 {
			break
		}
		records = append(records, fetches...)
	}
	return records
}

func readValues(t *gocheck.T, topic string, partition int32, count int) []string {
	var values []string
	for i, record := range read(t, topic, partition, kgo.NewOffset().AtStart(), count) {
		t.Equal(record.Offset, int64(i), "offset of a record")
		values = append(values, string(record.Value))
	}
	return values
}

func codecs(t *gocheck.T) {
	for name, codec := range map[string]kgo.CompressionCodec{
		"none": kgo.NoCompression(), "gzip": kgo.GzipCompression(), "snappy": kgo.SnappyCompression(),
		"lz4": kgo.Lz4Compression(), "zstd": kgo.ZstdCompression(),
	} {
		topic := create(t, name, 1, nil)
		values := produceNumbered(t, topic, 0, 200, kgo.ProducerBatchCompression(codec))
		records := read(t, topic, 0, kgo.NewOffset().AtStart(), 200)
		t.Equal(len(records), 200, name+": records")
		for i, record := range records {
			t.Equal(string(record.Value), values[i], name+": value")
			t.Equal(record.Offset, int64(i), name+": offset")
			want := map[string]uint8{"none": 0, "gzip": 1, "snappy": 2, "lz4": 3, "zstd": 4}[name]
			t.Equal(record.Attrs.CompressionType(), want, name+": codec of the stored batch")
		}
	}
}

func recordShapes(t *gocheck.T) {
	topic := create(t, "a", 1, nil)
	at := time.UnixMilli(1_600_000_000_123)
	want := []*kgo.Record{
		{Topic: topic, Key: []byte("k"), Value: []byte("v"), Timestamp: at},
		{Topic: topic, Key: nil, Value: []byte("no key"), Timestamp: at.Add(time.Second)},
		{Topic: topic, Key: []byte("no value"), Value: nil, Timestamp: at},
		{Topic: topic, Key: []byte{}, Value: []byte{}, Timestamp: at},
		{Topic: topic, Key: []byte("headers"), Value: []byte("v"), Timestamp: at, Headers: []kgo.RecordHeader{
			{Key: "a", Value: []byte("1")}, {Key: "a", Value: nil}, {Key: "ü", Value: []byte{0, 255}},
		}},
		{Topic: topic, Key: []byte("big"), Value: []byte(strings.Repeat("0123456789", 50_000)), Timestamp: at},
	}
	produce(t, want)
	got := read(t, topic, 0, kgo.NewOffset().AtStart(), len(want))
	t.Equal(len(got), len(want), "records")
	for i := range want {
		t.Equal(got[i].Key, want[i].Key, fmt.Sprintf("key of record %d", i))
		t.Equal(got[i].Value, want[i].Value, fmt.Sprintf("value of record %d", i))
		t.Equal(len(got[i].Headers), len(want[i].Headers), fmt.Sprintf("headers of record %d", i))
		for h := range want[i].Headers {
			t.Equal(got[i].Headers[h], want[i].Headers[h], fmt.Sprintf("header %d of record %d", h, i))
		}
		t.Equal(got[i].Timestamp.UnixMilli(), want[i].Timestamp.UnixMilli(), fmt.Sprintf("timestamp of record %d", i))
		t.Equal(got[i].Attrs.TimestampType(), int8(0), "timestamp type")
	}
}

// idempotent sends many small batches in flight at once: order and count show lost or doubled batches.
func idempotent(t *gocheck.T) {
	topic := create(t, "a", 3, nil)
	cl := client(t, kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.ProducerBatchMaxBytes(1024))
	var records []*kgo.Record
	for i := range 3000 {
		records = append(records, &kgo.Record{Topic: topic, Partition: int32(i % 3), Value: fmt.Appendf(nil, "%d", i)})
	}
	t.Ok(cl.ProduceSync(t.Ctx, records...).FirstErr(), "produce")
	id, epoch, err := cl.ProducerID(t.Ctx)
	t.Ok(err, "producer id")
	for p := range int32(3) {
		got := read(t, topic, p, kgo.NewOffset().AtStart(), 1000)
		t.Equal(len(got), 1000, fmt.Sprintf("records of partition %d", p))
		for i, record := range got {
			t.Equal(string(record.Value), fmt.Sprint(3*i+int(p)), "value")
			t.Equal(record.ProducerID, id, "producer id of a stored record")
			t.Equal(record.ProducerEpoch, epoch, "producer epoch of a stored record")
		}
	}
	ends, err := admin(t).ListEndOffsets(t.Ctx, topic)
	t.Ok(err, "end offsets")
	ends.Each(func(o kadm.ListedOffset) { t.Equal(o.Offset, int64(1000), "end offset") })
}

func acks(t *gocheck.T) {
	for name, level := range map[string]kgo.Acks{"acks0": kgo.NoAck(), "acks1": kgo.LeaderAck(), "acksall": kgo.AllISRAcks()} {
		topic := create(t, name, 1, nil)
		values := produceNumbered(t, topic, 0, 50, kgo.RequiredAcks(level), kgo.DisableIdempotentWrite())
		t.Equal(readValues(t, topic, 0, 50), values, name+": values")
	}
}

func tooLarge(t *gocheck.T) {
	topic := create(t, "a", 1, map[string]*string{"max.message.bytes": text("2000")})
	cl := client(t, kgo.ProducerBatchCompression(kgo.NoCompression()))
	err := cl.ProduceSync(t.Ctx, &kgo.Record{Topic: topic, Value: make([]byte, 3000)}).FirstErr()
	if !errors.Is(err, kerr.MessageTooLarge) {
		t.Fail("3000 bytes where 2000 are allowed: got %v, want MESSAGE_TOO_LARGE", err)
	}
	values := produceNumbered(t, topic, 0, 3)
	t.Equal(readValues(t, topic, 0, 3), values, "records sent afterwards")
}

func autoCreate(t *gocheck.T) {
	topic := t.Topic("a")
	cl := client(t, kgo.AllowAutoTopicCreation(), kgo.UnknownTopicRetries(20))
	t.Ok(cl.ProduceSync(t.Ctx, &kgo.Record{Topic: topic, Value: []byte("first")}).FirstErr(), "produce to a new topic")
	t.Equal(len(poll(t, client(t, kgo.ConsumeTopics(topic)), 1)), 1, "records")

	missing := t.Topic("b")
	_, err := admin(t).ListTopics(t.Ctx, missing)
	t.Ok(err, "list")
	topics, err := admin(t).ListTopics(t.Ctx)
	t.Ok(err, "list")
	t.Equal(topics.Has(missing), false, "a topic asked for without auto creation exists")
}

// manyPartitions reads 20 partitions through one incremental fetch session while records keep coming.
func manyPartitions(t *gocheck.T) {
	topic := create(t, "a", 20, nil)
	cl := client(t, kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	seen := map[string]int{}
	for round := range 5 {
		var records []*kgo.Record
		for p := range int32(20) {
			records = append(records, &kgo.Record{Topic: topic, Partition: p, Value: fmt.Appendf(nil, "%d/%d", p, round)})
		}
		produce(t, records)
		for _, record := range poll(t, cl, 20) {
			seen[string(record.Value)]++
		}
	}
	t.Equal(len(seen), 100, "distinct records")
	for value, times := range seen {
		t.Equal(times, 1, "times that "+value+" was read")
	}
}

func listOffsets(t *gocheck.T) {
	adm := admin(t)
	topic := create(t, "a", 1, nil)
	base := int64(1_700_000_000_000)
	for i, step := range []int64{0, 1000, 5000, 2000} { // one batch each; offset 2 has the largest timestamp
		produce(t, []*kgo.Record{{Topic: topic, Value: fmt.Append(nil, i), Timestamp: time.UnixMilli(base + step)}})
	}
	expect := func(what string, listed kadm.ListedOffsets, err error, offset, timestamp int64) {
		t.Ok(err, what)
		got, _ := listed.Lookup(topic, 0)
		t.Ok(got.Err, what)
		t.Equal([2]int64{got.Offset, got.Timestamp}, [2]int64{offset, timestamp}, what+": offset and timestamp")
	}
	listed, err := adm.ListStartOffsets(t.Ctx, topic)
	expect("earliest", listed, err, 0, -1)
	listed, err = adm.ListEndOffsets(t.Ctx, topic)
	expect("latest", listed, err, 4, -1)
	listed, err = adm.ListMaxTimestampOffsets(t.Ctx, topic)
	expect("max timestamp", listed, err, 2, base+5000)
	listed, err = adm.ListLocalLogStartOffsets(t.Ctx, topic)
	expect("earliest local", listed, err, 0, -1)
	listed, err = adm.ListOffsetsAfterMilli(t.Ctx, base+1, topic)
	expect("first at or after base+1", listed, err, 1, base+1000)
	listed, err = adm.ListOffsetsAfterMilli(t.Ctx, base+1001, topic)
	expect("first at or after base+1001", listed, err, 2, base+5000)
	listed, err = adm.ListOffsetsAfterMilli(t.Ctx, base+9000, topic)
	expect("after the last, which kadm turns into the end", listed, err, 4, -1)
}

func leaderEpoch(t *gocheck.T) {
	topic := create(t, "a", 1, nil)
	produceNumbered(t, topic, 0, 7)
	topics, err := admin(t).ListTopics(t.Ctx, topic)
	t.Ok(err, "list")
	epoch := topics[topic].Partitions[0].LeaderEpoch
	request := kadm.OffsetForLeaderEpochRequest{}
	request.Add(topic, 0, epoch)
	ends, err := admin(t).OffsetForLeaderEpoch(t.Ctx, request)
	t.Ok(err, "offset for leader epoch")
	t.Ok(ends[topic][0].Err, "offset for leader epoch")
	t.Equal(ends[topic][0].EndOffset, int64(7), "end offset of the current epoch")
	t.Equal(ends[topic][0].LeaderEpoch, epoch, "epoch")
}

func deleteRecords(t *gocheck.T) {
	adm := admin(t)
	topic := create(t, "a", 1, nil)
	produceNumbered(t, topic, 0, 20)
	remove := func(before int64) kadm.DeleteRecordsResponse {
		offsets := kadm.Offsets{}
		offsets.AddOffset(topic, 0, before, -1)
		responses, err := adm.DeleteRecords(t.Ctx, offsets)
		t.Ok(err, "delete records")
		response, _ := responses.Lookup(topic, 0)
		return response
	}
	response := remove(12)
	t.Ok(response.Err, "delete before 12")
	t.Equal(response.LowWatermark, int64(12), "low watermark")
	starts, err := adm.ListStartOffsets(t.Ctx, topic)
	t.Ok(err, "start offsets")
	start, _ := starts.Lookup(topic, 0)
	t.Equal(start.Offset, int64(12), "earliest offset")
	records := read(t, topic, 0, kgo.NewOffset().AtStart(), 8)
	t.Equal(len(records), 8, "records left")
	t.Equal(records[0].Offset, int64(12), "first offset left")
	if err := remove(21).Err; !errors.Is(err, kerr.OffsetOutOfRange) {
		t.Fail("delete beyond the end: got %v, want OFFSET_OUT_OF_RANGE", err)
	}
	response = remove(-1)
	t.Ok(response.Err, "delete everything")
	t.Equal(response.LowWatermark, int64(20), "low watermark after deleting everything")
}
