"""What a broker promises, each promise checked against a history. No input or output."""
