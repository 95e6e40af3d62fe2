// What the checks share: a client that is quick to notice, and group members that remember what they read.
"use strict";

const { Kafka, logLevel } = require("kafkajs");
const { eventually } = require("../harness/jsclient/checks");

const connect = (bootstrap) =>
  new Kafka({ clientId: "checks", brokers: [bootstrap], logLevel: process.env.DEBUG ? logLevel.DEBUG : logLevel.NOTHING });

/** Run `use(admin)` connected. */
async function withAdmin(on, use) {
  const admin = connect(on.bootstrap).admin();
  await admin.connect();
  try {
    return await use(admin);
  } finally {
    await admin.disconnect();
  }
}

/** Send and wait; options are those of the producer. Returns `[{partition, baseOffset}]` as the broker answered. */
async function produce(on, topic, messages, { producer: options = {}, ...send } = {}) {
  const producer = connect(on.bootstrap).producer(options);
  await producer.connect();
  try {
    return await producer.send({ topic, messages, ...send });
  } finally {
    await producer.disconnect();
  }
}

/** A group member that reads from the beginning. */
class Member {
  constructor(on, groupId, topic, options = {}) {
    this.messages = [];
    this.partitions = [];
    this.consumer = connect(on.bootstrap).consumer({
      groupId,
      heartbeatInterval: 300,
      sessionTimeout: 10_000,
      rebalanceTimeout: 10_000,
      maxWaitTimeInMs: 200,
      ...options,
    });
    this.topic = topic;
  }

  async join() {
    const { consumer, topic } = this;
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      this.partitions = payload.memberAssignment[topic] ?? [];
    });
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ partition, message }) => {
        this.messages.push({ partition, ...message });
      },
    });
    return this;
  }

  async leave() {
    await this.consumer.disconnect(); // commits what it has resolved, and leaves
    this.partitions = [];
  }

  get values() {
    return this.messages.map(({ value }) => `${value}`);
  }
}

/** Run `use(member...)` with that many members of a group; they leave afterwards. */
async function withMembers(on, count, groupId, topic, use) {
  const members = Array.from({ length: count }, () => new Member(on, groupId, topic));
  try {
    await Promise.all(members.map((member) => member.join()));
    return await use(members);
  } finally {
    await Promise.all(members.map((member) => member.leave()));
  }
}

/** Wait until the members have this many partitions each, smallest first, and none is with two. */
async function sharedAs(members, wanted) {
  const sizes = () => members.map(({ partitions }) => partitions.length).sort();
  const parts = () => members.flatMap(({ partitions }) => partitions);
  await eventually(
    () => `partitions shared out as ${wanted}, now ${sizes()}`,
    () => `${sizes()}` === `${wanted}` && new Set(parts()).size === parts().length,
    45_000,
  );
}

/** Wait until the members have read so many messages in all, and return their values as sorted numbers. */
async function readBy(members, count) {
  const total = () => members.reduce((sum, { messages }) => sum + messages.length, 0);
  await eventually(() => `${count} messages, now ${total()}`, () => total() >= count);
  return members.flatMap(({ values }) => values.map(Number)).sort((a, b) => a - b);
}

module.exports = { Member, connect, produce, readBy, sharedAs, withAdmin, withMembers };
