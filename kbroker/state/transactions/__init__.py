"""The state machine of a transactional id (KIP-98, KIP-360, KIP-890): pure functions, from one step to the next.

Each answers what Apache Kafka's coordinator answers, or raises KafkaError; nothing here knows of stores, logs or time.
"""
