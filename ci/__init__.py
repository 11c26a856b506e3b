"""What the repository does to itself: generation and gates. Nothing here is shipped."""
