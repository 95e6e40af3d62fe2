"use strict";

const { Kafka } = require("kafkajs");

// The sample's own options: everything else is kafkajs's default, as in an app that was written for Kafka.
module.exports = new Kafka({
  clientId: "food-orders",
  brokers: [process.env.KAFKA_BROKER ?? "127.0.0.1:9092"],
});
