"""What runs the targets: inputs, bounds on time and memory, and two engines, atheris and a loop of our own."""
