"""The same requests to Apache Kafka and to kbroker, and their answers compared field by field."""
