// Consumer groups: sharing, leaving, resuming.
import assert from "node:assert/strict";
import harness from "../harness/jsclient/checks.js";
import { Member, makeTopic, produce, readBy, sharedAs, withMembers } from "./setup.js";

const { check, eventually, range } = harness;

const numbered = (from, to, partitions) => range(from, to).map((n) => ({ partition: n % partitions, value: `${n}` }));

check("a group of three, one leaves", { quick: true }, async (on) => {
  const [topic, group] = [on.name("shared"), on.name("three")];
  await makeTopic(on, topic, 6);
  await withMembers(on, 2, group, topic, async (members) => {
    const third = await new Member(on, group, topic).join();
    await sharedAs([...members, third], [2, 2, 2]);
    // A stream of this library lets go of its partitions some time after the group has given them to another
    // member, so the new one's first records may still go to the old one.
    let sent = 0;
    await eventually(() => "the third reads too", async () => {
      await produce(on, topic, numbered(sent, (sent += 60), 6));
      return third.messages.length > 0;
    });
    await readBy([...members, third], sent);
    await third.leave();
    await sharedAs(members, [3, 3]);
    await produce(on, topic, numbered(sent, (sent += 60), 6));
    assert.deepEqual(await readBy([...members, third], sent), range(0, sent));
  });
});

check("a group goes on where it had committed", { quick: true }, async (on) => {
  const [topic, group] = [on.name("resumed"), on.name("resumed-group")];
  await makeTopic(on, topic, 4);
  await produce(on, topic, numbered(0, 20, 4));
  await withMembers(on, 1, group, topic, (members) => readBy(members, 20));
  await produce(on, topic, numbered(20, 30, 4));
  await withMembers(on, 2, group, topic, async (members) => {
    assert.deepEqual(await readBy(members, 10), range(20, 30));
  });
});

check("two groups read everything each", {}, async (on) => {
  const topic = on.name("pub-sub");
  await makeTopic(on, topic, 4);
  await produce(on, topic, numbered(0, 20, 4));
  for (const group of ["one", "other"]) {
    await withMembers(on, 1, on.name(group), topic, async (members) => {
      assert.deepEqual(await readBy(members, 20), range(0, 20));
    });
  }
});
