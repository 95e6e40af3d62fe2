// Sends each line typed, `orderId status location`, as an order update: node producer.js
"use strict";

const readline = require("node:readline");
const kafka = require("./client");

async function sendOrders() {
  const producer = kafka.producer();
  await producer.connect();
  console.log("connected");
  const lines = readline.createInterface({ input: process.stdin });
  const sends = [];
  lines.on("line", (line) => {
    const [orderId, status, location] = line.split(" ");
    const partition = location?.toLowerCase() === "bangalore" ? 0 : 1;
    const message = { partition, key: "order-update", value: JSON.stringify({ orderId, status, location }) };
    sends.push(producer.send({ topic: "order-updates", messages: [message] })); // not awaited: many are in flight
  });
  lines.on("close", async () => {
    await Promise.all(sends);
    await producer.disconnect();
  });
}

sendOrders();
