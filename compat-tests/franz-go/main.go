// Command franz-go proves a broker with github.com/twmb/franz-go: see FINDINGS.md.
package main

import (
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"kbroker.test/compat/gocheck"
)

func main() {
	gocheck.Main([]gocheck.Check{
		{Name: "api_versions", Phase: "main", Quick: true, Run: apiVersions},
		{Name: "release_guess", Phase: "main", Run: releaseGuess},
		{Name: "cluster_metadata", Phase: "main", Quick: true, Run: clusterMetadata},
		{Name: "topics_create_describe_delete", Phase: "main", Quick: true, Run: topicLifecycle},
		{Name: "topics_create_errors", Phase: "main", Quick: true, Run: topicErrors},
		{Name: "partitions_add", Phase: "main", Quick: true, Run: addPartitions},
		{Name: "configs_topic", Phase: "main", Quick: true, Run: topicConfigs},
		{Name: "configs_broker", Phase: "main", Run: brokerConfigs},
		{Name: "client_quotas", Phase: "main", Quick: true, Run: clientQuotas},
		{Name: "client_quotas_slow_producer", Phase: "main", Run: slowProducer},
		{Name: "topic_id_changes_on_recreate", Phase: "main", Run: topicIDs},
		{Name: "produce_consume_all_codecs", Phase: "main", Quick: true, Run: codecs},
		{Name: "record_shapes", Phase: "main", Quick: true, Run: recordShapes},
		{Name: "produce_idempotent", Phase: "main", Quick: true, Run: idempotent},
		{Name: "produce_sequence_rules", Phase: "main", Quick: true, Run: sequenceRules},
		{Name: "produce_unknown_topic", Phase: "main", Run: produceUnknownTopic},
		{Name: "produce_twenty_clients", Phase: "main", Run: manyClients},
		{Name: "produce_acks", Phase: "main", Run: acks},
		{Name: "produce_too_large", Phase: "main", Run: tooLarge},
		{Name: "produce_auto_create", Phase: "main", Run: autoCreate},
		{Name: "fetch_many_partitions", Phase: "main", Run: manyPartitions},
		{Name: "fetch_wakes_on_produce", Phase: "main", Quick: true, Run: fetchWakes},
		{Name: "fetch_tiny_limits", Phase: "main", Run: fetchTiny},
		{Name: "fetch_out_of_range", Phase: "main", Run: fetchOutOfRange},
		{Name: "list_offsets", Phase: "main", Quick: true, Run: listOffsets},
		{Name: "offset_for_leader_epoch", Phase: "main", Run: leaderEpoch},
		{Name: "delete_records", Phase: "main", Quick: true, Run: deleteRecords},
		{Name: "group_of_three_one_leaves", Phase: "main", Quick: true, Run: groupOfThreeCooperative},
		{Name: "group_of_three_eager", Phase: "main", Run: groupOfThreeEager},
		{Name: "group_member_dies", Phase: "main", Run: memberDies},
		{Name: "group_static_members", Phase: "main", Run: staticMembers},
		{Name: "group_resume", Phase: "main", Quick: true, Run: groupResume},
		{Name: "group_admin", Phase: "main", Quick: true, Run: groupAdmin},
		{Name: "restart_prepare", Phase: "before", Quick: true, Run: restartPrepare},
		{Name: "restart_sequences_prepare", Phase: "before", Quick: true, Run: restartSequencesPrepare},
		{Name: "restart_topics_kept", Phase: "after", Quick: true, Run: restartTopicsKept},
		{Name: "restart_group_resumes", Phase: "after", Quick: true, Run: restartGroupResumes},
		{Name: "restart_sequences_kept", Phase: "after", Quick: true, Run: restartSequencesKept},
		{Name: "restart_produce_continues", Phase: "after", Quick: true, Run: restartProduceContinues},
		{Name: "outage_loses_and_doubles_nothing", Phase: "outage", Run: outage},
	})
}

// client opens a client that the check's end closes.
func client(t *gocheck.T, opts ...kgo.Opt) *kgo.Client {
	opts = append([]kgo.Opt{
		kgo.SeedBrokers(t.Bootstrap),
		kgo.MetadataMinAge(50 * time.Millisecond),
		kgo.FetchMaxWait(200 * time.Millisecond),
	}, opts...)
	cl, err := kgo.NewClient(opts...)
	t.Ok(err, "new client")
	t.Cleanup(cl.Close)
	return cl
}

func admin(t *gocheck.T) *kadm.Client { return kadm.NewClient(client(t)) }

// create makes a topic and returns its name.
func create(t *gocheck.T, suffix string, partitions int32, configs map[string]*string) string {
	topic := t.Topic(suffix)
	response, err := admin(t).CreateTopic(t.Ctx, partitions, 1, configs, topic)
	t.Ok(err, "create "+topic)
	t.Ok(response.Err, "create "+topic)
	return topic
}

func text(s string) *string { return &s }
