"""A client of our own: every request is seen, retried and recorded by itself."""
