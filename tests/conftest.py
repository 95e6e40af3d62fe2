"""Fixtures that tests of several layers share."""
