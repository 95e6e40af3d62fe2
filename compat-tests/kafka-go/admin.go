package main

import (
	"errors"
	"net"
	"strconv"
	"time"

	"github.com/segmentio/kafka-go"
	"kbroker.test/compat/gocheck"
)

func apiVersions(t *gocheck.T) {
	response, err := client(t).ApiVersions(t.Ctx, &kafka.ApiVersionsRequest{})
	t.Ok(err, "api versions")
	t.Ok(response.Error, "api versions")
	got := map[int][2]int{}
	for _, api := range response.ApiKeys {
		got[api.ApiKey] = [2]int{api.MinVersion, api.MaxVersion}
	}
	for key, want := range map[int][2]int{0: {0, 13}, 1: {4, 18}, 3: {0, 13}, 11: {0, 9}, 18: {0, 4}} {
		t.Equal(got[key], want, "versions of key "+strconv.Itoa(key))
	}
}

func topicLifecycle(t *gocheck.T) {
	topic := create(t, "a", 3)
	metadata, err := client(t).Metadata(t.Ctx, &kafka.MetadataRequest{Topics: []string{topic}})
	t.Ok(err, "metadata")
	if metadata.ClusterID == "" {
		t.Fail("empty cluster id")
	}
	t.Equal(len(metadata.Brokers), 1, "brokers")
	t.Equal(metadata.Controller, metadata.Brokers[0], "controller")
	for _, partition := range metadata.Topics[0].Partitions {
		t.Equal(partition.Replicas, []kafka.Broker{partition.Leader}, "replicas")
		t.Equal(partition.Isr, []kafka.Broker{partition.Leader}, "in-sync replicas")
	}
	response, err := client(t).DeleteTopics(t.Ctx, &kafka.DeleteTopicsRequest{Topics: []string{topic, "no-such-topic"}})
	t.Ok(err, "delete")
	t.Ok(response.Errors[topic], "delete")
	if !errors.Is(response.Errors["no-such-topic"], kafka.UnknownTopicOrPartition) {
		t.Fail("delete of an unknown topic: got %v", response.Errors["no-such-topic"])
	}
	t.Until(5*time.Second, "deleted topic unknown", func() bool { return leaders(t, topic) == -1 })
}

func topicErrors(t *gocheck.T) {
	topic := create(t, "a", 1)
	for _, try := range []struct {
		config kafka.TopicConfig
		want   error
	}{
		{kafka.TopicConfig{Topic: topic, NumPartitions: 1, ReplicationFactor: 1}, kafka.TopicAlreadyExists},
		{kafka.TopicConfig{Topic: "a/b", NumPartitions: 1, ReplicationFactor: 1}, kafka.InvalidTopic},
		{kafka.TopicConfig{Topic: t.Topic("b"), NumPartitions: 1, ReplicationFactor: 3}, kafka.InvalidReplicationFactor},
		{kafka.TopicConfig{Topic: t.Topic("c"), NumPartitions: -2, ReplicationFactor: 1}, kafka.InvalidPartitionNumber},
	} {
		response, err := client(t).CreateTopics(t.Ctx, &kafka.CreateTopicsRequest{Topics: []kafka.TopicConfig{try.config}})
		t.Ok(err, "create")
		if got := response.Errors[try.config.Topic]; !errors.Is(got, try.want) {
			t.Fail("create %+v: got %v, want %v", try.config, got, try.want)
		}
	}
}

func addPartitions(t *gocheck.T) {
	topic := create(t, "a", 2)
	grow := func(count int32) error {
		response, err := client(t).CreatePartitions(t.Ctx, &kafka.CreatePartitionsRequest{
			Topics: []kafka.TopicPartitionsConfig{{Name: topic, Count: count}},
		})
		t.Ok(err, "create partitions")
		return response.Errors[topic]
	}
	t.Ok(grow(5), "raise to 5")
	t.Until(5*time.Second, "5 partitions with a leader", func() bool { return leaders(t, topic) == 5 })
	values := write(t, topic, 4, 10)
	t.Equal(readValues(t, topic, 4, 10), values, "records of the new partition")
	if err := grow(3); !errors.Is(err, kafka.InvalidPartitionNumber) {
		t.Fail("lower to 3: got %v, want INVALID_PARTITIONS", err)
	}
}

func describeConfig(t *gocheck.T, topic, name string) kafka.DescribeConfigResponseConfigEntry {
	response, err := client(t).DescribeConfigs(t.Ctx, &kafka.DescribeConfigsRequest{
		Resources: []kafka.DescribeConfigRequestResource{{
			ResourceType: kafka.ResourceTypeTopic, ResourceName: topic, ConfigNames: []string{name},
		}},
	})
	t.Ok(err, "describe configs")
	t.Equal(len(response.Resources), 1, "resources")
	t.Ok(response.Resources[0].Error, "describe configs")
	t.Equal(len(response.Resources[0].ConfigEntries), 1, "entries when one name is asked for")
	return response.Resources[0].ConfigEntries[0]
}

func topicConfigs(t *gocheck.T) {
	const dynamicTopic, defaultConfig = 1, 5 // config sources of the protocol
	topic := create(t, "a", 1, kafka.ConfigEntry{ConfigName: "retention.ms", ConfigValue: "600000"})
	expect := func(name, value string, source int8) {
		t.Until(5*time.Second, name+"="+value, func() bool {
			entry := describeConfig(t, topic, name)
			return entry.ConfigValue == value && entry.ConfigSource == source
		})
	}
	expect("retention.ms", "600000", dynamicTopic)
	expect("segment.bytes", "1073741824", defaultConfig)
	alter := func(name, value string) error {
		response, err := client(t).IncrementalAlterConfigs(t.Ctx, &kafka.IncrementalAlterConfigsRequest{
			Resources: []kafka.IncrementalAlterConfigsRequestResource{{
				ResourceType: kafka.ResourceTypeTopic, ResourceName: topic,
				Configs: []kafka.IncrementalAlterConfigsRequestConfig{{
					Name: name, Value: value, ConfigOperation: kafka.ConfigOperationSet,
				}},
			}},
		})
		t.Ok(err, "incremental alter")
		return response.Resources[0].Error
	}
	t.Ok(alter("cleanup.policy", "compact"), "alter")
	expect("cleanup.policy", "compact", dynamicTopic)
	expect("retention.ms", "600000", dynamicTopic)
	if err := alter("cleanup.policy", "burn"); !errors.Is(err, kafka.InvalidConfiguration) {
		t.Fail("cleanup.policy=burn: got %v, want INVALID_CONFIG", err)
	}
	response, err := client(t).AlterConfigs(t.Ctx, &kafka.AlterConfigsRequest{
		Resources: []kafka.AlterConfigRequestResource{{
			ResourceType: kafka.ResourceTypeTopic, ResourceName: topic,
			Configs: []kafka.AlterConfigRequestConfig{{Name: "segment.bytes", Value: "2097152"}},
		}},
	})
	t.Ok(err, "alter")
	for _, err := range response.Errors {
		t.Ok(err, "alter")
	}
	expect("segment.bytes", "2097152", dynamicTopic)
	expect("retention.ms", "604800000", defaultConfig)
}

// connectionAPI drives the older calls that hang off a single connection, with their own request versions.
func connectionAPI(t *gocheck.T) {
	topic := t.Topic("a")
	conn, err := kafka.DialContext(t.Ctx, "tcp", t.Bootstrap)
	t.Ok(err, "dial")
	defer conn.Close()
	controller, err := conn.Controller()
	t.Ok(err, "controller")
	admin, err := kafka.Dial("tcp", net.JoinHostPort(controller.Host, strconv.Itoa(controller.Port)))
	t.Ok(err, "dial the controller")
	defer admin.Close()
	t.Ok(admin.CreateTopics(kafka.TopicConfig{Topic: topic, NumPartitions: 2, ReplicationFactor: 1}), "create")
	t.Until(5*time.Second, "2 partitions", func() bool {
		partitions, err := admin.ReadPartitions(topic)
		return err == nil && len(partitions) == 2
	})

	leader, err := kafka.DialLeader(t.Ctx, "tcp", t.Bootstrap, topic, 1)
	t.Ok(err, "dial the leader")
	defer leader.Close()
	t.Ok(leader.SetDeadline(time.Now().Add(10*time.Second)), "deadline")
	_, err = leader.WriteCompressedMessages(nil, kafka.Message{Value: []byte("one")}, kafka.Message{Value: []byte("two")})
	t.Ok(err, "write")
	first, last, err := leader.ReadOffsets()
	t.Ok(err, "read offsets")
	t.Equal([2]int64{first, last}, [2]int64{0, 2}, "first and last offset")
	_, err = leader.Seek(0, kafka.SeekStart)
	t.Ok(err, "seek")
	batch := leader.ReadBatch(1, 1_000_000)
	for i, want := range []string{"one", "two"} {
		message, err := batch.ReadMessage()
		t.Ok(err, "read")
		t.Equal(string(message.Value), want, "value")
		t.Equal(message.Offset, int64(i), "offset")
	}
	t.Ok(batch.Close(), "close the batch")
	t.Ok(admin.DeleteTopics(topic), "delete")
}
