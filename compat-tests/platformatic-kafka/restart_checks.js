// What is there after the broker was restarted.
import assert from "node:assert/strict";
import harness from "../harness/jsclient/checks.js";
import { makeTopic, produce, readBy, withMembers } from "./setup.js";

const { check, range } = harness;

const numbered = (from, to) => range(from, to).map((n) => ({ partition: n % 4, value: `${n}` }));

check("produce and commit before a restart", { phase: "before", quick: true }, async (on) => {
  const topic = on.name("kept");
  await makeTopic(on, topic, 4);
  await produce(on, topic, numbered(0, 40));
  await withMembers(on, 1, on.name("kept-group"), topic, (members) => readBy(members, 40));
  await produce(on, topic, numbered(40, 60));
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
  assert.equal((await produce(on, on.name("kept"), numbered(60, 64))).get(0), 15, "the log goes on after its end");
});
