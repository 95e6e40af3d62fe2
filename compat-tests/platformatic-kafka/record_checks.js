// Records: what arrives is what was sent.
import assert from "node:assert/strict";
import harness from "../harness/jsclient/checks.js";
import { makeTopic, produce, readBy, withAdmin, withMembers } from "./setup.js";

const { check, range } = harness;

check("a topic made by producing to it", { quick: true }, async (on) => {
  const topic = on.name("auto");
  assert.equal((await produce(on, topic, [{ partition: 0, value: "first" }])).get(0), 0);
  const metadata = await withAdmin(on, (admin) => admin.metadata({ topics: [topic] }));
  assert.equal(metadata.topics.get(topic).partitionsCount, 4, "as num.partitions says");
});

check("keys, headers, timestamps, empty and large values", { quick: true }, async (on) => {
  const topic = on.name("records");
  await makeTopic(on, topic, 1);
  const large = "x".repeat(300_000);
  const timestamp = BigInt(Date.now() - 3_600_000);
  await produce(on, topic, [
    { partition: 0, key: "ключ", value: "ü", headers: new Map([["a", "1"], ["b", "ü"]]), timestamp },
    { partition: 0, key: "k", value: "" },
    { partition: 0, value: large },
  ]);
  await withMembers(on, 1, on.name("records-group"), topic, async ([member]) => {
    await readBy([member], 3);
    const [first, second, third] = member.messages;
    assert.deepEqual([first.key, first.value, first.timestamp], ["ключ", "ü", timestamp]);
    assert.deepEqual([...first.headers], [["a", "1"], ["b", "ü"]]);
    assert.deepEqual([second.key, second.value], ["k", ""]);
    assert.equal(third.value, large);
    assert.deepEqual(member.messages.map(({ offset }) => Number(offset)), [0, 1, 2]);
  });
});

for (const compression of ["gzip", "snappy", "lz4"]) {
  check(compression, { quick: compression === "gzip" }, async (on) => {
    const topic = on.name(compression);
    await makeTopic(on, topic, 1);
    await produce(on, topic, range(0, 200).map((n) => ({ partition: 0, value: `${n}` })), { compression });
    await withMembers(on, 1, on.name(`${compression}-group`), topic, async ([member]) => {
      await readBy([member], 200);
      assert.deepEqual(member.messages.map(({ value }) => Number(value)), range(0, 200));
    });
  });
}

for (const acks of [0, 1]) {
  check(`acks ${acks}`, {}, async (on) => {
    const topic = on.name(`acks-${acks}`);
    await makeTopic(on, topic, 1);
    await produce(on, topic, range(0, 20).map((n) => ({ partition: 0, value: `${n}` })), { acks });
    await withMembers(on, 1, on.name(`acks-${acks}-group`), topic, async ([member]) => {
      assert.deepEqual(await readBy([member], 20), range(0, 20));
    });
  });
}

check("an idempotent producer", { quick: true }, async (on) => {
  const topic = on.name("idempotent");
  await makeTopic(on, topic, 1);
  for (const start of [0, 100]) {
    const messages = range(start, start + 100).map((n) => ({ partition: 0, value: `${n}` }));
    assert.equal((await produce(on, topic, messages, { idempotent: true })).get(0), start);
  }
  await withMembers(on, 1, on.name("idempotent-group"), topic, async ([member]) => {
    assert.deepEqual(await readBy([member], 200), range(0, 200));
  });
});
