"""Metadata, group state and committed offsets in one SQLite file."""
