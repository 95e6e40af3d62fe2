"""One file a target: `check(data)` raises on a bug only, `seeds()` are inputs that are valid."""
