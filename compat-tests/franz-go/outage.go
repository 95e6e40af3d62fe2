package main

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"kbroker.test/compat/gocheck"
)

// disconnects counts the connections that a client lost.
type disconnects struct{ count atomic.Int32 }

func (d *disconnects) OnBrokerDisconnect(kgo.BrokerMetadata, net.Conn) { d.count.Add(1) }

// outage keeps an idempotent producer and a group of two going while the broker is ended by SIGKILL and started
// again: what was acknowledged is stored once and in order, and the group reads all of it.
func outage(t *gocheck.T) {
	topic, group := create(t, "a", 2, nil), t.Topic("g")
	members := []*member{join(t, group, topic), join(t, group, topic)}
	var lost disconnects
	producer := client(t, kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.WithHooks(&lost), kgo.ProducerLinger(0))
	var lock sync.Mutex
	acknowledged := 0
	var refused error
	sent, afterwards := 0, -1
	t.Until(40*time.Second, "the broker is gone and back, and 400 more records are acknowledged", func() bool {
		for range 10 {
			record := &kgo.Record{Topic: topic, Partition: int32(sent % 2), Value: []byte(strconv.Itoa(sent / 2))}
			producer.Produce(t.Ctx, record, func(_ *kgo.Record, err error) {
				lock.Lock()
				defer lock.Unlock()
				if err != nil {
					refused = err
				} else {
					acknowledged++
				}
			})
			sent++
		}
		for _, m := range members {
			drainOnce(t, m)
		}
		lock.Lock()
		defer lock.Unlock()
		if lost.count.Load() > 0 && afterwards < 0 {
			afterwards = acknowledged
		}
		return afterwards >= 0 && acknowledged > afterwards+400
	})
	t.Ok(producer.Flush(t.Ctx), "flush")
	t.Ok(refused, "a record was refused")
	t.Equal(acknowledged, sent, "records acknowledged of those sent")

	for p := range int32(2) {
		want := (sent + 1 - int(p)) / 2
		records := read(t, topic, p, kgo.NewOffset().AtStart(), want)
		t.Equal(len(records), want, "records stored")
		for i, record := range records {
			t.Equal(string(record.Value), strconv.Itoa(i), fmt.Sprintf("value at %d of partition %d", i, p))
		}
	}
	t.Until(20*time.Second, "the group has read every record", func() bool {
		distinct := map[string]bool{}
		for _, m := range members {
			drainOnce(t, m)
			for _, value := range m.seen {
				distinct[value] = true
			}
		}
		return len(distinct) == sent
	})
}

// drainOnce adds what one short poll of a member gives to what it has seen.
func drainOnce(t *gocheck.T, m *member) {
	ctx, cancel := context.WithTimeout(t.Ctx, 10*time.Millisecond)
	defer cancel()
	for _, record := range m.cl.PollFetches(ctx).Records() { // errors are part of an outage
		m.seen = append(m.seen, fmt.Sprintf("%d/%s", record.Partition, record.Value))
	}
}
