"""The tool `repo.test`: the repository's own pytest, followed test by test. Run, never imported by the daemon."""
