"""Commands: each module has `main(argv) -> int`, the exit status, and is imported only when it is called for."""
