// What the checks share: connected clients, and group members that remember what they read.
import { Admin, Consumer, MessagesStreamFallbackModes, Producer, stringDeserializers, stringSerializers } from "@platformatic/kafka";
import harness from "../harness/jsclient/checks.js";

const { eventually } = harness;

const options = (on) => ({ clientId: "checks", bootstrapBrokers: [on.bootstrap], timeout: 30_000 });

/** Run `use(admin)`. */
export async function withAdmin(on, use) {
  const admin = new Admin(options(on));
  try {
    return await use(admin);
  } finally {
    await admin.close();
  }
}

/** Make a topic and wait until it shows: Apache Kafka answers a moment before that. */
export async function makeTopic(on, topic, partitions, configs = {}) {
  await withAdmin(on, async (admin) => {
    const given = Object.entries(configs).map(([name, value]) => ({ name, value }));
    await admin.createTopics({ topics: [topic], partitions, replicas: 1, configs: given });
    await eventually(() => topic, async () => (await admin.listTopics()).includes(topic));
  });
}

/** Send and wait; returns the first offset in each partition. */
export async function produce(on, topic, messages, given = {}) {
  const producer = new Producer({ ...options(on), serializers: stringSerializers, autocreateTopics: true });
  try {
    const sent = await producer.send({ messages: messages.map((message) => ({ topic, ...message })), acks: -1, ...given });
    return new Map((sent.offsets ?? []).map(({ partition, offset }) => [partition, Number(offset)]));
  } finally {
    await producer.close();
  }
}

/** A group member that reads from the beginning, or from what its group committed. */
export class Member {
  constructor(on, groupId, topic) {
    this.messages = [];
    this.topic = topic;
    this.consumer = new Consumer({
      ...options(on),
      groupId,
      deserializers: stringDeserializers,
      heartbeatInterval: 300,
      sessionTimeout: 10_000,
      rebalanceTimeout: 10_000,
      maxWaitTime: 200,
      autocommit: 100,
    });
  }

  async join() {
    const { consumer, topic } = this;
    const fallbackMode = MessagesStreamFallbackModes.EARLIEST;
    this.stream = await consumer.consume({ topics: [topic], mode: "committed", fallbackMode });
    this.stream.on("data", (message) => this.messages.push(message));
    this.stream.on("error", (error) => {
      this.error = error;
    });
    return this;
  }

  get partitions() {
    if (this.error) throw this.error;
    return this.consumer.assignments?.find(({ topic }) => topic === this.topic)?.partitions ?? [];
  }

  async leave() {
    await this.stream?.close(); // commits
    await this.consumer.close(true); // leaves the group
  }
}

/** Run `use(members)` with that many members of a group; they leave afterwards. */
export async function withMembers(on, count, groupId, topic, use) {
  const members = Array.from({ length: count }, () => new Member(on, groupId, topic));
  try {
    await Promise.all(members.map((member) => member.join()));
    return await use(members);
  } finally {
    await Promise.all(members.map((member) => member.leave()));
  }
}

/** Wait until the members have this many partitions each, smallest first, and none is with two. */
export async function sharedAs(members, wanted) {
  const sizes = () => members.map(({ partitions }) => partitions.length).sort();
  const parts = () => members.flatMap(({ partitions }) => partitions);
  await eventually(
    () => `partitions shared out as ${wanted}, now ${sizes()}`,
    () => `${sizes()}` === `${wanted}` && new Set(parts()).size === parts().length,
    45_000,
  );
}

/**
 * Wait until the members have read so many different messages, and return their values as sorted numbers, each once:
 * a stream of this library may read a message twice around a rebalance, with any broker.
 */
export async function readBy(members, count) {
  const messages = () => members.flatMap((member) => member.messages);
  const different = () => new Set(messages().map(({ partition, offset }) => `${partition} ${offset}`)).size;
  await eventually(() => `${count} messages, now ${different()}`, () => different() >= count);
  return [...new Set(messages().map(({ value }) => Number(value)))].sort((a, b) => a - b);
}
