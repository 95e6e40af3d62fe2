"""What both commands stand on: the broker's process, client processes, the witness."""
