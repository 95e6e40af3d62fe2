"""One file for each API: the conversations that are held with both brokers."""
