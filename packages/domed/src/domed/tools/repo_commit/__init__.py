"""The tool `repo.commit`: commits exactly the named paths. Run as a program, never imported by the daemon."""
