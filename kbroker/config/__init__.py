"""The settings of brokers and topics: what they are called, what they may be, and where each value came from.

A leaf: nothing here imports anything of kbroker but the protocol's error codes, or reads a clock or a socket.

- `definitions`: every setting of Apache Kafka 4.3.1, and kbroker's own, by name
- `different_defaults`: the defaults that are not Apache Kafka's, each with its reason
- `broker_config`: `BrokerConfig`, what the broker asks for values, and what DescribeConfigs shows
- `sources`: file, environment and flags into a `BrokerConfig`; `listeners`: the sockets they ask for
"""
