"""One description of what a Python client does with a broker, run through an adapter for each library."""
