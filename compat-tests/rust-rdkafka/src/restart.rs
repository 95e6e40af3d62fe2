//! What must be there after the broker was stopped and started again.

use crate::admin::{create_named, describe_config};
use crate::check::{equal, Context, Outcome};
use crate::groups::{committed, read_and_commit};
use crate::records::{read_values, send, with_value};

fn values() -> Vec<String> {
    (0..30).map(|i| format!("restart-{i}")).collect()
}

pub fn prepare(ctx: &Context) -> Outcome {
    let (topic, group) = (ctx.shared("restart"), ctx.shared("restart-group"));
    create_named(ctx, &topic, 1, &[("retention.ms", "7654321")])?;
    send(&ctx.config(), &topic, 0, &values().iter().map(|value| with_value(value)).collect::<Vec<_>>())?;
    equal(&read_and_commit(ctx, &group, &topic, 12)?[..], &values()[..12], "first twelve")
}

pub fn records_kept(ctx: &Context) -> Outcome {
    let topic = ctx.shared("restart");
    equal(read_values(ctx, &topic, 0, 30)?, values(), "values after the restart")?;
    equal(describe_config(ctx, &topic, "retention.ms")?.0, "7654321".to_string(), "retention.ms after the restart")
}

pub fn group_resumes(ctx: &Context) -> Outcome {
    let (topic, group) = (ctx.shared("restart"), ctx.shared("restart-group"));
    equal(committed(ctx, &group, &topic)?, Some(12), "committed offset after the restart")?;
    equal(&read_and_commit(ctx, &group, &topic, 18)?[..], &values()[12..], "values after the committed offset")?;
    equal(send(&ctx.config(), &topic, 0, &[with_value("after")])?, vec![30], "offset of the next record")
}
