"""What real clients do, written once for all. Standard library only: each client has its own interpreter."""
