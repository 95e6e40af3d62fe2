//! Consumer groups: sharing, leaving, resuming, and their administration.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use futures::executor::block_on;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::types::RDKafkaErrorCode as Code;
use rdkafka::{Offset, TopicPartitionList};

use crate::admin::{client, create, options};
use crate::check::{equal, until, Context, During, Outcome};
use crate::records::{produce, send, with_value, Record};

fn group_config(ctx: &Context, group: &str) -> ClientConfig {
    let mut config = ctx.config();
    config
        .set("group.id", group)
        .set("auto.offset.reset", "earliest")
        .set("heartbeat.interval.ms", "200")
        .set("session.timeout.ms", "10000")
        .set("fetch.wait.max.ms", "200")
        .set("enable.auto.commit", "false");
    config
}

fn join(config: &ClientConfig, topic: &str) -> Outcome<BaseConsumer> {
    let consumer: BaseConsumer = config.create().during("consumer")?;
    consumer.subscribe(&[topic]).during("subscribe")?;
    Ok(consumer)
}

fn owned(consumer: &BaseConsumer) -> Outcome<BTreeSet<i32>> {
    let assignment = consumer.assignment().during("assignment")?;
    Ok(assignment.elements().iter().map(|element| element.partition()).collect())
}

/// Polls every member once; adds what they read to `times`, and commits it.
fn poll_all(members: &[&BaseConsumer], times: &mut HashMap<String, usize>) -> Outcome {
    for member in members {
        while let Some(message) = member.poll(Duration::from_millis(20)) {
            let message = message.during("poll")?;
            *times.entry(Record::of(&message).text()).or_default() += 1;
            member.commit_message(&message, CommitMode::Async).during("commit")?;
        }
    }
    Ok(())
}

/// Polls until the members own all partitions between them, each the same number.
fn balance(partitions: usize, members: &[&BaseConsumer], times: &mut HashMap<String, usize>) -> Outcome {
    until(20, &format!("{} members share {partitions} partitions", members.len()), || {
        poll_all(members, times)?;
        let shares: Vec<_> = members.iter().map(|member| owned(member)).collect::<Outcome<_>>()?;
        let all: BTreeSet<_> = shares.iter().flatten().collect();
        Ok(all.len() == partitions && shares.iter().all(|share| share.len() == partitions / members.len()))
    })
}

fn of_three(ctx: &Context, strategy: &str) -> Outcome {
    let (topic, group) = (create(ctx, "a", 6, &[])?, ctx.own("g"));
    let mut config = group_config(ctx, &group);
    config.set("partition.assignment.strategy", strategy);
    let (one, two, three) = (join(&config, &topic)?, join(&config, &topic)?, join(&config, &topic)?);
    let mut times = HashMap::new();
    balance(6, &[&one, &two, &three], &mut times)?;

    let round = |name: &str, members: &[&BaseConsumer], times: &mut HashMap<String, usize>, total: usize| {
        for p in 0..6 {
            let records: Vec<_> = (0..10).map(|i| with_value(&format!("{name}-{p}-{i}"))).collect();
            send(&ctx.config(), &topic, p, &records)?;
        }
        until(15, &format!("{total} records in all"), || {
            poll_all(members, times)?;
            Ok(times.len() >= total)
        })
    };
    round("first", &[&one, &two, &three], &mut times, 60)?;
    two.commit_consumer_state(CommitMode::Sync).or_else(ignore_no_offset).during("commit before leaving")?;
    drop(two); // closes it, which sends LeaveGroup
    balance(6, &[&one, &three], &mut times)?;
    round("second", &[&one, &three], &mut times, 120)?;
    let twice: Vec<_> = times.iter().filter(|(_, n)| **n != 1).collect();
    equal(twice, vec![], "records that were not read exactly once")
}

/// A commit of nothing new is an error to librdkafka alone.
fn ignore_no_offset(error: rdkafka::error::KafkaError) -> Result<(), rdkafka::error::KafkaError> {
    match error.rdkafka_error_code() {
        Some(Code::NoOffset) => Ok(()),
        _ => Err(error),
    }
}

pub fn of_three_cooperative(ctx: &Context) -> Outcome {
    of_three(ctx, "cooperative-sticky")
}

pub fn of_three_eager(ctx: &Context) -> Outcome {
    of_three(ctx, "range")
}

/// Closes a static member and starts it again: it finds its partitions without the other one losing any.
pub fn static_member(ctx: &Context) -> Outcome {
    let (topic, group) = (create(ctx, "a", 4, &[])?, ctx.own("g"));
    let mut config = group_config(ctx, &group);
    let first = join(config.set("group.instance.id", "one"), &topic)?;
    let second = join(config.set("group.instance.id", "two"), &topic)?;
    let mut times = HashMap::new();
    balance(4, &[&first, &second], &mut times)?;
    let before = (owned(&first)?, owned(&second)?);
    drop(second);
    let again = join(&config, &topic)?;
    until(8, "the returning member has its partitions", || {
        poll_all(&[&first, &again], &mut times)?;
        equal(&owned(&first)?, &before.0, "partitions of the member that stayed")?;
        Ok(owned(&again)? == before.1)
    })
}

/// Joins the group, reads count records, commits exactly those and leaves.
pub fn read_and_commit(ctx: &Context, group: &str, topic: &str, count: usize) -> Outcome<Vec<String>> {
    let member = join(&group_config(ctx, group), topic)?;
    let mut values = vec![];
    until(15, &format!("{count} records"), || {
        if let Some(message) = member.poll(Duration::from_millis(100)) {
            let message = message.during("poll")?;
            values.push(Record::of(&message).text());
            if values.len() == count {
                member.commit_message(&message, CommitMode::Sync).during("commit")?;
            }
        }
        Ok(values.len() == count)
    })?;
    Ok(values)
}

/// The group's committed offset of partition 0; None if there is none.
pub fn committed(ctx: &Context, group: &str, topic: &str) -> Outcome<Option<i64>> {
    let consumer: BaseConsumer = group_config(ctx, group).create().during("client")?;
    let mut list = TopicPartitionList::new();
    list.add_partition(topic, 0);
    let found = consumer.committed_offsets(list, Duration::from_secs(5)).during("committed")?;
    Ok(found.elements()[0].offset().to_raw().filter(|offset| *offset >= 0))
}

pub fn resume(ctx: &Context) -> Outcome {
    let (topic, group) = (create(ctx, "a", 1, &[])?, ctx.own("g"));
    let values = produce(ctx, &ctx.config(), &topic, 0, 30)?;
    equal(committed(ctx, &group, &topic)?, None, "offset of a group that does not exist")?;
    equal(&read_and_commit(ctx, &group, &topic, 10)?[..], &values[..10], "first ten")?;
    equal(committed(ctx, &group, &topic)?, Some(10), "committed offset")?;
    equal(&read_and_commit(ctx, &group, &topic, 20)?[..], &values[10..], "the rest, read by another consumer")?;
    equal(committed(ctx, &group, &topic)?, Some(30), "committed offset")
}

pub fn admin(ctx: &Context) -> Outcome {
    let (topic, group) = (create(ctx, "a", 1, &[])?, ctx.own("g"));
    let member = join(group_config(ctx, &group).set("client.id", "the-client"), &topic)?;
    balance(1, &[&member], &mut HashMap::new())?;
    let mut offsets = TopicPartitionList::new();
    offsets.add_partition_offset(&topic, 0, Offset::Offset(0)).during("offset")?;
    member.commit(&offsets, CommitMode::Sync).during("commit")?;

    let state = |wanted: &str| {
        let listed = member.fetch_group_list(Some(&group), Duration::from_secs(5)).during("describe group")?;
        equal(listed.groups().len(), 1, "described groups")?;
        let info = &listed.groups()[0];
        equal((info.state(), info.protocol_type()), (wanted, "consumer"), "state and protocol type")?;
        Ok::<_, String>(info.members().iter().map(|m| m.client_id().to_string()).collect::<Vec<_>>())
    };
    equal(state("Stable")?, vec!["the-client".to_string()], "client ids of the members")?;
    let all = member.fetch_group_list(None, Duration::from_secs(5)).during("list groups")?;
    equal(all.groups().iter().any(|info| info.name() == group), true, "group in the list of all")?;

    let administrator = client(ctx)?;
    let delete = || {
        let results = block_on(administrator.delete_groups(&[&group], &options())).during("delete group")?;
        Ok::<_, String>(results.into_iter().next().unwrap().map(|_| ()).map_err(|(_, code)| code))
    };
    equal(delete()?, Err(Code::NonEmptyGroup), "delete a group with a member")?;
    member.unsubscribe();
    until(5, "group is Empty", || {
        member.poll(Duration::from_millis(20)); // serves the rebalance that leaving brings
        Ok(state("Empty").is_ok())
    })?;
    equal(delete()?, Ok(()), "delete")?;
    equal(delete()?, Err(Code::GroupIdNotFound), "delete it again")
}
