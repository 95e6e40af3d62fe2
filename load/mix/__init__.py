"""What the soak's clients do: one file each."""
