"""Client quotas (KIP-13, 55, 124, 219, 546, 599, 612): who has which, and what is used of them. Time is passed in."""
