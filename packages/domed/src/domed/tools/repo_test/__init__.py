"""The tool `repo.test`: the repository's own pytest, followed test by test. Run as a program, never imported by the daemon."""
