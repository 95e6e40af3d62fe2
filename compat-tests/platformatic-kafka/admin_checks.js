// The admin client, but for ACLs, quotas and log directories.
import assert from "node:assert/strict";
import { ConfigResourceTypes, IncrementalAlterConfigOperationTypes } from "@platformatic/kafka";
import harness from "../harness/jsclient/checks.js";
import { Member, makeTopic, produce, readBy, withAdmin, withMembers } from "./setup.js";

const { check, eventually, range } = harness;

/** Demand a failure whose cause is this Kafka error, wherever the library has wrapped it. */
async function fails(apiId, call) {
  const found = [];
  const visit = (error) => {
    if (!error) return;
    if (error.apiId) found.push(error.apiId);
    visit(error.cause);
    (error.errors ?? []).forEach(visit);
  };
  await assert.rejects(call, (error) => {
    visit(error);
    return true;
  });
  assert.ok(found.includes(apiId), `${apiId} in ${found}`);
}

const describe = async (admin, topic, ...configurationKeys) => {
  const resources = [{ resourceType: ConfigResourceTypes.TOPIC, resourceName: topic, configurationKeys }];
  const [{ configs }] = await admin.describeConfigs({ resources, includeSynonyms: true });
  return Object.fromEntries(configs.map(({ name, value }) => [name, value]));
};

check("topics are created once and deleted", { quick: true }, async (on) => {
  const topic = on.name("made");
  await withAdmin(on, async (admin) => {
    const [made] = await admin.createTopics({ topics: [topic], partitions: 3, replicas: 1 });
    assert.deepEqual([made.name, made.partitions, made.replicas], [topic, 3, 1]);
    assert.match(made.id, /^[0-9a-f-]{36}$/);
    assert.equal(made.configuration["cleanup.policy"], "delete");
    await eventually(() => "the topic listed", async () => (await admin.listTopics()).includes(topic));
    const metadata = await admin.metadata({ topics: [topic] });
    assert.deepEqual([metadata.topics.get(topic).partitionsCount, metadata.topics.get(topic).id], [3, made.id]);
    await fails("TOPIC_ALREADY_EXISTS", admin.createTopics({ topics: [topic], partitions: 3, replicas: 1 }));
    await fails("INVALID_REPLICATION_FACTOR", admin.createTopics({ topics: [`${topic}-2`], partitions: 1, replicas: 3 }));
    await admin.deleteTopics({ topics: [topic] });
    await eventually(() => "the topic gone", async () => !(await admin.listTopics()).includes(topic));
    await admin.createTopics({ topics: [topic], partitions: 3, replicas: 1 });
    await eventually(() => "a new id", async () => {
      const again = await admin.metadata({ topics: [topic], forceUpdate: true });
      return again.topics.get(topic).id !== made.id;
    });
  });
});

check("partitions are added", { quick: true }, async (on) => {
  const topic = on.name("grown");
  await makeTopic(on, topic, 1);
  await withAdmin(on, async (admin) => {
    await admin.createPartitions({ topics: [{ name: topic, count: 3, assignments: null }] });
    await eventually(() => "three partitions", async () => {
      const metadata = await admin.metadata({ topics: [topic], forceUpdate: true });
      return metadata.topics.get(topic).partitionsCount === 3;
    });
    const none = [{ name: topic, count: 4, assignments: [] }];
    await fails("INVALID_REPLICA_ASSIGNMENT", admin.createPartitions({ topics: none }));
    const fewer = [{ name: topic, count: 2, assignments: null }];
    await fails("INVALID_PARTITIONS", admin.createPartitions({ topics: fewer }));
  });
  assert.equal((await produce(on, topic, [{ partition: 2, value: "x" }])).get(2), 0);
});

check("configs are described and altered", {}, async (on) => {
  const topic = on.name("configured");
  await makeTopic(on, topic, 1, { "retention.ms": "123456" });
  await withAdmin(on, async (admin) => {
    assert.deepEqual(await describe(admin, topic, "retention.ms"), { "retention.ms": "123456" });
    const resource = { resourceType: ConfigResourceTypes.TOPIC, resourceName: topic };
    const set = (value) => ({
      resources: [
        {
          ...resource,
          configs: [{ name: "retention.ms", configOperation: IncrementalAlterConfigOperationTypes.SET, value }],
        },
      ],
    });
    await admin.incrementalAlterConfigs(set("654321"));
    await eventually(() => "the new value", async () => (await describe(admin, topic))["retention.ms"] === "654321");
    await fails("INVALID_CONFIG", admin.incrementalAlterConfigs(set("soon")));
    await admin.alterConfigs({ resources: [{ ...resource, configs: [{ name: "cleanup.policy", value: "compact" }] }] });
    await eventually(() => "others reset", async () => (await describe(admin, topic))["retention.ms"] === "604800000");
    assert.equal((await describe(admin, topic))["cleanup.policy"], "compact");
  });
});

check("offsets are listed, also by time, and records deleted", {}, async (on) => {
  const topic = on.name("offsets");
  await makeTopic(on, topic, 1);
  const first = Date.now() - 3_600_000;
  const timed = range(0, 10).map((n) => ({ partition: 0, value: `${n}`, timestamp: BigInt(first + 1000 * n) }));
  for (const message of timed) await produce(on, topic, [message]);
  await withAdmin(on, async (admin) => {
    const offsetAt = async (timestamp) => {
      const partitions = [{ partitionIndex: 0, timestamp: BigInt(timestamp) }];
      const [listed] = await admin.listOffsets({ topics: [{ name: topic, partitions }] });
      return Number(listed.partitions[0].offset);
    };
    assert.deepEqual([await offsetAt(-2), await offsetAt(-1), await offsetAt(-3)], [0, 10, 9]);
    assert.deepEqual([await offsetAt(first + 3000), await offsetAt(first + 3001), await offsetAt(first + 9001)], [3, 4, -1]);
    const upTo = (offset) => ({ topics: [{ name: topic, partitions: [{ partition: 0, offset }] }] });
    const [deleted] = await admin.deleteRecords(upTo(6n));
    assert.deepEqual(deleted, { name: topic, partitions: [{ partition: 0, lowWatermark: 6n }] });
    assert.equal(await offsetAt(-2), 6);
    await fails("OFFSET_OUT_OF_RANGE", admin.deleteRecords(upTo(11n)));
  });
  await withMembers(on, 1, on.name("offsets-group"), topic, async ([member]) => {
    assert.deepEqual(await readBy([member], 4), range(6, 10));
  });
});

check("groups are listed, described and deleted, their offsets altered", { quick: true }, async (on) => {
  const [topic, group] = [on.name("grouped"), on.name("group")];
  await makeTopic(on, topic, 1);
  await produce(on, topic, range(0, 5).map((n) => ({ partition: 0, value: `${n}` })));
  await withAdmin(on, async (admin) => {
    const committed = async () => {
      const [{ topics }] = await admin.listConsumerGroupOffsets({ groups: [group] });
      return topics.map(({ name, partitions }) => [name, Number(partitions[0].committedOffset)]);
    };
    const member = await new Member(on, group, topic).join();
    await readBy([member], 5);
    const described = (await admin.describeGroups({ groups: [group] })).get(group);
    assert.deepEqual([described.state, described.protocolType, described.members.size], ["STABLE", "consumer", 1]);
    const [{ clientId, assignments }] = described.members.values();
    assert.deepEqual([clientId, assignments.get(topic).partitions], ["checks", [0]]);
    assert.ok((await admin.listGroups()).has(group));
    await fails("NON_EMPTY_GROUP", admin.deleteGroups({ groups: [group] }));
    await member.leave();
    assert.deepEqual(await committed(), [[topic, 5]]);
    const topics = [{ name: topic, partitionOffsets: [{ partition: 0, offset: 3n }] }];
    await admin.alterConsumerGroupOffsets({ groupId: group, topics });
    assert.deepEqual(await committed(), [[topic, 3]]);
    await admin.deleteConsumerGroupOffsets({ groupId: group, topics: [{ name: topic, partitionIndexes: [0] }] });
    assert.deepEqual(await committed(), []);
    await admin.deleteGroups({ groups: [group] });
    await fails("GROUP_ID_NOT_FOUND", admin.deleteGroups({ groups: [group] }));
  });
});
