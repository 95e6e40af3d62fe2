// Consumer groups on four partitions, drawn as in introductions to Kafka: exact match, fewer, more.
"use strict";

const assert = require("node:assert/strict");
const { check, range } = require("../harness/jsclient/checks");
const { Member, produce, readBy, sharedAs, withAdmin, withMembers } = require("./setup");

const PARTITIONS = 4;

const numbered = (from, to) => range(from, to).map((n) => ({ partition: n % PARTITIONS, value: `${n}` }));

const makeTopic = (on, topic) =>
  withAdmin(on, (admin) => admin.createTopics({ topics: [{ topic, numPartitions: PARTITIONS }], waitForLeaders: true }));

for (const [count, shares] of [
  [4, [1, 1, 1, 1]],
  [2, [2, 2]],
  [5, [0, 1, 1, 1, 1]],
]) {
  check(`${count} members share 4 partitions`, { quick: true }, async (on) => {
    const [topic, group] = [on.name(`of-${count}`), on.name(`group-of-${count}`)];
    await makeTopic(on, topic);
    await withMembers(on, count, group, topic, async (members) => {
      await sharedAs(members, shares);
      await produce(on, topic, numbered(0, 40));
      assert.deepEqual(await readBy(members, 40), range(0, 40));
      for (const { partitions, messages } of members) {
        assert.equal(messages.length, 10 * partitions.length, "each partition has ten records");
        assert.ok(messages.every(({ partition }) => partitions.includes(partition)), "only from its own partitions");
      }
    });
  });
}

check("members leave and come back", { quick: true }, async (on) => {
  const [topic, group] = [on.name("comings"), on.name("comings-group")];
  await makeTopic(on, topic);
  const everyone = [];
  await withMembers(on, 2, group, topic, async (members) => {
    everyone.push(...members);
    const third = await new Member(on, group, topic).join();
    everyone.push(third);
    await sharedAs(everyone, [1, 1, 2]);
    await produce(on, topic, numbered(0, 20));
    await readBy(everyone, 20);
    await third.leave();
    await sharedAs(members, [2, 2]);
    await produce(on, topic, numbered(20, 40));
    await readBy(everyone, 40);
    const back = await new Member(on, group, topic).join();
    everyone.push(back);
    await sharedAs([...members, back], [1, 1, 2]);
    await produce(on, topic, numbered(40, 60));
    assert.deepEqual(await readBy(everyone, 60), range(0, 60));
    assert.ok(back.messages.every(({ value }) => Number(value) >= 40), "it goes on, and starts nothing again");
    await back.leave();
  });
});

check("a group goes on where it had committed", { quick: true }, async (on) => {
  const [topic, group] = [on.name("resumed"), on.name("resumed-group")];
  await makeTopic(on, topic);
  await produce(on, topic, numbered(0, 20));
  await withMembers(on, 1, group, topic, (members) => readBy(members, 20));
  await produce(on, topic, numbered(20, 30));
  await withMembers(on, 2, group, topic, async (members) => {
    assert.deepEqual(await readBy(members, 10), range(20, 30));
  });
});

check("two groups read everything each", {}, async (on) => {
  const topic = on.name("pub-sub");
  await makeTopic(on, topic);
  await produce(on, topic, numbered(0, 20));
  for (const group of ["one", "other"]) {
    await withMembers(on, 1, on.name(group), topic, async (members) => {
      assert.deepEqual(await readBy(members, 20), range(0, 20));
    });
  }
});

check("eachBatch, seek, pause and resume", {}, async (on) => {
  const topic = on.name("seek");
  await makeTopic(on, topic);
  await produce(on, topic, range(0, 10).map((n) => ({ partition: 0, value: `${n}` })));
  const member = new Member(on, on.name("seek-group"), topic);
  const offsets = [];
  await member.consumer.connect();
  await member.consumer.subscribe({ topics: [topic], fromBeginning: true });
  await member.consumer.run({
    eachBatch: async ({ batch, resolveOffset }) => {
      for (const message of batch.messages) {
        offsets.push(message.offset);
        resolveOffset(message.offset);
        member.messages.push(message);
      }
    },
  });
  await readBy([member], 10);
  member.consumer.pause([{ topic }]);
  await produce(on, topic, [{ partition: 0, value: "10" }]);
  member.consumer.seek({ topic, partition: 0, offset: "7" });
  member.consumer.resume([{ topic }]);
  await readBy([member], 14);
  assert.deepEqual(offsets.map(Number), [...range(0, 10), ...range(7, 11)]);
  await member.leave();
});
