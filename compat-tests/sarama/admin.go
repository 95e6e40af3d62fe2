package main

import (
	"errors"
	"time"

	"github.com/IBM/sarama"
	"kbroker.test/compat/gocheck"
)

func clusterDescribe(t *gocheck.T) {
	brokers, controller, err := admin(t).DescribeCluster()
	t.Ok(err, "describe cluster")
	t.Equal(len(brokers), 1, "brokers")
	t.Equal(brokers[0].ID(), controller, "controller")
}

func topicLifecycle(t *gocheck.T) {
	adm := admin(t)
	topic := create(t, "a", 3, map[string]*string{"retention.ms": text("600000")})
	topics, err := adm.ListTopics()
	t.Ok(err, "list")
	detail := topics[topic]
	t.Equal(detail.NumPartitions, int32(3), "partitions")
	t.Equal(detail.ReplicationFactor, int16(1), "replication factor")
	if value := detail.ConfigEntries["retention.ms"]; value == nil || *value != "600000" {
		t.Fail("retention.ms in the list: %v", detail.ConfigEntries)
	}
	described, err := adm.DescribeTopics([]string{topic})
	t.Ok(err, "describe")
	t.Equal(described[0].Err, sarama.ErrNoError, "error in describe")
	id := described[0].Uuid
	t.Ok(adm.DeleteTopic(topic), "delete")
	t.Until(5*time.Second, "deleted topic gone", func() bool {
		topics, err := adm.ListTopics()
		t.Ok(err, "list")
		_, found := topics[topic]
		return !found
	})
	if err := adm.DeleteTopic(topic); !errors.Is(err, sarama.ErrUnknownTopicOrPartition) {
		t.Fail("delete it again: got %v", err)
	}
	create(t, "a", 1, nil)
	described, err = adm.DescribeTopics([]string{topic})
	t.Ok(err, "describe")
	if described[0].Uuid == id || id == (sarama.Uuid{}) {
		t.Fail("topic ids before and after it was recreated: %v and %v", id, described[0].Uuid)
	}
}

func topicErrors(t *gocheck.T) {
	topic := create(t, "a", 1, nil)
	for _, try := range []struct {
		name   string
		detail sarama.TopicDetail
		want   error
	}{
		{topic, sarama.TopicDetail{NumPartitions: 1, ReplicationFactor: 1}, sarama.ErrTopicAlreadyExists},
		{"a/b", sarama.TopicDetail{NumPartitions: 1, ReplicationFactor: 1}, sarama.ErrInvalidTopic},
		{t.Topic("b"), sarama.TopicDetail{NumPartitions: 1, ReplicationFactor: 3}, sarama.ErrInvalidReplicationFactor},
		{t.Topic("c"), sarama.TopicDetail{NumPartitions: -2, ReplicationFactor: 1}, sarama.ErrInvalidPartitions},
	} {
		if err := admin(t).CreateTopic(try.name, &try.detail, false); !errors.Is(err, try.want) {
			t.Fail("create %s %+v: got %v, want %v", try.name, try.detail, err, try.want)
		}
	}
	t.Ok(admin(t).CreateTopic(t.Topic("d"), &sarama.TopicDetail{NumPartitions: 1, ReplicationFactor: 1}, true), "validate only")
	topics, err := admin(t).ListTopics()
	t.Ok(err, "list")
	_, found := topics[t.Topic("d")]
	t.Equal(found, false, "a topic that was only validated is in the list")
}

func addPartitions(t *gocheck.T) {
	topic := create(t, "a", 2, nil)
	t.Ok(admin(t).CreatePartitions(topic, 5, nil, false), "raise to 5")
	t.Until(5*time.Second, "5 partitions with a leader", func() bool { return len(partitionsOf(t, topic)) == 5 })
	values := produce(t, config(), topic, 4, 10)
	t.Equal(readValues(t, config(), topic, 4, 10), values, "records of the new partition")
	if err := admin(t).CreatePartitions(topic, 3, nil, false); !errors.Is(err, sarama.ErrInvalidPartitions) {
		t.Fail("lower to 3: got %v, want INVALID_PARTITIONS", err)
	}
}

func describeConfig(t *gocheck.T, topic, name string) sarama.ConfigEntry {
	entries, err := admin(t).DescribeConfig(sarama.ConfigResource{
		Type: sarama.TopicResource, Name: topic, ConfigNames: []string{name},
	})
	t.Ok(err, "describe config")
	t.Equal(len(entries), 1, "entries when one name is asked for")
	return entries[0]
}

func topicConfigs(t *gocheck.T) {
	adm := admin(t)
	topic := create(t, "a", 1, nil)
	expect := func(name, value string, source sarama.ConfigSource) {
		t.Until(5*time.Second, name+"="+value, func() bool {
			entry := describeConfig(t, topic, name)
			return entry.Value == value && entry.Source == source
		})
	}
	alter := func(name, value string) error {
		return adm.IncrementalAlterConfig(sarama.TopicResource, topic, map[string]sarama.IncrementalAlterConfigsEntry{
			name: {Operation: sarama.IncrementalAlterConfigsOperationSet, Value: &value},
		}, false)
	}
	expect("segment.bytes", "1073741824", sarama.SourceDefault)
	t.Ok(alter("retention.ms", "1234567"), "alter")
	t.Ok(alter("cleanup.policy", "compact"), "alter")
	expect("retention.ms", "1234567", sarama.SourceTopic)
	expect("cleanup.policy", "compact", sarama.SourceTopic)
	if err := alter("retention.ms", "never"); !errors.Is(err, sarama.ErrInvalidConfig) {
		t.Fail("retention.ms=never: got %v, want INVALID_CONFIG", err)
	}
	t.Ok(adm.AlterConfig(sarama.TopicResource, topic, map[string]*string{"segment.bytes": text("2097152")}, false), "alter all")
	expect("segment.bytes", "2097152", sarama.SourceTopic)
	expect("retention.ms", "604800000", sarama.SourceDefault)

	results, err := adm.DescribeConfigs([]*sarama.ConfigResource{{
		Type: sarama.TopicResource, Name: topic, ConfigNames: []string{"segment.bytes"},
	}}, sarama.DescribeConfigsOptions{IncludeSynonyms: true})
	t.Ok(err, "describe with synonyms")
	entry := results[0].Configs[0]
	if len(entry.Synonyms) < 2 {
		t.Fail("synonyms of segment.bytes: %v", entry.Synonyms)
	}
	t.Equal(entry.Type, sarama.ConfigType(3), "type of segment.bytes, 3 is int")
}

func configDocumentation(t *gocheck.T) {
	topic := create(t, "a", 1, nil)
	results, err := admin(t).DescribeConfigs([]*sarama.ConfigResource{{
		Type: sarama.TopicResource, Name: topic, ConfigNames: []string{"segment.bytes"},
	}}, sarama.DescribeConfigsOptions{IncludeDocumentation: true})
	t.Ok(err, "describe with documentation")
	if text := results[0].Configs[0].Documentation; text == nil || *text == "" {
		t.Fail("no documentation of segment.bytes, though it was asked for")
	}
}
