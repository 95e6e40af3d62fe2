// Command kafka-go proves a broker with github.com/segmentio/kafka-go: see FINDINGS.md.
//
// That client has no idempotent producer and no DeleteRecords, so no check here covers them.
package main

import (
	"time"

	"github.com/segmentio/kafka-go"
	"kbroker.test/compat/gocheck"
)

func main() {
	gocheck.Main([]gocheck.Check{
		{Name: "api_versions", Phase: "main", Quick: true, Run: apiVersions},
		{Name: "topics_create_describe_delete", Phase: "main", Quick: true, Run: topicLifecycle},
		{Name: "topics_create_errors", Phase: "main", Run: topicErrors},
		{Name: "partitions_add", Phase: "main", Quick: true, Run: addPartitions},
		{Name: "configs_topic", Phase: "main", Quick: true, Run: topicConfigs},
		{Name: "connection_api", Phase: "main", Run: connectionAPI},
		{Name: "produce_consume_all_codecs", Phase: "main", Quick: true, Run: codecs},
		{Name: "record_shapes", Phase: "main", Run: recordShapes},
		{Name: "produce_acks", Phase: "main", Run: acks},
		{Name: "produce_auto_create", Phase: "main", Run: autoCreate},
		{Name: "list_offsets", Phase: "main", Quick: true, Run: listOffsets},
		{Name: "reader_seek_by_time", Phase: "main", Run: readerSeekByTime},
		{Name: "group_of_three_one_leaves", Phase: "main", Quick: true, Run: groupOfThree},
		{Name: "group_resume", Phase: "main", Quick: true, Run: groupResume},
		{Name: "group_admin", Phase: "main", Quick: true, Run: groupAdmin},
		{Name: "restart_prepare", Phase: "before", Quick: true, Run: restartPrepare},
		{Name: "restart_records_kept", Phase: "after", Quick: true, Run: restartRecordsKept},
		{Name: "restart_group_resumes", Phase: "after", Quick: true, Run: restartGroupResumes},
	})
}

func client(t *gocheck.T) *kafka.Client {
	transport := &kafka.Transport{MetadataTTL: 200 * time.Millisecond}
	t.Cleanup(transport.CloseIdleConnections)
	return &kafka.Client{Addr: kafka.TCP(t.Bootstrap), Timeout: 10 * time.Second, Transport: transport}
}

// create makes a topic, waits until Metadata has its leaders, and returns its name.
func create(t *gocheck.T, suffix string, partitions int, configs ...kafka.ConfigEntry) string {
	topic := t.Topic(suffix)
	response, err := client(t).CreateTopics(t.Ctx, &kafka.CreateTopicsRequest{Topics: []kafka.TopicConfig{{
		Topic: topic, NumPartitions: partitions, ReplicationFactor: 1, ConfigEntries: configs,
	}}})
	t.Ok(err, "create "+topic)
	t.Ok(response.Errors[topic], "create "+topic)
	t.Until(5*time.Second, "leaders of "+topic, func() bool { return leaders(t, topic) == partitions })
	return topic
}

// leaders counts the topic's partitions that Metadata gives a leader for; -1 when it has an error.
func leaders(t *gocheck.T, topic string) int {
	metadata, err := client(t).Metadata(t.Ctx, &kafka.MetadataRequest{Topics: []string{topic}})
	t.Ok(err, "metadata")
	t.Equal(len(metadata.Topics), 1, "topics in Metadata")
	if metadata.Topics[0].Error != nil {
		return -1
	}
	count := 0
	for _, partition := range metadata.Topics[0].Partitions {
		if partition.Error == nil && partition.Leader.Port != 0 {
			count++
		}
	}
	return count
}
