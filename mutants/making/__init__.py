"""What mutants there can be, and which of them are made."""
