"""Client processes: each is a module with a `load` generator, run through `bench.loads.gate`."""
