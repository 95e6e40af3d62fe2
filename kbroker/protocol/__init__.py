"""PURE. The wire format: messages, one file an API; record batches; frames. No I/O, no trio, no clock."""
