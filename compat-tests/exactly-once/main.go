// Command exactly-once copies records in transactions with franz-go; every seventh transaction is aborted on purpose.
package main

import (
	"context"
	"flag"
	"log"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

const abortEvery = 7

func main() {
	bootstrap := flag.String("bootstrap", "", "")
	input := flag.String("input", "", "")
	output := flag.String("output", "", "")
	group := flag.String("group", "", "")
	id := flag.String("id", "", "")
	flag.Parse()
	session, err := kgo.NewGroupTransactSession(
		kgo.SeedBrokers(*bootstrap),
		kgo.ConsumerGroup(*group),
		kgo.ConsumeTopics(*input),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.RequireStableFetchOffsets(),
		kgo.SessionTimeout(3*time.Second),
		kgo.HeartbeatInterval(500*time.Millisecond),
		kgo.TransactionalID(*id),
		kgo.TransactionTimeout(10*time.Second),
		kgo.DefaultProduceTopic(*output),
	)
	if err != nil {
		log.Fatal(err)
	}
	for number := 1; ; number++ {
		ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
		fetches := session.PollRecords(ctx, 50)
		cancel()
		if fetches.NumRecords() == 0 {
			continue
		}
		if err := session.Begin(); err != nil {
			log.Fatal(err)
		}
		failed := kgo.AbortingFirstErrPromise(session.Client())
		fetches.EachRecord(func(r *kgo.Record) {
			session.Produce(context.Background(), &kgo.Record{Key: r.Key, Value: append(r.Value, '!')}, failed.Promise())
		})
		commit := failed.Err() == nil && number%abortEvery != 0
		if _, err := session.End(context.Background(), kgo.TransactionEndTry(commit)); err != nil {
			log.Fatal(err)
		}
	}
}
