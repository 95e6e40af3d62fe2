"""Commands: a module each, with `main(argv)` that returns the exit status; imported only when called for."""
