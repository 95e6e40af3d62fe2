"""Partitions on local disk, in Kafka's own format, byte for byte."""
