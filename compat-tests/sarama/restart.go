package main

import (
	"fmt"

	"github.com/IBM/sarama"
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
	topic := createNamed(t, t.Shared("restart"), 1, map[string]*string{"retention.ms": text("7654321")})
	described, err := admin(t).DescribeTopics([]string{topic})
	t.Ok(err, "describe")
	var messages []*sarama.ProducerMessage
	for _, value := range restartValues() {
		// The topic's id travels in the key: the checks after the restart compare it.
		messages = append(messages, &sarama.ProducerMessage{
			Topic: topic, Key: sarama.ByteEncoder(described[0].Uuid[:]), Value: sarama.StringEncoder(value),
		})
	}
	t.Ok(producer(t, config()).SendMessages(messages), "produce")
	t.Equal(readAndCommit(t, t.Shared("restart-group"), topic, 12), restartValues()[:12], "first twelve")
}

func restartTopicKept(t *gocheck.T) {
	topic := t.Shared("restart")
	described, err := admin(t).DescribeTopics([]string{topic})
	t.Ok(err, "describe")
	messages := read(t, config(), topic, 0, sarama.OffsetOldest, 30)
	t.Equal(len(messages), 30, "messages after the restart")
	for i, want := range restartValues() {
		t.Equal(string(messages[i].Value), want, "value after the restart")
	}
	t.Equal(messages[0].Key, described[0].Uuid[:], "topic id after the restart")
	t.Equal(describeConfig(t, topic, "retention.ms").Value, "7654321", "retention.ms after the restart")
}

func restartGroupResumes(t *gocheck.T) {
	topic, group := t.Shared("restart"), t.Shared("restart-group")
	t.Equal(committed(t, group, topic), int64(12), "committed offset after the restart")
	t.Equal(readAndCommit(t, group, topic, 18), restartValues()[12:], "values after the committed offset")
	_, at, err := producer(t, config()).SendMessage(&sarama.ProducerMessage{Topic: topic, Value: sarama.StringEncoder("after")})
	t.Ok(err, "produce")
	t.Equal(at, int64(30), "offset of the next record")
}
