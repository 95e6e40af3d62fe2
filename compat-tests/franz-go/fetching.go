package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"kbroker.test/compat/gocheck"
)

// fetchWakes has a fetch wait for up to 20 s: a record produced meanwhile ends the wait at once.
func fetchWakes(t *gocheck.T) {
	topic := create(t, "a", 1, nil)
	cl := client(t, kgo.ConsumeTopics(topic), kgo.FetchMaxWait(20*time.Second))
	pollOnce(t, cl, 500*time.Millisecond)
	started := time.Now()
	produceNumbered(t, topic, 0, 1)
	t.Equal(len(pollOnce(t, cl, 10*time.Second)), 1, "records")
	if took := time.Since(started); took > 2*time.Second {
		t.Fail("a waiting fetch answered %s after the record was sent", took)
	}
}

// fetchTiny asks for fewer bytes than one batch has: the first batch comes all the same (KIP-74).
func fetchTiny(t *gocheck.T) {
	topic := create(t, "a", 3, nil)
	for p := range int32(3) {
		for range 5 {
			produceNumbered(t, topic, p, 3)
		}
	}
	cl := client(t, kgo.ConsumeTopics(topic), kgo.FetchMaxBytes(1), kgo.FetchMaxPartitionBytes(1), kgo.FetchMinBytes(1))
	t.Equal(len(poll(t, cl, 45)), 45, "records read one batch at a time")
}

// fetchOutOfRange starts beyond the end, and at offsets that were deleted: the client resets as it was told to.
func fetchOutOfRange(t *gocheck.T) {
	topic := create(t, "a", 1, nil)
	produceNumbered(t, topic, 0, 5)
	start := map[string]map[int32]kgo.Offset{topic: {0: kgo.NewOffset().At(1000)}}
	strict := client(t, kgo.ConsumePartitions(start), kgo.ConsumeResetOffset(kgo.NoResetOffset()))
	fetches := strict.PollFetches(t.Ctx)
	if err := fetches.Err(); !errors.Is(err, kerr.OffsetOutOfRange) {
		t.Fail("fetch at 1000 of 5: got %v, want OFFSET_OUT_OF_RANGE", err)
	}
	lenient := client(t, kgo.ConsumePartitions(start), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	records := poll(t, lenient, 5)
	t.Equal(len(records), 5, "records after the reset to the start")
	t.Equal(records[0].Offset, int64(0), "first offset after the reset")
}

// manyClients has twenty clients produce at once, each one record after the other.
func manyClients(t *gocheck.T) {
	topic := create(t, "a", 4, nil)
	results := make(chan error, 20)
	for i := range 20 {
		go func() {
			cl, err := kgo.NewClient(kgo.SeedBrokers(t.Bootstrap), kgo.RecordPartitioner(kgo.ManualPartitioner()))
			if err != nil {
				results <- err
				return
			}
			defer cl.Close()
			for n := range 20 {
				record := &kgo.Record{Topic: topic, Partition: int32(i % 4), Value: fmt.Appendf(nil, "%d-%d", i, n)}
				if err := cl.ProduceSync(t.Ctx, record).FirstErr(); err != nil {
					results <- err
					return
				}
			}
			results <- nil
		}()
	}
	for range 20 {
		t.Ok(<-results, "one of twenty producers")
	}
	seen := map[string]bool{}
	for _, record := range poll(t, client(t, kgo.ConsumeTopics(topic)), 400) {
		seen[string(record.Value)] = true
	}
	t.Equal(len(seen), 400, "distinct records of twenty producers")
}

func produceUnknownTopic(t *gocheck.T) {
	cl := client(t, kgo.UnknownTopicRetries(2), kgo.RecordDeliveryTimeout(5*time.Second))
	err := cl.ProduceSync(t.Ctx, &kgo.Record{Topic: t.Topic("never"), Value: []byte("v")}).FirstErr()
	if !errors.Is(err, kerr.UnknownTopicOrPartition) {
		t.Fail("without auto creation: got %v, want UNKNOWN_TOPIC_OR_PARTITION", err)
	}
}
