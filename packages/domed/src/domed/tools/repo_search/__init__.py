"""The tool `repo.search`: text search through a repository, by git. Run as a program, never imported by the daemon."""
