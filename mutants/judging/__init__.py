"""Who is asked whether a mutant shows."""
