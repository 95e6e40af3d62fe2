//! Producing, consuming, and offsets.

use std::time::{Duration, Instant};

use futures::executor::block_on;
use futures::future::join_all;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::{Header, Headers, OwnedHeaders};
use rdkafka::producer::{FutureProducer, FutureRecord};
use rdkafka::types::RDKafkaErrorCode as Code;
use rdkafka::{Message, Offset, TopicPartitionList};

use crate::admin::create;
use crate::check::{equal, Context, During, Outcome};

/// A record as the checks compare it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Record {
    pub offset: i64,
    pub timestamp: i64,
    pub key: Option<Vec<u8>>,
    pub value: Option<Vec<u8>>,
    pub headers: Vec<(String, Option<Vec<u8>>)>,
}

impl Record {
    pub fn of(message: &impl Message) -> Record {
        let headers = message.headers().map_or(vec![], |headers| {
            headers.iter().map(|h| (h.key.to_string(), h.value.map(<[u8]>::to_vec))).collect()
        });
        Record {
            offset: message.offset(),
            timestamp: message.timestamp().to_millis().unwrap_or(-1),
            key: message.key().map(<[u8]>::to_vec),
            value: message.payload().map(<[u8]>::to_vec),
            headers,
        }
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(self.value.as_deref().unwrap_or_default()).into_owned()
    }
}

/// Sends the records to one partition; returns the offsets that the broker answered.
pub fn send(config: &ClientConfig, topic: &str, partition: i32, records: &[Record]) -> Outcome<Vec<i64>> {
    let producer: FutureProducer = config.clone().set("linger.ms", "5").create().during("producer")?;
    let mut deliveries = vec![];
    for record in records {
        let mut headers = OwnedHeaders::new();
        for (key, value) in &record.headers {
            headers = headers.insert(Header { key, value: value.as_deref() });
        }
        let outgoing = FutureRecord {
            topic,
            partition: Some(partition),
            payload: record.value.as_deref(),
            key: record.key.as_deref(),
            timestamp: (record.timestamp > 0).then_some(record.timestamp),
            headers: (!record.headers.is_empty()).then_some(headers),
        };
        deliveries.push(producer.send_result(outgoing).map_err(|(error, _)| format!("send: {error}"))?);
    }
    let delivered = block_on(join_all(deliveries)).into_iter();
    delivered
        .map(|delivery| {
            let answer = delivery.during("delivery")?;
            answer.map(|at| at.offset).map_err(|(error, _)| format!("delivery: {error}"))
        })
        .collect()
}

/// Sends count records with distinct values to one partition and returns the values.
pub fn produce(_: &Context, config: &ClientConfig, topic: &str, partition: i32, count: usize) -> Outcome<Vec<String>> {
    let values: Vec<String> = (0..count).map(|i| format!("{topic}/{i} {}", "x".repeat(100))).collect();
    send(config, topic, partition, &values.iter().map(|value| with_value(value)).collect::<Vec<_>>())?;
    Ok(values)
}

pub fn with_value(value: &str) -> Record {
    Record { value: Some(value.as_bytes().to_vec()), ..Record::default() }
}

/// Returns up to count records from an offset on; fewer, if no more come within 4 s.
pub fn read(ctx: &Context, topic: &str, partition: i32, offset: Offset, count: usize) -> Outcome<Vec<Record>> {
    let mut config = ctx.config();
    config.set("group.id", "unused").set("enable.auto.commit", "false").set("fetch.wait.max.ms", "200");
    config.set("check.crcs", "true");
    let consumer: BaseConsumer = config.create().during("consumer")?;
    let mut assignment = TopicPartitionList::new();
    assignment.add_partition_offset(topic, partition, offset).during("assign")?;
    consumer.assign(&assignment).during("assign")?;
    let deadline = Instant::now() + Duration::from_secs(4);
    let mut records = vec![];
    while records.len() < count && Instant::now() < deadline {
        if let Some(message) = consumer.poll(Duration::from_millis(100)) {
            records.push(Record::of(&message.during("poll")?));
        }
    }
    Ok(records)
}

pub fn read_values(ctx: &Context, topic: &str, partition: i32, count: usize) -> Outcome<Vec<String>> {
    let records = read(ctx, topic, partition, Offset::Beginning, count)?;
    for (i, record) in records.iter().enumerate() {
        equal(record.offset, i as i64, "offset")?;
    }
    Ok(records.iter().map(Record::text).collect())
}

/// The partition's earliest and latest offset.
pub fn watermarks(ctx: &Context, topic: &str, partition: i32) -> Outcome<(i64, i64)> {
    let consumer: BaseConsumer = ctx.config().create().during("client")?;
    consumer.fetch_watermarks(topic, partition, Duration::from_secs(5)).during("watermarks")
}

pub fn codecs(ctx: &Context) -> Outcome {
    for codec in ["none", "gzip", "snappy", "lz4", "zstd"] {
        let topic = create(ctx, codec, 1, &[])?;
        let mut config = ctx.config();
        config.set("compression.codec", codec);
        let values = produce(ctx, &config, &topic, 0, 200)?;
        equal(read_values(ctx, &topic, 0, 200)?, values, codec)?;
    }
    Ok(())
}

pub fn shapes(ctx: &Context) -> Outcome {
    let topic = create(ctx, "a", 1, &[])?;
    let bytes = |text: &str| Some(text.as_bytes().to_vec());
    let shape =
        |offset, key, value, headers| Record { offset, timestamp: 1_600_000_000_123 + offset, key, value, headers };
    let headers = vec![("a".into(), bytes("1")), ("a".into(), None), ("ü".into(), Some(vec![0, 255]))];
    let want = vec![
        shape(0, bytes("k"), bytes("v"), vec![]),
        shape(1, None, bytes("no key"), vec![]),
        shape(2, bytes("no value"), None, vec![]),
        shape(3, bytes("headers"), bytes("v"), headers),
        shape(4, bytes("big"), bytes(&"0123456789".repeat(50_000)), vec![]),
    ];
    let offsets = send(&ctx.config(), &topic, 0, &want)?;
    equal(offsets, vec![0, 1, 2, 3, 4], "offsets that Produce answered")?;
    let got = read(ctx, &topic, 0, Offset::Beginning, want.len())?;
    equal(got.len(), want.len(), "records")?;
    for (got, want) in got.iter().zip(&want) {
        if got != want {
            return Err(format!("record {}: key {:?}, headers {:?}", want.offset, got.key, got.headers));
        }
    }
    Ok(())
}

/// Sends many small batches, five requests in flight: order and count show lost or doubled batches.
pub fn idempotent(ctx: &Context) -> Outcome {
    let topic = create(ctx, "a", 1, &[])?;
    let mut config = ctx.config();
    config.set("enable.idempotence", "true").set("batch.num.messages", "5");
    let values = produce(ctx, &config, &topic, 0, 2000)?;
    equal(read_values(ctx, &topic, 0, 2000)?, values, "values")?;
    equal(watermarks(ctx, &topic, 0)?, (0, 2000), "watermarks")
}

pub fn acks(ctx: &Context) -> Outcome {
    for level in ["0", "1", "all"] {
        let topic = create(ctx, &format!("acks{level}"), 1, &[])?;
        let mut config = ctx.config();
        config.set("acks", level);
        let values = produce(ctx, &config, &topic, 0, 50)?;
        equal(read_values(ctx, &topic, 0, 50)?, values, level)?;
    }
    Ok(())
}

pub fn too_large(ctx: &Context) -> Outcome {
    let topic = create(ctx, "a", 1, &[("max.message.bytes", "2000")])?;
    let producer: FutureProducer = ctx.config().create().during("producer")?;
    let payload = vec![7u8; 3000];
    let record: FutureRecord<'_, [u8], [u8]> = FutureRecord::to(&topic).partition(0).payload(&payload);
    let delivery = producer.send_result(record).map_err(|(error, _)| format!("send: {error}"))?;
    let code = match block_on(delivery).during("delivery")? {
        Ok(_) => None,
        Err((error, _)) => error.rdkafka_error_code(),
    };
    equal(code, Some(Code::MessageSizeTooLarge), "3000 bytes where 2000 are allowed")
}

pub fn auto_create(ctx: &Context) -> Outcome {
    let topic = ctx.own("a");
    let mut config = ctx.config();
    config.set("allow.auto.create.topics", "true");
    let offsets = send(&config, &topic, 0, &[with_value("first")])?;
    equal(offsets, vec![0], "offset in a topic that did not exist")?;
    equal(read_values(ctx, &topic, 0, 1)?, vec!["first".to_string()], "values")
}

pub fn list_offsets(ctx: &Context) -> Outcome {
    let topic = create(ctx, "a", 1, &[])?;
    let base = 1_700_000_000_000;
    for step in [0, 1000, 5000, 2000] {
        send(&ctx.config(), &topic, 0, &[Record { timestamp: base + step, ..with_value("v") }])?;
    }
    equal(watermarks(ctx, &topic, 0)?, (0, 4), "watermarks")?;
    let consumer: BaseConsumer = ctx.config().set("group.id", "unused").create().during("client")?;
    for (after, want) in
        [(0, Offset::Offset(0)), (1, Offset::Offset(1)), (1001, Offset::Offset(2)), (9000, Offset::End)]
    {
        let mut times = TopicPartitionList::new();
        times.add_partition_offset(&topic, 0, Offset::Offset(base + after)).during("time")?;
        let found = consumer.offsets_for_times(times, Duration::from_secs(5)).during("offsets for times")?;
        equal(found.elements()[0].offset(), want, &format!("first at or after base+{after}"))?;
    }
    Ok(())
}
