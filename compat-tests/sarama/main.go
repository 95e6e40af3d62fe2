// Command sarama proves a broker with github.com/IBM/sarama: see FINDINGS.md.
package main

import (
	"io"
	"log"
	"time"

	"github.com/IBM/sarama"
	"kbroker.test/compat/gocheck"
)

func main() {
	sarama.Logger = log.New(io.Discard, "", 0)
	gocheck.Main([]gocheck.Check{
		{Name: "cluster_describe", Phase: "main", Quick: true, Run: clusterDescribe},
		{Name: "topics_create_describe_delete", Phase: "main", Quick: true, Run: topicLifecycle},
		{Name: "topics_create_errors", Phase: "main", Run: topicErrors},
		{Name: "partitions_add", Phase: "main", Quick: true, Run: addPartitions},
		{Name: "configs_topic", Phase: "main", Quick: true, Run: topicConfigs},
		{Name: "configs_documentation", Phase: "main", Run: configDocumentation},
		{Name: "produce_consume_all_codecs", Phase: "main", Quick: true, Run: codecsNewest},
		{Name: "produce_consume_default_version", Phase: "main", Run: codecsDefault},
		{Name: "produce_consume_version_0_11", Phase: "main", Run: codecsOldest},
		{Name: "record_shapes", Phase: "main", Run: recordShapes},
		{Name: "produce_idempotent", Phase: "main", Quick: true, Run: idempotent},
		{Name: "produce_acks", Phase: "main", Run: acks},
		{Name: "produce_too_large", Phase: "main", Run: tooLarge},
		{Name: "list_offsets", Phase: "main", Quick: true, Run: listOffsets},
		{Name: "delete_records", Phase: "main", Quick: true, Run: deleteRecords},
		{Name: "group_of_three_one_leaves", Phase: "main", Quick: true, Run: groupOfThreeEager},
		{Name: "group_of_three_cooperative", Phase: "main", Run: groupOfThreeCooperative},
		{Name: "group_static_member", Phase: "main", Run: staticMember},
		{Name: "group_resume", Phase: "main", Quick: true, Run: groupResume},
		{Name: "group_admin", Phase: "main", Quick: true, Run: groupAdmin},
		{Name: "restart_prepare", Phase: "before", Quick: true, Run: restartPrepare},
		{Name: "restart_topic_kept", Phase: "after", Quick: true, Run: restartTopicKept},
		{Name: "restart_group_resumes", Phase: "after", Quick: true, Run: restartGroupResumes},
	})
}

// config gives the settings that all checks start from.
func config() *sarama.Config {
	c := sarama.NewConfig()
	c.Version = sarama.MaxVersion
	c.Producer.Return.Successes = true
	c.Producer.RequiredAcks = sarama.WaitForAll
	c.Producer.Partitioner = sarama.NewManualPartitioner
	c.Consumer.Offsets.Initial = sarama.OffsetOldest
	c.Consumer.Group.Heartbeat.Interval = 200 * time.Millisecond
	c.Consumer.Group.Session.Timeout = 10 * time.Second
	c.Consumer.Group.Rebalance.Timeout = 10 * time.Second
	c.Consumer.Group.Rebalance.Retry.Backoff = 100 * time.Millisecond
	c.Consumer.Retry.Backoff = 100 * time.Millisecond
	c.Consumer.MaxWaitTime = 200 * time.Millisecond
	return c
}

func admin(t *gocheck.T) sarama.ClusterAdmin {
	adm, err := sarama.NewClusterAdmin([]string{t.Bootstrap}, config())
	t.Ok(err, "admin")
	t.Cleanup(func() { _ = adm.Close() })
	return adm
}

// create makes a topic, waits until Metadata has its leaders, and returns its name.
func create(t *gocheck.T, suffix string, partitions int32, configs map[string]*string) string {
	return createNamed(t, t.Topic(suffix), partitions, configs)
}

func createNamed(t *gocheck.T, topic string, partitions int32, configs map[string]*string) string {
	adm := admin(t)
	t.Ok(adm.CreateTopic(topic, &sarama.TopicDetail{
		NumPartitions: partitions, ReplicationFactor: 1, ConfigEntries: configs,
	}, false), "create "+topic)
	t.Until(5*time.Second, "leaders of "+topic, func() bool { return len(partitionsOf(t, topic)) == int(partitions) })
	return topic
}

// partitionsOf gives the partitions that Metadata has a leader for.
func partitionsOf(t *gocheck.T, topic string) []int32 {
	described, err := admin(t).DescribeTopics([]string{topic})
	t.Ok(err, "describe "+topic)
	var led []int32
	for _, partition := range described[0].Partitions {
		if partition.Err == sarama.ErrNoError && partition.Leader >= 0 {
			led = append(led, partition.ID)
		}
	}
	return led
}

func text(s string) *string { return &s }
