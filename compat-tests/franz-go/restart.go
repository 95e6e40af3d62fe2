package main

import (
	"fmt"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"kbroker.test/compat/gocheck"
)

func restartValues() []string {
	var values []string
	for i := range 30 {
		values = append(values, fmt.Sprintf("restart-%d", i))
	}
	return values
}

func restartPrepare(t *gocheck.T) {
	topic, group := t.Shared("restart"), t.Shared("restart-group")
	created, err := admin(t).CreateTopic(t.Ctx, 1, 1, map[string]*string{"retention.ms": text("7654321")}, topic)
	t.Ok(err, "create")
	t.Ok(created.Err, "create")
	var records []*kgo.Record
	for _, value := range restartValues() {
		records = append(records, &kgo.Record{Topic: topic, Value: []byte(value)})
	}
	// The topic's id travels in a header: the checks after the restart compare it.
	records[0].Headers = []kgo.RecordHeader{{Key: "topic-id", Value: created.ID[:]}}
	produce(t, records)
	t.Equal(readAndCommit(t, group, topic, 12), restartValues()[:12], "first twelve")
}

func restartTopicsKept(t *gocheck.T) {
	topic := t.Shared("restart")
	topics, err := admin(t).ListTopics(t.Ctx, topic)
	t.Ok(err, "list")
	records := read(t, topic, 0, kgo.NewOffset().AtStart(), 30)
	t.Equal(len(records), 30, "records after the restart")
	for i, want := range restartValues() {
		t.Equal(string(records[i].Value), want, "value after the restart")
	}
	t.Equal(kadm.TopicID(records[0].Headers[0].Value), topics[topic].ID, "topic id after the restart")
	resources, err := admin(t).DescribeTopicConfigs(t.Ctx, topic)
	t.Ok(err, "describe configs")
	entry := config(t, resources, "retention.ms")
	t.Equal(entry.MaybeValue(), "7654321", "retention.ms after the restart")
}

func restartGroupResumes(t *gocheck.T) {
	values := readAndCommit(t, t.Shared("restart-group"), t.Shared("restart"), 18)
	t.Equal(values, restartValues()[12:], "records after the committed offset")
}

func restartProduceContinues(t *gocheck.T) {
	topic := t.Shared("restart")
	produce(t, []*kgo.Record{{Topic: topic, Value: []byte("after")}})
	records := read(t, topic, 0, kgo.NewOffset().At(30), 1)
	t.Equal(len(records), 1, "records at offset 30")
	t.Equal(string(records[0].Value), "after", "value at offset 30")
}
