package main

import (
	"fmt"
	"time"

	"github.com/segmentio/kafka-go"
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
	response, err := client(t).CreateTopics(t.Ctx, &kafka.CreateTopicsRequest{
		Topics: []kafka.TopicConfig{{Topic: topic, NumPartitions: 1, ReplicationFactor: 1}},
	})
	t.Ok(err, "create")
	t.Ok(response.Errors[topic], "create")
	t.Until(5*time.Second, "leader", func() bool { return leaders(t, topic) == 1 })
	var messages []kafka.Message
	for _, value := range restartValues() {
		messages = append(messages, kafka.Message{Value: []byte(value)})
	}
	t.Ok(writer(t, topic, 0).WriteMessages(t.Ctx, messages...), "write")
	t.Equal(readAndCommit(t, group, topic, 12), restartValues()[:12], "first twelve")
}

func restartRecordsKept(t *gocheck.T) {
	t.Equal(readValues(t, t.Shared("restart"), 0, 30), restartValues(), "values after the restart")
	t.Equal(committed(t, t.Shared("restart-group"), t.Shared("restart")), int64(12), "committed offset after the restart")
}

func restartGroupResumes(t *gocheck.T) {
	topic := t.Shared("restart")
	values := readAndCommit(t, t.Shared("restart-group"), topic, 18)
	t.Equal(values, restartValues()[12:], "values after the committed offset")
	t.Ok(writer(t, topic, 0).WriteMessages(t.Ctx, kafka.Message{Value: []byte("after")}), "write")
	messages := readAndCommit(t, t.Shared("restart-group"), topic, 1)
	t.Equal(messages, []string{"after"}, "value written after the restart")
}
