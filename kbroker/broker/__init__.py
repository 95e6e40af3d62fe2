"""What a handler receives: topics, partitions, groups, producer ids, sessions, and the waiting they need."""
