"""Histories of operations, as Jepsen has them: who began what when, and how it ended."""
