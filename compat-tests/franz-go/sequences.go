package main

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"kbroker.test/compat/gocheck"
)

// producerID asks for a new idempotent producer id with a request of its own.
func producerID(t *gocheck.T, cl *kgo.Client) (int64, int16) {
	request := kmsg.NewPtrInitProducerIDRequest()
	response, err := request.RequestWith(t.Ctx, cl)
	t.Ok(err, "init producer id")
	t.Ok(kerr.ErrorForCode(response.ErrorCode), "init producer id")
	return response.ProducerID, response.ProducerEpoch
}

// sequenced is a record batch of count records of an idempotent producer, from this sequence number on.
func sequenced(producer int64, epoch int16, sequence int32, count int) []byte {
	var records []byte
	for i := range count {
		record := kmsg.Record{OffsetDelta: int32(i), Key: nil, Value: []byte("sequenced")}
		record.Length = int32(len(record.AppendTo(nil)) - 1) // the length of 0 took one byte
		records = record.AppendTo(records)
	}
	now := time.Now().UnixMilli() // a restarted broker drops producers whose last batch is a day old
	batch := kmsg.RecordBatch{
		PartitionLeaderEpoch: -1, Magic: 2, LastOffsetDelta: int32(count - 1), FirstTimestamp: now,
		MaxTimestamp: now, ProducerID: producer, ProducerEpoch: epoch, FirstSequence: sequence,
		NumRecords: int32(count), Records: records,
	}
	raw := batch.AppendTo(nil)
	binary.BigEndian.PutUint32(raw[8:], uint32(len(raw)-12))
	binary.BigEndian.PutUint32(raw[17:], crc32.Checksum(raw[21:], crc32.MakeTable(crc32.Castagnoli)))
	return raw
}

// produceRaw sends one batch and returns the base offset and the error that the broker answers.
func produceRaw(t *gocheck.T, cl *kgo.Client, topic string, batch []byte) (int64, error) {
	topics, err := admin(t).ListTopics(t.Ctx, topic)
	t.Ok(err, "list")
	partition := kmsg.NewProduceRequestTopicPartition()
	partition.Records = batch
	entry := kmsg.NewProduceRequestTopic()
	entry.Topic, entry.TopicID = topic, topics[topic].ID
	entry.Partitions = append(entry.Partitions, partition)
	request := kmsg.NewPtrProduceRequest()
	request.Acks, request.TimeoutMillis, request.Topics = -1, 5000, append(request.Topics, entry)
	answer, err := cl.Broker(int(topics[topic].Partitions[0].Leader)).Request(t.Ctx, request)
	t.Ok(err, "produce")
	got := answer.(*kmsg.ProduceResponse).Topics[0].Partitions[0]
	return got.BaseOffset, kerr.ErrorForCode(got.ErrorCode)
}

// sequenceRules sends what a correct producer never would: the same batch again, a gap, an old epoch.
func sequenceRules(t *gocheck.T) {
	topic, cl := create(t, "a", 1, nil), client(t)
	id, epoch := producerID(t, cl)
	send := func(sequence int32, count int) (int64, error) {
		return produceRaw(t, cl, topic, sequenced(id, epoch, sequence, count))
	}
	for i := range int32(3) {
		offset, err := send(5*i, 5)
		t.Ok(err, "next batch")
		t.Equal(offset, int64(5*i), "base offset")
	}
	for i := range int32(3) {
		offset, err := send(5*i, 5)
		t.Ok(err, "the same batch again")
		t.Equal(offset, int64(5*i), "base offset of a duplicate")
	}
	if _, err := send(20, 5); !errors.Is(err, kerr.OutOfOrderSequenceNumber) {
		t.Fail("a gap: got %v, want OUT_OF_ORDER_SEQUENCE_NUMBER", err)
	}
	if _, err := produceRaw(t, cl, topic, sequenced(id, epoch+1, 3, 1)); !errors.Is(err, kerr.OutOfOrderSequenceNumber) {
		t.Fail("a new epoch that starts at 3: got %v, want OUT_OF_ORDER_SEQUENCE_NUMBER", err)
	}
	_, err := produceRaw(t, cl, topic, sequenced(id, epoch+1, 0, 1))
	t.Ok(err, "a new epoch that starts at 0")
	if _, err := send(15, 1); !errors.Is(err, kerr.InvalidProducerEpoch) {
		t.Fail("the old epoch: got %v, want INVALID_PRODUCER_EPOCH", err)
	}
	ends, err := admin(t).ListEndOffsets(t.Ctx, topic)
	t.Ok(err, "end offsets")
	end, _ := ends.Lookup(topic, 0)
	t.Equal(end.Offset, int64(16), "end offset: nothing was stored twice")
}

// restartSequencesPrepare leaves a producer's batches for restartSequencesKept to send again.
func restartSequencesPrepare(t *gocheck.T) {
	topic, cl := t.Shared("restart-sequences"), client(t)
	created, err := admin(t).CreateTopic(t.Ctx, 1, 1, nil, topic)
	t.Ok(err, "create")
	t.Ok(created.Err, "create")
	id, epoch := producerID(t, cl)
	for i := range int32(2) {
		_, err := produceRaw(t, cl, topic, sequenced(id, epoch, 5*i, 5))
		t.Ok(err, "produce")
	}
}

func restartSequencesKept(t *gocheck.T) {
	topic, cl := t.Shared("restart-sequences"), client(t)
	records := read(t, topic, 0, kgo.NewOffset().AtStart(), 10)
	t.Equal(len(records), 10, "records after the restart")
	id, epoch := records[0].ProducerID, records[0].ProducerEpoch
	offset, err := produceRaw(t, cl, topic, sequenced(id, epoch, 5, 5))
	t.Ok(err, "the last batch again")
	t.Equal(offset, int64(5), "base offset of a duplicate after the restart")
	if _, err := produceRaw(t, cl, topic, sequenced(id, epoch, 20, 5)); !errors.Is(err, kerr.OutOfOrderSequenceNumber) {
		t.Fail("a gap after the restart: got %v, want OUT_OF_ORDER_SEQUENCE_NUMBER", err)
	}
	offset, err = produceRaw(t, cl, topic, sequenced(id, epoch, 10, 5))
	t.Ok(err, "the next batch")
	t.Equal(offset, int64(10), "base offset of the next batch")
	if fresh, _ := producerID(t, cl); fresh <= id {
		t.Fail("producer id %d was given out after %d", fresh, id)
	}
}
