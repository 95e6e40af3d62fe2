"""The rows: a module each, with TITLE, FIGURES and measure(trial). See README.md for the interface."""
