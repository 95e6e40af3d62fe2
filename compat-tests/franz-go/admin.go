package main

import (
	"errors"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
	"kbroker.test/compat/gocheck"
)

func apiVersions(t *gocheck.T) {
	versions, err := admin(t).ApiVersions(t.Ctx)
	t.Ok(err, "api versions")
	t.Equal(len(versions), 1, "brokers that answered")
	for _, broker := range versions {
		t.Ok(broker.Err, "api versions")
		for key, want := range map[int16][2]int16{0: {0, 13}, 1: {4, 18}, 2: {1, 11}, 3: {0, 13}, 11: {0, 9}, 18: {0, 4}, 22: {0, 5}} {
			low, high, _ := broker.KeyVersions(key)
			t.Equal([2]int16{low, high}, want, "versions of "+kmsg.NameForKey(key))
		}
	}
}

// releaseGuess compares the whole list of APIs and versions with what franz-go knows of each release.
func releaseGuess(t *gocheck.T) {
	versions, err := admin(t).ApiVersions(t.Ctx)
	t.Ok(err, "api versions")
	for _, broker := range versions {
		t.Equal(broker.VersionGuess(), "v4.3", "the release that franz-go takes this broker for")
	}
}

func clusterMetadata(t *gocheck.T) {
	metadata, err := admin(t).Metadata(t.Ctx)
	t.Ok(err, "metadata")
	if metadata.Cluster == "" {
		t.Fail("empty cluster id")
	}
	t.Equal(len(metadata.Brokers), 1, "brokers")
	t.Equal(metadata.Controller, metadata.Brokers[0].NodeID, "controller")
}

func topicLifecycle(t *gocheck.T) {
	adm := admin(t)
	topic := t.Topic("a")
	created, err := adm.CreateTopic(t.Ctx, 3, 1, map[string]*string{"retention.ms": text("600000")}, topic)
	t.Ok(err, "create")
	t.Ok(created.Err, "create")
	t.Equal(created.NumPartitions, int32(3), "partitions in the create answer")
	t.Equal(created.ReplicationFactor, int16(1), "replication factor in the create answer")
	retention := created.Configs["retention.ms"]
	t.Equal(retention.MaybeValue(), "600000", "retention.ms in the create answer")
	if created.ID == (kadm.TopicID{}) {
		t.Fail("zero topic id in the create answer")
	}

	topics, err := adm.ListTopics(t.Ctx)
	t.Ok(err, "list")
	detail, found := topics[topic]
	t.Equal(found, true, "created topic in the list")
	t.Equal(detail.ID, created.ID, "topic id in Metadata")
	t.Equal(len(detail.Partitions), 3, "partitions in Metadata")
	for _, partition := range detail.Partitions {
		t.Ok(partition.Err, "partition in Metadata")
		t.Equal(partition.Replicas, []int32{partition.Leader}, "replicas")
		t.Equal(partition.ISR, []int32{partition.Leader}, "in-sync replicas")
	}

	deleted, err := adm.DeleteTopic(t.Ctx, topic)
	t.Ok(err, "delete")
	t.Ok(deleted.Err, "delete")
	t.Until(5*time.Second, "deleted topic gone from the list", func() bool {
		topics, err := adm.ListTopics(t.Ctx)
		t.Ok(err, "list")
		return !topics.Has(topic)
	})
	again, _ := adm.DeleteTopic(t.Ctx, topic)
	if !errors.Is(again.Err, kerr.UnknownTopicOrPartition) {
		t.Fail("deleting it again: got %v, want UNKNOWN_TOPIC_OR_PARTITION", again.Err)
	}
}

func topicErrors(t *gocheck.T) {
	adm := admin(t)
	topic := create(t, "a", 1, nil)
	for _, try := range []struct {
		what       string
		name       string
		partitions int32
		factor     int16
		configs    map[string]*string
		want       error
	}{
		{"an existing name", topic, 1, 1, nil, kerr.TopicAlreadyExists},
		{"a bad name", "no spaces allowed", 1, 1, nil, kerr.InvalidTopicException},
		{"replication factor 3", t.Topic("b"), 1, 3, nil, kerr.InvalidReplicationFactor},
		{"0 partitions", t.Topic("c"), 0, 1, nil, kerr.InvalidPartitions},
		{"an unknown config", t.Topic("d"), 1, 1, map[string]*string{"no.such": text("1")}, kerr.InvalidConfig},
		{"a bad config value", t.Topic("e"), 1, 1, map[string]*string{"retention.ms": text("soon")}, kerr.InvalidConfig},
	} {
		response, _ := adm.CreateTopic(t.Ctx, try.partitions, try.factor, try.configs, try.name)
		if !errors.Is(response.Err, try.want) {
			t.Fail("create with %s: got %v, want %v", try.what, response.Err, try.want)
		}
	}
	validated, err := adm.ValidateCreateTopics(t.Ctx, 2, 1, nil, t.Topic("f"))
	t.Ok(err, "validate only")
	t.Ok(validated.Error(), "validate only")
	topics, err := adm.ListTopics(t.Ctx)
	t.Ok(err, "list")
	t.Equal(topics.Has(t.Topic("f")), false, "a topic that was only validated is in the list")
}

func addPartitions(t *gocheck.T) {
	adm := admin(t)
	topic := create(t, "a", 2, nil)
	responses, err := adm.UpdatePartitions(t.Ctx, 5, topic)
	t.Ok(err, "raise to 5")
	t.Ok(responses.Error(), "raise to 5")
	t.Until(5*time.Second, "5 partitions with a leader in Metadata", func() bool {
		topics, err := adm.ListTopics(t.Ctx, topic)
		t.Ok(err, "list")
		leaders := 0
		for _, partition := range topics[topic].Partitions {
			if partition.Err == nil && partition.Leader >= 0 {
				leaders++
			}
		}
		return leaders == 5
	})
	values := produceNumbered(t, topic, 4, 10)
	t.Equal(readValues(t, topic, 4, 10), values, "records of the new partition")
	responses, _ = adm.UpdatePartitions(t.Ctx, 3, topic)
	if err := responses[topic].Err; !errors.Is(err, kerr.InvalidPartitions) {
		t.Fail("lower to 3: got %v, want INVALID_PARTITIONS", err)
	}
}

// config reads one config entry of a described resource.
func config(t *gocheck.T, resources kadm.ResourceConfigs, name string) kadm.Config {
	t.Equal(len(resources), 1, "resources")
	t.Ok(resources[0].Err, "describe configs")
	for _, entry := range resources[0].Configs {
		if entry.Key == name {
			return entry
		}
	}
	t.Fail("no %s among %d configs", name, len(resources[0].Configs))
	return kadm.Config{}
}

func topicConfigs(t *gocheck.T) {
	adm := admin(t)
	topic := create(t, "a", 1, map[string]*string{"segment.bytes": text("2097152")})
	describe := func(name string) (string, kmsg.ConfigSource) {
		resources, err := adm.DescribeTopicConfigs(t.Ctx, topic)
		t.Ok(err, "describe")
		entry := config(t, resources, name)
		return entry.MaybeValue(), entry.Source
	}
	alter := func(changes ...kadm.AlterConfig) error {
		responses, err := adm.AlterTopicConfigs(t.Ctx, changes, topic)
		t.Ok(err, "alter")
		t.Equal(len(responses), 1, "alter answers")
		return responses[0].Err
	}
	expect := func(name, value string, source kmsg.ConfigSource) {
		t.Until(5*time.Second, name+"="+value+" from "+source.String(), func() bool {
			gotValue, gotSource := describe(name)
			return gotValue == value && gotSource == source
		})
	}
	expect("segment.bytes", "2097152", kmsg.ConfigSourceDynamicTopicConfig)
	expect("cleanup.policy", "delete", kmsg.ConfigSourceDefaultConfig)

	t.Ok(alter(
		kadm.AlterConfig{Op: kadm.SetConfig, Name: "retention.ms", Value: text("1234567")},
		kadm.AlterConfig{Op: kadm.AppendConfig, Name: "cleanup.policy", Value: text("compact")},
		kadm.AlterConfig{Op: kadm.DeleteConfig, Name: "segment.bytes"},
	), "alter")
	expect("retention.ms", "1234567", kmsg.ConfigSourceDynamicTopicConfig)
	expect("cleanup.policy", "delete,compact", kmsg.ConfigSourceDynamicTopicConfig)
	expect("segment.bytes", "1073741824", kmsg.ConfigSourceDefaultConfig)
	t.Ok(alter(kadm.AlterConfig{Op: kadm.SubtractConfig, Name: "cleanup.policy", Value: text("delete")}), "subtract")
	expect("cleanup.policy", "compact", kmsg.ConfigSourceDynamicTopicConfig)

	err := alter(kadm.AlterConfig{Op: kadm.SetConfig, Name: "retention.ms", Value: text("never")})
	if !errors.Is(err, kerr.InvalidConfig) {
		t.Fail("retention.ms=never: got %v, want INVALID_CONFIG", err)
	}

	state, err := adm.AlterTopicConfigsState(t.Ctx, []kadm.AlterConfig{{Name: "max.message.bytes", Value: text("5000")}}, topic)
	t.Ok(err, "AlterConfigs")
	t.Ok(state[0].Err, "AlterConfigs")
	expect("max.message.bytes", "5000", kmsg.ConfigSourceDynamicTopicConfig)
	expect("cleanup.policy", "delete", kmsg.ConfigSourceDefaultConfig)
}

func brokerConfigs(t *gocheck.T) {
	adm := admin(t)
	metadata, err := adm.BrokerMetadata(t.Ctx)
	t.Ok(err, "metadata")
	node := metadata.Brokers[0].NodeID
	alter := func(change kadm.AlterConfig) {
		responses, err := adm.AlterBrokerConfigs(t.Ctx, []kadm.AlterConfig{change}, node)
		t.Ok(err, "alter")
		t.Ok(responses[0].Err, "alter")
	}
	expect := func(value string, source kmsg.ConfigSource) {
		t.Until(5*time.Second, "log.cleaner.threads="+value+" from "+source.String(), func() bool {
			resources, err := adm.DescribeBrokerConfigs(t.Ctx, node)
			t.Ok(err, "describe")
			entry := config(t, resources, "log.cleaner.threads")
			return entry.MaybeValue() == value && entry.Source == source
		})
	}
	expect("1", kmsg.ConfigSourceDefaultConfig)
	alter(kadm.AlterConfig{Op: kadm.SetConfig, Name: "log.cleaner.threads", Value: text("2")})
	expect("2", kmsg.ConfigSourceDynamicBrokerConfig)
	alter(kadm.AlterConfig{Op: kadm.DeleteConfig, Name: "log.cleaner.threads"})
	expect("1", kmsg.ConfigSourceDefaultConfig)
}

func topicIDs(t *gocheck.T) {
	adm := admin(t)
	topic := t.Topic("a")
	var ids [2]kadm.TopicID
	for i := range ids {
		created, err := adm.CreateTopic(t.Ctx, 1, 1, nil, topic)
		t.Ok(err, "create")
		ids[i] = created.ID
		// Produce 13 and Fetch 18 name the topic by its id only.
		values := produceNumbered(t, topic, 0, 5)
		t.Equal(readValues(t, topic, 0, 5), values, "records")
		if i == 0 {
			_, err = adm.DeleteTopic(t.Ctx, topic)
			t.Ok(err, "delete")
			t.Until(5*time.Second, "topic gone", func() bool {
				topics, err := adm.ListTopics(t.Ctx)
				t.Ok(err, "list")
				return !topics.Has(topic)
			})
		}
	}
	if ids[0] == ids[1] || ids[0] == (kadm.TopicID{}) {
		t.Fail("ids of the topic before and after it was recreated: %v and %v", ids[0], ids[1])
	}
}
