"""The broker under test, and what is done to it."""
