// Makes the sample app's two topics: node admin.js
"use strict";

const kafka = require("./client");

async function makeTopics() {
  const admin = kafka.admin();
  await admin.connect();
  for (const topic of ["order-updates", "delivery-updates"]) {
    const made = await admin.createTopics({ topics: [{ topic, numPartitions: 2 }] });
    console.log(`${topic} ${made ? "created" : "was there"}`);
  }
  await admin.disconnect();
}

makeTopics();
