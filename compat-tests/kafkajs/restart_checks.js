// What is there after the broker was restarted, and after it was killed while records were being acknowledged.
"use strict";

const assert = require("node:assert/strict");
const fs = require("node:fs");
const { check, range } = require("../harness/jsclient/checks");
const { Member, connect, produce, readBy, withAdmin, withMembers } = require("./setup");

check("produce and commit before a restart", { phase: "before", quick: true }, async (on) => {
  const [topic, group] = [on.name("kept"), on.name("kept-group")];
  await withAdmin(on, (admin) => admin.createTopics({ topics: [{ topic, numPartitions: 4 }], waitForLeaders: true }));
  await produce(on, topic, range(0, 40).map((n) => ({ partition: n % 4, value: `${n}` })));
  await withMembers(on, 2, group, topic, (members) => readBy(members, 40));
  await produce(on, topic, range(40, 60).map((n) => ({ partition: n % 4, value: `${n}` })));
});

check("a group goes on where it had committed before the restart", { phase: "after", quick: true }, async (on) => {
  await withMembers(on, 2, on.name("kept-group"), on.name("kept"), async (members) => {
    assert.deepEqual(await readBy(members, 20), range(40, 60));
  });
});

check("every record is there after the restart", { phase: "after", quick: true }, async (on) => {
  await withMembers(on, 1, on.name("kept-anew"), on.name("kept"), async (members) => {
    assert.deepEqual(await readBy(members, 60), range(0, 60));
  });
});

check("a member lives through a restart", { phase: "around", quick: true }, async (on) => {
  // The runner restarts the broker when it reads the line this prints.
  const topic = on.name("through");
  await produce(on, topic, range(0, 8).map((n) => ({ partition: n % 4, value: `${n}` })));
  await withMembers(on, 1, on.name("through-group"), topic, async (members) => {
    await readBy(members, 8);
    const answered = new Promise((resolve) => process.stdin.once("data", resolve));
    console.log("RESTART NOW");
    await answered;
    await produce(on, topic, range(8, 16).map((n) => ({ partition: n % 4, value: `${n}` })));
    const values = await readBy(members, 16);
    assert.deepEqual([...new Set(values)], range(0, 16));
  });
  process.stdin.destroy();
});

check("sends until the broker is killed", { phase: "before-kill", quick: true, limit: 600_000 }, async (on) => {
  // Prints `ACKED offset value` for each record acknowledged, until the runner ends this process.
  const topic = on.name("killed");
  await withAdmin(on, (admin) => admin.createTopics({ topics: [{ topic, numPartitions: 1 }], waitForLeaders: true }));
  const producer = connect(on.bootstrap).producer({ retry: { retries: 0 } });
  await producer.connect();
  for (let n = 0; ; n += 1) {
    const messages = range(0, 10).map((m) => ({ partition: 0, value: `${n}.${m}` }));
    const [{ baseOffset }] = await producer.send({ topic, messages });
    messages.forEach(({ value }, at) => console.log(`ACKED ${Number(baseOffset) + at} ${value}`));
  }
});

check("every acknowledged record is there after kill -9", { phase: "after-kill", quick: true }, async (on) => {
  const acked = fs.readFileSync(process.env.ACKED, "utf8").trim().split("\n");
  const member = new Member(on, on.name("killed-group"), on.name("killed"));
  await member.join();
  await readBy([member], acked.length);
  const found = new Map(member.messages.map(({ offset, value }) => [offset, `${value}`]));
  for (const line of acked) {
    const [offset, value] = line.split(" ");
    assert.equal(found.get(offset), value, `offset ${offset} of ${acked.length} acknowledged`);
  }
  await member.leave();
  const [{ baseOffset }] = await produce(on, on.name("killed"), [{ partition: 0, value: "next" }]);
  assert.ok(Number(baseOffset) >= acked.length, "the log goes on after its end");
});
