"""Clients that work and record what they do."""
