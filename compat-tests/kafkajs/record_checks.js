// Records: what arrives is what was sent.
"use strict";

const assert = require("node:assert/strict");
const { CompressionTypes } = require("kafkajs");
const { check, range } = require("../harness/jsclient/checks");
const { connect, produce, readBy, withAdmin, withMembers } = require("./setup");

check("a topic made by producing to it", { quick: true }, async (on) => {
  const topic = on.name("auto");
  const [answer] = await produce(on, topic, [{ partition: 0, value: "first" }]);
  assert.deepEqual([answer.partition, answer.baseOffset, answer.errorCode], [0, "0", 0]);
  const { topics } = await withAdmin(on, (admin) => admin.fetchTopicMetadata({ topics: [topic] }));
  assert.equal(topics[0].partitions.length, 4, "as num.partitions says");
});

check("keys, headers, timestamps, null and empty values", { quick: true }, async (on) => {
  const topic = on.name("records");
  const large = "x".repeat(300_000);
  const timestamp = `${Date.now() - 3_600_000}`;
  await produce(on, topic, [
    { partition: 0, key: "ключ", value: "ü", headers: { a: "1", b: Buffer.from([0, 255]), c: ["x", "y"] }, timestamp },
    { partition: 0, key: "k", value: null },
    { partition: 0, key: null, value: "" },
    { partition: 0, value: large },
  ]);
  await withMembers(on, 1, on.name("records-group"), topic, async ([member]) => {
    await readBy([member], 4);
    const [first, second, third, fourth] = member.messages;
    assert.deepEqual([`${first.key}`, `${first.value}`, first.timestamp], ["ключ", "ü", timestamp]);
    assert.deepEqual(
      { a: `${first.headers.a}`, b: [...first.headers.b], c: first.headers.c.map(String) },
      { a: "1", b: [0, 255], c: ["x", "y"] },
    );
    assert.deepEqual([`${second.key}`, second.value], ["k", null]);
    assert.deepEqual([third.key, `${third.value}`], [null, ""]);
    assert.equal(`${fourth.value}`, large);
    assert.deepEqual(member.messages.map(({ offset }) => offset), ["0", "1", "2", "3"]);
  });
});

check("the same key goes to the same partition", {}, async (on) => {
  const topic = on.name("keyed");
  await withAdmin(on, (admin) => admin.createTopics({ topics: [{ topic, numPartitions: 4 }], waitForLeaders: true }));
  await produce(on, topic, range(0, 80).map((n) => ({ key: `city ${n % 8}`, value: `${n}` })));
  await withMembers(on, 1, on.name("keyed-group"), topic, async ([member]) => {
    assert.deepEqual(await readBy([member], 80), range(0, 80));
    const partitionOf = new Map();
    for (const { key, partition } of member.messages) {
      assert.equal(partitionOf.get(`${key}`) ?? partition, partition, `${key} is in one partition`);
      partitionOf.set(`${key}`, partition);
    }
    assert.ok(new Set(partitionOf.values()).size > 1, "keys are spread");
  });
});

check("gzip", { quick: true }, async (on) => {
  const topic = on.name("gzip");
  const messages = range(0, 200).map((n) => ({ partition: 0, value: `${n}` }));
  await produce(on, topic, messages, { compression: CompressionTypes.GZIP });
  await withMembers(on, 1, on.name("gzip-group"), topic, async ([member]) => {
    await readBy([member], 200);
    assert.deepEqual(member.values.map(Number), range(0, 200));
  });
});

for (const acks of [0, 1]) {
  check(`acks ${acks}`, {}, async (on) => {
    const topic = on.name(`acks-${acks}`);
    await withAdmin(on, (admin) => admin.createTopics({ topics: [{ topic, numPartitions: 1 }], waitForLeaders: true }));
    await produce(on, topic, range(0, 20).map((n) => ({ partition: 0, value: `${n}` })), { acks });
    await withMembers(on, 1, on.name(`acks-${acks}-group`), topic, async ([member]) => {
      assert.deepEqual(await readBy([member], 20), range(0, 20));
    });
  });
}

check("an idempotent producer", {}, async (on) => {
  const topic = on.name("idempotent");
  const producer = connect(on.bootstrap).producer({ idempotent: true, maxInFlightRequests: 1 });
  await producer.connect();
  for (const start of [0, 100, 200]) {
    const messages = range(start, start + 100).map((n) => ({ partition: 0, value: `${n}` }));
    const [{ baseOffset }] = await producer.send({ topic, messages });
    assert.equal(baseOffset, `${start}`);
  }
  await producer.disconnect();
  await withMembers(on, 1, on.name("idempotent-group"), topic, async ([member]) => {
    assert.deepEqual(await readBy([member], 300), range(0, 300));
  });
});

check("many sends in flight are told their own offsets", {}, async (on) => {
  const topic = on.name("in-flight");
  await withAdmin(on, (admin) => admin.createTopics({ topics: [{ topic, numPartitions: 1 }], waitForLeaders: true }));
  const producer = connect(on.bootstrap).producer();
  await producer.connect();
  const answers = await Promise.all(
    range(0, 200).map((n) => producer.send({ topic, messages: [{ partition: 0, value: `${n}` }] })),
  );
  await producer.disconnect();
  const valueAt = new Map(answers.map(([{ baseOffset }], n) => [baseOffset, `${n}`]));
  assert.equal(valueAt.size, 200, "as many offsets as sends");
  await withMembers(on, 1, on.name("in-flight-group"), topic, async ([member]) => {
    await readBy([member], 200);
    for (const { offset, value } of member.messages) assert.equal(`${value}`, valueAt.get(offset), `at offset ${offset}`);
  });
});
