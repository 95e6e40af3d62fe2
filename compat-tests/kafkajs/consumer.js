// Prints order updates as a member of a group: node consumer.js group
"use strict";

const kafka = require("./client");

async function showOrders(groupId) {
  const consumer = kafka.consumer({ groupId });
  await consumer.connect();
  await consumer.subscribe({ topics: ["order-updates"], fromBeginning: true });
  await consumer.run({
    eachMessage: async ({ topic, partition, message }) => {
      console.log(JSON.stringify({ groupId, topic, partition, key: `${message.key}`, value: `${message.value}` }));
    },
  });
}

showOrders(process.argv[2]);
