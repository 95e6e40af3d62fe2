//! Topics, partitions, configs, and deleting records.

use std::time::Duration;

use futures::executor::block_on;
use rdkafka::admin::{
    AdminClient, AdminOptions, AlterConfig, ConfigSource, NewPartitions, NewTopic, ResourceSpecifier, TopicReplication,
    TopicResult,
};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaResult;
use rdkafka::types::RDKafkaErrorCode as Code;
use rdkafka::{Offset, TopicPartitionList};

use crate::check::{equal, until, Context, During, Outcome};
use crate::records::{produce, read, read_values, watermarks};

pub type Admin = AdminClient<DefaultClientContext>;

pub fn client(ctx: &Context) -> Outcome<Admin> {
    ctx.config().create().during("admin client")
}

pub fn options() -> AdminOptions {
    AdminOptions::new().request_timeout(Some(Duration::from_secs(10)))
}

/// Takes the one result out of an answer about one topic.
fn code(results: KafkaResult<Vec<TopicResult>>) -> Outcome<Result<(), Code>> {
    let results = results.during("admin request")?;
    equal(results.len(), 1, "results")?;
    Ok(results.into_iter().next().unwrap().map(|_| ()).map_err(|(_, code)| code))
}

fn try_create(ctx: &Context, topic: &NewTopic<'_>) -> Outcome<Result<(), Code>> {
    code(block_on(client(ctx)?.create_topics([topic], &options())))
}

/// Makes a topic, waits until Metadata has its leaders, and returns its name.
pub fn create(ctx: &Context, suffix: &str, partitions: i32, configs: &[(&str, &str)]) -> Outcome<String> {
    let topic = ctx.own(suffix);
    create_named(ctx, &topic, partitions, configs)?;
    Ok(topic)
}

pub fn create_named(ctx: &Context, topic: &str, partitions: i32, configs: &[(&str, &str)]) -> Outcome {
    let mut new = NewTopic::new(topic, partitions, TopicReplication::Fixed(1));
    for (key, value) in configs {
        new = new.set(key, value);
    }
    try_create(ctx, &new)?.during("create")?;
    until(5, "leaders of a new topic", || Ok(leaders(ctx, topic)? == Some(partitions as usize)))
}

/// How many partitions of the topic Metadata has a leader for; None for an unknown topic.
fn leaders(ctx: &Context, topic: &str) -> Outcome<Option<usize>> {
    let consumer: BaseConsumer = ctx.config().create().during("client")?;
    let metadata = consumer.fetch_metadata(Some(topic), Duration::from_secs(5)).during("metadata")?;
    let found = &metadata.topics()[0];
    if found.error().is_some() {
        return Ok(None);
    }
    Ok(Some(found.partitions().iter().filter(|p| p.error().is_none() && p.leader() >= 0).count()))
}

pub fn cluster_metadata(ctx: &Context) -> Outcome {
    let consumer: BaseConsumer = ctx.config().create().during("client")?;
    let metadata = consumer.fetch_metadata(None, Duration::from_secs(5)).during("metadata")?;
    equal(metadata.brokers().len(), 1, "brokers")?;
    // The first answer comes over the bootstrap connection, whose broker has no id yet.
    until(5, "an answer from the broker that is in the list", || {
        let again = consumer.fetch_metadata(None, Duration::from_secs(5)).during("metadata")?;
        Ok(again.orig_broker_id() == metadata.brokers()[0].id())
    })?;
    let cluster = consumer.client().fetch_cluster_id(Duration::from_secs(5));
    equal(cluster.is_some_and(|id| !id.is_empty()), true, "a cluster id")
}

pub fn topic_lifecycle(ctx: &Context) -> Outcome {
    let topic = create(ctx, "a", 3, &[("retention.ms", "600000")])?;
    let consumer: BaseConsumer = ctx.config().create().during("client")?;
    let metadata = consumer.fetch_metadata(Some(&topic), Duration::from_secs(5)).during("metadata")?;
    for partition in metadata.topics()[0].partitions() {
        equal(partition.replicas(), &[partition.leader()], "replicas")?;
        equal(partition.isr(), &[partition.leader()], "in-sync replicas")?;
    }
    let admin = client(ctx)?;
    code(block_on(admin.delete_topics(&[&topic], &options())))?.during("delete")?;
    until(5, "deleted topic unknown", || Ok(leaders(ctx, &topic)?.is_none()))?;
    let again = code(block_on(admin.delete_topics(&[&topic], &options())))?;
    equal(again, Err(Code::UnknownTopicOrPartition), "deleting it again")
}

pub fn topic_errors(ctx: &Context) -> Outcome {
    let topic = create(ctx, "a", 1, &[])?;
    let (b, c) = (ctx.own("b"), ctx.own("c"));
    for (name, partitions, factor, configs, want) in [
        (&*topic, 1, 1, None, Code::TopicAlreadyExists),
        ("a/b", 1, 1, None, Code::InvalidTopic),
        (&b, 1, 3, None, Code::InvalidReplicationFactor),
        (&c, 1, 1, Some(("retention.ms", "soon")), Code::InvalidConfig),
        (&c, 1, 1, Some(("no.such.config", "1")), Code::InvalidConfig),
    ] {
        let mut new = NewTopic::new(name, partitions, TopicReplication::Fixed(factor));
        if let Some((key, value)) = configs {
            new = new.set(key, value);
        }
        equal(try_create(ctx, &new)?, Err(want), &format!("create {name} with {configs:?}"))?;
    }
    Ok(())
}

pub fn add_partitions(ctx: &Context) -> Outcome {
    let topic = create(ctx, "a", 2, &[])?;
    let admin = client(ctx)?;
    let grow = |count| code(block_on(admin.create_partitions([&NewPartitions::new(&topic, count)], &options())));
    grow(5)?.during("raise to 5")?;
    until(5, "5 partitions with a leader", || Ok(leaders(ctx, &topic)? == Some(5)))?;
    let values = produce(ctx, &ctx.config(), &topic, 4, 10)?;
    equal(read_values(ctx, &topic, 4, 10)?, values, "records of the new partition")?;
    equal(grow(3)?, Err(Code::InvalidPartitions), "lower to 3")
}

/// The value of one setting of a topic, and where it comes from.
pub fn describe_config(ctx: &Context, topic: &str, name: &str) -> Outcome<(String, String)> {
    let results = block_on(client(ctx)?.describe_configs(&[ResourceSpecifier::Topic(topic)], &options()));
    let resource = results.during("describe configs")?.remove(0).during("describe configs")?;
    let entry = resource.get(name).ok_or(format!("no {name}"))?;
    Ok((entry.value.clone().unwrap_or_default(), format!("{:?}", entry.source)))
}

pub fn topic_configs(ctx: &Context) -> Outcome {
    let topic = create(ctx, "a", 1, &[("retention.ms", "600000")])?;
    let expect = |name: &str, value: &str, source: ConfigSource| {
        until(5, &format!("{name}={value}"), || {
            Ok(describe_config(ctx, &topic, name)? == (value.to_string(), format!("{source:?}")))
        })
    };
    expect("retention.ms", "600000", ConfigSource::DynamicTopic)?;
    expect("segment.bytes", "1073741824", ConfigSource::Default)?;
    let admin = client(ctx)?;
    let alter = |name, value| {
        let change = AlterConfig::new(ResourceSpecifier::Topic(&topic)).set(name, value);
        let results = block_on(admin.alter_configs([&change], &options())).during("alter configs")?;
        Ok::<_, String>(results.into_iter().next().unwrap().map(|_| ()).map_err(|(_, code)| code))
    };
    alter("segment.bytes", "2097152")?.during("alter")?;
    expect("segment.bytes", "2097152", ConfigSource::DynamicTopic)?;
    // AlterConfigs replaces all of a resource's settings: what it doesn't name is back at its default.
    expect("retention.ms", "604800000", ConfigSource::Default)?;
    // The crate drops the error that a single resource got, so what shows is that nothing changed.
    alter("cleanup.policy", "burn")?.during("alter")?;
    expect("cleanup.policy", "delete", ConfigSource::Default)?;
    expect("segment.bytes", "2097152", ConfigSource::DynamicTopic)
}

pub fn delete_records(ctx: &Context) -> Outcome {
    let topic = create(ctx, "a", 1, &[])?;
    produce(ctx, &ctx.config(), &topic, 0, 20)?;
    let admin = client(ctx)?;
    let delete = |before| {
        let mut list = TopicPartitionList::new();
        list.add_partition_offset(&topic, 0, before).during("offset")?;
        let answer = block_on(admin.delete_records(&list, &options())).during("delete records")?;
        let element = &answer.elements()[0];
        Ok::<_, String>(element.error().map(|()| element.offset()))
    };
    equal(delete(Offset::Offset(12))?.during("delete before 12")?, Offset::Offset(12), "low watermark")?;
    equal(watermarks(ctx, &topic, 0)?, (12, 20), "watermarks")?;
    let left = read(ctx, &topic, 0, Offset::Beginning, 8)?;
    equal(left.len(), 8, "records left")?;
    equal(left[0].offset, 12, "first offset left")?;
    let beyond = delete(Offset::Offset(21))?;
    equal(beyond.unwrap_err().rdkafka_error_code(), Some(Code::OffsetOutOfRange), "delete beyond the end")
}
