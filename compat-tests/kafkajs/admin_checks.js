// Every call of kafkajs's admin client, but for ACLs, reassignment and transactions.
"use strict";

const assert = require("node:assert/strict");
const { ConfigResourceTypes } = require("kafkajs");
const { check, eventually, range } = require("../harness/jsclient/checks");
const { Member, produce, readBy, withAdmin, withMembers } = require("./setup");

const fails = (type, call) =>
  assert.rejects(call, (error) => {
    const found = error.type ?? error.cause?.type ?? error.groups?.[0]?.error?.type ?? error.errors?.[0]?.type ?? error.partitions?.[0]?.error?.type;
    assert.equal(found ?? error.message, type);
    return true;
  });

check("topics are created once and deleted", { quick: true }, async (on) => {
  const topic = on.name("made");
  await withAdmin(on, async (admin) => {
    const wanted = { topics: [{ topic, numPartitions: 3 }], waitForLeaders: true };
    assert.equal(await admin.createTopics(wanted), true);
    assert.equal(await admin.createTopics(wanted), false);
    assert.ok((await admin.listTopics()).includes(topic));
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    assert.deepEqual(topics[0].partitions.map(({ partitionId }) => partitionId).sort(), [0, 1, 2]);
    await admin.deleteTopics({ topics: [topic] });
    await eventually(() => "the topic gone", async () => !(await admin.listTopics()).includes(topic));
    await fails("UNKNOWN_TOPIC_OR_PARTITION", admin.deleteTopics({ topics: [topic] }));
    await fails("INVALID_REPLICATION_FACTOR", admin.createTopics({ topics: [{ topic, replicationFactor: 3 }] }));
  });
});

check("the cluster is described", {}, async (on) => {
  const { brokers, controller, clusterId } = await withAdmin(on, (admin) => admin.describeCluster());
  assert.equal(brokers.length, 1);
  assert.equal(`${brokers[0].host}:${brokers[0].port}`, on.bootstrap);
  assert.equal(controller, brokers[0].nodeId);
  assert.ok(clusterId.length > 0);
});

check("configs are described and altered", {}, async (on) => {
  const topic = on.name("configured");
  await withAdmin(on, async (admin) => {
    const configEntries = [{ name: "retention.ms", value: "123456" }];
    await admin.createTopics({ topics: [{ topic, numPartitions: 1, configEntries }], waitForLeaders: true });
    const [type, name] = [ConfigResourceTypes.TOPIC, topic];
    const describe = async (...configNames) => {
      const { resources } = await admin.describeConfigs({
        resources: [{ type, name, configNames }],
        includeSynonyms: true,
      });
      assert.equal(resources[0].errorCode, 0);
      return resources[0].configEntries.map(({ configName, configValue }) => [configName, configValue]).sort();
    };
    assert.deepEqual(await describe("retention.ms", "cleanup.policy"), [
      ["cleanup.policy", "delete"],
      ["retention.ms", "123456"],
    ]);
    await admin.alterConfigs({ resources: [{ type, name, configEntries: [{ name: "retention.ms", value: "654321" }] }] });
    await eventually(
      () => "the new value",
      async () => `${await describe("retention.ms")}` === "retention.ms,654321",
    );
    const bad = [{ name: "retention.ms", value: "soon" }];
    await fails("INVALID_CONFIG", admin.alterConfigs({ resources: [{ type, name, configEntries: bad }] }));
  });
});

check("partitions are added", { quick: true }, async (on) => {
  const topic = on.name("grown");
  await withAdmin(on, async (admin) => {
    await admin.createTopics({ topics: [{ topic, numPartitions: 1 }], waitForLeaders: true });
    await admin.createPartitions({ topicPartitions: [{ topic, count: 3 }] });
    await eventually(
      () => "three partitions",
      async () => (await admin.fetchTopicMetadata({ topics: [topic] })).topics[0].partitions.length === 3,
    );
    await fails("INVALID_PARTITIONS", admin.createPartitions({ topicPartitions: [{ topic, count: 2 }] }));
  });
  const [{ partition, baseOffset }] = await produce(on, topic, [{ partition: 2, value: "x" }]);
  assert.deepEqual([partition, baseOffset], [2, "0"]);
});

check("offsets of a topic, also by time, and deleted records", { quick: true }, async (on) => {
  const topic = on.name("offsets");
  const first = Date.now() - 3_600_000;
  await produce(on, topic, range(0, 10).map((n) => ({ partition: 0, value: `${n}`, timestamp: `${first + 1000 * n}` })));
  const of = (offsets) => offsets.find(({ partition }) => partition === 0);
  await withAdmin(on, async (admin) => {
    assert.deepEqual(of(await admin.fetchTopicOffsets(topic)), { partition: 0, offset: "10", high: "10", low: "0" });
    for (const [time, offset] of [[first + 3000, "3"], [first + 3001, "4"], [first + 9001, "10"]]) {
      assert.equal(of(await admin.fetchTopicOffsetsByTimestamp(topic, time)).offset, offset);
    }
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: "6" }] });
    assert.equal(of(await admin.fetchTopicOffsets(topic)).low, "6");
    await assert.rejects(admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: "11" }] }));
  });
  await withMembers(on, 1, on.name("offsets-group"), topic, async ([member]) => {
    assert.deepEqual(await readBy([member], 4), range(6, 10));
  });
});

check("groups are listed, described and deleted", { quick: true }, async (on) => {
  const [topic, group] = [on.name("grouped"), on.name("group")];
  await produce(on, topic, range(0, 5).map((n) => ({ partition: 0, value: `${n}` })));
  await withAdmin(on, async (admin) => {
    const member = await new Member(on, group, topic).join();
    await readBy([member], 5);
    const [described] = (await admin.describeGroups([group])).groups;
    assert.deepEqual([described.state, described.protocolType, described.members.length], ["Stable", "consumer", 1]);
    assert.equal(described.members[0].clientId, "checks");
    assert.ok((await admin.listGroups()).groups.some(({ groupId }) => groupId === group));
    await fails("NON_EMPTY_GROUP", admin.deleteGroups([group]));
    await member.leave();
    assert.equal((await admin.describeGroups([group])).groups[0].state, "Empty");
    await admin.deleteGroups([group]);
    assert.ok(!(await admin.listGroups()).groups.some(({ groupId }) => groupId === group));
    await fails("GROUP_ID_NOT_FOUND", admin.deleteGroups([group]));
  });
});

check("committed offsets are fetched, set and reset", {}, async (on) => {
  const [topic, groupId] = [on.name("committed"), on.name("committed-group")];
  await produce(on, topic, range(0, 8).map((n) => ({ partition: 0, value: `${n}` })));
  const [fresh] = await withAdmin(on, (admin) => admin.fetchOffsets({ groupId, topics: [topic] }));
  assert.ok(fresh.partitions.every(({ offset }) => offset === "-1"));
  await withMembers(on, 1, groupId, topic, (members) => readBy(members, 8));
  await withAdmin(on, async (admin) => {
    const committed = async () => {
      const [{ partitions }] = await admin.fetchOffsets({ groupId, topics: [topic] });
      return partitions.find(({ partition }) => partition === 0).offset;
    };
    assert.equal(await committed(), "8");
    await admin.setOffsets({ groupId, topic, partitions: [{ partition: 0, offset: "5" }] });
    assert.equal(await committed(), "5");
    await admin.resetOffsets({ groupId, topic, earliest: true });
    assert.equal(await committed(), "-2", "kafkajs's sign for the beginning");
    await admin.setOffsets({ groupId, topic, partitions: [{ partition: 0, offset: "6" }] });
  });
  await withMembers(on, 1, groupId, topic, async (members) => {
    assert.deepEqual(await readBy(members, 2), [6, 7]);
  });
});
